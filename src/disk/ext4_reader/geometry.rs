//! The form of an ext2, ext3 or ext4 file system by its superblock: sizes, features, and where the records of each block
//! group lie.
//!
//! Source: Linux, `fs/ext4/super.c` (`descriptor_loc`, `ext4_geometry_check`) and `fs/ext4/balloc.c` (`ext4_bg_has_super`).

use mkext4::csum;
use mkext4::spec::{GroupDesc, Superblock, bg_flags, incompat, ro_compat};

use super::Ext4ReadError;
use crate::disk::Slice;

/// Where the superblock stands, in bytes.
pub(super) const SUPERBLOCK: u64 = 1024;

/// Largest block: 32 KiB, 2^5 times the smallest. Linux on most boards mounts none above 4 KiB.
const LARGEST_BLOCK: u32 = 5;

/// Extents number blocks with 48 bits.
const MOST_BLOCKS: u64 = 1 << 48;

/// Fewest blocks of a group that mke2fs makes.
const SMALLEST_GROUP: u32 = 256;

/// Bytes of a group descriptor without the feature 64bit.
const SHORT_DESCRIPTOR: u64 = 32;

/// Backups of the superblock stand in two groups that it names, not in many.
const SPARSE_SUPER2: u32 = 0x200;
const META_BG: u32 = 0x10;
const BIGALLOC: u32 = 0x200;

/// Features that change nothing for who reads names and contents, or that are understood here: with group descriptors
/// that lie in their groups (meta_bg, which Linux sets when it grows a file system), protection from a second mount (mmp),
/// large directories, and names that are equal whatever their capitals (casefold).
const UNDERSTOOD: u32 = incompat::READER | META_BG | 0x100 | 0x4000 | 0x2_0000;

/// Names of the others (e2fsprogs' names).
const FEATURES: [(u32, &str); 6] = [
    (0x1, "compression"),
    (0x8, "journal_dev"),
    (0x400, "ea_inode"),
    (0x1000, "dirdata"),
    (0x8000, "inline_data"),
    (0x1_0000, "encrypt"),
];

/// What the superblock says, checked so far that nobody divides by zero or counts beyond 2^63 with it.
#[derive(Debug)]
pub(super) struct Geometry {
    pub(super) superblock: Superblock,
    /// Bytes of a block.
    pub(super) block: u64,
    /// Blocks that one bit of a block bitmap stands for.
    pub(super) cluster: u64,
    /// Bytes of an inode's record.
    pub(super) inode: u64,
    /// What checksums begin with, where there are any (metadata_csum).
    pub(super) seed: Option<u32>,
    /// Bytes of a group's descriptor.
    descriptor: u64,
    /// The groups that sparse_super2 names.
    backups: [u32; 2],
}

impl Geometry {
    pub(super) fn read(slice: &Slice) -> Result<Self, Ext4ReadError> {
        let mut bytes = [0; Superblock::LEN];
        slice.read_exact_at(&mut bytes, SUPERBLOCK).map_err(mkext4::Error::Io)?;
        let superblock = Superblock::decode(&bytes)?;
        let wrong = |field, value: u64| Ext4ReadError::Superblock { field, value };
        if superblock.log_block_size > LARGEST_BLOCK {
            return Err(wrong("logarithm of the block size", superblock.log_block_size.into()));
        }
        if superblock.feature_incompat & incompat::RECOVER != 0 {
            return Err(Ext4ReadError::Dirty);
        }
        let unknown = superblock.feature_incompat & !UNDERSTOOD;
        if unknown != 0 {
            let names: Vec<&str> =
                FEATURES.iter().filter(|(bit, _)| unknown & bit != 0).map(|(_, name)| *name).collect();
            let names = if names.is_empty() { format!("{unknown:#x}") } else { names.join(", ") };
            return Err(Ext4ReadError::Features(names));
        }
        if superblock.feature_ro_compat & ro_compat::METADATA_CSUM != 0
            && csum::superblock(&bytes) != superblock.checksum
        {
            return Err(Ext4ReadError::SuperblockSum);
        }

        let block = 1024 << superblock.log_block_size;
        let bigalloc = superblock.feature_ro_compat & BIGALLOC != 0;
        let larger = superblock.log_cluster_size.checked_sub(superblock.log_block_size).filter(|larger| *larger <= 16);
        let cluster = match (bigalloc, larger) {
            (false, _) => 1,
            (true, Some(larger)) => 1 << larger,
            (true, None) => return Err(wrong("logarithm of the cluster size", superblock.log_cluster_size.into())),
        };
        let long = superblock.feature_incompat & incompat::BIT64 != 0;
        let number = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let geometry = Self {
            block,
            cluster,
            // The first revision had no field for it.
            inode: if superblock.rev_level == 0 { 128 } else { superblock.inode_size.into() },
            seed: (superblock.feature_ro_compat & ro_compat::METADATA_CSUM != 0).then(|| {
                let own = superblock.feature_incompat & incompat::CSUM_SEED != 0;
                if own { superblock.checksum_seed } else { csum::fs_seed(&superblock.uuid) }
            }),
            descriptor: if long { superblock.desc_size.into() } else { SHORT_DESCRIPTOR },
            backups: [number(0x24c), number(0x250)],
            superblock,
        };
        geometry.check(long)?;
        Ok(geometry)
    }

    fn check(&self, long: bool) -> Result<(), Ext4ReadError> {
        let superblock = &self.superblock;
        let bits = 8 * self.block;
        let sound = |field, value: u64, is_sound: bool| {
            if is_sound { Ok(()) } else { Err(Ext4ReadError::Superblock { field, value }) }
        };
        let (inode, descriptor) = (self.inode, self.descriptor);
        sound("inode size", inode, inode.is_power_of_two() && (128..=self.block).contains(&inode))?;
        let is_descriptor = descriptor.is_power_of_two() && (64..=self.block).contains(&descriptor);
        sound("descriptor size", descriptor, !long || is_descriptor)?;
        let first = superblock.first_data_block;
        sound("first block", first.into(), first <= u32::from(self.block == 1024))?;
        let blocks = superblock.blocks_count;
        sound("number of blocks", blocks, blocks > u64::from(first) && blocks <= MOST_BLOCKS)?;
        let per_group = superblock.blocks_per_group;
        let is_group = per_group >= SMALLEST_GROUP && u64::from(per_group) <= bits * self.cluster;
        sound("blocks per group", per_group.into(), is_group && u64::from(per_group).is_multiple_of(self.cluster))?;
        let inodes = superblock.inodes_per_group;
        sound("inodes per group", inodes.into(), inodes > 0 && u64::from(inodes) <= bits)?;
        let all = superblock.inodes_count;
        sound("number of inodes", all.into(), u64::from(all) <= u64::from(inodes) * self.groups())
    }

    /// How many block groups there are.
    pub(super) fn groups(&self) -> u64 {
        self.superblock.group_count()
    }

    /// Blocks of a group's inode table.
    pub(super) fn table(&self) -> u64 {
        (u64::from(self.superblock.inodes_per_group) * self.inode).div_ceil(self.block)
    }

    /// The bytes of `count` blocks from `start` on; both are within the file system.
    pub(super) fn bytes(&self, start: u64, count: u64) -> std::ops::Range<u64> {
        start * self.block..(start + count) * self.block
    }

    /// The first block of a group.
    pub(super) fn group_start(&self, group: u64) -> u64 {
        u64::from(self.superblock.first_data_block) + group * u64::from(self.superblock.blocks_per_group)
    }

    /// The block with the superblock.
    pub(super) fn superblock_block(&self) -> u64 {
        SUPERBLOCK / self.block
    }

    /// Reads the descriptor of `group`, whose tables lie in the file system.
    pub(super) fn group(&self, slice: &Slice, group: u64) -> Result<GroupDesc, Ext4ReadError> {
        let mut bytes = vec![0; usize::try_from(self.descriptor).map_err(|_| Ext4ReadError::Groups)?];
        let per_block = self.block / self.descriptor;
        let place = self.descriptors(group / per_block) * self.block + group % per_block * self.descriptor;
        slice.read_exact_at(&mut bytes, place).map_err(mkext4::Error::Io)?;
        let found = GroupDesc::decode(&bytes)?;
        for (start, blocks) in [(found.inode_table, self.table()), (found.block_bitmap, 1), (found.inode_bitmap, 1)] {
            if start.checked_add(blocks).is_none_or(|end| end > self.superblock.blocks_count) {
                return Err(Ext4ReadError::Groups);
            }
        }
        Ok(found)
    }

    /// Where the block of descriptors with the number `index` lies: behind the superblock, or with meta_bg in the first of
    /// the groups that it describes.
    fn descriptors(&self, index: u64) -> u64 {
        if index < self.flat() {
            return self.superblock_block() + 1 + index;
        }
        let group = index * (self.block / self.descriptor);
        // Blocks of 1024 bytes leave the first one to the boot loader, also where it counts as one of the group's.
        let shifted = self.block == 1024 && index == 0 && self.superblock.first_data_block == 0;
        self.group_start(group) + u64::from(self.has_superblock(group)) + u64::from(shifted)
    }

    /// How many blocks of descriptors stand behind the superblock and each of its copies.
    fn flat(&self) -> u64 {
        let all = self.groups().div_ceil(self.block / self.descriptor);
        let is_meta = self.superblock.feature_incompat & META_BG != 0;
        if is_meta { all.min(self.superblock.first_meta_bg.into()) } else { all }
    }

    /// Whether the superblock or a copy of it stands in `group`.
    fn has_superblock(&self, group: u64) -> bool {
        if group == 0 {
            return true;
        }
        if self.superblock.feature_compat & SPARSE_SUPER2 != 0 {
            return self.backups.iter().any(|backup| u64::from(*backup) == group);
        }
        let is_power = |base: u64| {
            let mut rest = group;
            while rest.is_multiple_of(base) {
                rest /= base;
            }
            rest == 1
        };
        self.superblock.feature_ro_compat & ro_compat::SPARSE_SUPER == 0
            || group == 1
            || [3, 5, 7].into_iter().any(is_power)
    }

    /// The blocks of `group` with the superblock, or a copy, and with descriptors and what is kept free for more of them.
    pub(super) fn copies(&self, group: u64) -> (std::ops::Range<u64>, std::ops::Range<u64>) {
        let start = if group == 0 { self.superblock_block() } else { self.group_start(group) };
        let behind = start + u64::from(self.has_superblock(group));
        let per_block = self.block / self.descriptor;
        let is_meta = group / per_block >= self.flat();
        // With meta_bg the first, the second and the last group of those that a block describes have it.
        let own = u64::from(is_meta && [0, 1, per_block - 1].contains(&(group % per_block)));
        let all = match is_meta {
            true => own,
            false if start == behind => 0,
            false => self.flat() + u64::from(self.superblock.reserved_gdt_blocks),
        };
        let end = self.superblock.blocks_count;
        (start.min(end)..behind.min(end), behind.min(end)..(behind + all).min(end))
    }

    /// Whether the block bitmap of `group` was never written, as nothing but its own records is in it.
    pub(super) fn is_untouched(&self, group: &GroupDesc) -> bool {
        group.flags & bg_flags::BLOCK_UNINIT != 0
            && self.superblock.feature_ro_compat & (ro_compat::METADATA_CSUM | ro_compat::GDT_CSUM) != 0
    }
}
