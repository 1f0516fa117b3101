//! The way through the directories of an ext4 file system, and what stands in each inode.
//!
//! What one inode has wrong is told at its path, and the rest is listed without it.

use std::collections::HashMap;

use mkext4::spec::inode::FileType;
use mkext4::spec::{self, DirentIter, Inode, XattrBlockView};
use mkext4::{Error, csum};

use super::error::corrupt;
use super::mapping::{Budget, Run, runs};
use super::{Ext4, Ext4ReadError};
use crate::disk::{EntryKind, Listing, ListingEntry};
use crate::tree::TreePath;

/// Longest path that Linux takes (PATH_MAX). Thousands of folders in each other would take gigabytes to list.
const LONGEST_PATH: usize = 4096;

/// Most bytes that a listing may take, roughly: a million and a half of usual files.
pub(super) const LISTING_LIMIT: u64 = 512 << 20;

/// What an entry of a listing takes besides its path.
const LISTING_ENTRY: usize = 256;

/// Names with the inodes that they lead to.
type Names = Vec<(Vec<u8>, u32)>;

/// Everything that stands on `ext4`, in `limit` bytes. Only damage to the root directory leaves nothing to tell.
pub(super) fn list(ext4: &Ext4, limit: u64) -> Result<Listing, Ext4ReadError> {
    let mut listing = Listing::default();
    let mut budget = Budget::of(ext4);
    let mut seen: HashMap<u32, TreePath> = HashMap::new();
    let mut listed = 0;
    let mut take = |bytes: usize| {
        listed += u64::try_from(bytes).unwrap_or(u64::MAX);
        if listed > limit { Err(Ext4ReadError::Listing(limit)) } else { Ok(()) }
    };
    let mut todo = vec![(TreePath::root(), spec::ROOT_INO)];
    while let Some((path, number)) = todo.pop() {
        let (entry, names) = match seen.get(&number) {
            Some(first) => (again(&listing, first), Names::new()),
            None => match found(ext4, number, &mut budget) {
                Ok((entry, names)) => (Ok(entry), names),
                Err(error) => (Err(error), Names::new()),
            },
        };
        take(entry.as_ref().map_or(0, taken))?;
        seen.entry(number).or_insert_with(|| path.clone());
        match entry {
            Err(error) if path.is_root() => return Err(Ext4ReadError::At { path, error }),
            Err(error) => listing.cannot_read(path, error.to_string()),
            Ok(entry) => {
                for (name, child) in names {
                    let below = path.join(&name);
                    if below.as_bytes().len() > LONGEST_PATH {
                        let reason =
                            format!("a path in it has more than {LONGEST_PATH} bytes, and no program could name it");
                        listing.cannot_read(path.clone(), reason);
                        break;
                    }
                    take(LISTING_ENTRY + below.as_bytes().len())?;
                    todo.push((below, child));
                }
                listing.insert(path, entry);
            }
        }
    }
    Ok(listing)
}

/// What stands at a further name of the inode that was `first`.
fn again(listing: &Listing, first: &TreePath) -> Result<ListingEntry, Error> {
    match listing.get(first) {
        Some(entry) if entry.kind == EntryKind::Directory => {
            Err(corrupt("directory", format!("it is `/{first}` a second time")))
        }
        Some(entry) => Ok(entry.clone()),
        None => Err(corrupt("file", format!("it is `/{first}`, which cannot be read"))),
    }
}

/// Bytes that an entry takes for what it holds itself.
fn taken(entry: &ListingEntry) -> usize {
    let target = if let EntryKind::Symlink(target) = &entry.kind { target.len() } else { 0 };
    target + entry.attributes.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

/// What the inode is, and the names in it when it is a directory.
fn found(ext4: &Ext4, number: u32, budget: &mut Budget) -> Result<(ListingEntry, Names), Error> {
    let (raw, inode) = ext4.inode(number)?;
    let (major, minor) = inode.dev_numbers().unwrap_or_default();
    let mut names = Names::new();
    let kind = match inode.file_type() {
        FileType::Regular => {
            runs(ext4, number, &inode, budget)?;
            EntryKind::File
        }
        FileType::Dir => {
            names = directory(ext4, &inode, &runs(ext4, number, &inode, budget)?)?;
            EntryKind::Directory
        }
        FileType::Symlink => EntryKind::Symlink(target(ext4, number, &inode, budget)?),
        FileType::CharDev => EntryKind::CharDevice { major, minor },
        FileType::BlockDev => EntryKind::BlockDevice { major, minor },
        FileType::Fifo => EntryKind::Fifo,
        FileType::Socket => EntryKind::Socket,
        FileType::Unknown => return Err(corrupt("inode", format!("inode {number} is of no known type"))),
    };
    let mut attributes = spec::ibody_entries(&raw, inode.extra_isize)?;
    if inode.file_acl != 0 {
        attributes.extend(XattrBlockView::parse(&ext4.block(inode.file_acl)?)?.entries);
    }
    let attributes = attributes.into_iter().map(|attribute| {
        let name = attribute.full_name().unwrap_or_else(|| attribute.name.clone());
        (String::from_utf8_lossy(&name).into_owned(), attribute.value)
    });
    let entry = ListingEntry {
        size: if kind == EntryKind::File { inode.size } else { 0 },
        kind,
        mode: Some(inode.mode & 0o7777),
        owner: Some((inode.uid, inode.gid)),
        mtime: Inode::timestamp(inode.mtime, inode.mtime_extra).0,
        attributes: attributes.collect(),
        inode: Some(number),
    };
    Ok((entry, names))
}

/// The names in a directory, but for itself and its parent. The blocks of an index look like empty ones here.
fn directory(ext4: &Ext4, inode: &Inode, runs: &[Run]) -> Result<Names, Error> {
    let blocks = inode.size / ext4.geometry.block;
    let (mut names, mut read) = (Names::new(), 0);
    for run in runs.iter().filter(|run| !run.unwritten) {
        for offset in (0..run.length).take_while(|offset| run.logical + offset < blocks) {
            read += 1;
            for entry in DirentIter::new(&ext4.block(run.physical + offset)?) {
                let entry = entry?;
                match entry.name {
                    b"." | b".." => {}
                    name if name.is_empty() || name.contains(&b'/') || name.contains(&0) => {
                        return Err(corrupt("directory", "it holds a name that no path can have"));
                    }
                    name => names.push((name.to_vec(), entry.inode)),
                }
            }
        }
    }
    if read < blocks {
        return Err(corrupt("directory", format!("only {read} of its {blocks} blocks are there")));
    }
    Ok(names)
}

/// Where a symbolic link leads: in place of the numbers of blocks when it is short, else in a block.
fn target(ext4: &Ext4, number: u32, inode: &Inode, budget: &mut Budget) -> Result<Vec<u8>, Error> {
    let size = usize::try_from(inode.size).unwrap_or(usize::MAX);
    if !inode.uses_extents() && size < inode.block.len() {
        return Ok(inode.block[..size].to_vec());
    }
    let runs = runs(ext4, number, inode, budget)?;
    let first = runs.first().filter(|run| run.logical == 0 && !run.unwritten && inode.size < ext4.geometry.block);
    let first = first.ok_or_else(|| corrupt("symbolic link", format!("its target is said to have {size} bytes")))?;
    let mut target = ext4.block(first.physical)?;
    target.truncate(size);
    Ok(target)
}

impl Ext4 {
    /// The inode `number`, and the bytes of its record. Its checksum is verified where there is one.
    pub(super) fn inode(&self, number: u32) -> Result<(Vec<u8>, Inode), Error> {
        let superblock = &self.geometry.superblock;
        if number == 0 || number > superblock.inodes_count {
            return Err(corrupt("inode", format!("there is no inode {number}")));
        }
        let index = u64::from(number - 1);
        let per_group = u64::from(superblock.inodes_per_group);
        let group = self.geometry.group(&self.slice, index / per_group).map_err(|error| match error {
            Ext4ReadError::Other(error) => error,
            error => corrupt("group", error.to_string()),
        })?;
        let mut raw = vec![0; usize::try_from(self.geometry.inode).unwrap_or(256)];
        let place = group.inode_table * self.geometry.block + index % per_group * self.geometry.inode;
        self.slice.read_exact_at(&mut raw, place)?;
        let inode = Inode::decode(&raw)?;
        if let Some(seed) = self.geometry.seed {
            let whole = csum::inode(seed, number, inode.generation, &raw);
            // Half of it has room in short inodes.
            let mask = if raw.len() > 128 && inode.extra_isize >= 4 { u32::MAX } else { 0xffff };
            if whole & mask != inode.checksum & mask {
                return Err(corrupt("inode", format!("inode {number} has a wrong checksum")));
            }
        }
        Ok((raw, inode))
    }
}
