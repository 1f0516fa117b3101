//! The installed packages by dpkg's own record, and what they take.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::Volume;
use crate::archive::control::paragraphs;
use crate::disk::EntryKind;
use crate::disk::size::shown;
use crate::tree::TreePath;

/// All packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// By name, then architecture.
    pub installed: Vec<InstalledPackage>,
    /// Those of them that are not configured yet, each with the state that dpkg has for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<(String, String)>,
    /// Bytes of files that no package has brought.
    pub others: u64,
    /// Lines of dpkg's record that are no control data, at most one.
    pub warning: Option<String>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InstalledPackage {
    pub name: String,
    pub architecture: String,
    pub version: String,
    /// Name and version of the source package.
    pub source: String,
    pub source_version: String,
    /// Bytes of its files on the image. A file that several packages name counts for the first.
    pub size: u64,
}

impl Packages {
    /// The packages on `root`; none when dpkg keeps no record there.
    pub(super) fn of(root: &Volume) -> Option<Self> {
        let status = root.record("var/lib/dpkg/status")?;
        let mut packages = Self::default();
        for paragraph in paragraphs(&status) {
            let paragraph = match paragraph {
                Ok(paragraph) => paragraph,
                Err(error) => {
                    packages.warning = Some(format!("/var/lib/dpkg/status, {error}"));
                    break;
                }
            };
            let field = |name: &str| paragraph.get(name).unwrap_or_default();
            let (name, version) = (field("Package").to_owned(), field("Version").to_owned());
            match field("Status").split_whitespace().last() {
                Some("installed") => {}
                // Its files are on the image.
                Some(state @ ("unpacked" | "half-configured" | "triggers-awaited" | "triggers-pending")) => {
                    packages.unfinished.push((name.clone(), state.to_owned()));
                }
                _ => continue,
            }
            // `Source: name` or `Source: name (version)`, and nothing when both are the same.
            let (source, source_version) = match field("Source").split_once(" (") {
                Some((source, rest)) => (source.to_owned(), rest.trim_end_matches(')').to_owned()),
                None if field("Source").is_empty() => (name.clone(), version.clone()),
                None => (field("Source").to_owned(), version.clone()),
            };
            let architecture = field("Architecture").to_owned();
            packages.installed.push(InstalledPackage { name, architecture, version, source, source_version, size: 0 });
        }
        packages.installed.sort();
        packages.weigh(root);
        Some(packages)
    }

    /// Sums up the files of each package, and those of none.
    fn weigh(&mut self, root: &Volume) {
        let mut counted = BTreeSet::new();
        for package in &mut self.installed {
            let plain = format!("var/lib/dpkg/info/{}.list", package.name);
            let qualified = format!("var/lib/dpkg/info/{}:{}.list", package.name, package.architecture);
            let list = root.record(&plain).or_else(|| root.record(&qualified));
            for line in list.unwrap_or_default().lines() {
                let Ok(path) = TreePath::new(line) else { continue };
                // The list has the names of before /bin became a link; the file's own name is not followed.
                let (Some(parent), Some(name)) = (path.parent(), path.name()) else { continue };
                let Some(parent) = root.listing.resolve(&parent) else { continue };
                match root.listing.get(&parent.join(name)) {
                    Some(entry) if entry.kind == EntryKind::File && counted.insert(entry.inode) => {
                        package.size += entry.size;
                    }
                    _ => {}
                }
            }
        }
        for (_, entry) in root.listing.iter() {
            if entry.kind == EntryKind::File && counted.insert(entry.inode) {
                self.others += entry.size;
            }
        }
    }

    /// Bytes of all packages' files.
    pub fn size(&self) -> u64 {
        self.installed.iter().map(|package| package.size).sum()
    }
}

/// The largest first.
impl fmt::Display for Packages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, size) = (self.installed.len(), shown(self.size()));
        writeln!(f, "packages: {count} with {size}; {} in files of no package", shown(self.others))?;
        if let Some(warning) = &self.warning {
            writeln!(f, "  warning: {warning}; what follows is not read")?;
        }
        for (name, state) in &self.unfinished {
            writeln!(f, "  not configured: {name}, {state}")?;
        }
        let mut largest: Vec<&InstalledPackage> = self.installed.iter().collect();
        largest.sort_by_key(|package| std::cmp::Reverse(package.size));
        for InstalledPackage { name, version, architecture, size, .. } in largest {
            writeln!(f, "  {:>11}  {name} {version} {architecture}", shown(*size))?;
        }
        Ok(())
    }
}
