//! Counts of bytes that differ, by whose they are.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Difference, Share};
use crate::disk::{Area, Areas, SECTOR};

/// How many owners are named, those of the most bytes first.
const SHARES: usize = 20;

/// Whose byte it is, and of which bytes around it that holds. What is free in only one of the images is the other's.
pub(super) fn owner(a: &Areas, b: &Areas, at: u64) -> (Range<u64>, Area) {
    // Owners that nobody knows change at sectors at most.
    let sector = at / SECTOR * SECTOR..(at / SECTOR + 1) * SECTOR;
    // Copies of the superblock, trees of extents, blocks of attributes.
    let unknown = Area::Records("the file system's own records");
    let [(range_a, area_a), (range_b, area_b)] = [a, b].map(|areas| areas.at(at).unwrap_or((sector.clone(), &unknown)));
    let range = range_a.start.max(range_b.start)..range_a.end.min(range_b.end);
    (range, if *area_a == Area::Free { area_b } else { area_a }.clone())
}

/// Counts bytes that differ, by owner.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes: u64,
    runs: u64,
    first: Option<u64>,
    end: u64,
    /// The owner of the last bytes with how many they are, not yet among the others.
    last: Option<(Area, u64)>,
    owners: BTreeMap<Area, u64>,
}

impl Tally {
    /// Counts a run of bytes. Runs come in order.
    pub(super) fn add(&mut self, run: Range<u64>, owner: Option<&Area>) {
        if run.is_empty() {
            return;
        }
        if self.first.is_none() || self.end != run.start {
            self.runs += 1;
        }
        let count = run.end - run.start;
        self.bytes += count;
        self.first = self.first.or(Some(run.start));
        self.end = run.end;
        match (owner, &mut self.last) {
            (Some(owner), Some((last, bytes))) if owner == last => *bytes += count,
            (Some(owner), _) => {
                self.settle();
                self.last = Some((owner.clone(), count));
            }
            (None, _) => {}
        }
    }

    fn settle(&mut self) {
        if let Some((owner, bytes)) = self.last.take() {
            *self.owners.entry(owner).or_default() += bytes;
        }
    }

    /// What was counted; none when nothing was.
    pub(super) fn difference(mut self, partition: Option<usize>) -> Option<Difference> {
        let first = self.first?;
        self.settle();
        let mut owners: Vec<(Area, u64)> = self.owners.into_iter().collect();
        owners.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let rest: u64 = owners.iter().skip(SHARES).map(|(_, bytes)| bytes).sum();
        let others = owners.len().saturating_sub(SHARES);
        let mut shares: Vec<Share> =
            owners.iter().take(SHARES).map(|(area, bytes)| Share { owner: area.to_string(), bytes: *bytes }).collect();
        if others > 0 {
            shares.push(Share { owner: format!("{others} others"), bytes: rest });
        }
        Some(Difference::Bytes { partition, bytes: self.bytes, runs: self.runs, first, shares })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_touch_are_one_place_and_the_largest_owner_stands_first() {
        let (records, free) = (Area::Records("journal"), Area::Free);
        let mut tally = Tally::default();
        for (run, owner) in [(5..6, &records), (6..9, &free), (20..21, &records)] {
            tally.add(run, Some(owner));
        }
        let difference = tally.difference(Some(2)).expect("some bytes");
        assert_eq!(
            difference.to_string(),
            "5 bytes differ, in 2 places, the first at 5: 3 of free space, 2 of journal"
        );
        assert_eq!(Tally::default().difference(None), None);
    }
}
