//! The boot sector of a FAT file system: what kind it is, and where its parts lie.

use super::FatReadError;
use crate::disk::Slice;

/// Bytes of a directory entry.
const ENTRY: u64 = 32;

/// The most clusters of FAT12 and FAT16. Linux decides by these and by the field of FAT32's table length, so that small
/// FAT32 file systems are read too.
const FAT12_CLUSTERS: u64 = 4084;
const FAT16_CLUSTERS: u64 = 65_524;
const FAT32_CLUSTERS: u64 = 0x0fff_fff5;

/// How wide the entries of the allocation table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Fat12,
    Fat16,
    Fat32,
}

/// What the boot sector says. Places are in bytes from the start of the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BootSector {
    pub(super) width: Width,
    pub(super) cluster_bytes: u64,
    /// Clusters are numbered from 2 on.
    pub(super) clusters: u32,
    /// The first allocation table.
    pub(super) tables: u64,
    /// The allocation table that counts.
    pub(super) table: u64,
    /// Behind the tables: FAT12's and FAT16's root directory.
    pub(super) root: u64,
    /// The first cluster of FAT32's root directory; 0 on the others.
    pub(super) root_cluster: u32,
    /// The clusters.
    pub(super) data: u64,
    /// The end by the boot sector.
    pub(super) end: u64,
    pub(super) volume_id: u32,
    /// Padded with spaces; empty when there is none.
    pub(super) label: Vec<u8>,
}

impl BootSector {
    /// Reads the boot sector of `volume` and checks all that the reader relies on. The clusters may end behind the
    /// slice, as those of an image that is cut off do; the tables may not.
    pub(super) fn read(volume: &Slice) -> Result<Self, FatReadError> {
        let mut sector = [0; 512];
        volume.read_exact_at(&mut sector, 0)?;
        let byte = |at: usize| u64::from(sector[at]);
        let short = |at: usize| u64::from(u16::from_le_bytes([sector[at], sector[at + 1]]));
        let long = |at: usize| u32::from_le_bytes(std::array::from_fn(|index| sector[at + index]));
        let either = |first: u64, second: u32| if first == 0 { u64::from(second) } else { first };

        let size =
            checked("bytes per sector", short(11), |size| size.is_power_of_two() && (512..=4096).contains(&size))?;
        let per_cluster = checked("sectors per cluster", byte(13), |count| count.is_power_of_two() && count <= 128)?;
        let reserved = checked("reserved sectors", short(14), |count| count > 0)?;
        let tables = checked("number of tables", byte(16), |count| count > 0)?;
        let is_fat32 = short(22) == 0;
        let per_table = either(short(22), long(36));
        checked("sectors per table", per_table, |count| count > 0)?;
        let sectors = checked("sectors", either(short(19), long(32)), |count| count > 0)?;
        let root_entries = checked("entries of the root directory", short(17), |count| is_fat32 == (count == 0))?;

        // All factors have at most 32 bits, so that nothing overflows 64.
        let start = reserved * size;
        let root = start + tables * per_table * size;
        let data = root + (root_entries * ENTRY).next_multiple_of(size);
        let end = sectors * size;
        if data > volume.length() {
            return Err(FatReadError::Outside { part: "its tables", end: data, length: volume.length() });
        }
        if data >= end {
            return Err(FatReadError::Outside { part: "its tables", end: data, length: end });
        }

        let cluster_bytes = per_cluster * size;
        let counted = (end - data) / cluster_bytes;
        let (width, most, bits) = match counted {
            _ if is_fat32 => (Width::Fat32, FAT32_CLUSTERS, 32),
            ..=FAT12_CLUSTERS => (Width::Fat12, FAT12_CLUSTERS, 12),
            _ => (Width::Fat16, FAT16_CLUSTERS, 16),
        };
        checked("number of clusters", counted, |count| count > 0 && count <= most)?;
        // A cluster without an entry in the table does not count.
        let clusters = counted.min((per_table * size * 8 / bits).saturating_sub(2));
        let flags = if is_fat32 { short(40) } else { 0 };
        let mirrored = flags & 0x80 == 0;
        let active = if mirrored { 0 } else { flags & 0x0f };
        checked("number of the table that counts", active, |number| number < tables)?;
        // Only behind this mark do volume id and label stand.
        let names = if is_fat32 { 66 } else { 38 };
        let named = sector[names] == 0x29;
        Ok(Self {
            width,
            cluster_bytes,
            clusters: u32::try_from(clusters).unwrap_or(0),
            tables: start,
            table: start + active * per_table * size,
            root,
            root_cluster: if is_fat32 { long(44) } else { 0 },
            data,
            end,
            volume_id: if named { long(names + 1) } else { 0 },
            label: if named { sector[names + 5..names + 16].to_vec() } else { Vec::new() },
        })
    }

    /// The last cluster's number.
    pub(super) fn last_cluster(&self) -> u32 {
        self.clusters + 1
    }

    /// Where `cluster`, one that there is, begins.
    pub(super) fn place(&self, cluster: u32) -> u64 {
        self.data + u64::from(cluster.saturating_sub(2)) * self.cluster_bytes
    }
}

fn checked(field: &'static str, value: u64, is_sound: impl Fn(u64) -> bool) -> Result<u64, FatReadError> {
    if is_sound(value) { Ok(value) } else { Err(FatReadError::BootSector { field, value }) }
}
