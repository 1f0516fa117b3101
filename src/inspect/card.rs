//! An image, or the card itself as a block device, open for reading.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

use super::{InspectError, Volume};
use crate::disk::mbr::{self, Mbr};
use crate::disk::{FileSystem, SECTOR, Slice};

/// The type of the one partition that a GUID partition table shows to those who do not know it.
const GPT_PROTECTIVE: u8 = 0xee;

/// An open image or card.
#[derive(Debug)]
pub struct Card {
    path: PathBuf,
    file: File,
    /// Length in bytes.
    pub length: u64,
    /// Whether it is a block device, whose free space is full of what was there before.
    pub device: bool,
    pub table: Mbr,
    pub partitions: Vec<Partition>,
}

/// One primary partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Counted from 1.
    pub number: usize,
    pub record: mbr::Partition,
    /// First byte.
    pub start: u64,
    /// Length in bytes, as far as the image reaches.
    pub length: u64,
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
        let mut sector = [0; 512];
        file.read_exact_at(&mut sector, 0).map_err(fail)?;
        let table = Mbr::decode(&sector).map_err(|error| InspectError::Table { path: path.to_owned(), error })?;
        let records = || (1..).zip(table.partitions).filter_map(|(number, slot)| Some((number, slot?)));
        if records().any(|(_, record)| record.kind == GPT_PROTECTIVE) {
            return Err(InspectError::Gpt(path.to_owned()));
        }
        let partitions = records().map(|(number, record)| {
            let start = u64::from(record.start) * SECTOR;
            let wanted = u64::from(record.sectors) * SECTOR;
            Partition { number, record, start, length: wanted.min(length.saturating_sub(start)) }
        });
        let partitions = partitions.collect();
        Ok(Self { path: path.to_owned(), file, length, device: kind.is_block_device(), table, partitions })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The file system of `partition` with everything that stands on it; none when it is none that is known here.
    pub fn volume(&self, partition: &Partition) -> Result<Option<Volume>, InspectError> {
        let file = self.file.try_clone().map_err(|error| self.fail(error))?;
        let wrong = |error| InspectError::of(&self.path, partition, error);
        let slice = Slice::new(file, partition.start, partition.length);
        let Some(file_system) = FileSystem::open(slice).map_err(wrong)? else {
            return Ok(None);
        };
        Volume::new(&self.path, *partition, file_system).map(Some)
    }

    pub(super) fn fail(&self, error: io::Error) -> InspectError {
        InspectError::Io { path: self.path.clone(), error }
    }
}
