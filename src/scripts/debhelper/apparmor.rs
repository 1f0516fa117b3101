//! dh_apparmor: an empty file for the administrator's additions beside a profile; loading it is nothing here.

use super::Action;
use super::form::{Form, Words};

fn local(words: &Words) -> Option<Action> {
    Some(Action::LocalProfile { profile: words.one("profile")?, local: words.one("local")? })
}

pub(super) const FORMS: &[Form] = &[Form {
    tool: "dh_apparmor",
    lines: &[
        "if [ \"$1\" = \"configure\" ]; then",
        "APP_PROFILE=\"<profile>\"",
        "if [ -f \"$APP_PROFILE\" ]; then",
        "LOCAL_APP_PROFILE=\"<local>\"",
        "test -e \"$LOCAL_APP_PROFILE\" || {",
        "mkdir -p `dirname \"$LOCAL_APP_PROFILE\"`",
        "install --mode 644 /dev/null \"$LOCAL_APP_PROFILE\"",
        "}",
        "if aa-enabled --quiet 2>/dev/null; then",
        "apparmor_parser -r -T -W \"$APP_PROFILE\" || true",
        "fi",
        "fi",
        "fi",
    ],
    each_line: false,
    action: local,
}];
