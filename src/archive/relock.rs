//! Writing locks: from nothing, and anew for packages that have left the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::closure::Universe;
use super::indices::{self, Wishes};
use super::lock::Lock;
use super::sets::{self, Request};
use super::{Access, ArchiveError};
use crate::config::{Architecture, System};

/// A package that a lock has otherwise than the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub package: String,
    /// `None` when it is new.
    pub old: Option<String>,
    /// `None` when it is not needed any more.
    pub new: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, old, new } = self;
        match (old, new) {
            (Some(old), Some(new)) => write!(f, "{package} {old} → {new}"),
            (None, Some(new)) => write!(f, "{package} {new} (new)"),
            (Some(old), None) => write!(f, "{package} {old} (no longer needed)"),
            (None, None) => write!(f, "{package}"),
        }
    }
}

/// Chooses the packages for each of `requests` from the archive's newest verified state. `folder` is where the system
/// file is.
pub fn lock(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    architecture: Architecture,
    requests: &[Request],
    wishes: Wishes<'_>,
) -> Result<Lock, ArchiveError> {
    choose(access, system, folder, architecture, requests, wishes, &BTreeMap::new())
}

/// Locks anew what the archive does not have any more, verifying its signatures, and holds on to every other version.
/// Gives the new lock and what has changed; nothing is written.
pub fn relock(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    lock: &Lock,
) -> Result<(Lock, Vec<Change>), ArchiveError> {
    let held = lock.packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
    let wishes = Wishes { without_suites: &lock.without_suites, since: &lock.suites };
    let new = choose(access, system, folder, lock.architecture, &lock.requests(), wishes, &held)?;
    let changes = changes(lock, &new);
    Ok((new, changes))
}

/// What differs between two locks, by name.
pub fn changes(old: &Lock, new: &Lock) -> Vec<Change> {
    let versions = |lock: &Lock| -> BTreeMap<String, String> {
        lock.packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect()
    };
    let (old, new) = (versions(old), versions(new));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    names
        .into_iter()
        .map(|package| Change { old: old.get(&package).cloned(), new: new.get(&package).cloned(), package })
        .filter(|change| change.old != change.new)
        .collect()
}

fn choose(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    architecture: Architecture,
    requests: &[Request],
    wishes: Wishes<'_>,
    held: &BTreeMap<String, String>,
) -> Result<Lock, ArchiveError> {
    let indices = indices::read(access, system, folder, architecture, wishes)?;
    let universe = Universe::new(indices.entries, held)?;
    let sets = sets::choose(&universe, requests)?;
    let mut lock = Lock::new(&system.name, architecture, indices.suites, &sets);
    lock.without_suites = wishes.without_suites.to_vec();
    lock.without_suites.sort();
    Ok(lock)
}
