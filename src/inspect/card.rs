//! An image, or the card itself as a block device, open for reading.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::{InspectError, Volume};
use crate::disk::partition_table::{DiskIdentity, PartitionTableError};
use crate::disk::{FileSystem, Partition, PartitionTable, Slice};

/// An open image or card.
#[derive(Debug)]
pub struct Card {
    path: PathBuf,
    file: File,
    /// Length in bytes.
    pub length: u64,
    /// Whether it is a block device, whose free space is full of what was there before.
    pub device: bool,
    pub table: PartitionTable,
}

impl Card {
    pub fn open(path: &Path) -> Result<Self, InspectError> {
        let fail = |error| InspectError::Io { path: path.to_owned(), error };
        let mut file = File::open(path).map_err(fail)?;
        let kind = file.metadata().map_err(fail)?.file_type();
        if !kind.is_file() && !kind.is_block_device() {
            return Err(fail(io::Error::other("it is neither a file nor a block device")));
        }
        let length = file.seek(SeekFrom::End(0)).map_err(fail)?;
        let disk = Slice::new(file.try_clone().map_err(fail)?, 0, length);
        let table = PartitionTable::read(&disk).map_err(|error| match error {
            PartitionTableError::Io(error) => fail(error),
            error => InspectError::Table { path: path.to_owned(), error },
        })?;
        Ok(Self { path: path.to_owned(), file, length, device: kind.is_block_device(), table })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// An MBR's disk signature.
    pub(super) fn disk_signature(&self) -> Option<String> {
        matches!(self.table.identity, DiskIdentity::Signature(_)).then(|| self.table.identity.to_string())
    }

    /// A GPT's disk GUID.
    pub(super) fn disk_guid(&self) -> Option<String> {
        matches!(self.table.identity, DiskIdentity::Guid(_)).then(|| self.table.identity.to_string())
    }

    /// Bytes of `partition` that there are; the rest lies behind the end of the image.
    pub(super) fn present(&self, partition: &Partition) -> u64 {
        partition.length.min(self.length.saturating_sub(partition.start))
    }

    /// The file system of `partition` with everything that stands on it; none when it is none that is known here.
    pub fn volume(&self, partition: &Partition) -> Result<Option<Volume>, InspectError> {
        let file = self.file.try_clone().map_err(|error| self.fail(error))?;
        let wrong = |error| InspectError::of(&self.path, partition, error);
        let slice = Slice::new(file, partition.start, self.present(partition));
        let Some(file_system) = FileSystem::open(slice).map_err(wrong)? else {
            return Ok(None);
        };
        Volume::new(&self.path, partition.clone(), file_system).map(Some)
    }

    pub(super) fn fail(&self, error: io::Error) -> InspectError {
        InspectError::Io { path: self.path.clone(), error }
    }
}
