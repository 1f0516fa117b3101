//! `var/lib/dpkg/triggers`: which package wants to hear of what (deb-triggers(5), dpkg's `triggers.txt`).
//!
//! `File` lists interests in paths; every other trigger is a file by its own name. What scripts
//! activate is heard of before the database is written, so nothing is pending.

use std::collections::BTreeMap;

use crate::unpack::Package;

use super::super::ConfigureError;

/// Which packages, by their places, are interested in which trigger.
pub fn interests(packages: &[Package]) -> Result<BTreeMap<String, Vec<usize>>, ConfigureError> {
    let mut interests: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        for (trigger, _) in read(package)? {
            interests.entry(trigger).or_default().push(index);
        }
    }
    Ok(interests)
}

/// The files by name with their content.
pub(super) fn write(packages: &[Package]) -> Result<BTreeMap<String, String>, ConfigureError> {
    let mut files = BTreeMap::from([("File".to_owned(), String::new())]);
    for package in packages {
        let name = package.info_name();
        for (trigger, noawait) in read(package)? {
            let noawait = if noawait { "/noawait" } else { "" };
            if trigger.starts_with('/') {
                files.entry("File".to_owned()).or_default().push_str(&format!("{trigger} {name}{noawait}\n"));
            } else {
                files.entry(trigger).or_default().push_str(&format!("{name}{noawait}\n"));
            }
        }
    }
    Ok(files)
}

/// The triggers that a package is interested in, and whether those who activate them need not wait.
fn read(package: &Package) -> Result<Vec<(String, bool)>, ConfigureError> {
    let Some(content) = package.control_files.get("triggers") else { return Ok(Vec::new()) };
    let content = String::from_utf8_lossy(content);
    let mut interests = Vec::new();
    for line in content.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        let mut words = line.split_ascii_whitespace();
        let Some(directive) = words.next() else { continue };
        let noawait = match directive {
            "interest" | "interest-await" => false,
            "interest-noawait" => true,
            "activate" | "activate-await" | "activate-noawait" => continue,
            _ => return Err(malformed(package, line)),
        };
        let trigger = words.next().ok_or_else(|| malformed(package, line))?;
        interests.push((trigger.to_owned(), noawait));
    }
    Ok(interests)
}

fn malformed(package: &Package, line: &str) -> ConfigureError {
    ConfigureError::Malformed {
        path: format!("{}.triggers", package.name()),
        what: format!("has the line `{line}`, which is no interest in a trigger and activates none"),
    }
}
