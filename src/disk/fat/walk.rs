//! The way through the directories of a FAT file system.
//!
//! Nothing that the file system says of itself is believed: a damaged or malicious one takes time and memory in
//! proportion to the bytes that are there, and ends in one error. Every cluster is part of one directory at most, so
//! that directories end and none is inside itself; the files together have no more clusters than there are.

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use super::boot_sector::Width;
use super::directory::{Entries, Record};
use super::name::ENTRY;
use super::{FatReadError, FatVolume};
use crate::disk::{SECTOR, Slice};
use crate::tree::TreePath;

/// Most entries of a directory, by FAT's own rules.
pub(super) const DIRECTORY_ENTRIES: usize = 65_536;

/// Longest path that Linux takes, in bytes.
const PATH_LIMIT: usize = 4095;

/// Most bytes that a listing may take, roughly: paths may be long and many at once, where the names they are made of
/// take little room on the disk.
pub(super) const LISTING_LIMIT: u64 = 256 << 20;

/// What an entry of a listing takes besides its path.
pub(super) const LISTING_ENTRY: u64 = 256;

/// A directory's content, and which bytes of the file system hold it.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: Entries,
    pub(super) bytes: Vec<Range<u64>>,
}

/// Something on the file system, found on a walk. A directory has its bytes with it; what cannot be
/// read, or not all of it, has the reason.
pub(super) struct Found<'a> {
    pub(super) path: TreePath,
    /// None for the root.
    pub(super) record: Option<&'a Record>,
    pub(super) directory: Option<Result<&'a Directory, FatReadError>>,
}

impl FatVolume {
    /// The root directory. `taken` are the clusters of directories that were read.
    pub(super) fn root(&self, taken: &mut HashSet<u32>) -> Result<Directory, FatReadError> {
        if self.boot.width == Width::Fat32 {
            return self.directory(self.boot.root_cluster, "", taken);
        }
        let mut root = Directory::default();
        root.read(&self.volume, self.boot.root..self.boot.data)?;
        Ok(root)
    }

    /// The directory `path` that begins at `cluster`. What stands behind the mark of its end is not read.
    pub(super) fn directory(
        &self,
        cluster: u32,
        path: &str,
        taken: &mut HashSet<u32>,
    ) -> Result<Directory, FatReadError> {
        let table = self.table();
        table.check(cluster, path)?;
        let mut directory = Directory::default();
        let (mut next, mut entries) = (Some(cluster), 0);
        while let Some(cluster) = next {
            if !taken.insert(cluster) {
                return Err(FatReadError::Directory { path: path.to_owned(), cluster });
            }
            if entries >= DIRECTORY_ENTRIES {
                return Err(FatReadError::Entries(path.to_owned()));
            }
            let bytes = self.bytes_of(&(cluster..cluster + 1));
            entries += usize::try_from(self.boot.cluster_bytes).unwrap_or(usize::MAX) / ENTRY;
            next = if directory.read(&self.volume, bytes)? { table.next(cluster, path)? } else { None };
        }
        Ok(directory)
    }

    /// Calls `found` for everything that stands on the file system.
    pub(super) fn walk(
        &self,
        mut found: impl FnMut(Found<'_>) -> Result<(), FatReadError>,
    ) -> Result<(), FatReadError> {
        let mut taken = HashSet::new();
        let (mut listed, mut clusters) = (0, 0);
        let mut todo: Vec<(TreePath, Option<Record>)> = vec![(TreePath::root(), None)];
        while let Some((folder, record)) = todo.pop() {
            let shown = folder.to_string();
            let directory = match &record {
                None => self.root(&mut taken)?,
                Some(record) => match self.directory(self.first(record), &shown, &mut taken) {
                    Ok(directory) => directory,
                    Err(error) => {
                        found(Found { path: folder, record: Some(record), directory: Some(Err(error)) })?;
                        continue;
                    }
                },
            };
            let mut wrong = None;
            for record in directory.entries.records.iter().filter(|record| !record.is_dots()) {
                let path = match child(&folder, &shown, record) {
                    Ok(path) => path,
                    Err(error) => {
                        wrong.get_or_insert(error);
                        continue;
                    }
                };
                listed += LISTING_ENTRY + length(path.as_bytes());
                if listed > LISTING_LIMIT {
                    return Err(FatReadError::Listing(LISTING_LIMIT));
                }
                if record.is_directory() {
                    todo.push((path, Some(record.clone())));
                    continue;
                }
                clusters += u64::from(record.size).div_ceil(self.boot.cluster_bytes);
                if clusters > u64::from(self.boot.clusters) {
                    clusters -= u64::from(record.size).div_ceil(self.boot.cluster_bytes);
                    let error = FatReadError::Size { path: path.to_string(), size: record.size.into() };
                    found(Found { path, record: Some(record), directory: Some(Err(error)) })?;
                    continue;
                }
                found(Found { path, record: Some(record), directory: None })?;
            }
            found(Found { path: folder, record: record.as_ref(), directory: Some(wrong.map_or(Ok(&directory), Err)) })?;
        }
        Ok(())
    }
}

impl Directory {
    /// Reads the entries in `bytes`; says whether there may be more behind them.
    fn read(&mut self, volume: &Slice, bytes: Range<u64>) -> Result<bool, FatReadError> {
        let mut content = vec![0; usize::try_from(bytes.end - bytes.start).map_err(io::Error::other)?];
        volume.read_exact_at(&mut content, bytes.start)?;
        let mut end = bytes.start;
        let mut more = true;
        for entry in content.chunks_exact(ENTRY).map_while(|entry| <&[u8; ENTRY]>::try_from(entry).ok()) {
            end += u64::try_from(ENTRY).map_err(io::Error::other)?;
            more = self.entries.take(entry);
            if !more {
                break;
            }
        }
        self.bytes.push(bytes.start..end.next_multiple_of(SECTOR));
        Ok(more)
    }
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The path of `record` in `folder`.
fn child(folder: &TreePath, shown: &str, record: &Record) -> Result<TreePath, FatReadError> {
    let path = TreePath::new(format!("{shown}/{}", record.name)).map_err(|_| FatReadError::Name(shown.to_owned()))?;
    if path.components().count() != folder.components().count() + 1 {
        return Err(FatReadError::Name(shown.to_owned()));
    }
    if path.as_bytes().len() > PATH_LIMIT {
        return Err(FatReadError::Path(shown.to_owned()));
    }
    Ok(path)
}
