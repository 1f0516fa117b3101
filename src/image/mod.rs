//! From a tree to the card image of a node: base, identity, stamp, and what is said about an image beside it.
//!
//! All nodes of a base share one image but for four small files that tell who the node is. Those files have a fixed
//! length, so a node's image is the base with a few bytes written over, byte for byte what building it from nothing
//! gives.

mod base;
mod digest;
mod identity;
mod manifest;
mod publish;
mod slot;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use base::{Base, Layout, Part, Recipe, root_partuuid};
pub use digest::{Digest, Digester};
pub use identity::{Identity, IdentityError};
pub use manifest::Manifest;
pub use publish::{Published, publish, stamp};
pub use slot::Slot;

use crate::disk::FileError;
use crate::disk::ext4::Ext4Error;
use crate::disk::fat32::FatError;
use crate::disk::mbr::MbrError;
use crate::tree::TreeError;

/// Why an image could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("boot partition: {0}")]
    Boot(#[from] FatError),
    #[error("root partition: {0}")]
    Root(#[from] Ext4Error),
    #[error("partition table: {0}")]
    Table(#[from] MbrError),
    #[error("identity files: {0}")]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("a partition of {0} MiB ends behind what a partition table can say (2 TiB); make it smaller")]
    TooLarge(u64),
    #[error("a boot partition of {0} bytes is no multiple of 1 MiB; round it")]
    BootSize(u64),
    #[error("`/{0}` does not lie in one piece in the image, so no identity can be stamped there")]
    Torn(String),
    #[error(
        "`{path}` does not describe a base image that this program wrote ({reason}); remove it and build the base again"
    )]
    Sidecar { path: PathBuf, reason: String },
    #[error("`{path}` has {found} bytes and its base {expected}; it is no image of this base")]
    OtherBase { path: PathBuf, expected: u64, found: u64 },
}
