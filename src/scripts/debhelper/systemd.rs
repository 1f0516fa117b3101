//! dh_installsystemd and dh_installsystemduser (and dh_systemd_enable, dh_systemd_start before them): units enabled
//! through deb-systemd-helper; starting them is nothing where no systemd runs.

use super::form::{Form, Words};
use super::{Action, CONFIGURE, nothing};
use crate::configure::units::Manager;

const TOOL: &str = "dh_installsystemd";
const USER_TOOL: &str = "dh_installsystemduser";

fn enable(words: &Words) -> Option<Action> {
    Some(Action::Enable { unit: words.one("unit")?, manager: Manager::System })
}

fn enable_for_users(words: &Words) -> Option<Action> {
    Some(Action::Enable { unit: words.one("unit")?, manager: Manager::User })
}

fn record(words: &Words) -> Option<Action> {
    Some(Action::Record { unit: words.one("unit")?, manager: Manager::System })
}

fn record_for_users(words: &Words) -> Option<Action> {
    Some(Action::Record { unit: words.one("unit")?, manager: Manager::User })
}

pub(super) const FORMS: &[Form] = &[
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "deb-systemd-helper unmask <unit> >/dev/null || true",
            "if deb-systemd-helper --quiet was-enabled <unit>; then",
            "deb-systemd-helper enable <unit> >/dev/null || true",
            "else",
            "deb-systemd-helper update-state <unit> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: enable,
    },
    // debhelper 14 no longer unmasks.
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if deb-systemd-helper --quiet was-enabled <unit>; then",
            "deb-systemd-helper enable <unit> >/dev/null || true",
            "else",
            "deb-systemd-helper update-state <unit> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: enable,
    },
    // --no-enable
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if deb-systemd-helper debian-installed <unit>; then",
            "deb-systemd-helper unmask <unit> >/dev/null || true",
            "if deb-systemd-helper --quiet was-enabled <unit>; then",
            "deb-systemd-helper enable <unit> >/dev/null || true",
            "fi",
            "fi",
            "deb-systemd-helper update-state <unit> >/dev/null || true",
            "fi",
        ],
        each_line: false,
        action: record,
    },
    // --restart-after-upgrade, the default
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -d /run/systemd/system ]; then",
            "systemctl --system daemon-reload >/dev/null || true",
            "if [ -n \"$2\" ]; then",
            "_dh_action=<verb>",
            "else",
            "_dh_action=start",
            "fi",
            "deb-systemd-invoke $_dh_action <units...> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    // --no-stop-on-upgrade
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ] && [ -d /run/systemd/system ]; then",
            "systemctl --system daemon-reload >/dev/null || true",
            "deb-systemd-invoke start <units...> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    // --no-start
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ] && [ -d /run/systemd/system ]; then",
            "systemctl --system daemon-reload >/dev/null || true",
            "if [ -n \"$2\" ]; then",
            "deb-systemd-invoke <verb> <units...> >/dev/null || true",
            "fi",
            "fi",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    // preinst
    Form {
        tool: TOOL,
        lines: &[
            "if [ -z \"$DPKG_ROOT\" ] && [ \"$1\" = upgrade ] && [ -d /run/systemd/system ]; then",
            "deb-systemd-invoke stop <units...> >/dev/null || true",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    Form {
        tool: USER_TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ]; then",
            "deb-systemd-helper --user unmask <unit> >/dev/null || true",
            "if deb-systemd-helper --quiet --user was-enabled <unit>; then",
            "deb-systemd-helper --user enable <unit> >/dev/null || true",
            "else",
            "deb-systemd-helper --user update-state <unit> >/dev/null || true",
            "fi",
            "fi",
            "fi",
        ],
        each_line: false,
        action: enable_for_users,
    },
    Form {
        tool: USER_TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ]; then",
            "if deb-systemd-helper --user debian-installed <unit>; then",
            "deb-systemd-helper --user unmask <unit> >/dev/null || true",
            "if deb-systemd-helper --quiet --user was-enabled <unit>; then",
            "deb-systemd-helper --user enable <unit> >/dev/null || true",
            "fi",
            "fi",
            "deb-systemd-helper --user update-state <unit> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: record_for_users,
    },
    Form {
        tool: USER_TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ] && [ -d /run/systemd/system ]; then",
            "systemctl --global daemon-reload >/dev/null || true",
            "deb-systemd-invoke --user <verb> <units...> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
];
