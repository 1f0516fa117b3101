//! A FAT file system as a whole: what stands on it, and where.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read};
use std::ops::Range;

use super::FatReadError;
use super::boot_sector::{BootSector, Width};
use super::directory::{HIDDEN, READ_ONLY, Record, SYSTEM, text};
use super::table::Table;
use super::walk::{LISTING_ENTRY, LISTING_LIMIT, length};
use crate::disk::{Area, Areas, EntryKind, FileContent, Listing, ListingEntry, SECTOR, Slice};
use crate::tree::TreePath;

/// An open FAT12, FAT16 or FAT32 file system. It is never written to.
#[derive(Debug)]
pub struct FatVolume {
    pub(super) volume: Slice,
    pub(super) boot: BootSector,
}

/// What the file system says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatFacts {
    /// "FAT12", "FAT16" or "FAT32".
    pub kind: &'static str,
    /// From the root directory, or else from the boot sector; empty when there is none.
    pub label: String,
    pub volume_id: u32,
    /// Length of the clusters in bytes, all and free ones.
    pub size: u64,
    pub free: u64,
}

impl FatVolume {
    /// Whether a FAT file system begins where `slice` does.
    pub fn is_at(slice: &Slice) -> bool {
        let mut sector = [0; 512];
        let read = slice.read_exact_at(&mut sector, 0).is_ok();
        let named = sector[54..].starts_with(b"FAT") || sector[82..].starts_with(b"FAT");
        read && sector[510..] == [0x55, 0xaa] && named
    }

    pub fn open(slice: Slice) -> Result<Self, FatReadError> {
        let boot = BootSector::read(&slice)?;
        Ok(Self { volume: slice, boot })
    }

    pub fn facts(&self) -> Result<FatFacts, FatReadError> {
        let label = self.root(&mut HashSet::new())?.entries.label;
        let label = label.unwrap_or_else(|| text(&self.boot.label));
        Ok(FatFacts {
            kind: match self.boot.width {
                Width::Fat12 => "FAT12",
                Width::Fat16 => "FAT16",
                Width::Fat32 => "FAT32",
            },
            label: if label == "NO NAME" { String::new() } else { label },
            volume_id: self.boot.volume_id,
            size: u64::from(self.boot.clusters) * self.boot.cluster_bytes,
            free: self.table().free()? * self.boot.cluster_bytes,
        })
    }

    /// Everything that stands on the file system, by the names that its directories show.
    pub fn list(&self) -> Result<Listing, FatReadError> {
        let mut listing = Listing::default();
        self.walk(|found| {
            if let Some(Err(error)) = found.directory {
                listing.cannot_read(found.path.clone(), error.to_string());
                if found.record.is_some_and(|record| !record.is_directory()) {
                    return Ok(());
                }
            }
            listing.insert(found.path, described(found.record));
            Ok(())
        })?;
        Ok(listing)
    }

    /// Whether there is a file at `path`, by long or short names and whatever the capitals.
    pub fn contains(&self, path: &str) -> Result<bool, FatReadError> {
        Ok(self.find(path)?.is_some_and(|record| !record.is_directory()))
    }

    /// The content of the file at `path`, by long or short names and whatever the capitals.
    pub fn content(&self, path: &str) -> Result<impl FileContent + '_, FatReadError> {
        let record = self.find(path)?.filter(|record| !record.is_directory());
        let record = record.ok_or_else(|| FatReadError::Missing(path.to_owned()))?;
        let size = u64::from(record.size);
        let runs = self.table().chain(self.first(&record), size, path)?;
        let parts = runs.into_iter().map(|run| self.bytes_of(&run)).rev().collect();
        Ok(Content { volume: &self.volume, parts, left: size })
    }

    /// What every byte belongs to.
    pub fn areas(&self) -> Result<Areas, FatReadError> {
        let boot = &self.boot;
        let mut areas = Areas::default();
        areas.insert(0..boot.tables, Area::Records("boot sector and its like"));
        areas.insert(boot.tables..boot.root, Area::Records("allocation tables"));
        areas.insert(boot.root..boot.data, Area::Path(TreePath::root()));
        let mut runs: Vec<(Range<u64>, TreePath)> = Vec::new();
        let mut taken = 0;
        self.walk(|found| {
            let mut bytes = match (found.directory, found.record) {
                (Some(directory), _) => directory.map_or_else(|_| Vec::new(), |directory| directory.bytes.clone()),
                // A file that cannot be read owns nothing.
                (None, Some(record)) => self.file_bytes(record, &found.path).unwrap_or_default(),
                (None, None) => Vec::new(),
            };
            bytes.retain(|run| run.start >= boot.data);
            // A path is kept with each piece of a torn file.
            taken += (LISTING_ENTRY + length(found.path.as_bytes())) * u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if taken > LISTING_LIMIT {
                return Err(FatReadError::Listing(LISTING_LIMIT));
            }
            runs.extend(bytes.into_iter().map(|run| (run, found.path.clone())));
            Ok(())
        })?;
        runs.sort_by_key(|(run, _)| run.start);
        let mut ends = boot.data;
        for (run, path) in runs {
            areas.insert(ends..run.start, Area::Free);
            ends = ends.max(run.end);
            areas.insert(run, Area::Path(path));
        }
        areas.insert(ends..boot.end.min(self.volume.length()), Area::Free);
        Ok(areas)
    }

    pub(super) fn table(&self) -> Table<'_> {
        Table { volume: &self.volume, boot: &self.boot }
    }

    /// The first cluster of `record`. The upper half of it is FAT32's; others keep other things there.
    pub(super) fn first(&self, record: &Record) -> u32 {
        if self.boot.width == Width::Fat32 { record.cluster } else { record.cluster & 0xffff }
    }

    /// The bytes of clusters that follow one another.
    pub(super) fn bytes_of(&self, run: &Range<u32>) -> Range<u64> {
        self.boot.place(run.start)..self.boot.place(run.end)
    }

    /// The bytes of a file in whole sectors, without the rest of its last cluster.
    fn file_bytes(&self, record: &Record, path: &TreePath) -> Result<Vec<Range<u64>>, FatReadError> {
        let size = u64::from(record.size);
        let mut left = size.next_multiple_of(SECTOR);
        let runs = self.table().chain(self.first(record), size, &path.to_string())?;
        let bytes = runs.iter().map(|run| {
            let bytes = self.bytes_of(run);
            let count = left.min(bytes.end - bytes.start);
            left -= count;
            bytes.start..bytes.start + count
        });
        Ok(bytes.collect())
    }

    /// What stands at `path`; none for the root, and when there is nothing.
    fn find(&self, path: &str) -> Result<Option<Record>, FatReadError> {
        let mut found: Option<Record> = None;
        let mut parent = String::new();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let directory = match &found {
                None => self.root(&mut HashSet::new())?,
                Some(record) if record.is_directory() => {
                    self.directory(self.first(record), &parent, &mut HashSet::new())?
                }
                Some(_) => return Ok(None),
            };
            found = directory.entries.records.into_iter().find(|record| !record.is_dots() && record.is_called(name));
            if found.is_none() {
                return Ok(None);
            }
            parent = if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
        }
        Ok(found)
    }
}

/// An entry of a listing. FAT has neither mode nor owner.
fn described(record: Option<&Record>) -> ListingEntry {
    let is_file = record.is_some_and(|record| !record.is_directory());
    let flags = [(READ_ONLY, "dos.read-only"), (HIDDEN, "dos.hidden"), (SYSTEM, "dos.system")];
    let attributes = record.map_or(0, |record| record.attributes);
    let flags = flags.into_iter().filter(|(flag, _)| attributes & flag != 0);
    ListingEntry {
        kind: if is_file { EntryKind::File } else { EntryKind::Directory },
        size: record.filter(|_| is_file).map_or(0, |record| record.size.into()),
        mode: None,
        owner: None,
        mtime: record.map_or(0, |record| record.modified),
        attributes: flags.map(|(_, name)| (name.to_owned(), Vec::new())).collect::<BTreeMap<_, _>>(),
        inode: None,
    }
}

/// A file's content, read from where it lies.
struct Content<'a> {
    volume: &'a Slice,
    /// Places in the file system that are not read yet, the next one last.
    parts: Vec<Range<u64>>,
    left: u64,
}

/// A FAT file has no holes.
impl FileContent for Content<'_> {}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.parts.last_mut() else { return Ok(0) };
        let count = (part.end - part.start).min(self.left).min(u64::try_from(buffer.len()).unwrap_or(u64::MAX));
        let length = usize::try_from(count).map_err(io::Error::other)?;
        self.volume.read_exact_at(&mut buffer[..length], part.start)?;
        part.start += count;
        self.left -= count;
        if part.is_empty() {
            self.parts.pop();
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
