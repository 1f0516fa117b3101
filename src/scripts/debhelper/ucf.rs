//! dh_ucf: a configuration file copied from its share file, with ucf's records of it.

use super::Action;
use super::form::{Form, Words};

fn copy(words: &Words) -> Option<Action> {
    Some(Action::Ucf {
        source: words.one("source")?,
        destination: words.one("destination")?,
        package: words.one("package")?,
    })
}

pub(super) const FORMS: &[Form] = &[Form {
    tool: "dh_ucf",
    lines: &[
        "if [ \"$1\" = \"configure\" ] || [ \"$1\" = \"abort-upgrade\" ]; then",
        "ucf \"<source>\" \"<destination>\"",
        "ucfr <package> \"<destination>\"",
        "fi",
    ],
    each_line: false,
    action: copy,
}];
