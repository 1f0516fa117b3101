//! Whatever file system a partition holds, behind one set of questions.

use std::io::Read;

use super::ext4_reader::{Ext4, Ext4ReadError};
use super::fat::{FatReadError, FatVolume};
use super::{Areas, Listing, ListingEntry, Slice};
use crate::tree::TreePath;

/// An open file system, for reading.
#[derive(Debug)]
pub enum FileSystem {
    Fat(FatVolume),
    Ext4(Box<Ext4>),
}

/// The content of a file, from its start to its end.
pub trait FileContent: Read {
    /// Bytes from here on that lie nowhere on the disk and are read as zeros; 0 where that is not known.
    fn hole(&self) -> u64 {
        0
    }

    /// Goes on behind `bytes` of a hole.
    fn skip(&mut self, _bytes: u64) {}
}

impl FileContent for &[u8] {}

impl<T: FileContent + ?Sized> FileContent for Box<T> {
    fn hole(&self) -> u64 {
        (**self).hole()
    }

    fn skip(&mut self, bytes: u64) {
        (**self).skip(bytes);
    }
}

/// Why a file system cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileSystemError {
    #[error("FAT file system: {0}")]
    Fat(#[from] FatReadError),
    #[error("ext4 file system: {0}")]
    Ext4(#[from] Ext4ReadError),
}

impl FileSystem {
    /// The file system that begins where `slice` does, whatever the partition's type says; none when it is none that
    /// is known here.
    pub fn open(slice: Slice) -> Result<Option<Self>, FileSystemError> {
        if Ext4::is_at(&slice) {
            return Ok(Some(Self::Ext4(Box::new(Ext4::open(slice)?))));
        }
        if FatVolume::is_at(&slice) {
            return Ok(Some(Self::Fat(FatVolume::open(slice)?)));
        }
        Ok(None)
    }

    /// Everything that stands on it.
    pub fn list(&self) -> Result<Listing, FileSystemError> {
        match self {
            Self::Fat(volume) => Ok(volume.list()?),
            Self::Ext4(volume) => Ok(volume.list()?),
        }
    }

    /// The content of a file of its listing.
    pub fn content(&self, path: &TreePath, entry: &ListingEntry) -> Result<Box<dyn FileContent + '_>, FileSystemError> {
        match self {
            Self::Fat(volume) => Ok(Box::new(volume.content(&path.to_string())?)),
            Self::Ext4(volume) => Ok(Box::new(volume.content(path, entry)?)),
        }
    }

    /// What every byte belongs to.
    pub fn areas(&self, listing: &Listing) -> Result<Areas, FileSystemError> {
        match self {
            Self::Fat(volume) => Ok(volume.areas()?),
            Self::Ext4(volume) => Ok(volume.areas(listing)?),
        }
    }
}
