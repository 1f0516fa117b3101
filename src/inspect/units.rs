//! What systemd makes of a unit: whether it is masked, whether something starts it, and with which command.
//!
//! Source: systemd.unit(5), and `unit_file_process_dir` and `null_or_empty_path` of systemd. Out of scope: aliases, and
//! what generators other than getty's make at boot.

use std::collections::{BTreeMap, BTreeSet};

use super::ini::sections;
use super::{Boot, Volume};
use crate::disk::EntryKind;
use crate::tree::TreePath;

/// Where units lie; what stands in an earlier folder hides the same name in a later one.
const FOLDERS: [&str; 3] = ["etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system"];

/// The units of a system.
#[derive(Debug)]
pub(super) struct Units<'a> {
    root: &'a Volume,
    /// Masked by the kernel's command line, and started by it.
    masked: Vec<String>,
    wanted: Vec<String>,
    /// Units that links in `.wants` and `.requires` folders start, with the folders.
    linked: BTreeSet<String>,
}

impl<'a> Units<'a> {
    pub(super) fn of(root: &'a Volume, boot: Option<&Boot>) -> Self {
        let words = |key: &str| boot.into_iter().flat_map(|boot| boot.words(key)).map(str::to_owned).collect();
        let mut links: BTreeMap<(String, String), bool> = BTreeMap::new();
        for folder in FOLDERS {
            let wants =
                root.names(folder).into_iter().filter(|name| name.ends_with(".wants") || name.ends_with(".requires"));
            for wants in wants {
                for unit in root.names(&format!("{folder}/{wants}")) {
                    let is_nothing = is_nothing(root, &format!("{folder}/{wants}/{unit}"));
                    links.entry((wants.clone(), unit)).or_insert(!is_nothing);
                }
            }
        }
        let linked = links.into_iter().filter(|(_, counts)| *counts).map(|((_, unit), _)| unit).collect();
        Self { root, masked: words("systemd.mask"), wanted: words("systemd.wants"), linked }
    }

    /// Whether `unit` can never be started: its file, or its template's, is empty or a link to /dev/null.
    pub(super) fn is_masked(&self, unit: &str) -> bool {
        if self.masked.iter().any(|masked| masked == unit) {
            return true;
        }
        // The instance's own file counts, whichever folder it is in, and only then the template's.
        let files = names(unit).into_iter().rev().find_map(|name| self.file(&name));
        files.is_some_and(|file| is_nothing(self.root, &file))
    }

    /// Whether systemd starts `unit` by itself: some target or unit wants it.
    pub(super) fn is_enabled(&self, unit: &str) -> bool {
        let wanted = self.linked.contains(unit) || self.wanted.iter().any(|wanted| wanted == unit);
        wanted && !self.is_masked(unit)
    }

    /// The units that something starts, in order.
    pub(super) fn enabled(&self) -> impl Iterator<Item = &str> {
        let all = self.linked.iter().chain(&self.wanted).map(String::as_str);
        all.filter(|unit| !self.is_masked(unit))
    }

    /// The last command that `unit` starts, by its file and what is dropped in.
    pub(super) fn command(&self, unit: &str) -> Option<String> {
        let names = names(unit);
        let file = names.iter().rev().find_map(|name| self.file(name));
        // By file name; the first folder's counts, and the instance's before the template's.
        let mut drop_ins: BTreeMap<String, String> = BTreeMap::new();
        for folder in FOLDERS {
            for name in names.iter().rev() {
                let folder = format!("{folder}/{name}.d");
                for name in self.root.names(&folder).into_iter().filter(|name| name.ends_with(".conf")) {
                    drop_ins.entry(name.clone()).or_insert(format!("{folder}/{name}"));
                }
            }
        }
        let mut command = None;
        for file in file.into_iter().chain(drop_ins.into_values()) {
            let text = self.root.text(&file).unwrap_or_default().replace("\\\n", " ");
            for section in sections(&text).iter().filter(|section| section.name == "Service") {
                for value in section.values("ExecStart") {
                    command = Some(value.to_owned()).filter(|value| !value.is_empty());
                }
            }
        }
        command
    }

    /// The file that `name` is read from.
    fn file(&self, name: &str) -> Option<String> {
        let files = FOLDERS.into_iter().map(|folder| format!("{folder}/{name}"));
        let is_there = |file: &String| TreePath::new(file).is_ok_and(|path| self.root.listing.get(&path).is_some());
        // Before the folders were merged, `/lib` was no link.
        files
            .chain([format!("lib/systemd/system/{name}")])
            .find(|file| is_there(file) || self.root.find(file).is_some())
    }
}

/// The template of `unit`, when it is an instance, and the unit.
fn names(unit: &str) -> Vec<String> {
    let template = unit.split_once('@').and_then(|(name, instance)| {
        let (instance, ending) = instance.rsplit_once('.')?;
        (!instance.is_empty()).then(|| format!("{name}@.{ending}"))
    });
    template.into_iter().chain([unit.to_owned()]).collect()
}

/// Whether `path` is an empty file or leads to /dev/null, which stands on no card.
fn is_nothing(root: &Volume, path: &str) -> bool {
    let Ok(path) = TreePath::new(path) else { return false };
    let end = root.listing.resolve(&path).unwrap_or_default();
    if end.as_bytes() == b"dev/null" {
        return true;
    }
    root.listing.get(&end).is_some_and(|entry| entry.kind == EntryKind::File && entry.size == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_has_a_template() {
        assert_eq!(names("getty@tty1.service"), ["getty@.service", "getty@tty1.service"]);
        assert_eq!(names("getty@.service"), ["getty@.service"]);
        assert_eq!(names("ssh.service"), ["ssh.service"]);
    }
}
