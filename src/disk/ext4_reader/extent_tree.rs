//! Whether the extents of a file make a tree, looked at before anybody lists them.
//!
//! A forged one whose nodes all lead to the same few blocks has 340 times as many extents on each of its five levels, which
//! is more than any memory holds. In a tree every block stands once, so it is no larger than its volume.

use std::collections::BTreeSet;

use mkext4::Error;
use mkext4::reader::Fs;
use mkext4::spec::extent::{self, ExtentHeader, ExtentIdx};

use crate::disk::Slice;

/// Levels below the inode's own, at most (Linux, `EXT4_MAX_EXTENT_DEPTH`).
const DEEPEST: u16 = 5;

/// Checks the tree whose root is `root`, the bytes in the inode.
pub(super) fn check(fs: &Fs<Slice>, root: &[u8]) -> Result<(), Error> {
    let corrupt = |why: String| Error::Corrupt { what: "extent tree", why };
    let mut seen = BTreeSet::new();
    let mut todo = vec![root.to_vec()];
    while let Some(node) = todo.pop() {
        let header = ExtentHeader::decode(&node)?;
        if header.depth > DEEPEST {
            return Err(corrupt(format!("it is {} levels deep", header.depth)));
        }
        let room = node.len().saturating_sub(ExtentHeader::LEN) / ExtentHeader::ENTRY_LEN;
        if usize::from(header.entries) > room {
            return Err(corrupt(format!("a node of it has {} entries and room for {room}", header.entries)));
        }
        if header.depth == 0 {
            continue;
        }
        for index in 0..usize::from(header.entries) {
            let child = ExtentIdx::decode(extent::entry(&node, index)).leaf;
            if !seen.insert(child) {
                return Err(corrupt(format!("block {child} stands in it twice")));
            }
            // Leaves are not looked at: their parents count them.
            if header.depth > 1 {
                todo.push(fs.read_block(child)?);
            }
        }
    }
    Ok(())
}
