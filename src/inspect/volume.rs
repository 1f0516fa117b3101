//! One file system of a card, asked by path.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::InspectError;
use crate::disk::file_system::FileSystemError;
use crate::disk::{Areas, EntryKind, FileContent, FileSystem, Listing, ListingEntry, Partition};
use crate::tree::TreePath;

/// Most bytes of a text that somebody writes: settings, accounts, keys.
const TEXT_LIMIT: u64 = 1 << 20;

/// Most bytes of a text that a program keeps as a record.
const RECORD_LIMIT: u64 = 32 << 20;

/// Bytes of texts that are read of any partition, and of a large one as many times its length. A file may be asked for again
/// and again, as by each of a million forged accounts that have one home.
const TEXTS: u64 = 64 << 20;
const TEXTS_TIMES: u64 = 4;

/// Something at a path that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    pub partition: usize,
    /// With a leading slash.
    pub path: String,
    pub reason: String,
}

/// An open file system with everything that stands on it.
#[derive(Debug)]
pub struct Volume {
    image: PathBuf,
    pub partition: Partition,
    pub file_system: FileSystem,
    pub listing: Listing,
    /// Paths at which something could not be read, and why.
    unread: RefCell<BTreeMap<TreePath, String>>,
    /// Bytes of texts that may still be read.
    texts: Cell<u64>,
}

impl Volume {
    pub(super) fn new(image: &Path, partition: Partition, file_system: FileSystem) -> Result<Self, InspectError> {
        let wrong = |error| InspectError::of(image, &partition, error);
        let listing = file_system.list().map_err(wrong)?;
        let unread = listing.unread().map(|(path, reason)| (path.clone(), reason.to_owned())).collect();
        let texts = Cell::new(partition.length.saturating_mul(TEXTS_TIMES).max(TEXTS));
        Ok(Self { image: image.to_owned(), partition, file_system, listing, unread: RefCell::new(unread), texts })
    }

    /// Whether it is a FAT file system.
    pub fn is_fat(&self) -> bool {
        matches!(self.file_system, FileSystem::Fat(_))
    }

    /// Where `path` leads through symbolic links, and what stands there; on FAT whatever the capitals.
    pub fn find(&self, path: &str) -> Option<(TreePath, &ListingEntry)> {
        let path = TreePath::new(path).ok()?;
        if self.is_fat() && self.listing.get(&path).is_none() {
            let same = |other: &TreePath| other.as_bytes().eq_ignore_ascii_case(path.as_bytes());
            return self.listing.iter().find(|(other, _)| same(other)).map(|(other, entry)| (other.clone(), entry));
        }
        let place = self.listing.resolve(&path)?;
        let entry = self.listing.get(&place)?;
        Some((place, entry))
    }

    /// Names in the directory that `path` leads to, in order; none when it is no directory.
    pub fn names(&self, path: &str) -> Vec<String> {
        let Some((folder, _)) = self.find(path) else { return Vec::new() };
        let names = self.listing.children(&folder).filter_map(|(path, _)| path.name());
        names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// The text of the file that `path` leads to, which somebody wrote; none when there is no such file, or one that cannot
    /// be read or is too large, which is remembered.
    pub fn text(&self, path: &str) -> Option<String> {
        self.text_of(path, TEXT_LIMIT)
    }

    /// As [`Volume::text`], for what a program keeps as a record.
    pub fn record(&self, path: &str) -> Option<String> {
        self.text_of(path, RECORD_LIMIT)
    }

    fn text_of(&self, path: &str, limit: u64) -> Option<String> {
        let (place, entry) = self.find(path)?;
        if entry.kind != EntryKind::File {
            return None;
        }
        if entry.size > limit {
            self.cannot_read(&place, format!("it has {} bytes, and no such file has more than {limit}", entry.size));
            return None;
        }
        let Some(left) = self.texts.get().checked_sub(entry.size) else {
            self.cannot_read(&place, "more was asked for than all texts of the partition have".to_owned());
            return None;
        };
        self.texts.set(left);
        let mut content = Vec::new();
        let read = self.content(&place, entry).map_err(|error| error.to_string());
        match read.and_then(|mut file| file.read_to_end(&mut content).map_err(|error| error.to_string())) {
            Ok(_) => Some(String::from_utf8_lossy(&content).into_owned()),
            Err(reason) => {
                self.cannot_read(&place, reason);
                None
            }
        }
    }

    /// Remembers that something at `path` cannot be read.
    pub(super) fn cannot_read(&self, path: &TreePath, reason: String) {
        self.unread.borrow_mut().entry(path.clone()).or_insert(reason);
    }

    /// Whether something at `path` could not be read.
    pub(super) fn is_unread(&self, path: &str) -> bool {
        let place = TreePath::new(path).ok().and_then(|path| self.listing.resolve(&path));
        place.is_some_and(|place| self.unread.borrow().contains_key(&place))
    }

    /// What could not be read so far.
    pub(super) fn unread(&self) -> Vec<Unread> {
        let unread = self.unread.borrow();
        let all = unread.iter().map(|(path, reason)| Unread {
            partition: self.partition.number,
            path: format!("/{path}"),
            reason: reason.clone(),
        });
        all.collect()
    }

    /// The content of a file of the listing.
    pub(super) fn content(
        &self,
        path: &TreePath,
        entry: &ListingEntry,
    ) -> Result<Box<dyn FileContent + '_>, FileSystemError> {
        self.file_system.content(path, entry)
    }

    /// What every byte belongs to.
    pub(super) fn areas(&self) -> Result<Areas, FileSystemError> {
        self.file_system.areas(&self.listing)
    }

    pub(super) fn wrong(&self, error: FileSystemError) -> InspectError {
        InspectError::of(&self.image, &self.partition, error)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "partition {}, `{}` cannot be read: {}", self.partition, self.path, self.reason)
    }
}
