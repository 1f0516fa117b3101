//! Writing locks: from nothing, and anew for packages that have left the archive.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::indices::{self, Wishes};
use super::lock::Lock;
use super::pinned::{Held, Offer};
use super::sets::Request;
use super::{Access, ArchiveError};
use crate::config::{Architecture, Pins, System};

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
    choose(access, system, folder, architecture, requests, wishes, Held::new())
}

/// Locks anew what the archive does not have any more, verifying its signatures, and holds on to every other version.
/// Gives the new lock and what has changed; nothing is written.
pub fn relock(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    lock: &Lock,
) -> Result<(Lock, Vec<Change>), ArchiveError> {
    let wishes = Wishes { without_suites: &lock.without_suites, since: &lock.suites };
    let new = choose(access, system, folder, lock.architecture, &lock.requests(), wishes, lock.versions())?;
    let changes = changes(lock, &new);
    Ok((new, changes))
}

/// What differs between two locks, by name.
pub fn changes(old: &Lock, new: &Lock) -> Vec<Change> {
    let (old, new) = (old.versions(), new.versions());
    let names: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    names
        .into_iter()
        .map(|key| Change { old: old.get(&key).cloned(), new: new.get(&key).cloned(), package: key.0 })
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
    held: Held,
) -> Result<Lock, ArchiveError> {
    let pins: Vec<Pins> = requests.iter().map(|request| request.pins.clone()).collect();
    let indices = indices::read(access, system, folder, architecture, wishes, &pins)?;
    let on_request = indices.suites.iter().filter(|suite| suite.on_request).map(|suite| suite.name.clone()).collect();
    let groups = Offer::new(indices.entries, on_request, held).groups(requests)?;
    let mut sets = Vec::new();
    for group in &groups {
        sets.extend(group.sets()?);
    }
    let mut lock = Lock::new(&system.name, architecture, indices.suites, &sets);
    lock.without_suites = wishes.without_suites.to_vec();
    lock.without_suites.sort();
    Ok(lock)
}
