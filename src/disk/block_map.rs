//! Which blocks of an image matter. The others are free space: zeros in the image, anything on a card.
//!
//! The writers record it while they write. It depends on the content alone, where the holes that a host's file system
//! keeps depend on that file system, and it has blocks in it that are holes and yet must be zeros on a card, such as
//! the journal and the unused part of a FAT. Checksums and `.bmap` files come from here.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::BLOCK;

/// A set of 4 KiB blocks, kept as runs that neither touch nor overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct BlockMap {
    /// First block of a run, and the block behind its last.
    runs: BTreeMap<u64, u64>,
}

impl BlockMap {
    /// Adds every block that the bytes `offset..offset + length` touch.
    pub fn insert_bytes(&mut self, offset: u64, length: u64) {
        if length > 0 {
            self.insert(offset / BLOCK..(offset + length).div_ceil(BLOCK));
        }
    }

    /// Adds a run of blocks.
    pub fn insert(&mut self, run: Range<u64>) {
        if run.is_empty() {
            return;
        }
        let (mut start, mut end) = (run.start, run.end);
        while let Some((&before, &stop)) = self.runs.range(..=end).next_back() {
            if stop < start {
                break;
            }
            start = start.min(before);
            end = end.max(stop);
            self.runs.remove(&before);
        }
        self.runs.insert(start, end);
    }

    /// Adds every block of `other`.
    pub fn extend(&mut self, other: &Self) {
        for run in other.runs() {
            self.insert(run);
        }
    }

    /// The runs in order, in blocks.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = Range<u64>> {
        self.runs.iter().map(|(&start, &end)| start..end)
    }

    /// How many blocks are in the set.
    pub fn count(&self) -> u64 {
        self.runs().map(|run| run.end - run.start).sum()
    }
}

impl From<Vec<(u64, u64)>> for BlockMap {
    fn from(runs: Vec<(u64, u64)>) -> Self {
        let mut map = Self::default();
        for (start, end) in runs {
            map.insert(start..end);
        }
        map
    }
}

impl From<BlockMap> for Vec<(u64, u64)> {
    fn from(map: BlockMap) -> Self {
        map.runs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_take_the_blocks_they_touch() {
        let mut map = BlockMap::default();
        map.insert_bytes(4095, 2);
        map.insert_bytes(3 * BLOCK, 1);
        map.insert_bytes(7, 0);
        assert_eq!(map.runs().collect::<Vec<_>>(), [0..2, 3..4]);
        assert_eq!(map.count(), 3);
    }

    proptest! {
        #[test]
        fn runs_are_the_set_in_its_shortest_form(inserts in prop::collection::vec((0u64..60, 0u64..9), 0..30)) {
            let mut map = BlockMap::default();
            let mut set = BTreeSet::new();
            for (start, length) in inserts {
                map.insert(start..start + length);
                set.extend(start..start + length);
            }
            let runs: Vec<_> = map.runs().collect();
            prop_assert_eq!(runs.iter().cloned().flatten().collect::<Vec<_>>(), set.into_iter().collect::<Vec<_>>());
            prop_assert!(runs.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
