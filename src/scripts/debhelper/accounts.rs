//! dh_installsysusers and dh_installtmpfiles: systemd's own tools, run on named files.

use super::form::{Form, Words};
use super::{Action, CONFIGURE};

fn sysusers(words: &Words) -> Option<Action> {
    Some(Action::Sysusers(words.all("files")))
}

fn tmpfiles(words: &Words) -> Option<Action> {
    Some(Action::Tmpfiles(words.all("files")))
}

pub(super) const FORMS: &[Form] = &[
    Form {
        tool: "dh_installsysusers",
        lines: &[CONFIGURE, "systemd-sysusers ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} <files...>", "fi"],
        each_line: false,
        action: sysusers,
    },
    Form {
        tool: "dh_installtmpfiles",
        lines: &[
            CONFIGURE,
            "if [ -x \"$(command -v systemd-tmpfiles)\" ]; then",
            "systemd-tmpfiles ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} --create <files...> || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: tmpfiles,
    },
    // dh_installsystemd does it for a service's own file of that name.
    Form {
        tool: "dh_installsystemd",
        lines: &[
            CONFIGURE,
            "if [ -x \"$(command -v systemd-tmpfiles)\" ]; then",
            "systemd-tmpfiles ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} --create <files...> || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: tmpfiles,
    },
    // before debhelper 13.12
    Form {
        tool: "dh_installtmpfiles",
        lines: &[
            CONFIGURE,
            "if [ -x \"$(command -v systemd-tmpfiles)\" ]; then",
            "systemd-tmpfiles ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} --create <files...> >/dev/null || true",
            "fi",
            "fi",
        ],
        each_line: false,
        action: tmpfiles,
    },
];
