//! What is on a card: any Raspberry Pi image or card, ours or not, described ([`Report`]) or held against another
//! ([`Difference`]).
//!
//! Nothing is mounted and nothing is written. A [`Card`] opens the image; a [`Volume`] answers questions about one file
//! system of it; each subject of the report has a file with its data, how they are found and how they are shown. What
//! the report says is what the node would go by: files are found through symbolic links, `config.txt` is read as the
//! board reads it.

mod access;
mod boot;
mod card;
mod compare;
mod consoles;
mod content;
mod cyclonedx;
mod difference;
mod disk_bytes;
mod ini;
mod line_diff;
mod network;
mod packages;
mod partitions;
mod paths;
mod report;
mod spdx;
mod ssh;
mod system;
mod tally;
mod units;
mod volume;

pub use access::{Access, Account};
pub use boot::{BoardConfig, Boot};
pub use card::Card;
pub use compare::{CompareOptions, Comparison, compare};
pub use consoles::Console;
pub use cyclonedx::cyclonedx;
pub use difference::{Change, Difference, Share, Side};
pub use network::{Interface, Manager};
pub use packages::{InstalledPackage, Packages};
pub use partitions::{Contents, GptFacts, PartitionReport, TypeCode};
pub use report::{Report, report};
pub use spdx::spdx;
pub use ssh::{Key, Ssh};
pub use system::System;
pub use volume::{Unread, Volume};

use std::path::PathBuf;

use crate::disk::Partition;
use crate::disk::SECTOR;
use crate::disk::ext4_reader::Ext4ReadError;
use crate::disk::file_system::FileSystemError;
use crate::disk::partition_table::PartitionTableError;

/// Why an image or a card cannot be looked into.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    #[error("cannot read `{path}`: {error}")]
    Io { path: PathBuf, error: std::io::Error },
    #[error("`{path}` is no disk image: {error}")]
    Table { path: PathBuf, error: PartitionTableError },
    // e2fsck's own `?offset=` does not survive its replay of a journal (seen with 1.47.0), so the way leads over a file.
    #[error(
        "partition {partition} of `{path}` was not unmounted and its journal holds changes; look at a copy.img of it that \
         is mended by `dd if=copy.img of=part.img bs=512 skip={start} count={sectors}`, `e2fsck -p part.img` and \
         `dd if=part.img of=copy.img bs=512 seek={start} conv=notrunc`"
    )]
    Dirty { path: PathBuf, partition: usize, start: u64, sectors: u64 },
    #[error("partition {partition} of `{path}`: {error}")]
    FileSystem { path: PathBuf, partition: usize, error: FileSystemError },
    #[error("no model of Raspberry Pi is called `{name}`; {known} are known, and names of device trees")]
    Board { name: String, known: String },
}

impl InspectError {
    /// What `error` of a partition's file system means to the user.
    fn of(path: &std::path::Path, partition: &Partition, error: FileSystemError) -> Self {
        let (path, number) = (path.to_owned(), partition.number);
        match error {
            FileSystemError::Ext4(Ext4ReadError::Dirty) => {
                let (start, sectors) = (partition.start / SECTOR, partition.length / SECTOR);
                Self::Dirty { path, partition: number, start, sectors }
            }
            error => Self::FileSystem { path, partition: number, error },
        }
    }
}
