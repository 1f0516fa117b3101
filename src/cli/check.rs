//! `bramble check`: everything that can be wrong with the cluster file, before anything is fetched.

use super::args::Project;

pub(super) fn run(arguments: &Project) -> anyhow::Result<()> {
    let plan = arguments.plan()?;
    for remark in &plan.remarks {
        tracing::warn!("{remark}");
    }
    for base in &plan.bases {
        let nodes: Vec<String> =
            plan.nodes_of(base).map(|node| format!("{} ({})", node.hostname, node.address)).collect();
        println!("{}: {} on {}, {}", base.name, base.system.description, base.board.description, nodes.join(", "));
    }
    println!(
        "{} is in order: {} nodes, {} base images",
        arguments.cluster.display(),
        plan.nodes.len(),
        plan.bases.len()
    );
    Ok(())
}
