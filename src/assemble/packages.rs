//! The packages of a base: which, and where their files are.

use std::collections::BTreeSet;

use super::debs::PackageFile;
use super::{BuildError, Workspace};
use crate::archive::{Access, Cache, Change, Downloader, Lock, Mirrors, Policy, Progress, obtain};
use crate::config::{Architecture, BaseSpec, Board, Plan, System};

/// Where packages come from, and what to do when the archive dropped one.
#[derive(Debug)]
pub struct PackageSource<'a> {
    /// Mirror that was asked for on the command line.
    pub mirror: Option<&'a str>,
    /// Mirror that the environment names.
    pub environment: Option<&'a str>,
    pub cache: &'a Cache,
    pub progress: &'a dyn Progress,
    pub policy: Policy,
    /// Seconds since 1970. No image depends on it: an archive that is out of date is refused.
    pub now: i64,
}

impl PackageSource<'_> {
    /// Does `work` with everything a walk to the archive of `system` needs.
    pub fn with_access<T>(
        &self,
        system: &System,
        work: impl FnOnce(&Access<'_>) -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        let mirrors = Mirrors::choose(system, self.mirror, self.environment, "/".as_ref())?;
        tracing::debug!("packages come from {} ({:?})", mirrors.main(), mirrors.origin);
        let download = Downloader::default();
        let (cache, progress, now) = (self.cache, self.progress, self.now);
        work(&Access { mirrors: &mirrors, download: &download, cache, progress, now })
    }
}

/// The packages that were asked for, by name: the system's, the board's with its kernel, the roles'. Sorted.
pub fn roots(base: &BaseSpec) -> Vec<&str> {
    let asked = base.system.packages.iter().chain(base.roles.iter().flat_map(|role| &role.packages));
    let roots: BTreeSet<&str> = asked.chain(&base.board.packages).chain([&base.kernel]).map(String::as_str).collect();
    roots.into_iter().collect()
}

/// What the lock of each system and architecture in `plan` must offer: the roots of all its bases, and of every board
/// that the system runs on, so that a node's board can change without a look at the archive.
pub fn lock_roots<'a>(plan: &'a Plan, boards: &[Board]) -> Vec<(&'a System, Architecture, Vec<String>)> {
    let mut wanted: Vec<(&System, Architecture, BTreeSet<String>)> = Vec::new();
    for base in &plan.bases {
        let own = roots(base).into_iter().map(str::to_owned);
        let same = |(system, architecture, _): &&mut (&System, Architecture, _)| {
            system.name == base.system.name && *architecture == base.architecture
        };
        match wanted.iter_mut().find(same) {
            Some((_, _, roots)) => roots.extend(own),
            None => wanted.push((&base.system, base.architecture, own.collect())),
        }
    }
    for (system, architecture, roots) in &mut wanted {
        let runs = boards.iter().filter(|board| !board.refuses.contains_key(&system.name));
        for (board, kernel) in runs.filter_map(|board| Some((board, system.kernel(board, *architecture)?))) {
            roots.extend(board.packages.iter().cloned().chain([kernel.to_owned()]));
        }
    }
    wanted
        .into_iter()
        .map(|(system, architecture, roots)| (system, architecture, roots.into_iter().collect()))
        .collect()
}

/// The package files of `base`, fetched and verified, sorted by name. When packages had to be locked anew, the lock
/// beside the system file is rewritten and the changes are told.
pub(super) fn fetch(
    workspace: &Workspace,
    base: &BaseSpec,
    lock: &Lock,
    source: &PackageSource<'_>,
) -> Result<Vec<PackageFile>, BuildError> {
    let system = &base.system;
    let folder = workspace.project.join("rootfs");
    let obtained =
        source.with_access(system, |access| Ok(obtain(access, system, &folder, lock, &roots(base), source.policy)?))?;
    if let Some((new, changes)) = &obtained.relocked {
        let path = workspace.lock(&system.name, base.architecture);
        new.write(&path)?;
        tell(&path, changes);
    }
    Ok(obtained.packages)
}

fn tell(path: &std::path::Path, changes: &[Change]) {
    tracing::warn!("packages have left the archive; signatures were verified anew and {} says now:", path.display());
    for change in changes {
        tracing::warn!("  {change}");
    }
}
