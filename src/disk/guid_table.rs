//! The GUID partition table (GPT; UEFI specification 2.10, section 5.3): header and entries at the disk's start, a copy
//! at its end.
//!
//! The crate `gpt` knows the layout and the checksums. It believes what a header says, though: it panics on entries of
//! other than 128 bytes and takes as much memory as the header asks for. So this file looks at a header before the
//! crate reads entries by it, and at the entries before anybody uses them.

use std::collections::BTreeMap;
use std::io;

use gpt::disk::LogicalBlockSize;
use gpt::header::{Header, HeaderError, read_header_from_arbitrary_device};
use gpt::partition::{PartitionAttributes, file_read_partitions};
use uuid::Uuid;

use super::partition::{Partition, PartitionKind};
use super::{SECTOR, Slice};

/// Bytes of an entry. UEFI allows more, and no tool writes them.
const ENTRY: u32 = 128;

/// Most entries that are read: eight times what every tool makes room for.
const ENTRIES: u32 = 1024;

/// Sectors of the two headers and the MBR, the least that a disk with a GPT has.
const LEAST_SECTORS: u64 = 3;

/// Why a GPT cannot be read. Partitions are counted from 1.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GuidTableError {
    #[error(
        "its GUID partition table is lost: the one at the disk's start {start}, the one at its end {end}; \
         `gdisk` may find the partitions again"
    )]
    Lost { start: HeaderDamage, end: HeaderDamage },
    #[error("partition {0} of its GUID partition table ends before it begins or behind the end of the disk")]
    Place(usize),
    #[error("partitions {0} and {1} of its GUID partition table overlap")]
    Overlap(usize, usize),
}

/// Why one copy of a GPT cannot be used; the end of a sentence that begins with "the GUID partition table".
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum HeaderDamage {
    #[error("is not there")]
    Absent,
    #[error("has a header with a wrong checksum")]
    Header,
    #[error("has a header for sector {0}, where it does not stand")]
    Elsewhere(u64),
    #[error("has {count} entries of {size} bytes, and only up to {ENTRIES} of {ENTRY} are read")]
    Form { count: u32, size: u32 },
    #[error("has its entries outside of the disk")]
    Outside,
    #[error("has entries with a wrong checksum")]
    Entries,
    #[error("cannot be read ({0})")]
    Io(io::ErrorKind),
}

/// A GPT that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GuidTable {
    /// The disk's.
    pub(super) guid: Uuid,
    /// In the order of their numbers.
    pub(super) partitions: Vec<Partition>,
    /// One of the two copies, when it cannot be read and the other one was.
    pub(super) damaged_copy: Option<DamagedCopy>,
}

/// The copy of a GPT that cannot be read, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedCopy {
    pub place: CopyPlace,
    pub damage: HeaderDamage,
}

/// A GPT stands at both ends of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyPlace {
    Start,
    End,
}

/// A header that can be trusted, with its entries by number.
type Copy = (Header, BTreeMap<u32, gpt::partition::Partition>);

impl GuidTable {
    /// Reads the table of `disk`, from the end when the one at the start is damaged.
    pub(super) fn read(disk: &Slice) -> Result<Self, GuidTableError> {
        let sectors = disk.length() / SECTOR;
        if sectors < LEAST_SECTORS {
            return Err(GuidTableError::Lost { start: HeaderDamage::Absent, end: HeaderDamage::Absent });
        }
        let copies = (copy(disk, 1), copy(disk, sectors - 1));
        let (used, damaged_copy) = match copies {
            (Ok(start), Ok(_)) => (start, None),
            (Ok(start), Err(damage)) => (start, Some(DamagedCopy { place: CopyPlace::End, damage })),
            (Err(damage), Ok(end)) => (end, Some(DamagedCopy { place: CopyPlace::Start, damage })),
            (Err(start), Err(end)) => return Err(GuidTableError::Lost { start, end }),
        };
        let (header, entries) = used;
        let mut partitions = Vec::new();
        for (number, entry) in entries.into_iter().filter(|(_, entry)| entry.is_used()) {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            if entry.first_lba == 0 || entry.last_lba < entry.first_lba || entry.last_lba >= sectors {
                return Err(GuidTableError::Place(number));
            }
            partitions.push(Partition {
                number,
                start: entry.first_lba * SECTOR,
                length: (entry.last_lba - entry.first_lba + 1) * SECTOR,
                kind: PartitionKind::Gpt {
                    type_guid: entry.part_type_guid.guid,
                    guid: entry.part_guid,
                    name: entry.name,
                    attributes: entry.flags,
                },
                bootable: entry.flags & PartitionAttributes::BOOTABLE.bits() != 0,
            });
        }
        no_overlap(&partitions)?;
        Ok(Self { guid: header.disk_guid, partitions, damaged_copy })
    }
}

/// The copy whose header stands in sector `place`.
fn copy(disk: &Slice, place: u64) -> Result<Copy, HeaderDamage> {
    // The crate finds a header in the second sector of what it is given, and nowhere else.
    let mut around = disk.part((place - 1) * SECTOR, 2 * SECTOR).map_err(|error| HeaderDamage::Io(error.kind()))?;
    let header =
        read_header_from_arbitrary_device(&mut around, LogicalBlockSize::Lb512).map_err(|error| match error {
            HeaderError::InvalidGptSignature => HeaderDamage::Absent,
            HeaderError::Io(error) => HeaderDamage::Io(error.kind()),
            _ => HeaderDamage::Header,
        })?;
    if header.current_lba != place {
        return Err(HeaderDamage::Elsewhere(header.current_lba));
    }
    if header.part_size != ENTRY || header.num_parts > ENTRIES {
        return Err(HeaderDamage::Form { count: header.num_parts, size: header.part_size });
    }
    let bytes = u64::from(ENTRY) * u64::from(header.num_parts);
    let end = header.part_start.checked_mul(SECTOR).and_then(|start| start.checked_add(bytes));
    if header.part_start == 0 || end.is_none_or(|end| end > disk.length()) {
        return Err(HeaderDamage::Outside);
    }
    let mut whole = disk.part(0, disk.length()).map_err(|error| HeaderDamage::Io(error.kind()))?;
    match file_read_partitions(&mut whole, &header, LogicalBlockSize::Lb512) {
        Ok(entries) => Ok((header, entries)),
        // The crate's own kind for a wrong checksum; an error of the disk has another.
        Err(error) if error.kind() == io::ErrorKind::Other => Err(HeaderDamage::Entries),
        Err(error) => Err(HeaderDamage::Io(error.kind())),
    }
}

fn no_overlap(partitions: &[Partition]) -> Result<(), GuidTableError> {
    let mut sorted: Vec<&Partition> = partitions.iter().collect();
    sorted.sort_by_key(|partition| partition.start);
    match sorted.windows(2).find(|pair| pair[0].start + pair[0].length > pair[1].start) {
        Some(pair) => {
            let (one, other) = (pair[0].number, pair[1].number);
            Err(GuidTableError::Overlap(one.min(other), one.max(other)))
        }
        None => Ok(()),
    }
}

impl std::fmt::Display for DamagedCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bad, good) = match self.place {
            CopyPlace::Start => ("start", "end"),
            CopyPlace::End => ("end", "start"),
        };
        write!(f, "the GUID partition table at the disk's {bad} {}; the one at its {good} counts", self.damage)
    }
}
