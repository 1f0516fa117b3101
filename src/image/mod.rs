//! From a tree to the card image of a node: base, identity, nodes, and what is said about an image beside it.
//!
//! All nodes of a base share one image but for four small files that tell who the node is. Those files have a fixed
//! length, so a node's image is the base with a few bytes written over, byte for byte what building it from nothing
//! gives.

mod base;
mod digest;
mod host_keys;
mod identity;
mod layout;
mod manifest;
mod partitions;
mod patch;
mod plain;
mod publish;
mod slot;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use base::{BaseContents, BaseImage};
pub use digest::{Blocks, Digest, Digester};
pub use host_keys::HostKeys;
pub use identity::{Identity, IdentityError};
pub use layout::{Layout, PartitionPlan, PartitionRole};
pub use manifest::{Manifest, Origin, Owner};
pub use patch::{Patch, PatchedBase, publish_patches};
pub use plain::{Plain, base_and_patch, open_plain, restore, whole};
pub use publish::{Order, Published, expected, publish};
pub use slot::Slot;

use crate::disk::ext4::Ext4Error;
use crate::disk::fat::fat32::FatError;
use crate::disk::mbr::MbrError;
use crate::disk::{FileError, OtherFile};
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
    #[error("{wanted} partitions do not fit a partition table, which has room for {room}; leave some out")]
    TooMany { wanted: usize, room: usize },
    #[error("the layout of the image has no {0} partition")]
    NoPartition(PartitionRole),
    #[error("a boot partition of {0} bytes is no multiple of 1 MiB; round it")]
    BootSize(u64),
    #[error(
        "the boot loader, {length} bytes at {offset}, does not lie between the partition table and the first partition, \
         which begins at {end}; correct `offset` in the board file"
    )]
    Loader { offset: u64, length: u64, end: u64 },
    #[error("`/{0}` does not lie in one piece in the image, so no identity can be stamped there")]
    Torn(String),
    #[error(
        "`{path}` does not describe a base image that this program wrote ({reason}); remove it and build the base again"
    )]
    Sidecar { path: PathBuf, reason: String },
    #[error("`{path}` has {found} bytes and its base {expected}; it is no image of this base")]
    OtherBase { path: PathBuf, expected: u64, found: u64 },
    #[error("`{path}` has the SHA-256 {found} and should have {expected}; it is not the image that belongs here")]
    OtherSum { path: PathBuf, expected: String, found: String },
    #[error("the base has room for `/{0}` and the node has none such; build the base again")]
    NoIdentityFile(String),
    #[error("the node has a file `/{0}` for which its base has no room; build the base again")]
    NoSlot(String),
    #[error("`/{0}` is not text, and a patch holds nothing else; write whole images")]
    NoText(String),
    #[error("`{path}` {what}")]
    NoImage { path: PathBuf, what: OtherFile },
    #[error(
        "`{0}` has no manifest beside it, so nothing says what it was made of; put the .json file back that `bramble image` \
         wrote with it, or, where another program made the image, see what is on it with `bramble inspect` and in what it \
         differs from another with `bramble diff`"
    )]
    NoManifest(PathBuf),
    #[error("`{path}` is no manifest of an image ({reason}); `bramble image` writes it with the image")]
    Manifest { path: PathBuf, reason: String },
    #[error("`{path}` is no patch of a node ({reason}); `bramble image --delta` writes it")]
    Patch { path: PathBuf, reason: String },
}

/// "out/node3.img.bmap" for "out/node3.img".
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
