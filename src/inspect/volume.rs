//! One file system of a card, asked by path.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::InspectError;
use crate::disk::file_system::FileSystemError;
use crate::disk::{Areas, EntryKind, FileContent, FileSystem, Listing, ListingEntry, Partition};
use crate::tree::TreePath;

/// Files of more bytes than this are not taken for texts.
const TEXT_LIMIT: u64 = 32 << 20;

/// An open file system with everything that stands on it.
#[derive(Debug)]
pub struct Volume {
    image: PathBuf,
    pub partition: Partition,
    pub file_system: FileSystem,
    pub listing: Listing,
}

impl Volume {
    pub(super) fn new(image: &Path, partition: Partition, file_system: FileSystem) -> Result<Self, InspectError> {
        let wrong = |error| InspectError::of(image, &partition, error);
        let listing = file_system.list().map_err(wrong)?;
        Ok(Self { image: image.to_owned(), partition, file_system, listing })
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

    /// The text of the file that `path` leads to; none when there is no such file, or one too large for a text.
    pub fn text(&self, path: &str) -> Result<Option<String>, InspectError> {
        let Some((place, entry)) = self.find(path) else { return Ok(None) };
        if entry.kind != EntryKind::File || entry.size > TEXT_LIMIT {
            return Ok(None);
        }
        let mut content = Vec::new();
        self.content(&place, entry)?.read_to_end(&mut content).map_err(|error| self.fail(error))?;
        Ok(Some(String::from_utf8_lossy(&content).into_owned()))
    }

    /// The content of a file of the listing.
    pub(super) fn content(
        &self,
        path: &TreePath,
        entry: &ListingEntry,
    ) -> Result<Box<dyn FileContent + '_>, InspectError> {
        self.file_system.content(path, entry).map_err(|error| self.wrong(error))
    }

    /// What every byte belongs to.
    pub(super) fn areas(&self) -> Result<Areas, InspectError> {
        self.file_system.areas(&self.listing).map_err(|error| self.wrong(error))
    }

    /// Whether systemd starts `unit` by itself: some target or unit wants it.
    pub(super) fn is_enabled(&self, unit: &str) -> bool {
        let folder = "etc/systemd/system";
        let wants =
            self.names(folder).into_iter().filter(|name| name.ends_with(".wants") || name.ends_with(".requires"));
        wants.into_iter().any(|wants| self.names(&format!("{folder}/{wants}")).iter().any(|name| name == unit))
    }

    pub(super) fn fail(&self, error: std::io::Error) -> InspectError {
        InspectError::Io { path: self.image.clone(), error }
    }

    pub(super) fn wrong(&self, error: FileSystemError) -> InspectError {
        InspectError::of(&self.image, &self.partition, error)
    }
}
