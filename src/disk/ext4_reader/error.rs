//! What is wrong with an ext4 file system.

use crate::tree::TreePath;

/// Why a file system, or one file of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Ext4ReadError {
    #[error("it was not unmounted, and its journal holds changes")]
    Dirty,
    #[error("it has features that are not read: {0}")]
    Features(String),
    #[error("its superblock has {value} as {field}, which no ext4 file system has")]
    Superblock { field: &'static str, value: u64 },
    #[error("its superblock has a wrong checksum")]
    SuperblockSum,
    #[error("a group of it has its tables outside of it")]
    Groups,
    #[error("`/{path}`: {error}")]
    At { path: TreePath, error: mkext4::Error },
    #[error("its names and paths take more than {0} bytes together")]
    Listing(u64),
    #[error(transparent)]
    Other(#[from] mkext4::Error),
}

/// Damage to `what`.
pub(super) fn corrupt(what: &'static str, why: impl Into<String>) -> mkext4::Error {
    mkext4::Error::Corrupt { what, why: why.into() }
}
