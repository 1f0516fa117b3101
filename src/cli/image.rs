//! `bramble image`: the cards of some nodes, or of all.

use super::args::{Archive, Image, Output, Project};
use super::{progress, size};
use crate::archive::{Cache, Policy, mirror};
use crate::build::{self, BuiltBase, Source, Workspace};
use crate::config::{Node, Plan};
use crate::image::Published;

pub(super) fn run(arguments: &Image) -> anyhow::Result<()> {
    let plan = arguments.project.plan()?;
    for remark in &plan.remarks {
        tracing::warn!("{remark}");
    }
    let nodes: Vec<&Node> = if arguments.all {
        plan.nodes.iter().collect()
    } else {
        arguments.nodes.iter().map(|wanted| plan.node(wanted)).collect::<Result<_, _>>()?
    };
    let workspace = arguments.output.workspace(&arguments.project);
    let policy = if arguments.locked { Policy::Locked } else { Policy::Relock };
    let published =
        arguments.archive.with_source(&workspace, policy, |source| build(&workspace, &plan, &nodes, source))?;
    for image in &published {
        println!(
            "{}: {}, of which {} to write",
            image.image.display(),
            size::shown(image.length),
            size::shown(image.mapped)
        );
    }
    if let Some(first) = published.first() {
        let image = first.image.display();
        println!("\nNext, with the card's device in place of /dev/sdX (lsblk shows it; all on it is lost):");
        println!("  sudo dd if={image} of=/dev/sdX bs=4M conv=fsync status=progress");
        println!("or, faster:  sudo bmaptool copy {image} /dev/sdX");
    }
    Ok(())
}

/// Every base that a node stands on is built once, then its nodes.
fn build(workspace: &Workspace, plan: &Plan, nodes: &[&Node], source: &Source<'_>) -> anyhow::Result<Vec<Published>> {
    let mut bases: Vec<Option<BuiltBase>> = plan.bases.iter().map(|_| None).collect();
    let mut published = Vec::new();
    for node in nodes {
        let base = match &mut bases[node.base] {
            Some(base) => base,
            none => none.insert(build::base(workspace, plan, &plan.bases[node.base], source)?),
        };
        published.push(build::node(workspace, &plan.network, node, base)?);
    }
    Ok(published)
}

impl Archive {
    /// Calls `work` with the source of packages that these arguments and the environment name.
    pub(super) fn with_source<T>(
        &self,
        workspace: &Workspace,
        policy: Policy,
        work: impl FnOnce(&Source<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let variable = |name: &str| std::env::var_os(name).map(Into::into);
        let folder = self.cache.clone();
        let folder = folder.unwrap_or_else(|| Cache::default_folder(variable, &workspace.out.join(".cache")));
        let environment = std::env::var(mirror::VARIABLE).ok();
        let progress = progress::Line::default();
        work(&Source {
            mirror: self.mirror.as_deref(),
            environment: environment.as_deref(),
            cache: &Cache::new(folder),
            progress: &progress,
            policy,
        })
    }
}

impl Output {
    pub(super) fn workspace(&self, project: &Project) -> Workspace {
        let folder = project.folder().to_owned();
        Workspace {
            payload: self.payload.clone().unwrap_or_else(|| folder.join("target/payload")),
            project: folder,
            out: self.out.clone(),
        }
    }
}
