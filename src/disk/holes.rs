//! Where a file holds nothing but zeros for a while, which need not be written: programs for arm64 have their parts 64 KiB
//! apart, and half of a small one is what lies between them.

use std::io::{self, Read};
use std::ops::Range;

use super::BLOCK;
use crate::tree::{Content, OpenContent, TreeError, TreePath};

const ZEROS: [u8; BLOCK_BYTES] = [0; BLOCK_BYTES];

/// [`BLOCK`] as a length in memory.
const BLOCK_BYTES: usize = 4096;

/// Blocks of zeros that are worth a hole. Shorter ones would tear a file into more extents than its inode holds.
const WORTHWHILE: u64 = 4;

/// Bytes that are looked at at once, whole blocks.
const CHUNK: usize = 256 << 10;

/// What is to be written of a file, in bytes: ascending, apart, each from the start of a block to the end of one or of the
/// file. Holes of a file of the host count as zeros and are not read.
pub(super) fn data(content: &Content) -> io::Result<Vec<Range<u64>>> {
    let (length, opened) = (content.len(), content.open()?);
    // The last block is written as it is: a partial one is no hole, and a file should end in what it has.
    let last = length.saturating_sub(1) / BLOCK * BLOCK;
    let mut found = Found::default();
    let mut buffer = vec![0; CHUNK.min(usize::try_from(length).unwrap_or(CHUNK))];
    let mut at = 0;
    while at < length {
        let data = opened.next_data(at)?.unwrap_or(last) / BLOCK * BLOCK;
        at = at.max(data.min(last));
        let wanted = usize::try_from(length - at).unwrap_or(CHUNK).min(CHUNK);
        let chunk = &mut buffer[..wanted];
        opened.read_exact_at(chunk, at)?;
        for block in chunk.chunks(BLOCK_BYTES) {
            let end = at + u64::try_from(block.len()).map_err(io::Error::other)?;
            if at == last || block != ZEROS {
                found.add(at..end);
            }
            at = end;
        }
    }
    Ok(found.0)
}

/// The parts found so far.
#[derive(Default)]
struct Found(Vec<Range<u64>>);

impl Found {
    /// Adds a block behind the others, with what lies before it unless that is worth a hole.
    fn add(&mut self, block: Range<u64>) {
        let end = self.0.last().map_or(0, |part| part.end);
        if block.start - end >= WORTHWHILE * BLOCK {
            self.0.push(block);
        } else if let Some(part) = self.0.last_mut() {
            part.end = block.end;
        } else {
            self.0.push(0..block.end);
        }
    }
}

/// Whether `data` is the whole of a file of `length` bytes.
pub(super) fn are_none(length: u64, data: &[Range<u64>]) -> bool {
    data.iter().map(|part| part.end - part.start).sum::<u64>() == length
}

/// Reads the parts of a file one after the other. An error names the file.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    path: &'a TreePath,
    content: OpenContent<'a>,
    rest: &'a [Range<u64>],
    /// In the first of the rest.
    at: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a TreePath, content: &'a Content, data: &'a [Range<u64>]) -> io::Result<Self> {
        let content = content.open().map_err(unread(path))?;
        Ok(Self { path, content, rest: data, at: data.first().map_or(0, |part| part.start) })
    }
}

fn unread(path: &TreePath) -> impl FnOnce(io::Error) -> io::Error {
    |error| io::Error::other(TreeError::reading(path)(error))
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.rest.first() else { return Ok(0) };
        let wanted = usize::try_from(part.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        self.content.read_exact_at(&mut buffer[..wanted], self.at).map_err(unread(self.path))?;
        self.at += u64::try_from(wanted).map_err(io::Error::other)?;
        if self.at == part.end {
            self.rest = &self.rest[1..];
            self.at = self.rest.first().map_or(0, |part| part.start);
        }
        Ok(wanted)
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

    fn blocks(content: &[u8]) -> Vec<(u64, u64)> {
        let data = data(&Content::from(content.to_vec())).expect("in memory");
        data.into_iter().map(|range| (range.start / 4096, range.end)).collect()
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
