//! `bramble run`: a node's image on the emulated board, its console in this terminal.

use anyhow::{Context, bail, ensure};

use super::args::Run;
use crate::build::Workspace;
use crate::emulate::{self, Options, Ports};

pub(super) fn run(arguments: &Run) -> anyhow::Result<()> {
    let plan = arguments.project.plan()?;
    let node = plan.node(&arguments.node)?;
    let project = arguments.project.folder().to_owned();
    let workspace = Workspace { out: arguments.out.clone(), payload: project.join("target/payload"), project };
    let image = workspace.image(&node.hostname);
    ensure!(image.is_file(), "`{}` is not there; `bramble image {}` writes it", image.display(), node.hostname);
    let ports = match (arguments.http_port, arguments.ssh_port) {
        (None, None) => None,
        (Some(http), Some(ssh)) => Some(Ports { http, ssh }),
        _ => bail!("say both --http-port and --ssh-port, or neither"),
    };
    let options = Options { ports, ..Options::default() };
    let board = &plan.bases[node.base].board;
    let status = emulate::run(&image, board, node.address, &plan.network, &options, |prepared| {
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
