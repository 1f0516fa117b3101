//! Reading an ext2, ext3 or ext4 file system, ours or another's: names, attributes, contents, and where everything lies.
//!
//! The crate `mkext4` knows how records look and their checksums. Its own reader takes blocks of 4096 bytes, extents and
//! descriptors behind the superblock for granted; a file system that Linux has grown, or an older one, has not all of them.
//! So the way from the superblock to a file's blocks is here. Out of scope: what a journal holds, data in inodes
//! (inline_data), encryption; each is refused by name.

mod areas;
mod block_map;
mod content;
mod error;
mod extent_tree;
mod geometry;
mod mapping;
mod walk;

use mkext4::spec;

use self::content::Content;
use self::error::corrupt;
use self::geometry::{Geometry, SUPERBLOCK};
use self::mapping::{Budget, runs};
use super::{Areas, FileContent, Listing, ListingEntry, Slice};
use crate::tree::TreePath;

pub use error::Ext4ReadError;

/// An open file system. It is never written to.
#[derive(Debug)]
pub struct Ext4 {
    slice: Slice,
    geometry: Geometry,
}

/// What the superblock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superfacts {
    pub label: String,
    pub uuid: [u8; 16],
    pub hash_seed: [u32; 4],
    /// Length in bytes.
    pub size: u64,
    pub free: u64,
    pub inodes: u32,
    pub free_inodes: u32,
    /// Seconds since 1970-01-01 UTC.
    pub made: i64,
    pub written: i64,
    pub mounts: u16,
    pub journal: bool,
}

impl Ext4 {
    /// Whether an ext2, ext3 or ext4 file system begins where `slice` does.
    pub fn is_at(slice: &Slice) -> bool {
        let mut magic = [0; 2];
        slice.read_exact_at(&mut magic, SUPERBLOCK + 0x38).is_ok() && u16::from_le_bytes(magic) == 0xef53
    }

    pub fn open(slice: Slice) -> Result<Self, Ext4ReadError> {
        let geometry = Geometry::read(&slice)?;
        Ok(Self { slice, geometry })
    }

    pub fn facts(&self) -> Superfacts {
        let Geometry { superblock, block, cluster, .. } = &self.geometry;
        let label: Vec<u8> = superblock.volume_name.iter().copied().take_while(|&byte| byte != 0).collect();
        Superfacts {
            label: String::from_utf8_lossy(&label).into_owned(),
            uuid: superblock.uuid,
            hash_seed: superblock.hash_seed,
            size: superblock.blocks_count.saturating_mul(*block),
            free: superblock.free_blocks_count.saturating_mul(block * cluster),
            inodes: superblock.inodes_count,
            free_inodes: superblock.free_inodes_count,
            made: i64::from(superblock.mkfs_time),
            written: i64::from(superblock.wtime),
            mounts: superblock.mnt_count,
            journal: superblock.feature_compat & spec::compat::HAS_JOURNAL != 0,
        }
    }

    /// Everything that stands on the file system.
    pub fn list(&self) -> Result<Listing, Ext4ReadError> {
        walk::list(self, walk::LISTING_LIMIT)
    }

    /// The content of the file at `path` of a listing.
    pub fn content(&self, path: &TreePath, entry: &ListingEntry) -> Result<impl FileContent + '_, Ext4ReadError> {
        let number = entry.inode.unwrap_or_default();
        let read = || {
            let (_, inode) = self.inode(number)?;
            let mut runs = runs(self, number, &inode, &mut Budget::of(self))?;
            runs.retain(|run| !run.unwritten);
            Ok(Content { ext4: self, size: inode.size, runs, position: 0 })
        };
        read().map_err(|error| Ext4ReadError::At { path: path.clone(), error })
    }

    /// What every byte belongs to.
    pub fn areas(&self, listing: &Listing) -> Result<Areas, Ext4ReadError> {
        areas::areas(self, listing)
    }

    /// Reads the block `number`.
    fn block(&self, number: u64) -> Result<Vec<u8>, mkext4::Error> {
        if number >= self.geometry.superblock.blocks_count {
            return Err(corrupt("block number", format!("there is no block {number}")));
        }
        let mut block = vec![0; usize::try_from(self.geometry.block).unwrap_or(4096)];
        self.slice.read_exact_at(&mut block, number * self.geometry.block)?;
        Ok(block)
    }
}

#[cfg(test)]
mod forms;
#[cfg(test)]
mod tests;
