//! The packages of a base: which, and where their files are.

use std::collections::BTreeSet;

use super::debs::PackageFile;
use super::{BuildError, Workspace};
use crate::archive::{Access, Cache, Change, Downloader, Lock, Mirrors, Policy, Progress, Request, obtain};
use crate::config::{Architecture, BaseSpec, Board, Pins, Plan, System};

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
    roots_on(base, &base.board, &base.kernel)
}

/// What `base` would ask for on another board, with the kernel that the board gets.
fn roots_on<'a>(base: &'a BaseSpec, board: &'a Board, kernel: &'a str) -> Vec<&'a str> {
    let asked = base.system.packages.iter().chain(base.roles.iter().flat_map(|role| &role.packages));
    let roots: BTreeSet<&str> = asked.chain(&board.packages).map(String::as_str).chain([kernel]).collect();
    roots.into_iter().collect()
}

/// What the lock of each system and architecture in `plan` must offer: what each of its bases asks for, and would ask for
/// on every board that the system runs on, so that a node's board can change without a look at the archive.
pub fn requests<'a>(plan: &'a Plan, boards: &[Board]) -> Vec<(&'a System, Architecture, Vec<Request>)> {
    let mut wanted: Vec<(&System, Architecture, Vec<Request>)> = Vec::new();
    let request = |roots: Vec<&str>, pins: Pins, needed| Request {
        roots: roots.into_iter().map(str::to_owned).collect(),
        pins,
        needed,
    };
    for base in &plan.bases {
        let BaseSpec { system, architecture, .. } = base;
        let runs = boards.iter().filter(|board| !board.refuses.contains_key(&system.name));
        let runs = runs.filter_map(|board| Some((board, system.kernel(board, *architecture)?)));
        let own = [request(roots(base), base.pins(), true)];
        let all = own
            .into_iter()
            .chain(runs.map(|(board, kernel)| request(roots_on(base, board, kernel), base.pins_on(board), false)));
        match wanted.iter_mut().find(|(known, same, _)| known.name == system.name && same == architecture) {
            Some((_, _, requests)) => requests.extend(all),
            None => wanted.push((system, *architecture, all.collect())),
        }
    }
    for (_, _, requests) in &mut wanted {
        // The needed ones first, of which none is left out; and an order that no cluster file has a part in.
        requests.sort_by(|one, other| {
            (!one.needed, &one.roots, &one.pins).cmp(&(!other.needed, &other.roots, &other.pins))
        });
        requests.dedup();
    }
    wanted
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
    let obtained = source.with_access(system, |access| {
        Ok(obtain(access, system, &folder, lock, &roots(base), &base.pins(), source.policy)?)
    })?;
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
