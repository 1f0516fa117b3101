//! How large an ext4 file system must be for a tree, in the geometry that the crate `mkext4` uses.
//!
//! An upper bound, a few blocks above the truth: 4 KiB blocks, 32768 to a group, 16 groups to a flex group, backups of
//! the superblock in groups 1 and the powers of 3, 5 and 7, inodes of 256 bytes. What a tree's directories take is
//! bounded from the lengths of their names.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::tree::{Kind, NodeId, Tree};

use super::{BLOCK, MIB};

const BLOCKS_PER_GROUP: u64 = 32_768;
const GROUPS_PER_FLEX: u64 = 16;
const INODES_PER_BLOCK: u64 = 16;
/// Inodes that the file system has for itself.
const OWN_INODES: u64 = 11;
/// Bytes of a directory block that names can fill.
const DIRECTORY_BLOCK: u64 = 4084;
/// The longest record of a name, which is the most that the end of a directory block can leave empty.
const LONGEST_RECORD: u64 = 264;

/// Length and inner measures of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// A multiple of 1 MiB.
    pub(super) bytes: u64,
    pub(super) inodes: u32,
    pub(super) journal_blocks: u32,
}

/// What a tree needs: blocks for content and names, and inodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Content {
    blocks: u64,
    inodes: u64,
}

impl Size {
    /// The least size that holds `tree` and `spare` further bytes; none when inode numbers or sizes run out.
    /// `data` is what is written of each file.
    pub(super) fn of(tree: &Tree, data: &BTreeMap<NodeId, Vec<Range<u64>>>, spare: u64) -> Option<Self> {
        Self::fit(Content::of(tree, data), spare.div_ceil(BLOCK))
    }

    fn fit(content: Content, spare: u64) -> Option<Self> {
        let step = MIB / BLOCK;
        // A file system of 16 MiB is the smallest that may have a journal of 1024 blocks, a quarter of itself.
        let mut blocks = 16 * step;
        loop {
            let groups = blocks.div_ceil(BLOCKS_PER_GROUP);
            // One inode for 16 KiB, as mke2fs has it; groups that come when the file system grows get as many.
            let inodes = (blocks / 4).max(content.inodes + content.inodes / 8 + 1024);
            let per_group = inodes.div_ceil(groups).next_multiple_of(INODES_PER_BLOCK);
            if per_group > BLOCKS_PER_GROUP {
                blocks += BLOCKS_PER_GROUP;
                continue;
            }
            let table = per_group / INODES_PER_BLOCK;
            let descriptors = (groups * 32).div_ceil(BLOCK);
            let journal_blocks = journal(blocks);
            let backups = (1..groups).filter(|&group| has_backup(group)).count().try_into().unwrap_or(groups);
            let mut needed = content.blocks + spare + u64::from(journal_blocks);
            needed += (1 + backups) * (1 + descriptors) + groups * (2 + table);
            if GROUPS_PER_FLEX * (2 + table) + 1 + descriptors > BLOCKS_PER_GROUP {
                // A table that meets a backup superblock is moved behind it and leaves a gap.
                needed += groups.div_ceil(GROUPS_PER_FLEX) * GROUPS_PER_FLEX * table;
            }
            // The last group must hold what a group may have to hold, or there is no placing it.
            let tail = blocks % BLOCKS_PER_GROUP;
            let least = 1 + descriptors + 2 + table + 64;
            if tail > 0 && tail < least {
                needed = needed.max(blocks - tail + least);
            }
            if needed <= blocks {
                let inodes = u32::try_from(inodes).ok()?;
                return Some(Self { bytes: blocks.checked_mul(BLOCK)?, inodes, journal_blocks });
            }
            blocks = needed.next_multiple_of(step);
            u32::try_from(blocks).ok()?;
        }
    }
}

impl Content {
    fn of(tree: &Tree, data: &BTreeMap<NodeId, Vec<Range<u64>>>) -> Self {
        let mut content = Self { blocks: 4, inodes: OWN_INODES };
        let mut seen = BTreeSet::new();
        let mut names: BTreeMap<_, (u64, u64)> = BTreeMap::new();
        for (path, id, node) in tree.iter() {
            if let (Some(parent), Some(name)) = (path.parent(), path.name()) {
                let entry = names.entry(parent).or_default();
                entry.0 += (8 + length(name)).next_multiple_of(4);
                entry.1 += 1;
            }
            if !seen.insert(id) {
                continue;
            }
            content.inodes += 1;
            content.blocks += match &node.kind {
                Kind::File(_) => file_blocks(data.get(&id).map_or(&[], Vec::as_slice)),
                Kind::Symlink(target) => u64::from(target.len() > 59),
                Kind::Directory | Kind::CharDevice { .. } | Kind::BlockDevice { .. } | Kind::Fifo | Kind::Socket => 0,
            };
            content.blocks += u64::from(!node.xattrs.is_empty());
            if node.is_directory() {
                names.entry(path.clone()).or_default();
            }
        }
        content.blocks += names.values().map(|&(bytes, _)| directory_blocks(bytes)).sum::<u64>();
        content
    }
}

/// Blocks of a file's content and of its extent tree, which it needs when it is torn into more than four extents: by holes,
/// at group borders and after 32768 blocks. Holes that a file may have and does not (the caller wants it whole) make the
/// bound a little higher.
fn file_blocks(parts: &[Range<u64>]) -> u64 {
    let data = parts.iter().map(|part| (part.end - part.start).div_ceil(BLOCK)).sum::<u64>();
    let parts = u64::try_from(parts.len()).unwrap_or(u64::MAX);
    let extents = parts + 2 + data / BLOCKS_PER_GROUP * 3;
    if extents > 4 { data + extents.div_ceil(340) + 1 } else { data }
}

/// Blocks of a directory whose records take `bytes`, with `.`, `..` and, when it is large, its index.
fn directory_blocks(bytes: u64) -> u64 {
    let bytes = bytes + 24 + 20;
    if bytes <= DIRECTORY_BLOCK {
        return 1;
    }
    let leaves = bytes.div_ceil(DIRECTORY_BLOCK - LONGEST_RECORD);
    leaves + leaves.div_ceil(500) + 2
}

/// 16 MiB once that is no large part, 4 MiB (the least that Linux takes) before. A card whose logs stay in memory
/// writes little; mke2fs would take more for a large card, but a journal does not grow with its file system.
fn journal(blocks: u64) -> u32 {
    if blocks >= BLOCKS_PER_GROUP { 4096 } else { 1024 }
}

fn has_backup(group: u64) -> bool {
    let power_of = |base: u64| {
        std::iter::successors(Some(base), |power| power.checked_mul(base))
            .take_while(|&power| power <= group)
            .any(|power| power == group)
    };
    group == 1 || power_of(3) || power_of(5) || power_of(7)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn backups_are_where_sparse_super_puts_them() {
        let groups: Vec<u64> = (0..130).filter(|&group| has_backup(group)).collect();
        assert_eq!(groups, [1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
    }

    #[test]
    fn a_typical_root_is_a_little_larger_than_its_content() {
        let content = Content { blocks: 120_000, inodes: 14_000 };
        let size = Size::fit(content, 64 * MIB / BLOCK).expect("it fits");
        assert_eq!((size.bytes / MIB, size.inodes, size.journal_blocks), (558, 35_712, 4096));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// mkext4 itself says whether the bound is one: a single file takes all the blocks.
        #[test]
        fn what_is_said_to_fit_does(blocks in 1u64..2_500_000, inodes in 20u64..60_000, spare in 0u64..20_000) {
            let content = Content { blocks: file_blocks(std::slice::from_ref(&(0..blocks * BLOCK))) + 5 + inodes / 100, inodes };
            let size = Size::fit(content, spare).expect("it fits");
            prop_assert_eq!(size.bytes % MIB, 0);
            let mut options = mkext4::Options::new(size.bytes, [7; 16], 0);
            options.inodes = mkext4::InodeCount::Exact(size.inodes);
            options.journal_blocks = Some(size.journal_blocks);
            let mut builder = mkext4::FsBuilder::new(options).expect("options");
            let meta = mkext4::Meta::new(0o644, 0, 0, (0, 0));
            builder.file(mkext4::ROOT, "big", meta, blocks * BLOCK).expect("a file");
            prop_assert!(builder.seal().is_ok());
        }
    }
}
