//! The ids that systemd-sysusers(8) gives to accounts which name none (`src/basic/uid-range.c` of systemd 257).

use std::ops::RangeInclusive;

use super::database::SYSUSERS_IDS;

/// Ids that are no user's: both mean "none" in some interface of the kernel.
const INVALID: [u32; 2] = [0xffff, u32::MAX];

/// What the `r` lines of one run name together, or the system's own range where there is none.
#[derive(Debug, Default)]
pub(super) struct IdRanges(Vec<RangeInclusive<u32>>);

impl IdRanges {
    /// Adds `500-900`, or `500` alone.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let malformed = || format!("`{text}` is no range of ids like `500-900`");
        let id = |text: &str| text.parse().ok().filter(|id| !INVALID.contains(id)).ok_or_else(malformed);
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (id(first)?, id(last)?);
        if first > last {
            return Err(malformed());
        }
        self.0.push(first..=last);
        Ok(())
    }

    /// The highest id below `id` in any range.
    pub(super) fn next_below(&self, id: u32) -> Option<u32> {
        let system = [SYSUSERS_IDS];
        let ranges = if self.0.is_empty() { &system } else { self.0.as_slice() };
        let highest = id.checked_sub(1)?;
        ranges.iter().filter(|range| *range.start() <= highest).map(|range| highest.min(*range.end())).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_down_through_all_ranges_and_over_the_gaps() {
        let mut ranges = IdRanges::default();
        assert_eq!(ranges.next_below(u32::MAX), Some(999), "the system's own");
        assert_eq!((ranges.next_below(2), ranges.next_below(1)), (Some(1), None));
        for range in ["700-702", "300", "701-704"] {
            ranges.add(range).expect("a range");
        }
        let mut ids = Vec::new();
        let mut id = u32::MAX;
        while let Some(next) = ranges.next_below(id) {
            ids.push(next);
            id = next;
        }
        assert_eq!(ids, [704, 703, 702, 701, 700, 300]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for wrong in ["", "-", "5-", "-5", "9-5", "a-b", "1-2-3", "65535", "1-4294967295", "1 - 2"] {
            assert_eq!(IdRanges::default().add(wrong), Err(format!("`{wrong}` is no range of ids like `500-900`")));
        }
    }
}
