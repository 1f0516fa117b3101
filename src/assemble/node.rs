//! Images of nodes: their base with the identity stamped in, or that as a patch.

use super::{BuildError, BuiltBase, Workspace};
use crate::config::{Node, Plan};
use crate::image::{self, Identity, ImageError, Manifest, Order, Owner, Published};

/// Writes the images of `nodes`, which stand on `base`, with what belongs beside them, into the output folder. `tell`
/// hears of each when it is there.
pub fn nodes(
    workspace: &Workspace,
    plan: &Plan,
    nodes: &[&Node],
    base: &BuiltBase,
    tell: &mut dyn FnMut(&Published),
) -> Result<(), BuildError> {
    let orders = orders(plan, nodes, |hostname| workspace.image(hostname))?;
    Ok(image::publish(&base.image, &base.origin, &orders, tell)?)
}

/// Writes the patches of `nodes` into the output folder, and the image of their base, if it is not there.
pub fn patches(
    workspace: &Workspace,
    plan: &Plan,
    nodes: &[&Node],
    base: &BuiltBase,
    tell: &mut dyn FnMut(&Published),
) -> Result<(), BuildError> {
    let name = &base.origin.base;
    if plan.nodes.iter().any(|node| node.hostname == *name) {
        return Err(BuildError::NodeLikeBase(name.clone()));
    }
    let over = base_image(workspace, plan, base)?;
    let orders = orders(plan, nodes, |hostname| workspace.patch(hostname))?;
    Ok(image::publish_patches(&base.image, &base.origin, &over, &orders, tell)?)
}

/// The base's own image in the output folder.
fn base_image(workspace: &Workspace, plan: &Plan, base: &BuiltBase) -> Result<Published, BuildError> {
    let out = workspace.image(&base.origin.base);
    let identity = Identity::neutral(plan.secret.is_some());
    let order = Order { identity, node: None, out: out.clone() };
    let wanted = image::expected(&base.image, &base.origin, &order)?;
    // What its manifest says is what it was when it was written.
    let stands = out.is_file() && Manifest::beside(&out).ok().as_ref() == Some(&wanted);
    if !stands || !base.image.is_equal(&out).unwrap_or(false) {
        image::publish(&base.image, &base.origin, &[order], &mut |_| {})?;
    }
    Ok(Published { file: out, manifest: wanted })
}

fn orders(plan: &Plan, nodes: &[&Node], out: impl Fn(&str) -> std::path::PathBuf) -> Result<Vec<Order>, ImageError> {
    let order = |node: &&Node| {
        let identity = Identity::of(&plan.network, node, plan.secret.as_ref())?;
        Ok(Order { identity, node: Some(Owner::new(&plan.network, node)), out: out(&node.hostname) })
    };
    nodes.iter().map(order).collect()
}
