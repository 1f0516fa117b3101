//! The partition table in a disk's first sector (MBR, "DOS label"): four primary partitions and the disk signature.
//!
//! Layout as in the UEFI specification 2.10, section 5.2.1; cylinder-head-sector fields as sfdisk (util-linux) writes
//! them for 255 heads and 63 sectors. Out of scope: extended partitions, boot code, sectors of other than 512 bytes.

/// Heads and sectors of the made-up geometry that every tool assumes.
const HEADS: u32 = 255;
const SECTORS_PER_TRACK: u32 = 63;

/// Where the signature and the first record stand in the sector.
const SIGNATURE: usize = 440;
const RECORDS: usize = 446;
const RECORD: usize = 16;

/// FAT32, addressed by sector number.
pub const FAT32_LBA: u8 = 0x0c;

/// Any Linux file system.
pub const LINUX: u8 = 0x83;

/// Stands for a GUID partition table, to those who know only this one.
const GPT_PROTECTIVE: u8 = 0xee;

/// A partition table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mbr {
    pub signature: u32,
    pub partitions: [Option<PartitionRecord>; 4],
}

/// The record of a primary partition; places and lengths in sectors of 512 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionRecord {
    /// Whether the record is marked as the one to boot from.
    pub active: bool,
    /// The type byte; never 0.
    pub kind: u8,
    pub start: u32,
    pub sectors: u32,
}

/// Why a partition table cannot be written or read. Partitions are counted from 1.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MbrError {
    #[error("partitions {0} and {1} overlap; move or shorten one of them")]
    Overlap(usize, usize),
    #[error("partition {0} is empty, has type 0, covers the table itself or ends behind sector 2^32; mend its record")]
    Record(usize),
    #[error("there is no partition table: the first sector does not end in 55 aa")]
    Absent,
}

impl Mbr {
    /// The sector.
    pub fn encode(&self) -> Result<[u8; 512], MbrError> {
        self.check()?;
        let mut sector = [0; 512];
        sector[SIGNATURE..SIGNATURE + 4].copy_from_slice(&self.signature.to_le_bytes());
        for (index, partition) in self.partitions.iter().enumerate() {
            if let Some(partition) = partition {
                let at = RECORDS + index * RECORD;
                sector[at..at + RECORD].copy_from_slice(&partition.encode());
            }
        }
        sector[510..].copy_from_slice(&[0x55, 0xaa]);
        Ok(sector)
    }

    /// Reads a sector. Cylinder-head-sector fields are not looked at, as nothing does since LBA.
    pub fn decode(sector: &[u8; 512]) -> Result<Self, MbrError> {
        if sector[510..] != [0x55, 0xaa] {
            return Err(MbrError::Absent);
        }
        let number = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| sector[at + byte]));
        let partitions = std::array::from_fn(|index| {
            let at = RECORDS + index * RECORD;
            let (active, kind) = (sector[at] == 0x80, sector[at + 4]);
            (kind != 0).then(|| PartitionRecord { active, kind, start: number(at + 8), sectors: number(at + 12) })
        });
        let table = Self { signature: number(SIGNATURE), partitions };
        table.check()?;
        Ok(table)
    }

    /// Whether a record of `sector` says that there is a GUID partition table. The records beside it need not be sound
    /// then, as nobody goes by them.
    pub fn announces_gpt(sector: &[u8; 512]) -> bool {
        let kind = |index: usize| sector[RECORDS + index * RECORD + 4];
        sector[510..] == [0x55, 0xaa] && (0..4).any(|index| kind(index) == GPT_PROTECTIVE)
    }

    fn check(&self) -> Result<(), MbrError> {
        let used: Vec<(usize, PartitionRecord)> = self
            .partitions
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| slot.map(|partition| (index + 1, partition)))
            .collect();
        for (position, (number, partition)) in used.iter().enumerate() {
            let end = partition.end().ok_or(MbrError::Record(*number))?;
            if partition.kind == 0 || partition.start == 0 || partition.sectors == 0 {
                return Err(MbrError::Record(*number));
            }
            for (other_number, other) in &used[position + 1..] {
                let other_end = other.end().ok_or(MbrError::Record(*other_number))?;
                if partition.start <= other_end && other.start <= end {
                    return Err(MbrError::Overlap(*number, *other_number));
                }
            }
        }
        Ok(())
    }
}

impl PartitionRecord {
    /// The last sector; none when it cannot be counted.
    fn end(&self) -> Option<u32> {
        self.start.checked_add(self.sectors.saturating_sub(1))
    }

    fn encode(&self) -> [u8; RECORD] {
        let mut record = [0; RECORD];
        record[0] = if self.active { 0x80 } else { 0 };
        record[1..4].copy_from_slice(&cylinder_head_sector(self.start));
        record[4] = self.kind;
        record[5..8].copy_from_slice(&cylinder_head_sector(self.end().unwrap_or(u32::MAX)));
        record[8..12].copy_from_slice(&self.start.to_le_bytes());
        record[12..].copy_from_slice(&self.sectors.to_le_bytes());
        record
    }
}

/// Sector number `lba` in the old form; behind cylinder 1023 the highest value, as sfdisk has it.
fn cylinder_head_sector(lba: u32) -> [u8; 3] {
    let (cylinder, rest) = (lba / (HEADS * SECTORS_PER_TRACK), lba % (HEADS * SECTORS_PER_TRACK));
    if cylinder > 1023 {
        return [0xfe, 0xff, 0xff];
    }
    let byte = |value: u32| value.to_le_bytes()[0];
    [byte(rest / SECTORS_PER_TRACK), byte(rest % SECTORS_PER_TRACK + 1) | byte((cylinder >> 8) << 6), byte(cylinder)]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::disk::judge;

    fn table(boot_sectors: u32, root_start: u32, root_sectors: u32) -> Mbr {
        Mbr {
            signature: 0xdead_beef,
            partitions: [
                Some(PartitionRecord { active: true, kind: FAT32_LBA, start: 16384, sectors: boot_sectors }),
                Some(PartitionRecord { active: false, kind: LINUX, start: root_start, sectors: root_sectors }),
                None,
                None,
            ],
        }
    }

    #[test]
    fn the_sector_is_the_one_that_sfdisk_writes() {
        for (boot, root_start, root) in
            [(524_288, 540_672, 1_228_800), (2048, 18432, 6144), (16_000_000, 16_450_559, 40_000_000)]
        {
            let file = tempfile::NamedTempFile::new().expect("a temporary file");
            file.as_file().set_len((u64::from(root_start) + u64::from(root)) * 512).expect("a sparse file");
            let script = format!(
                "label: dos\nlabel-id: 0xdeadbeef\nunit: sectors\n\
                 start=16384, size={boot}, type=c, bootable\nstart={root_start}, size={root}, type=83\n"
            );
            judge::run_with_input("sfdisk", &["-q".as_ref(), file.path().as_os_str()], script.as_bytes());
            let mut theirs = [0; 512];
            file.as_file().read_exact_at(&mut theirs, 0).expect("the first sector");
            let ours = table(boot, root_start, root);
            assert_eq!(ours.encode().expect("a sound table"), theirs);
            assert_eq!(Mbr::decode(&theirs), Ok(ours));
        }
    }

    #[test]
    fn overlaps_are_named() {
        assert_eq!(table(2048, 18431, 10).encode(), Err(MbrError::Overlap(1, 2)));
        assert!(table(2048, 18432, 10).encode().is_ok());
    }

    #[test]
    fn records_that_mean_nothing_are_refused() {
        assert_eq!(table(2048, 18432, 0).encode(), Err(MbrError::Record(2)));
        assert_eq!(table(2048, 18432, u32::MAX).encode(), Err(MbrError::Record(2)));
        assert_eq!(Mbr::decode(&[0; 512]), Err(MbrError::Absent));
    }
}
