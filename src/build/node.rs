//! A node's image: its base with the identity stamped in.

use super::{BuildError, BuiltBase, Workspace};
use crate::config::{Network, Node};
use crate::image::{Identity, Published, publish};

/// Writes the image of `node`, with what belongs beside it, into the output folder.
pub fn node(workspace: &Workspace, network: &Network, node: &Node, base: &BuiltBase) -> Result<Published, BuildError> {
    let identity = Identity::of(network, node).map_err(crate::image::ImageError::from)?;
    Ok(publish(&base.image, &identity, base.recipe.inputs.clone(), &workspace.image(&node.hostname))?)
}
