//! The lock, `rootfs/<system>.<architecture>.lock`: which packages a system's images are made of, with version, size
//! and SHA-256, so that a build needs no index and gives the same bytes next year.
//!
//! TOML, one key a line, sorted by name: a change of one package is a change of few lines. No mirror is named, only
//! paths below it, so that every mirror serves.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::closure::Closure;
use super::hash::Sha256;
use super::time;
use crate::config::Architecture;

const HEADER: &str = "\
# The packages of every image of this system. Written by `bramble lock`, which verifies the archive's signatures;
# builds trust the sums below. Do not edit: run `bramble lock` again.

";
const FORMAT: u32 = 1;

/// The packages of a system for one architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lock {
    format: u32,
    /// The system's name: "trixie"
    pub system: String,
    pub architecture: Architecture,
    /// The time of the newest suite in seconds since 1970: the time of every file that a build makes.
    pub epoch: i64,
    /// What was asked for besides Essential packages, sorted.
    pub roots: Vec<String>,
    /// Suites of the system that were left out on demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_suites: Vec<String>,
    #[serde(rename = "suite")]
    pub suites: Vec<LockedSuite>,
    /// Sorted by name.
    #[serde(rename = "package")]
    pub packages: Vec<LockedPackage>,
}

/// A suite as it was when the lock was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedSuite {
    pub name: String,
    /// Its own mirror path, as in the system file, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<String>,
    /// Its `Date`, in seconds since 1970.
    #[serde(with = "date")]
    pub date: i64,
    /// Sum of the `InRelease` whose signature was verified.
    pub inrelease_sha256: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedPackage {
    pub name: String,
    pub version: String,
    /// The package's own: "armhf" or "all".
    pub architecture: String,
    pub suite: String,
    /// Path below the mirror: "pool/main/…"
    pub filename: String,
    /// In bytes.
    pub size: u64,
    pub sha256: Sha256,
    #[serde(default, skip_serializing_if = "is_false")]
    pub essential: bool,
    /// Names of the locked packages that meet its dependencies, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("lock {}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("lock {} is missing; write it with `bramble lock`", .path.display())]
    NoLock { path: PathBuf },
    #[error("lock {} cannot be read: {reason}; write it anew with `bramble lock`", .path.display())]
    Broken { path: PathBuf, reason: String },
    #[error("the lock for {architecture} has no package `{package}`; add it with `bramble lock`")]
    Missing { package: String, architecture: Architecture },
}

impl Lock {
    /// A lock of a closure. The suites stand in the system's order.
    pub fn new(
        system: &str,
        architecture: Architecture,
        roots: &[String],
        suites: Vec<LockedSuite>,
        closure: &Closure<'_>,
    ) -> Self {
        let roots: BTreeSet<_> = roots.iter().cloned().collect();
        let packages = closure.packages.values().map(|chosen| LockedPackage {
            name: chosen.entry.name.clone(),
            version: chosen.entry.version.clone(),
            architecture: chosen.entry.architecture.clone(),
            suite: chosen.entry.suite.clone(),
            filename: chosen.entry.filename.clone(),
            size: chosen.entry.size,
            sha256: chosen.entry.sha256,
            essential: chosen.entry.essential,
            depends: chosen.depends.iter().map(|name| (*name).to_owned()).collect(),
        });
        Self {
            format: FORMAT,
            system: system.to_owned(),
            architecture,
            epoch: suites.iter().map(|suite| suite.date).max().unwrap_or_default(),
            roots: roots.into_iter().collect(),
            without_suites: Vec::new(),
            suites,
            packages: packages.collect(),
        }
    }

    /// Reads and checks a lock file.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => LockError::NoLock { path: path.to_owned() },
            _ => LockError::Io { path: path.to_owned(), source },
        })?;
        Self::parse(&text).map_err(|reason| LockError::Broken { path: path.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if lock.format != FORMAT {
            return Err(format!("its format is {}, this bramble knows {FORMAT}", lock.format));
        }
        let names: BTreeSet<_> = lock.packages.iter().map(|package| &package.name).collect();
        if names.len() != lock.packages.len() {
            return Err("a package stands there twice".to_owned());
        }
        for package in &lock.packages {
            if let Some(stray) = package.depends.iter().find(|name| !names.contains(name)) {
                return Err(format!("`{}` depends on `{stray}`, which is not locked", package.name));
            }
            if !lock.suites.iter().any(|suite| suite.name == package.suite) {
                return Err(format!("`{}` is of suite `{}`, which is not locked", package.name, package.suite));
            }
        }
        Ok(lock)
    }

    /// Writes the lock whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        let fault = |source| LockError::Io { path: path.to_owned(), source };
        let text = self.to_text().map_err(|error| fault(io::Error::other(error)))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file =
            tempfile::Builder::new().prefix(".lock").permissions(readable()).tempfile_in(folder).map_err(fault)?;
        file.write_all(text.as_bytes()).map_err(fault)?;
        file.as_file().sync_all().map_err(fault)?;
        file.persist(path).map_err(|error| fault(error.error))?;
        Ok(())
    }

    fn to_text(&self) -> Result<String, toml::ser::Error> {
        Ok(format!("{HEADER}{}", toml::to_string(self)?))
    }

    /// Everything Essential, the `roots` and all that they depend on, sorted by name.
    pub fn closure(&self, roots: &[&str]) -> Result<Vec<&LockedPackage>, LockError> {
        let by_name: BTreeMap<_, _> = self.packages.iter().map(|package| (package.name.as_str(), package)).collect();
        let essential = self.packages.iter().filter(|package| package.essential).map(|package| package.name.as_str());
        let mut rest: Vec<_> = essential.chain(roots.iter().copied()).collect();
        let mut reached = BTreeMap::new();
        while let Some(name) = rest.pop() {
            let package = *by_name.get(name).ok_or_else(|| self.missing(name))?;
            if reached.insert(name, package).is_none() {
                rest.extend(package.depends.iter().map(String::as_str));
            }
        }
        Ok(reached.into_values().collect())
    }

    fn missing(&self, name: &str) -> LockError {
        LockError::Missing { package: name.to_owned(), architecture: self.architecture }
    }
}

/// A lock is for everybody to read, unlike other temporary files; the umask applies.
fn readable() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

// Serde gives the field by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

mod date {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::time;

    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time::rfc3339(*seconds))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        time::parse_rfc3339(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no time like 2026-09-12T07:55:41Z")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = r#"# The packages of every image of this system. Written by `bramble lock`, which verifies the archive's signatures;
# builds trust the sums below. Do not edit: run `bramble lock` again.

format = 1
system = "trixie"
architecture = "armhf"
epoch = 1789199741
roots = ["app"]
without-suites = ["trixie-security"]

[[suite]]
name = "trixie"
date = "2026-09-12T07:55:41Z"
inrelease-sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

[[package]]
name = "app"
version = "1:2.0~rc1-1+b1"
architecture = "armhf"
suite = "trixie"
filename = "pool/main/a/app/app_2.0~rc1-1+b1_armhf.deb"
size = 1234
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
depends = ["base", "lib"]

[[package]]
name = "base"
version = "1"
architecture = "all"
suite = "trixie"
filename = "pool/main/b/base/base_1_all.deb"
size = 1
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
essential = true

[[package]]
name = "lib"
version = "1"
architecture = "armhf"
suite = "trixie"
filename = "pool/main/l/lib/lib_1_armhf.deb"
size = 1
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"#;

    #[test]
    fn text_and_back() {
        let lock = Lock::parse(GOLDEN).expect("valid");
        assert_eq!(lock.to_text().expect("text"), GOLDEN);
        assert_eq!(lock.suites[0].date, 1_789_199_741);
        assert_eq!(lock.packages[0].depends, ["base", "lib"]);
    }

    #[test]
    fn files_are_written_whole_and_read_again() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("trixie.armhf.lock");
        let lock = Lock::parse(GOLDEN).expect("valid");
        lock.write(&path).expect("writable");
        assert_eq!(Lock::read(&path).expect("just written"), lock);
        let names: Vec<_> = folder.path().read_dir().expect("folder").collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn the_closure_is_what_roots_reach() {
        let lock = Lock::parse(GOLDEN).expect("valid");
        let names = |roots: &[&str]| -> Vec<String> {
            lock.closure(roots).expect("locked").iter().map(|package| package.name.clone()).collect()
        };
        assert_eq!(names(&[]), ["base"]);
        assert_eq!(names(&["lib"]), ["base", "lib"]);
        assert_eq!(names(&["app", "app"]), ["app", "base", "lib"]);
        assert_eq!(
            lock.closure(&["haproxy"]).expect_err("not locked").to_string(),
            "the lock for armhf has no package `haproxy`; add it with `bramble lock`"
        );
    }

    #[test]
    fn faults_are_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("l");
        let shown = path.display().to_string();
        let message = |text: &str| {
            std::fs::write(&path, text).expect("writable");
            Lock::read(&path).expect_err("broken").to_string().replace(&shown, "L")
        };
        let missing = Lock::read(&folder.path().join("x")).expect_err("missing").to_string();
        assert!(missing.ends_with("x is missing; write it with `bramble lock`"), "{missing}");
        assert_eq!(
            message(&GOLDEN.replace("format = 1", "format = 2")),
            "lock L cannot be read: its format is 2, this bramble knows 1; write it anew with `bramble lock`"
        );
        assert_eq!(
            message(&GOLDEN.replace("name = \"lib\"", "name = \"bib\"")),
            "lock L cannot be read: `app` depends on `lib`, which is not locked; write it anew with `bramble lock`"
        );
        assert_eq!(
            message(&GOLDEN.replace("name = \"trixie\"", "name = \"other\"")),
            "lock L cannot be read: `app` is of suite `trixie`, which is not locked; write it anew with `bramble lock`"
        );
        assert_eq!(
            message(&GOLDEN.replace("sha256 = \"e3", "sha256 = \"z3")),
            format!(
                "lock L cannot be read: `z3{}` is no SHA-256 sum of 64 hexadecimal digits; \
                 write it anew with `bramble lock`",
                &Sha256::of(b"").to_string()[2..]
            )
        );
    }
}
