//! dh_installinit: links of init scripts in `/etc/rc?.d`, made by update-rc.d; starting is nothing here.

use super::form::{Form, Words};
use super::{Action, CONFIGURE, nothing};

const TOOL: &str = "dh_installinit";

/// `defaults`, or the old spelling with levels (`start 02 S . stop …`), which update-rc.d takes for the same.
fn links(words: &Words) -> Option<Action> {
    let enabled = match words.one("how")?.as_str() {
        "defaults" | "start" | "stop" => true,
        "defaults-disabled" => false,
        _ => return None,
    };
    Some(Action::InitScript { name: words.one("name")?, enabled })
}

pub(super) const FORMS: &[Form] = &[
    // --no-restart-after-upgrade
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ] && [ -x \"/etc/init.d/<name>\" ]; then",
            "update-rc.d <name> <how...> >/dev/null",
            "invoke-rc.d <options...> start || exit <status>",
            "fi",
            "fi",
        ],
        each_line: false,
        action: links,
    },
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -z \"$DPKG_ROOT\" ] && [ -x \"/etc/init.d/<name>\" ]; then",
            "update-rc.d <name> <how...> >/dev/null",
            "if [ -n \"$2\" ]; then",
            "_dh_action=restart",
            "else",
            "_dh_action=start",
            "fi",
            "invoke-rc.d <options...> $_dh_action || exit <status>",
            "fi",
            "fi",
        ],
        each_line: false,
        action: links,
    },
    // --no-start
    Form {
        tool: TOOL,
        lines: &[
            CONFIGURE,
            "if [ -x \"/etc/init.d/<name>\" ]; then",
            "update-rc.d <name> <how...> >/dev/null || exit <status>",
            "fi",
            "fi",
        ],
        each_line: false,
        action: links,
    },
    // preinst, of use after a removal only
    Form {
        tool: TOOL,
        lines: &[
            "if [ \"$1\" = \"install\" ] && [ -n \"$2\" ] && [ -e \"/etc/init.d/<name>\" ]; then",
            "chmod +x \"/etc/init.d/<name>\" >/dev/null || true",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    Form {
        tool: TOOL,
        lines: &[
            "if [ -z \"$DPKG_ROOT\" ] && [ \"$1\" = upgrade ] && [ -x \"/etc/init.d/<name>\" ]; then",
            "invoke-rc.d <options...> stop || exit <status>",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
];
