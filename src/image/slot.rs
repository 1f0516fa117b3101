//! The bytes of an image that hold identity.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};

use super::digest::Blocks;
use super::{Identity, ImageError};

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

/// The bytes of one node's slots: offset in the image, content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writes(pub(super) Vec<(u64, Vec<u8>)>);

impl Writes {
    /// The writes that turn an image with these slots, whoever's it was, into that of `identity`.
    pub(super) fn new(slots: &[Slot], identity: &Identity) -> Result<Self, ImageError> {
        let writes = slots.iter().map(|slot| {
            let content = identity.content(&slot.path).ok_or_else(|| ImageError::NoIdentityFile(slot.path.clone()))?;
            Ok((slot.offset, content.to_vec()))
        });
        let writes: Vec<_> = writes.collect::<Result<_, ImageError>>()?;
        match identity.files().find(|file| !slots.iter().any(|slot| slot.path == file.path)) {
            Some(homeless) => Err(ImageError::NoSlot(homeless.path.to_owned())),
            None => Ok(Self(writes)),
        }
    }

    pub(super) fn apply(&self, image: &File) -> io::Result<()> {
        self.0.iter().try_for_each(|(offset, content)| image.write_all_at(content, *offset))
    }
}

/// An image as it would be with other bytes in its slots.
#[derive(Debug)]
pub(super) struct Stamped<'a> {
    pub(super) image: &'a File,
    pub(super) writes: &'a Writes,
}

impl Blocks for Stamped<'_> {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.image.read_exact_at(buffer, offset)?;
        for (start, content) in &self.writes.0 {
            for (place, byte) in (*start..).zip(content) {
                let place = place.checked_sub(offset).and_then(|place| usize::try_from(place).ok());
                if let Some(place) = place.and_then(|place| buffer.get_mut(place)) {
                    *place = *byte;
                }
            }
        }
        Ok(())
    }
}
