//! `bramble lock`: the packages of today's archive, written down.

use super::args::Lock;
use crate::archive::{self, Policy, Wishes};
use crate::build::{Workspace, lock_roots};

pub(super) fn run(arguments: &Lock) -> anyhow::Result<()> {
    let plan = arguments.project.plan()?;
    let project = arguments.project.folder().to_owned();
    let workspace = Workspace { out: "out".into(), payload: project.join("target/payload"), project };
    let folder = workspace.project.join("rootfs");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let wishes = Wishes { without_suites: &arguments.without_suite, now: Some(i64::try_from(now.as_secs())?) };
    arguments.archive.with_source(&workspace, Policy::Relock, |source| {
        for (system, architecture, roots) in lock_roots(&plan) {
            let path = workspace.lock(&system.name, architecture);
            let old = archive::Lock::read(&path).ok();
            let new = source.with_access(system, |access| {
                Ok(archive::lock(access, system, &folder, architecture, &roots, wishes)?)
            })?;
            new.write(&path)?;
            println!("{}: {} packages", path.display(), new.packages.len());
            for change in old.iter().flat_map(|old| archive::relock::changes(old, &new)) {
                println!("  {change}");
            }
        }
        Ok(())
    })
}
