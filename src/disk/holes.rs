//! Where a file holds nothing but zeros for a while, which need not be written: programs for arm64 have their parts 64 KiB
//! apart, and half of a small one is what lies between them.

use std::io::{self, Read};
use std::ops::Range;

/// A block ([`BLOCK`](super::BLOCK)).
const ZEROS: [u8; 4096] = [0; 4096];

/// Blocks of zeros that are worth a hole. Shorter ones would tear a file into more extents than its inode holds.
const WORTHWHILE: usize = 4;

/// What is to be written of a file, in bytes: ascending, apart, each from the start of a block to the end of one or of the
/// file.
pub(super) fn data(content: &[u8]) -> Vec<Range<usize>> {
    let mut data: Vec<Range<usize>> = Vec::new();
    let mut zeros = 0;
    for (number, bytes) in content.chunks(ZEROS.len()).enumerate() {
        let start = number * ZEROS.len();
        // The last block is written as it is: a partial one is no hole, and a file should end in what it has.
        let last = start + ZEROS.len() >= content.len();
        if !last && bytes == ZEROS {
            zeros += 1;
            continue;
        }
        match data.last_mut() {
            Some(range) if zeros < WORTHWHILE => range.end = start + bytes.len(),
            None if zeros < WORTHWHILE => data.push(0..start + bytes.len()),
            _ => data.push(start..start + bytes.len()),
        }
        zeros = 0;
    }
    data
}

/// Whether `data` is the whole of `content`.
pub(super) fn are_none(content: &[u8], data: &[Range<usize>]) -> bool {
    data.iter().map(Range::len).sum::<usize>() == content.len()
}

/// Reads the parts of a file one after the other.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    content: &'a [u8],
    rest: &'a [Range<usize>],
    part: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(content: &'a [u8], data: &'a [Range<usize>]) -> Self {
        Self { content, rest: data, part: &[] }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.part.is_empty()
            && let Some((first, rest)) = self.rest.split_first()
        {
            self.part = &self.content[first.clone()];
            self.rest = rest;
        }
        self.part.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of a letter a block, `.` for zeros, and `tail` bytes more.
    fn file(blocks: &str, tail: usize) -> Vec<u8> {
        let mut content: Vec<u8> = blocks.bytes().flat_map(|c| [if c == b'.' { 0 } else { c }; 4096]).collect();
        content.extend(vec![b'z'; tail]);
        content
    }

    fn blocks(content: &[u8]) -> Vec<(usize, usize)> {
        data(content).into_iter().map(|range| (range.start / 4096, range.end)).collect()
    }

    #[test]
    fn long_runs_of_zeros_are_left_out_and_short_ones_are_not() {
        assert_eq!(blocks(&file("a....b", 0)), [(0, 4096), (5, 6 * 4096)]);
        assert_eq!(blocks(&file("a...b", 0)), [(0, 5 * 4096)]);
        assert_eq!(blocks(&file("....b...c", 7)), [(4, 9 * 4096 + 7)]);
        assert_eq!(blocks(&file("...b", 0)), [(0, 4 * 4096)]);
    }

    #[test]
    fn a_file_ends_in_data() {
        assert_eq!(blocks(&file("a.....", 0)), [(0, 4096), (5, 6 * 4096)]);
        assert_eq!(blocks(&file("a....", 3)), [(0, 4096), (5, 5 * 4096 + 3)]);
        assert_eq!(blocks(&file(".", 0)), [(0, 4096)]);
        assert!(blocks(&[]).is_empty());
    }
}
