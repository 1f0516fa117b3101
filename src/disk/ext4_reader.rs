//! Reading an ext4 file system, ours or another's: names, attributes, contents, and where everything lies.
//!
//! The format is the affair of `mkext4::reader`, which checks every checksum on its way. This file puts our types
//! around it and refuses beforehand, in words, what that reader does not know: a journal with changes in it, blocks of
//! other than 4096 bytes, files by ext3's block maps.

mod extent_tree;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::Range;

use mkext4::reader::{FileExtent, Fs};
use mkext4::spec::inode::FileType;
use mkext4::spec::{self, Inode, Superblock, bg_flags, incompat, ro_compat};

use super::{Area, Areas, BLOCK, EntryKind, FileContent, Listing, ListingEntry, Slice};
use crate::tree::TreePath;

/// An open file system. It is never written to.
#[derive(Debug)]
pub struct Ext4 {
    fs: Fs<Slice>,
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

/// Why a file system cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Ext4ReadError {
    #[error("it was not unmounted, and its journal holds changes")]
    Dirty,
    #[error("its blocks have {0} bytes, and only blocks of 4096 are read")]
    BlockSize(u64),
    #[error("it has features that are not read: {0}")]
    Features(String),
    #[error("`/{0}` is kept by the block map of ext3, and only extents are read")]
    BlockMap(TreePath),
    #[error("`/{path}`: {error}")]
    At { path: TreePath, error: mkext4::Error },
    #[error("a group of it has its tables outside of it")]
    Groups,
    #[error("a directory of it, `/{0}`, holds a name that no path can have, or itself")]
    Name(TreePath),
    #[error("a path of it has more than {LONGEST_PATH} bytes, and no program could name it")]
    Deep,
    #[error(transparent)]
    Other(#[from] mkext4::Error),
}

/// Names of the features that a reader must know (e2fsprogs' names).
const FEATURES: [(u32, &str); 10] = [
    (0x1, "compression"),
    (0x8, "journal_dev"),
    (0x10, "meta_bg"),
    (0x100, "mmp"),
    (0x400, "ea_inode"),
    (0x1000, "dirdata"),
    (0x4000, "largedir"),
    (0x8000, "inline_data"),
    (0x1_0000, "encrypt"),
    (0x2_0000, "casefold"),
];

/// Longest path that Linux takes (PATH_MAX). Thousands of folders in each other would take gigabytes to list.
const LONGEST_PATH: usize = 4096;

/// Where the superblock stands.
const SUPERBLOCK: u64 = 1024;

impl Ext4 {
    /// Whether an ext2, ext3 or ext4 file system begins where `slice` does.
    pub fn is_at(slice: &Slice) -> bool {
        let mut magic = [0; 2];
        slice.read_exact_at(&mut magic, SUPERBLOCK + 0x38).is_ok() && u16::from_le_bytes(magic) == 0xef53
    }

    pub fn open(slice: Slice) -> Result<Self, Ext4ReadError> {
        let mut bytes = [0; Superblock::LEN];
        slice.read_exact_at(&mut bytes, SUPERBLOCK).map_err(mkext4::Error::Io)?;
        let superblock = Superblock::decode(&bytes)?;
        if superblock.log_block_size != 2 {
            let size = 1024_u64.checked_shl(superblock.log_block_size).unwrap_or(u64::MAX);
            return Err(Ext4ReadError::BlockSize(size));
        }
        if superblock.feature_incompat & incompat::RECOVER != 0 {
            return Err(Ext4ReadError::Dirty);
        }
        let unknown = superblock.feature_incompat & !incompat::READER;
        if unknown != 0 {
            let names = FEATURES.iter().filter(|(bit, _)| unknown & bit != 0).map(|(_, name)| *name);
            let names: Vec<&str> = names.collect();
            let names = if names.is_empty() { format!("{unknown:#x}") } else { names.join(", ") };
            return Err(Ext4ReadError::Features(names));
        }
        // Blocks of 4096 bytes leave room for the superblock in the first.
        if superblock.first_data_block != 0 {
            return Err(Ext4ReadError::Groups);
        }
        let fs = Fs::open(slice)?;
        let table = u64::from(superblock.inodes_per_group) * u64::from(superblock.inode_size) / BLOCK;
        for group in 0..superblock.group_count() {
            let group = fs.group_desc(group)?;
            for (start, blocks) in [(group.inode_table, table), (group.block_bitmap, 1), (group.inode_bitmap, 1)] {
                if start.checked_add(blocks).is_none_or(|end| end > superblock.blocks_count) {
                    return Err(Ext4ReadError::Groups);
                }
            }
        }
        Ok(Self { fs })
    }

    pub fn facts(&self) -> Superfacts {
        let superblock = self.fs.superblock();
        let label: Vec<u8> = superblock.volume_name.iter().copied().take_while(|&byte| byte != 0).collect();
        Superfacts {
            label: String::from_utf8_lossy(&label).into_owned(),
            uuid: superblock.uuid,
            hash_seed: superblock.hash_seed,
            size: superblock.blocks_count.saturating_mul(BLOCK),
            free: superblock.free_blocks_count.saturating_mul(BLOCK),
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
        let mut listing = Listing::default();
        let mut seen = BTreeSet::new();
        let mut todo = vec![(TreePath::root(), spec::ROOT_INO)];
        while let Some((path, number)) = todo.pop() {
            let entry = self.entry(&path, number)?;
            if entry.kind == EntryKind::Directory {
                if !seen.insert(number) {
                    return Err(Ext4ReadError::Name(path));
                }
                let children = self.fs.read_dir(number).map_err(|error| at(&path, error))?;
                for child in children {
                    match child.name.as_slice() {
                        b"." | b".." => {}
                        name if name.is_empty() || name.contains(&b'/') || name.contains(&0) => {
                            return Err(Ext4ReadError::Name(path));
                        }
                        name => {
                            let path = path.join(name);
                            if path.as_bytes().len() > LONGEST_PATH {
                                return Err(Ext4ReadError::Deep);
                            }
                            todo.push((path, child.inode));
                        }
                    }
                }
            }
            listing.insert(path, entry);
        }
        Ok(listing)
    }

    fn entry(&self, path: &TreePath, number: u32) -> Result<ListingEntry, Ext4ReadError> {
        let fail = |error| at(path, error);
        let inode = self.inode(path, number)?;
        let (major, minor) = inode.dev_numbers().unwrap_or_default();
        let kind = match inode.file_type() {
            FileType::Regular => EntryKind::File,
            FileType::Dir => EntryKind::Directory,
            FileType::Symlink => EntryKind::Symlink(self.fs.symlink_target(number).map_err(fail)?),
            FileType::CharDev => EntryKind::CharDevice { major, minor },
            FileType::BlockDev => EntryKind::BlockDevice { major, minor },
            FileType::Fifo => EntryKind::Fifo,
            FileType::Socket => EntryKind::Socket,
            FileType::Unknown => {
                let why = format!("inode {number} is of no known type");
                return Err(fail(mkext4::Error::Corrupt { what: "inode", why }));
            }
        };
        let attributes = self.fs.xattrs(number).map_err(fail)?.into_iter().map(|attribute| {
            let name = attribute.full_name().unwrap_or_else(|| attribute.name.clone());
            (String::from_utf8_lossy(&name).into_owned(), attribute.value)
        });
        Ok(ListingEntry {
            size: if kind == EntryKind::File { inode.size } else { 0 },
            kind,
            mode: Some(inode.mode & 0o7777),
            owner: Some((inode.uid, inode.gid)),
            mtime: Inode::timestamp(inode.mtime, inode.mtime_extra).0,
            attributes: attributes.collect(),
            inode: Some(number),
        })
    }

    /// The inode, which has extents if it has blocks at all.
    fn inode(&self, path: &TreePath, number: u32) -> Result<Inode, Ext4ReadError> {
        let inode = self.fs.inode(number).map_err(|error| at(path, error))?;
        let mapped = match inode.file_type() {
            FileType::Regular | FileType::Dir => inode.size > 0,
            FileType::Symlink => inode.fast_symlink_target().is_none(),
            _ => false,
        };
        if mapped {
            let root = inode.extent_root().ok_or_else(|| Ext4ReadError::BlockMap(path.clone()))?;
            extent_tree::check(&self.fs, root).map_err(|error| at(path, error))?;
        }
        Ok(inode)
    }

    /// The content of the file at `path` of a listing.
    pub fn content(&self, path: &TreePath, entry: &ListingEntry) -> Result<impl FileContent + '_, Ext4ReadError> {
        let number = entry.inode.unwrap_or_default();
        let inode = self.inode(path, number)?;
        let extents = self.fs.extents(number, &inode).map_err(|error| at(path, error))?;
        Ok(Content { fs: &self.fs, inode, extents, position: 0 })
    }

    /// What every byte belongs to.
    pub fn areas(&self, listing: &Listing) -> Result<Areas, Ext4ReadError> {
        let mut areas = Areas::default();
        let superblock = self.fs.superblock();
        let table = u64::from(superblock.inodes_per_group) * u64::from(superblock.inode_size) / BLOCK;
        let blocks = |start: u64, count: u64| start * BLOCK..(start + count) * BLOCK;
        for group in 0..superblock.group_count() {
            let group = self.fs.group_desc(group)?;
            areas.insert(blocks(group.inode_table, table), Area::Records("inode tables"));
            areas.insert(blocks(group.block_bitmap, 1), Area::Records("bitmaps"));
            areas.insert(blocks(group.inode_bitmap, 1), Area::Records("bitmaps"));
        }
        areas.insert(blocks(0, 1), Area::Records("superblock"));
        let descriptors = superblock.group_count() * u64::try_from(superblock.desc_size()).unwrap_or(64);
        areas.insert(blocks(1, descriptors.div_ceil(BLOCK)), Area::Records("group descriptors"));
        let mut own = |number, path: &TreePath, area: &Area| -> Result<(), Ext4ReadError> {
            let inode = self.inode(path, number)?;
            for extent in self.fs.extents(number, &inode).map_err(|error| at(path, error))? {
                areas.insert(blocks(extent.physical, u64::from(extent.len)), area.clone());
            }
            Ok(())
        };
        if superblock.journal_inum != 0 {
            own(superblock.journal_inum, &TreePath::root(), &Area::Records("journal"))?;
        }
        for (number, path) in listing.inodes() {
            own(number, path, &Area::Path(path.clone()))?;
        }
        for run in self.free()? {
            areas.fill(run, &Area::Free);
        }
        Ok(areas)
    }

    /// The bytes that the block bitmaps call free.
    fn free(&self) -> Result<Vec<Range<u64>>, Ext4ReadError> {
        let superblock = self.fs.superblock();
        let (per_group, end) = (u64::from(superblock.blocks_per_group), superblock.blocks_count);
        let mut runs: Vec<Range<u64>> = Vec::new();
        for number in 0..superblock.group_count() {
            let group = self.fs.group_desc(number)?;
            // What its tables take, if it has any, is claimed already.
            let untouched = group.flags & bg_flags::BLOCK_UNINIT != 0
                && superblock.feature_ro_compat & (ro_compat::METADATA_CSUM | ro_compat::GDT_CSUM) != 0;
            let bitmap = if untouched { vec![0; 4096] } else { self.fs.read_block(group.block_bitmap)? };
            let bits = bitmap.iter().flat_map(|byte| (0..8).map(move |bit| byte & (1 << bit) != 0));
            for (block, used) in (number * per_group..end.min((number + 1) * per_group)).zip(bits) {
                let bytes = block * BLOCK..(block + 1) * BLOCK;
                match runs.last_mut() {
                    _ if used => {}
                    Some(last) if last.end == bytes.start => last.end = bytes.end,
                    _ => runs.push(bytes),
                }
            }
        }
        Ok(runs)
    }
}

fn at(path: &TreePath, error: mkext4::Error) -> Ext4ReadError {
    Ext4ReadError::At { path: path.clone(), error }
}

/// The content of a file, from its start to its end.
struct Content<'a> {
    fs: &'a Fs<Slice>,
    inode: Inode,
    extents: Vec<FileExtent>,
    position: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fs.read_file_at(&self.inode, &self.extents, self.position, buffer);
        let count = read.map_err(io::Error::other)?;
        self.position += u64::try_from(count).map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests;

impl FileContent for Content<'_> {
    fn hole(&self) -> u64 {
        let written = self.extents.iter().filter(|extent| !extent.unwritten).map(|extent| {
            let start = u64::from(extent.logical) * BLOCK;
            start..start + u64::from(extent.len) * BLOCK
        });
        // In a file without damage they are in order; where they are not, the nearest counts.
        let next = written.filter(|data| data.end > self.position).map(|data| data.start).min();
        next.unwrap_or(self.inode.size).min(self.inode.size).saturating_sub(self.position)
    }

    fn skip(&mut self, bytes: u64) {
        self.position = self.position.saturating_add(bytes);
    }
}
