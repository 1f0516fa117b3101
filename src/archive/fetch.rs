//! All packages of a build, from the mirror, the snapshot archive or a new lock, in this order.
//!
//! Mirrors drop old versions at every point release. A lock must still build that day: the snapshot archive has every
//! version there ever was, and where that cannot be reached the archive's newer version takes its place, unless the
//! caller insists on the lock.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::download::{Content, DownloadError};
use super::lock::{Lock, LockedPackage};
use super::relock::{self, Change};
use super::{Access, ArchiveError};
use crate::config::{Pins, System};

/// Enough to keep a line busy over the pauses between small files, few enough to be polite to a mirror.
const THREADS: usize = 6;
const DAY: i64 = 86_400;

/// Whether a build may change its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Packages that cannot be had any more are locked anew.
    Relock,
    /// `--locked`: the lock or nothing.
    Locked,
}

/// The packages of a build.
#[derive(Debug)]
pub struct Obtained {
    /// Sorted by name, each with its file in the cache.
    pub packages: Vec<(LockedPackage, PathBuf)>,
    /// The new lock and its changes when packages had to be locked anew: for the caller to say loudly and to write.
    pub relocked: Option<(Lock, Vec<Change>)>,
}

/// A locked package that neither the mirror nor the snapshot archive has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    pub package: String,
    pub version: String,
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.version)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(
        "the mirror has dropped {} and the snapshot archive does not help ({reason}); run `bramble lock`",
        list(.packages)
    )]
    Gone { packages: Vec<Gone>, reason: String },
    #[error("package {package}: {error}")]
    Download { package: String, error: Box<DownloadError> },
}

fn list(packages: &[Gone]) -> String {
    packages.iter().map(Gone::to_string).collect::<Vec<_>>().join(", ")
}

/// The packages for `roots`, of which `pins` says what comes from suites on request; locked anew where the policy allows and
/// nothing else helps. `folder` is where the system file is.
pub fn obtain(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    lock: &Lock,
    roots: &[&str],
    pins: &Pins,
    policy: Policy,
) -> Result<Obtained, ArchiveError> {
    let get = |lock: &Lock| -> Result<Vec<_>, ArchiveError> {
        let packages = lock.closure_with(roots, pins)?;
        let paths = fetch(access, lock, &packages)?;
        Ok(packages.into_iter().cloned().zip(paths).collect())
    };
    match get(lock) {
        Err(ArchiveError::Fetch(FetchError::Gone { .. })) if policy == Policy::Relock => {
            let (new, changes) = relock::relock(access, system, folder, lock)?;
            let packages = get(&new)?;
            Ok(Obtained { packages, relocked: Some((new, changes)) })
        }
        other => Ok(Obtained { packages: other?, relocked: None }),
    }
}

/// Fetches packages of a lock into the cache, some at a time; gives their paths in the order asked for.
pub fn fetch(access: &Access<'_>, lock: &Lock, packages: &[&LockedPackage]) -> Result<Vec<PathBuf>, FetchError> {
    access.progress.begin("packages", packages.iter().map(|package| package.size).sum());
    let result = fetch_all(access, lock, packages);
    access.progress.done();
    result
}

fn fetch_all(access: &Access<'_>, lock: &Lock, packages: &[&LockedPackage]) -> Result<Vec<PathBuf>, FetchError> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let results: Vec<_> = packages.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..THREADS.min(packages.len()) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(package), Some(slot)) = (packages.get(at), results.get(at)) else { break };
                    let result = fetch_one(access, lock, package);
                    // A package that is gone is no reason to stop: all that are gone are to be named.
                    stop.fetch_or(matches!(result, Err(Failure::Fault(_))), Ordering::Relaxed);
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });

    let mut paths = Vec::with_capacity(packages.len());
    let mut gone = Vec::new();
    let mut why = String::new();
    let mut fault = None;
    for (package, slot) in packages.iter().zip(results) {
        match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(path)) => paths.push(path),
            Some(Err(Failure::Gone(reason))) => {
                gone.push(Gone { package: package.name.clone(), version: package.version.clone() });
                why = reason;
            }
            Some(Err(Failure::Fault(error))) => {
                let error = Box::new(error);
                fault = fault.or(Some(FetchError::Download { package: package.name.clone(), error }));
            }
            // Left undone because of a fault elsewhere.
            None => {}
        }
    }
    match (fault, gone.is_empty()) {
        (Some(fault), _) => Err(fault),
        (None, false) => Err(FetchError::Gone { packages: gone, reason: why }),
        (None, true) => Ok(paths),
    }
}

enum Failure {
    /// Not on the mirror, and why not from the snapshot archive.
    Gone(String),
    Fault(DownloadError),
}

fn fetch_one(access: &Access<'_>, lock: &Lock, package: &LockedPackage) -> Result<PathBuf, Failure> {
    let Access { mirrors, download, cache, progress, .. } = access;
    let expected = Content { size: package.size, sha256: package.sha256 };
    let own = lock.suites.iter().find(|suite| suite.name == package.suite).and_then(|suite| suite.mirror.as_deref());
    // A `~` may stand in a URL, but a `+` means a blank to some servers.
    let path = package.filename.replace('+', "%2B");
    let fetch = |base: String| download.fetch(&format!("{base}/{path}"), expected, cache, *progress);

    match fetch(mirrors.base(own)) {
        Ok(path) => return Ok(path),
        Err(DownloadError::NotFound { .. }) => {}
        Err(fault) => return Err(Failure::Fault(fault)),
    }
    // The state at the lock's own time is the last one taken before; what came with that very update is in the next.
    let mut why = "the system file names none".to_owned();
    for at in [lock.epoch, lock.epoch + DAY] {
        let Some(base) = mirrors.snapshot(own, at) else { break };
        match fetch(base) {
            Ok(path) => return Ok(path),
            Err(fault @ DownloadError::Cache(_)) => return Err(Failure::Fault(fault)),
            Err(DownloadError::Dead { host, reason }) => {
                why = format!("`{host}` does not answer: {reason}");
                break;
            }
            Err(other) => why = other.to_string(),
        }
    }
    Err(Failure::Gone(why))
}
