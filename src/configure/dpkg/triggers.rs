//! `var/lib/dpkg/triggers`: which package wants to hear of what (deb-triggers(5), dpkg's `triggers.txt`).
//!
//! `File` lists interests in paths; every other trigger is a file by its own name. What packages activate while they
//! are installed is done by the counterparts, so nothing is pending.

use std::collections::BTreeMap;

use crate::unpack::Package;

use super::super::ConfigureError;

/// The files by name with their content.
pub(super) fn write(packages: &[Package]) -> Result<BTreeMap<String, String>, ConfigureError> {
    let mut files = BTreeMap::from([("File".to_owned(), String::new())]);
    for package in packages {
        let Some(content) = package.control_files.get("triggers") else { continue };
        let content = String::from_utf8_lossy(content);
        for line in content.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            let mut words = line.split_ascii_whitespace();
            let Some(directive) = words.next() else { continue };
            let noawait = match directive {
                "interest" | "interest-await" => "",
                "interest-noawait" => "/noawait",
                "activate" | "activate-await" | "activate-noawait" => continue,
                _ => return Err(malformed(package, line)),
            };
            let trigger = words.next().ok_or_else(|| malformed(package, line))?;
            let name = package.info_name();
            if trigger.starts_with('/') {
                files.entry("File".to_owned()).or_default().push_str(&format!("{trigger} {name}{noawait}\n"));
            } else {
                files.entry(trigger.to_owned()).or_default().push_str(&format!("{name}{noawait}\n"));
            }
        }
    }
    Ok(files)
}

fn malformed(package: &Package, line: &str) -> ConfigureError {
    ConfigureError::Malformed {
        path: format!("{}.triggers", package.name()),
        what: format!("has the line `{line}`, which is no interest in a trigger and activates none"),
    }
}
