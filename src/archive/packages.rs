//! `Packages`: the index of the binary packages of one suite, component and architecture.

use super::control::{self, ControlError, Paragraph};
use super::hash::Sha256;

/// A package as the index describes it, as far as choosing and downloading it needs. Relations stay text: only those of
/// chosen packages are ever read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedPackage {
    pub name: String,
    pub version: String,
    /// The package's own: "armhf" or "all".
    pub architecture: String,
    /// The suite it was found in.
    pub suite: String,
    pub essential: bool,
    pub priority: Priority,
    pub pre_depends: String,
    pub depends: String,
    pub conflicts: String,
    pub breaks: String,
    pub provides: String,
    /// Path below the mirror.
    pub filename: String,
    /// In bytes.
    pub size: u64,
    pub sha256: Sha256,
}

/// How much a package belongs to a usual system, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    Required,
    Important,
    Standard,
    Optional,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackagesError {
    #[error("no control data: {0}")]
    Control(#[from] ControlError),
    #[error("package `{package}`: field `{field}` is missing or wrong")]
    Field { package: String, field: &'static str },
}

/// Reads a whole index of `suite`.
pub fn parse(text: &str, suite: &str) -> Result<Vec<IndexedPackage>, PackagesError> {
    control::paragraphs(text).map(|paragraph| entry(&paragraph?, suite)).collect()
}

fn entry(paragraph: &Paragraph, suite: &str) -> Result<IndexedPackage, PackagesError> {
    let wrong = |field| {
        let package = paragraph.get("Package").unwrap_or("?").to_owned();
        PackagesError::Field { package, field }
    };
    let must = |field| paragraph.get(field).filter(|value| !value.is_empty()).ok_or_else(|| wrong(field));
    let may = |field| paragraph.get(field).unwrap_or_default().to_owned();
    let filename = must("Filename")?;
    // The path becomes part of a URL and of the lock; a signed index has no reason to point elsewhere.
    if filename.starts_with('/') || filename.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(wrong("Filename"));
    }
    Ok(IndexedPackage {
        name: must("Package")?.to_owned(),
        version: must("Version")?.to_owned(),
        architecture: must("Architecture")?.to_owned(),
        suite: suite.to_owned(),
        essential: paragraph.get("Essential") == Some("yes"),
        priority: match paragraph.get("Priority") {
            Some("required") => Priority::Required,
            Some("important") => Priority::Important,
            Some("standard") => Priority::Standard,
            _ => Priority::Optional,
        },
        pre_depends: may("Pre-Depends"),
        depends: may("Depends"),
        conflicts: may("Conflicts"),
        breaks: may("Breaks"),
        provides: may("Provides"),
        filename: filename.to_owned(),
        size: must("Size")?.parse().map_err(|_| wrong("Size"))?,
        sha256: must("SHA256")?.parse().map_err(|_| wrong("SHA256"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Package: bash\nVersion: 5.2.37-2\nArchitecture: armhf\nEssential: yes\nPriority: required\n\
                        Pre-Depends: libc6 (>= 2.38)\nDepends: base-files (>= 2.1.12), debianutils (>= 5.6-0.1)\n\
                        Filename: pool/main/b/bash/bash_5.2.37-2_armhf.deb\nSize: 1460000\n\
                        SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";

    #[test]
    fn entries_are_read() {
        let entries = parse(&format!("{TEXT}\n{}", TEXT.replace("bash", "dash")), "trixie").expect("valid");
        let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["bash", "dash"]);
        let bash = &entries[0];
        assert!(bash.essential);
        assert_eq!(bash.priority, Priority::Required);
        assert_eq!(bash.pre_depends, "libc6 (>= 2.38)");
        assert_eq!((bash.suite.as_str(), bash.size), ("trixie", 1_460_000));
    }

    #[test]
    fn faults_name_the_package() {
        let message = |from: &str, to: &str| parse(&TEXT.replace(from, to), "s").expect_err(to).to_string();
        assert_eq!(message("Size: 1460000", "Size: big"), "package `bash`: field `Size` is missing or wrong");
        assert_eq!(message("pool/main", "../main"), "package `bash`: field `Filename` is missing or wrong");
        assert_eq!(message("SHA256:", "MD5sum:"), "package `bash`: field `SHA256` is missing or wrong");
    }
}
