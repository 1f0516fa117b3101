//! The extents of a file, ext4's way to say where it lies.
//!
//! A forged tree whose nodes all lead to the same few blocks has 340 times as many extents on each of its five levels, which
//! is more than any memory holds. In a tree every block stands once, so it is no larger than its volume.

use mkext4::spec::Inode;
use mkext4::spec::extent::{self, Extent, ExtentHeader, ExtentIdx};
use mkext4::{Error, csum};

use super::Ext4;
use super::error::corrupt;
use super::mapping::{Budget, Run};

/// Levels below the inode's own, at most (Linux, `EXT4_MAX_EXTENT_DEPTH`).
const DEEPEST: u16 = 5;

/// The extents of the inode `number`, in the order of the tree.
pub(super) fn runs(ext4: &Ext4, number: u32, inode: &Inode, budget: &mut Budget) -> Result<Vec<Run>, Error> {
    let mut runs = Vec::new();
    // The next node last, with the depth that its parent asks for.
    let mut todo = vec![(inode.block.to_vec(), None)];
    while let Some((node, expected)) = todo.pop() {
        let header = ExtentHeader::decode(&node)?;
        if header.depth > DEEPEST {
            return Err(corrupt("extent tree", format!("it is {} levels deep", header.depth)));
        }
        if expected.is_some_and(|expected| header.depth != expected) {
            return Err(corrupt("extent tree", "a node of it is of another level than its parent says"));
        }
        let room = node.len().saturating_sub(ExtentHeader::LEN) / ExtentHeader::ENTRY_LEN;
        let entries = usize::from(header.entries);
        if entries > room {
            return Err(corrupt("extent tree", format!("a node of it has {entries} entries and room for {room}")));
        }
        if header.depth == 0 {
            for index in 0..entries {
                runs.push(run(Extent::decode(extent::entry(&node, index)))?);
            }
            continue;
        }
        let mut children = Vec::new();
        for index in 0..entries {
            let place = ExtentIdx::decode(extent::entry(&node, index)).leaf;
            let child = budget.node(ext4, place)?;
            check_sum(ext4, number, inode, place, &child)?;
            children.push((child, Some(header.depth - 1)));
        }
        todo.extend(children.into_iter().rev());
    }
    Ok(runs)
}

fn run(extent: Extent) -> Result<Run, Error> {
    if extent.is_empty() {
        return Err(corrupt("extent tree", "an extent of it has no blocks"));
    }
    Ok(Run {
        logical: extent.logical.into(),
        physical: extent.start,
        length: extent.len().into(),
        unwritten: extent.is_unwritten(),
    })
}

fn check_sum(ext4: &Ext4, number: u32, inode: &Inode, place: u64, node: &[u8]) -> Result<(), Error> {
    let Some(seed) = ext4.geometry.seed else { return Ok(()) };
    let expected = csum::extent_block(csum::inode_seed(seed, number, inode.generation), node);
    if node.last_chunk() == Some(&expected.to_le_bytes()) {
        return Ok(());
    }
    Err(corrupt("extent tree", format!("block {place} of it has a wrong checksum")))
}
