//! `bramble run`: a node's image on the emulated board, its console in this terminal.

use std::path::Path;

use anyhow::{Context, ensure};

use super::args::Run;
use crate::assemble::Workspace;
use crate::config::{Node, Plan};
use crate::emulate::{self, GuestOptions};
use crate::image::{Patch, Plain, base_and_patch, open_plain};

pub(super) fn run(arguments: &Run) -> anyhow::Result<()> {
    let plan = arguments.project.plan()?;
    let workspace = arguments.project.workspace(&arguments.out, None);
    let (node, image) = find(arguments, &plan, &workspace)?;
    let image = image.path();
    let options =
        GuestOptions { http_port: arguments.http_port, ssh_port: arguments.ssh_port, ..GuestOptions::default() };
    let board = &plan.bases[node.base].board;
    let status = emulate::run(image, board, node.address, &plan.network, &options, |prepared| {
        for warning in &prepared.warnings {
            tracing::warn!("{warning}");
        }
        eprintln!(
            "{} on an emulated {}; its card is an overlay, the image does not change",
            node.hostname, board.description
        );
        eprintln!("  site:  http://127.0.0.1:{}/", prepared.ports.http);
        eprintln!("  ssh:   ssh -p {} root@127.0.0.1", prepared.ports.ssh);
        eprintln!("  leave: Ctrl-A X");
    })
    .with_context(|| format!("{} could not be emulated", node.hostname))?;
    ensure!(status.success(), "QEMU ended with {status}");
    Ok(())
}

/// The node that is meant, and its image: as it stands in the output folder, or made of base and patch.
fn find<'a>(arguments: &Run, plan: &'a Plan, workspace: &Workspace) -> anyhow::Result<(&'a Node, Plain)> {
    let typed = Path::new(&arguments.node);
    if let Some((_, patch)) = base_and_patch(typed) {
        let owner = Patch::read(&patch)?.manifest.node;
        let owner = owner.with_context(|| format!("`{}` names no node", patch.display()))?;
        return Ok((plan.node(&owner.hostname)?, open_plain(typed)?));
    }
    let node = plan.node(&arguments.node)?;
    let (image, patch) = (workspace.image(&node.hostname), workspace.patch(&node.hostname));
    if image.is_file() || !patch.is_file() {
        ensure!(image.is_file(), "`{}` is not there; `bramble image {}` writes it", image.display(), node.hostname);
        return Ok((node, open_plain(&image)?));
    }
    let mut name = workspace.out.join(Patch::read(&patch)?.base.image).into_os_string();
    name.push("+");
    name.push(&patch);
    Ok((node, open_plain(Path::new(&name))?))
}
