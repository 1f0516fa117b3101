//! The bytes of an image that hold identity.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use super::Identity;

/// Where one identity file lies in the images of a base. It lies in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Path in the root file system, without a leading slash.
    pub path: String,
    /// In bytes from the start of the image.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

/// One node's bytes for every slot: offset in the image, content.
pub(super) fn patch<'a>(slots: &'a [Slot], identity: &'a Identity) -> impl Iterator<Item = (u64, &'a [u8])> {
    slots.iter().filter_map(|slot| {
        let (_, content) = identity.files().find(|(path, _)| *path == slot.path)?;
        Some((slot.offset, content))
    })
}

/// Writes `identity` over whatever identity the image has.
pub(super) fn apply(slots: &[Slot], identity: &Identity, image: &File) -> io::Result<()> {
    patch(slots, identity).try_for_each(|(offset, content)| image.write_all_at(content, offset))
}
