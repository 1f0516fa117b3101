//! Links of init scripts in `/etc/rc?.d`, as `update-rc.d <name> defaults` makes them (package init-system-helpers).
//!
//! systemd does not read them where a native unit of the same name is; they are there for the node's own packages,
//! which ask update-rc.d about them. Order numbers are all 01, as without insserv.

use crate::tree::{TreeError, TreePath};

use super::{ConfigureError, Context};

/// Makes the links of an init script: `S01` in the levels of its `Default-Start`, or `K01` when it is disabled, and
/// `K01` in those of its `Default-Stop`. A script that is missing or not executable gets none, and neither does one
/// that has links already.
pub fn defaults(context: &mut Context<'_>, name: &str, enabled: bool) -> Result<(), ConfigureError> {
    let script = Context::path(&format!("etc/init.d/{name}"))?;
    let executable = context.tree.get(&script).is_some_and(|node| node.meta.mode & 0o111 != 0);
    if !executable {
        return Ok(());
    }
    let header = match context.read(&format!("etc/init.d/{name}")) {
        Err(ConfigureError::Tree(TreeError::NotAFile(_))) => return Ok(()),
        header => header?,
    };
    let link = format!("01{name}");
    // `[SK][0-9][0-9]name`, whatever its number.
    let linked = |path: &TreePath| path.name().and_then(|found| found.get(3..)) == Some(name.as_bytes());
    for level in ["0", "1", "2", "3", "4", "5", "6", "S"] {
        if context.files_in(&format!("etc/rc{level}.d"))?.iter().any(linked) {
            return Ok(());
        }
    }
    let start = if enabled { "S" } else { "K" };
    for (key, letter) in [("Default-Start", start), ("Default-Stop", "K")] {
        for level in levels(&header, key) {
            context.symlink(&format!("etc/rc{level}.d/{letter}{link}"), &format!("../init.d/{name}"))?;
        }
    }
    Ok(())
}

/// `update-rc.d <name> disable`: its links of the levels in which it would start stop it instead.
pub fn disable(context: &mut Context<'_>, name: &str) -> Result<(), ConfigureError> {
    for level in ["2", "3", "4", "5", "S"] {
        let folder = format!("etc/rc{level}.d");
        for link in context.files_in(&folder)? {
            let Some(file) = link.name().map(|name| String::from_utf8_lossy(name).into_owned()) else { continue };
            if file.starts_with('S') && file.get(3..) == Some(name) {
                context.tree.remove(&link);
                context.symlink(&format!("{folder}/K01{name}"), &format!("../init.d/{name}"))?;
            }
        }
    }
    Ok(())
}

/// The run levels that a script's header (LSB 3.1, "Comment Conventions for Init Scripts") gives for `key`.
fn levels<'a>(script: &'a str, key: &str) -> Vec<&'a str> {
    let header = script.lines().skip_while(|line| !line.contains("### BEGIN INIT INFO"));
    let header = header.take_while(|line| !line.contains("### END INIT INFO"));
    let mut values =
        header.filter_map(|line| line.strip_prefix('#')?.trim_start().strip_prefix(key)?.strip_prefix(':'));
    values.next().map(|value| value.split_ascii_whitespace().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_from_the_header() {
        let script = "#!/bin/sh\n### BEGIN INIT INFO\n# Default-Start:\t2 3 4 5\n# Default-Stop:\n### END INIT INFO\n# Default-Stop: 1\n";
        assert_eq!(levels(script, "Default-Start"), ["2", "3", "4", "5"]);
        assert_eq!(levels(script, "Default-Stop"), [""; 0]);
    }

    #[test]
    fn links_are_made_once_and_only_for_scripts_that_run() {
        let (mut tree, options) = (super::super::testing::tree(), super::super::testing::options());
        let mut context = Context::new(&mut tree, &[], &options);
        let script = "### BEGIN INIT INFO\n# Default-Start: 2 S\n# Default-Stop: 6\n### END INIT INFO\n";
        for (name, mode) in [("a", 0o755), ("b", 0o644), ("c", 0o755)] {
            context.write(&format!("etc/init.d/{name}"), script, context.file().with_mode(mode)).expect("fresh");
        }
        defaults(&mut context, "a", true).expect("linked");
        defaults(&mut context, "a", false).expect("has links already");
        defaults(&mut context, "b", true).expect("does not run");
        defaults(&mut context, "c", false).expect("linked");
        let links: Vec<String> = context
            .tree
            .iter()
            .filter_map(|(path, _, node)| Some(format!("{path} -> {}", String::from_utf8_lossy(node.target()?))))
            .collect();
        assert_eq!(
            links,
            [
                "etc/rc2.d/K01c -> ../init.d/c",
                "etc/rc2.d/S01a -> ../init.d/a",
                "etc/rc6.d/K01a -> ../init.d/a",
                "etc/rc6.d/K01c -> ../init.d/c",
                "etc/rcS.d/K01c -> ../init.d/c",
                "etc/rcS.d/S01a -> ../init.d/a",
            ]
        );
    }
}
