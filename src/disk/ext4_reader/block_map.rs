//! The block map of a file, ext2's and ext3's way to say where it lies: twelve numbers of blocks in the inode, then a block
//! of numbers, a block of such blocks, and a block of those.

use mkext4::Error;
use mkext4::spec::Inode;

use super::Ext4;
use super::mapping::{Budget, Run};

/// Numbers in the inode that name a block of the file, and those behind them that name a tree of 1, 2 and 3 levels.
const DIRECT: usize = 12;
const TREES: u32 = 3;

/// Blocks that are zeros in the map are holes. What lies behind the file's size is not looked at.
pub(super) fn runs(ext4: &Ext4, inode: &Inode, budget: &mut Budget) -> Result<Vec<Run>, Error> {
    let per_block = ext4.geometry.block / 4;
    let mut map = Map { runs: Vec::new(), next: 0, end: inode.size.div_ceil(ext4.geometry.block) };
    let numbers = numbers(&inode.block);
    for &block in numbers.iter().take(DIRECT) {
        map.add(block, 1);
    }
    for (levels, &block) in (1..=TREES).zip(numbers.iter().skip(DIRECT)) {
        map.tree(ext4, block, levels, per_block, budget)?;
    }
    Ok(map.runs)
}

/// What was read of a map so far.
struct Map {
    runs: Vec<Run>,
    /// The block of the file that comes next, and the one behind its last.
    next: u64,
    end: u64,
}

impl Map {
    /// Takes `count` blocks of the file from `block` on, or a hole.
    fn add(&mut self, block: u32, count: u64) {
        let (logical, physical) = (self.next, u64::from(block));
        self.next += count;
        if block == 0 || logical >= self.end {
            return;
        }
        match self.runs.last_mut() {
            Some(run) if run.logical + run.length == logical && run.physical + run.length == physical => {
                run.length += 1;
            }
            _ => self.runs.push(Run { logical, physical, length: 1, unwritten: false }),
        }
    }

    /// Takes the tree in `block` of so many levels.
    fn tree(&mut self, ext4: &Ext4, block: u32, levels: u32, per_block: u64, budget: &mut Budget) -> Result<(), Error> {
        if block == 0 || self.next >= self.end {
            // At most 2^39 blocks, and that three times.
            self.add(0, per_block.pow(levels));
            return Ok(());
        }
        for number in numbers(&budget.node(ext4, block.into())?) {
            match levels {
                1 => self.add(number, 1),
                _ => self.tree(ext4, number, levels - 1, per_block, budget)?,
            }
        }
        Ok(())
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|number| Some(u32::from_le_bytes(number.try_into().ok()?))).collect()
}
