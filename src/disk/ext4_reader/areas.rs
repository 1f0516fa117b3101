//! What the blocks of an ext4 file system belong to.

use std::ops::Range;

use mkext4::spec::inode::FileType;

use super::mapping::{Budget, runs};
use super::{Ext4, Ext4ReadError};
use crate::disk::{Area, Areas, Listing};

/// Most runs of free blocks that are told one from the other.
const MOST_RUNS: usize = 1 << 22;

/// What every byte belongs to. A file that cannot be read owns nothing.
pub(super) fn areas(ext4: &Ext4, listing: &Listing) -> Result<Areas, Ext4ReadError> {
    let mut areas = Areas::default();
    let geometry = &ext4.geometry;
    for number in 0..geometry.groups() {
        let group = geometry.group(&ext4.slice, number)?;
        let (superblock, descriptors) = geometry.copies(number);
        areas.insert(geometry.bytes(group.inode_table, geometry.table()), Area::Records("inode tables"));
        areas.insert(geometry.bytes(group.block_bitmap, 1), Area::Records("bitmaps"));
        areas.insert(geometry.bytes(group.inode_bitmap, 1), Area::Records("bitmaps"));
        let name = if number == 0 { "superblock" } else { "copies of the superblock" };
        // The first of small blocks is the boot loader's.
        let start = if number == 0 { 0 } else { superblock.start };
        areas.insert(geometry.bytes(start, superblock.end - start), Area::Records(name));
        let length = descriptors.end - descriptors.start;
        areas.insert(geometry.bytes(descriptors.start, length), Area::Records("group descriptors"));
    }
    let mut budget = Budget::of(ext4);
    let mut own = |number, area: &Area| {
        let Ok((_, inode)) = ext4.inode(number) else { return };
        let is_short = inode.file_type() == FileType::Symlink && !inode.uses_extents() && inode.size < 60;
        if is_short || !matches!(inode.file_type(), FileType::Regular | FileType::Dir | FileType::Symlink) {
            return;
        }
        for run in runs(ext4, number, &inode, &mut budget).into_iter().flatten() {
            areas.insert(geometry.bytes(run.physical, run.length), area.clone());
        }
    };
    if geometry.superblock.journal_inum != 0 {
        own(geometry.superblock.journal_inum, &Area::Records("journal"));
    }
    for (number, path) in listing.inodes() {
        own(number, &Area::Path(path.clone()));
    }
    for run in free(ext4)? {
        areas.fill(run, &Area::Free);
    }
    Ok(areas)
}

/// The bytes that the block bitmaps call free, as many runs as are told.
fn free(ext4: &Ext4) -> Result<Vec<Range<u64>>, Ext4ReadError> {
    let geometry = &ext4.geometry;
    let end = geometry.superblock.blocks_count;
    let mut runs: Vec<Range<u64>> = Vec::new();
    for number in 0..geometry.groups() {
        let group = geometry.group(&ext4.slice, number)?;
        let (first, next) = (geometry.group_start(number), geometry.group_start(number + 1).min(end));
        // What its tables take, if it has any, is claimed already.
        let bitmap = if geometry.is_untouched(&group) { Vec::new() } else { ext4.block(group.block_bitmap)? };
        let bit = |cluster: usize| bitmap.get(cluster / 8).is_some_and(|byte| byte & (1 << (cluster % 8)) != 0);
        for (cluster, block) in (first..next).step_by(usize::try_from(geometry.cluster).unwrap_or(1)).enumerate() {
            if bit(cluster) {
                continue;
            }
            let count = geometry.cluster.min(next - block);
            let bytes = geometry.bytes(block, count);
            match runs.last_mut() {
                Some(last) if last.end == bytes.start => last.end = bytes.end,
                _ => runs.push(bytes),
            }
            if runs.len() > MOST_RUNS {
                return Ok(runs);
            }
        }
    }
    Ok(runs)
}
