//! The partitions of an image laid out, each with its place and its file system, ready to be written.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{BaseContents, ImageError, PartitionPlan};
use crate::disk::ext4::{self, Ext4Parameters};
use crate::disk::fat::fat32::{self, Fat32Parameters};
use crate::disk::mbr::{self, Mbr, PartitionRecord};
use crate::disk::{MIB, Region, SECTOR};
use crate::tree::{Tree, TreePath};

/// Where the first partition begins; a multiple of the erase blocks of common cards.
pub(super) const FIRST_START: u64 = 8 * MIB;

/// A partition with its place in the image, in bytes.
pub(super) struct PlannedPartition {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) volume: PlannedVolume,
}

pub(super) enum PlannedVolume {
    Boot(fat32::Volume),
    Root(Box<ext4::Volume>),
}

/// Lays out every partition that `contents` is to have, one behind the other. The files `last` of `tree`, the root file
/// system, get its last used blocks.
pub(super) fn plan(
    contents: &BaseContents<'_>,
    tree: &Tree,
    last: &[TreePath],
) -> Result<Vec<PlannedPartition>, ImageError> {
    let mut start = FIRST_START;
    let mut planned = Vec::new();
    for plan in &contents.layout.partitions {
        let (length, volume) = match plan {
            PartitionPlan::Boot { size, label } => {
                (*size, PlannedVolume::Boot(boot_volume(contents, start, *size, label)?))
            }
            PartitionPlan::Root { spare, label } => {
                let parameters = Ext4Parameters {
                    uuid: contents.ids.filesystem_uuid,
                    hash_seed: contents.ids.hash_seed,
                    epoch: contents.epoch,
                    label: label.clone(),
                    spare: *spare,
                };
                let volume = Box::new(ext4::Volume::plan(tree, last, &parameters)?);
                (volume.length(), PlannedVolume::Root(volume))
            }
        };
        planned.push(PlannedPartition { start, length, volume });
        start += length;
    }
    Ok(planned)
}

/// The table that says where `partitions` lie.
pub(super) fn table(partitions: &[PlannedPartition], signature: u32) -> Result<[u8; 512], ImageError> {
    let mut table = Mbr { signature, ..Mbr::default() };
    if partitions.len() > table.partitions.len() {
        return Err(ImageError::TooMany { wanted: partitions.len(), room: table.partitions.len() });
    }
    for (record, partition) in table.partitions.iter_mut().zip(partitions) {
        let (active, kind) = match partition.volume {
            PlannedVolume::Boot(_) => (true, mbr::FAT32_LBA),
            PlannedVolume::Root(_) => (false, mbr::LINUX),
        };
        let (start, sectors) =
            (sectors(partition.start, partition.length)?, sectors(partition.length, partition.length)?);
        *record = Some(PartitionRecord { active, kind, start, sectors });
    }
    Ok(table.encode()?)
}

impl PlannedPartition {
    /// About how many bytes it takes on the user's disk.
    pub(super) fn used(&self) -> u64 {
        match &self.volume {
            PlannedVolume::Boot(volume) => volume.used(),
            PlannedVolume::Root(_) => self.length,
        }
    }

    pub(super) fn write(&self, region: &mut Region<'_>) -> std::io::Result<()> {
        match &self.volume {
            PlannedVolume::Boot(volume) => volume.write(region),
            PlannedVolume::Root(volume) => volume.write(region),
        }
    }
}

fn boot_volume(contents: &BaseContents<'_>, start: u64, size: u64, label: &str) -> Result<fat32::Volume, ImageError> {
    if !size.is_multiple_of(MIB) {
        return Err(ImageError::BootSize(size));
    }
    let sectors_of = sectors(size, size)?;
    // The largest clusters, up to ext4's blocks, that leave enough of them to be FAT32.
    let sectors_per_cluster = [8, 4, 2].into_iter().find(|&count| sectors_of / u32::from(count) >= 70_000).unwrap_or(1);
    let parameters = Fat32Parameters {
        sectors: sectors_of,
        sectors_per_cluster,
        hidden_sectors: sectors(start, size)?,
        volume_id: contents.ids.fat_volume_id,
        label: label.to_owned(),
        epoch: contents.epoch,
    };
    let files: &BTreeMap<String, Bytes> = contents.boot;
    Ok(fat32::Volume::plan(files, parameters)?)
}

/// A place or the length of a partition of `length` bytes, as a partition table has it.
fn sectors(bytes: u64, length: u64) -> Result<u32, ImageError> {
    u32::try_from(bytes / SECTOR).map_err(|_| ImageError::TooLarge(length / MIB))
}
