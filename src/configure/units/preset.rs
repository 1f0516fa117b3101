//! Presets (systemd.preset(5)): which units a distribution wants enabled when they are installed.
//!
//! Files of all folders in the order of their names, a file in `/etc` in place of one of the same name in `/usr/lib`;
//! the first line that matches a unit decides, and a unit that no line matches is enabled. Not here: preset-all of a
//! first boot, which does not run on these systems because `/etc/machine-id` is there.

use std::collections::BTreeMap;

use crate::tree::pattern::{self, Backslash};
use crate::tree::{Tree, TreePath};

use super::{ConfigureError, Manager};

/// What a preset says of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Policy {
    /// To be enabled; for a template the instances that are, when the line names them.
    Enable(Vec<String>),
    /// To be disabled, or not to be touched.
    Leave,
}

pub(super) fn policy(tree: &Tree, unit: &str, manager: Manager) -> Result<Policy, ConfigureError> {
    let mut files = BTreeMap::new();
    for folder in ["usr/lib/systemd", "usr/local/lib/systemd", "etc/systemd"] {
        let folder = TreePath::new(format!("{folder}/{}-preset", manager.folder()))?;
        for (path, _) in tree.children(&folder) {
            if let Some(name) = path.name().filter(|name| name.ends_with(b".preset")) {
                files.insert(name.to_vec(), path.clone());
            }
        }
    }
    let matches = |wanted: &str, name: &str| pattern::matches(wanted.as_bytes(), name.as_bytes(), Backslash::Plain);
    let template = super::template_of(unit);
    for path in files.values() {
        let content = String::from_utf8_lossy(&tree.read(path)?).into_owned();
        for line in content.lines().map(str::trim) {
            let mut words = line.split_ascii_whitespace();
            let (Some(verb), Some(pattern)) = (words.next(), words.next()) else { continue };
            let names_unit = matches(pattern, unit) || template.as_deref().is_some_and(|unit| matches(pattern, unit));
            match verb {
                "enable" if names_unit => return Ok(Policy::Enable(words.map(str::to_owned).collect())),
                "disable" | "ignore" if names_unit => return Ok(Policy::Leave),
                _ => {}
            }
        }
    }
    Ok(Policy::Enable(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::tree;
    use super::*;
    use crate::tree::Meta;

    #[test]
    fn the_first_line_that_matches_decides() {
        let preset = "# comment\nenable a@.service x y\ndisable journal-*.\u{2a}\nenable journal-a.service\n";
        let mut tree = tree(&[]);
        let path = TreePath::new("usr/lib/systemd/system-preset/90-a.preset").expect("valid");
        tree.make_directories(&path.parent().expect("has one"), Meta::directory(0)).expect("fresh");
        tree.write(&path, preset, Meta::file(0)).expect("fresh");
        let policy = |unit| policy(&tree, unit, Manager::System).expect("readable");
        assert_eq!(policy("a@.service"), Policy::Enable(vec!["x".into(), "y".into()]));
        assert_eq!(policy("journal-a.service"), Policy::Leave);
        assert_eq!(policy("other.service"), Policy::Enable(vec![]));
    }
}
