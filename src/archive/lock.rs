//! The lock, `rootfs/<system>.<architecture>.lock`: which packages a system's images are made of, with version, size
//! and SHA-256, so that a build needs no index and gives the same bytes next year.
//!
//! TOML, one key a line, sorted by name: a change of one package is a change of few lines. No mirror is named, only
//! paths below it, so that every mirror serves.
//!
//! Each package stands there once, in one version. Where the bases' packages do not all go together, sets say which do; a
//! lock without sets is one set. A package that some bases take from a suite on request stands there once more, in the
//! version that it has there, and the sets of those bases say that they have that one.

mod date;
mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::hash::Sha256;
use super::pinned::Held;
use super::sets::{Request, Set};
use crate::config::{Architecture, Pins};

pub use error::LockError;

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
    /// What was asked for besides Essential packages, in every set; sorted.
    pub roots: Vec<String>,
    /// Suites of the system that were left out on demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_suites: Vec<String>,
    #[serde(rename = "suite")]
    pub suites: Vec<LockedSuite>,
    /// Packages that can be installed together; none where all can.
    #[serde(default, rename = "set", skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<LockedSet>,
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
    /// Whether packages come from it only where a base asks for that.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
    /// Its `Date`, in seconds since 1970.
    #[serde(with = "date")]
    pub date: i64,
    /// Sum of the `InRelease` whose signature was verified.
    pub inrelease_sha256: Sha256,
}

/// Packages that can be installed together: all that its and the lock's roots lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedSet {
    /// What was asked for besides the lock's roots, sorted.
    pub roots: Vec<String>,
    /// Locked packages that its packages lead to in other sets only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// What was asked for from suites on request.
    #[serde(default, skip_serializing_if = "Pins::is_empty")]
    pub pins: Pins,
    /// Its packages that come from those suites, asked for or needed.
    #[serde(default, skip_serializing_if = "Pins::is_empty")]
    pub from: Pins,
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
    /// Names of the locked packages that meet its dependencies, in whichever set; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<String>,
}

impl Lock {
    /// A lock of some sets. The suites stand in the system's order.
    pub fn new(system: &str, architecture: Architecture, suites: Vec<LockedSuite>, sets: &[Set<'_>]) -> Self {
        let on_request = |name: &str| suites.iter().any(|suite| suite.on_request && suite.name == name);
        let mut packages: BTreeMap<(&str, Option<&str>), LockedPackage> = BTreeMap::new();
        for chosen in sets.iter().flat_map(|set| set.closure.packages.values()) {
            let suite = chosen.entry.suite.as_str();
            let from = on_request(suite).then_some(suite);
            let package = packages.entry((&chosen.entry.name, from)).or_insert_with(|| LockedPackage {
                name: chosen.entry.name.clone(),
                version: chosen.entry.version.clone(),
                architecture: chosen.entry.architecture.clone(),
                suite: chosen.entry.suite.clone(),
                filename: chosen.entry.filename.clone(),
                size: chosen.entry.size,
                sha256: chosen.entry.sha256,
                essential: chosen.entry.essential,
                depends: Vec::new(),
            });
            package.depends.extend(chosen.depends.iter().map(|&name| name.to_owned()));
            package.depends.sort();
            package.depends.dedup();
        }
        let in_all = |root: &&str| sets.iter().all(|set| set.roots.contains(root));
        let shared: BTreeSet<&str> = sets.iter().flat_map(|set| set.roots.iter().copied()).filter(in_all).collect();
        let mut lock = Self {
            format: FORMAT,
            system: system.to_owned(),
            architecture,
            epoch: suites.iter().map(|suite| suite.date).max().unwrap_or_default(),
            roots: shared.iter().map(|&root| root.to_owned()).collect(),
            without_suites: Vec::new(),
            suites,
            sets: Vec::new(),
            packages: packages.into_values().collect(),
        };
        if sets.len() > 1 || sets.iter().any(|set| !set.pins.is_empty()) {
            lock.sets = sets.iter().map(|set| lock.locked(set, &shared)).collect();
            lock.sets.sort_by(|one, other| (&one.pins, &one.roots).cmp(&(&other.pins, &other.roots)));
        }
        lock
    }

    fn locked(&self, set: &Set<'_>, shared: &BTreeSet<&str>) -> LockedSet {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let chosen = |name: &str| set.closure.packages.get(name).map(|chosen| chosen.entry);
        let has = |package: &&LockedPackage| {
            chosen(&package.name).is_some_and(|entry| self.on_request(&entry.suite) == self.on_request(&package.suite))
        };
        let ways = self.packages.iter().filter(has);
        let ends: BTreeSet<&str> = ways.flat_map(|package| package.depends.iter().map(String::as_str)).collect();
        let entries = set.closure.packages.values().map(|chosen| chosen.entry);
        let from = entries.filter_map(|entry| Some((self.on_request(&entry.suite)?, entry.name.as_str())));
        LockedSet {
            pins: set.pins.clone(),
            from: from.collect(),
            roots: owned(set.roots.difference(shared).copied().collect()),
            without: owned(ends.into_iter().filter(|name| !set.closure.packages.contains_key(name)).collect()),
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
        if lock.versions().len() != lock.packages.len() {
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
        let asked = lock.sets.iter().flat_map(|set| set.roots.iter().chain(&set.without)).chain(&lock.roots);
        if let Some(stray) = asked.into_iter().find(|name| !names.contains(name)) {
            return Err(format!("it asks for `{stray}`, which is not locked"));
        }
        for (suite, name) in lock
            .sets
            .iter()
            .flat_map(|set| set.from.iter())
            .flat_map(|(suite, names)| names.iter().map(move |name| (suite, name)))
        {
            if !lock.packages.iter().any(|package| package.suite == suite && package.name == *name) {
                return Err(format!("a set has `{name}` from suite `{suite}`, which is not locked"));
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

    /// What the lock was asked for, set by set.
    pub fn requests(&self) -> Vec<Request> {
        let alone = LockedSet::default();
        let sets = if self.sets.is_empty() { std::slice::from_ref(&alone) } else { &self.sets };
        let request = |set: &LockedSet| {
            let roots: BTreeSet<&str> = self.roots_of(set).collect();
            Request { roots: roots.into_iter().map(str::to_owned).collect(), pins: set.pins.clone(), needed: true }
        };
        sets.iter().map(request).collect()
    }

    /// Everything Essential, the `roots` and all that they depend on, sorted by name: in the set that was locked for these
    /// roots, else in the first that has them all.
    pub fn closure(&self, roots: &[&str]) -> Result<Vec<&LockedPackage>, LockError> {
        self.closure_with(roots, &Pins::default())
    }

    /// As [`Lock::closure`], for a base that wants `pins` from suites on request.
    pub fn closure_with(&self, roots: &[&str], pins: &Pins) -> Result<Vec<&LockedPackage>, LockError> {
        if self.sets.is_empty() && pins.is_empty() {
            return self.reached(roots, &LockedSet::default());
        }
        for root in roots {
            if self.packages.iter().all(|package| package.name != *root) {
                return Err(self.missing(root));
            }
        }
        let Some(set) = self.set_for(&roots.iter().copied().collect(), pins) else {
            if let Some((suite, _)) = pins.iter().find(|_| self.sets.iter().all(|set| set.pins != *pins)) {
                return Err(LockError::NotFrom { suite: suite.to_owned(), architecture: self.architecture });
            }
            let own = roots.iter().filter(|root| self.roots.iter().all(|shared| shared != *root));
            let roots = own.map(|&root| root.to_owned()).collect();
            return Err(LockError::Apart { roots, architecture: self.architecture });
        };
        self.reached(roots, set)
    }

    fn roots_of<'a>(&'a self, set: &'a LockedSet) -> impl Iterator<Item = &'a str> {
        self.roots.iter().chain(&set.roots).map(String::as_str)
    }

    fn set_for(&self, wanted: &BTreeSet<&str>, pins: &Pins) -> Option<&LockedSet> {
        let same = |set: &&LockedSet| *wanted == self.roots_of(set).collect();
        let has_all = |set: &&LockedSet| {
            let roots: Vec<&str> = self.roots_of(set).collect();
            self.reached(&roots, set).is_ok_and(|packages| {
                let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
                wanted.is_subset(&names)
            })
        };
        let sets = || self.sets.iter().filter(|set| set.pins == *pins);
        sets().find(same).or_else(|| sets().find(has_all))
    }

    /// Everything Essential, the `roots` and all that they depend on, as `set` has them.
    fn reached(&self, roots: &[&str], set: &LockedSet) -> Result<Vec<&LockedPackage>, LockError> {
        let its = |package: &&LockedPackage| set.from.suite_of(&package.name) == self.on_request(&package.suite);
        let by_name: BTreeMap<_, _> =
            self.packages.iter().filter(its).map(|package| (package.name.as_str(), package)).collect();
        let essential = by_name.values().filter(|package| package.essential).map(|package| package.name.as_str());
        let mut rest: Vec<_> = essential.chain(roots.iter().copied()).collect();
        let mut reached = BTreeMap::new();
        while let Some(name) = rest.pop() {
            let package = *by_name.get(name).ok_or_else(|| self.missing(name))?;
            if reached.insert(name, package).is_none() {
                let ends = package.depends.iter().filter(|name| !set.without.contains(name));
                rest.extend(ends.map(String::as_str));
            }
        }
        Ok(reached.into_values().collect())
    }

    /// The suite, if packages come from it on request.
    fn on_request<'a>(&self, suite: &'a str) -> Option<&'a str> {
        self.suites.iter().any(|own| own.on_request && own.name == suite).then_some(suite)
    }

    /// Each package's version, by its name and the suite on request that it comes from.
    pub fn versions(&self) -> Held {
        let key = |package: &LockedPackage| (package.name.clone(), self.on_request(&package.suite).map(str::to_owned));
        self.packages.iter().map(|package| (key(package), package.version.clone())).collect()
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

#[cfg(test)]
mod tests;
