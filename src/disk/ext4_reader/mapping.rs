//! Which blocks of the disk hold a file: by extents, or by the block map of ext2 and ext3.

use std::collections::BTreeSet;

use mkext4::Error;
use mkext4::spec::Inode;

use super::error::corrupt;
use super::{Ext4, block_map, extent_tree};

/// Blocks of a file that follow one another on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The first block's number within the file.
    pub(super) logical: u64,
    /// The first block's number within the file system.
    pub(super) physical: u64,
    pub(super) length: u64,
    /// Set aside and never written: it is read as zeros.
    pub(super) unwritten: bool,
}

/// How many blocks may still be claimed. In a sound file system every block has one owner, so that all its files together
/// have no more blocks than it has; a forged one has files that each claim all of it.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
    /// Nodes of the file that is read at the moment: a block stands once in it.
    nodes: BTreeSet<u64>,
}

impl Budget {
    pub(super) fn of(ext4: &Ext4) -> Self {
        Self { left: ext4.geometry.superblock.blocks_count, nodes: BTreeSet::new() }
    }

    /// Reads `block`, a node of a file's tree of blocks.
    pub(super) fn node(&mut self, ext4: &Ext4, block: u64) -> Result<Vec<u8>, Error> {
        if !self.nodes.insert(block) {
            return Err(corrupt("tree of blocks", format!("block {block} stands in it twice")));
        }
        self.take(1)?;
        ext4.block(block)
    }

    fn take(&mut self, blocks: u64) -> Result<(), Error> {
        let left = self.left.checked_sub(blocks);
        self.left = left.ok_or_else(|| corrupt("file", "it claims more blocks than the file system has left"))?;
        Ok(())
    }
}

/// The runs of the file with the inode `number`, ascending and apart.
pub(super) fn runs(ext4: &Ext4, number: u32, inode: &Inode, budget: &mut Budget) -> Result<Vec<Run>, Error> {
    budget.nodes.clear();
    let runs = if inode.uses_extents() {
        extent_tree::runs(ext4, number, inode, budget)?
    } else {
        block_map::runs(ext4, inode, budget)?
    };
    let blocks = ext4.geometry.superblock.blocks_count;
    let mut end = 0;
    for run in &runs {
        if run.logical < end {
            return Err(corrupt("file", format!("its block {} is mapped twice", run.logical)));
        }
        if run.physical == 0 || run.physical.checked_add(run.length).is_none_or(|end| end > blocks) {
            return Err(corrupt("file", format!("its block {} lies outside of the file system", run.logical)));
        }
        end = run.logical + run.length;
    }
    budget.take(runs.iter().map(|run| run.length).sum())?;
    Ok(runs)
}
