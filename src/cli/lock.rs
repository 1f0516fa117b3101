//! `bramble lock`: the packages of today's archive, written down.

use std::path::Path;

use anyhow::ensure;

use super::args::Lock;
use crate::archive::pinned::PinError;
use crate::archive::{self, ArchiveError, Policy, Wishes};
use crate::assemble::{BuildError, requests};
use crate::config::{Architecture, Board, unknown_package};

pub(super) fn run(arguments: &Lock) -> anyhow::Result<()> {
    let plan = arguments.project.plan()?;
    let workspace = arguments.project.workspace(Path::new("out"), None);
    let folder = workspace.project.join("rootfs");
    let mut wanted = requests(&plan, &Board::all(&workspace.project)?);
    if !arguments.architecture.is_empty() {
        let named = |architecture: Architecture| arguments.architecture.iter().any(|name| name == architecture.name());
        wanted.retain(|(_, architecture, _)| named(*architecture));
        ensure!(!wanted.is_empty(), "no node of the cluster is {}", arguments.architecture.join(" or "));
    }
    arguments.archive.with_source(Policy::Relock, |source| {
        for (system, architecture, requests) in wanted {
            let path = workspace.lock(&system.name, architecture);
            let old = archive::Lock::read(&path).ok();
            let since = old.as_ref().filter(|_| !arguments.allow_older).map_or(&[][..], |old| &old.suites);
            let wishes = Wishes { without_suites: &arguments.without_suite, since };
            let new = source.with_access(system, |access| {
                Ok(archive::lock(access, system, &folder, architecture, &requests, wishes)?)
            });
            if let Err(BuildError::Archive(ArchiveError::Pin(PinError::Unknown { suite, package }))) = &new {
                let places = unknown_package(&arguments.project.cluster, &workspace.project, suite, package);
                if !places.is_empty() {
                    return Err(places.into());
                }
            }
            let new = new?;
            new.write(&path)?;
            let sets = match new.sets.len() {
                0 => String::new(),
                sets => format!(", in {sets} sets that go together"),
            };
            println!("{}: {} packages{sets}", path.display(), new.packages.len());
            for change in old.iter().flat_map(|old| archive::relock::changes(old, &new)) {
                println!("  {change}");
            }
        }
        Ok(())
    })
}
