//! The partitions of a disk, whatever form its table has: MBR ("DOS label") or GUID partition table (GPT).
//!
//! Only primary partitions of an MBR are read. An extended partition is listed as the one record that it is; the
//! logical partitions in it would have numbers from 5 on.

use std::io;

use uuid::Uuid;

use super::guid_table::{DamagedCopy, GuidTable, GuidTableError};
use super::mbr::{Mbr, MbrError};
use super::partition::{Partition, PartitionKind};
use super::{SECTOR, Slice};

/// A disk's partitions and the identity that its table gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionTable {
    pub identity: DiskIdentity,
    /// In the order of their numbers.
    pub partitions: Vec<Partition>,
    /// One of GPT's two copies, when it cannot be read and the other one was.
    pub damaged_copy: Option<DamagedCopy>,
}

/// What a table calls the whole disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskIdentity {
    /// An MBR's disk signature.
    Signature(u32),
    /// A GPT's disk GUID.
    Guid(Uuid),
}

/// Why a disk's partitions cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PartitionTableError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Mbr(#[from] MbrError),
    #[error(transparent)]
    Gpt(#[from] GuidTableError),
}

impl PartitionTable {
    /// Reads the table of `disk`.
    ///
    /// GPT counts where the MBR has a record for it, even beside other records (a "hybrid" MBR): Linux decides so, and an
    /// MBR has no room for all of GPT's partitions. Those other records are there for firmware that knows no GPT. Without
    /// the record for it, a GPT is the rest of what the disk once held, and the MBR counts.
    pub fn read(disk: &Slice) -> Result<Self, PartitionTableError> {
        let sector = first_sector(disk)?;
        if Mbr::announces_gpt(&sector) {
            let GuidTable { guid, partitions, damaged_copy } = GuidTable::read(disk)?;
            return Ok(Self { identity: DiskIdentity::Guid(guid), partitions, damaged_copy });
        }
        Ok(Self::of_mbr(&Mbr::decode(&sector)?))
    }

    /// Reads the records of the MBR, also those of a hybrid or protective one. The boot ROM of the Pi 3 and of older
    /// boards knows nothing else, and the Pi 4's boot loader knows GPT only since 2020.
    pub fn read_mbr_alone(disk: &Slice) -> Result<Self, PartitionTableError> {
        Ok(Self::of_mbr(&Mbr::decode(&first_sector(disk)?)?))
    }

    fn of_mbr(mbr: &Mbr) -> Self {
        let records = (1..).zip(mbr.partitions).filter_map(|(number, record)| Some((number, record?)));
        let partitions = records.map(|(number, record)| Partition {
            number,
            start: u64::from(record.start) * SECTOR,
            length: u64::from(record.sectors) * SECTOR,
            kind: PartitionKind::Mbr(record.kind),
            bootable: record.active,
        });
        Self { identity: DiskIdentity::Signature(mbr.signature), partitions: partitions.collect(), damaged_copy: None }
    }

    /// What the kernel calls `partition` of this disk: `root=PARTUUID=<this>`.
    pub fn partuuid(&self, partition: &Partition) -> String {
        match (&partition.kind, self.identity) {
            (PartitionKind::Gpt { guid, .. }, _) => guid.to_string(),
            (PartitionKind::Mbr(_), identity) => format!("{identity}-{:02x}", partition.number),
        }
    }
}

fn first_sector(disk: &Slice) -> io::Result<[u8; 512]> {
    let mut sector = [0; 512];
    disk.read_exact_at(&mut sector, 0)?;
    Ok(sector)
}

/// As Linux writes it: eight hexadecimal digits, or a GUID in small letters.
impl std::fmt::Display for DiskIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signature(signature) => write!(f, "{signature:08x}"),
            Self::Guid(guid) => guid.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
