//! Bytes of two disks that differ, wherever they stand. What is a hole in both is not read.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::Card;
use crate::disk::sparse;

/// How many bytes are held of each disk at a time.
const CHUNK: u64 = 1 << 20;

/// How many bytes are compared at once.
const BLOCK: usize = 4096;

/// A part of a disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) card: &'a Card,
    /// First byte.
    pub(super) start: u64,
}

/// Calls `found` with every run of bytes that differ among the first `length` of two parts, as offsets in the part.
pub(super) fn differing(a: Span<'_>, b: Span<'_>, length: u64, mut found: impl FnMut(Range<u64>)) -> io::Result<()> {
    let mut parts = [written(a, length)?, written(b, length)?].concat();
    parts.sort_by_key(|part| part.start);
    let (mut at, mut run) = (0, 0..0);
    let mut chunks = [Vec::new(), Vec::new()];
    for part in parts {
        at = part.start.max(at);
        while at < part.end {
            let count = CHUNK.min(part.end - at);
            let [chunk_a, chunk_b] = &mut chunks;
            read(a.card.file(), a.start + at, count, chunk_a)?;
            read(b.card.file(), b.start + at, count, chunk_b)?;
            for (start, (block_a, block_b)) in
                (at..).step_by(BLOCK).zip(chunk_a.chunks(BLOCK).zip(chunk_b.chunks(BLOCK)))
            {
                // Most blocks are the same, and that is told much faster of a block than of its bytes.
                if block_a == block_b {
                    continue;
                }
                for (offset, _) in (start..).zip(block_a.iter().zip(block_b)).filter(|(_, (a, b))| a != b) {
                    if run.end != offset {
                        found(std::mem::replace(&mut run, offset..offset));
                    }
                    run.end = offset + 1;
                }
            }
            at += count;
        }
    }
    found(run);
    Ok(())
}

fn read(file: &File, at: u64, count: u64, chunk: &mut Vec<u8>) -> io::Result<()> {
    chunk.resize(usize::try_from(count).map_err(io::Error::other)?, 0);
    file.read_exact_at(chunk, at)
}

/// The parts of `span` that are no holes, as offsets in it. A device has no holes.
fn written(span: Span<'_>, length: u64) -> io::Result<Vec<Range<u64>>> {
    if span.card.device {
        return Ok(std::iter::once(0..length).collect());
    }
    let inside = |at: u64| at.clamp(span.start, span.start + length) - span.start;
    let parts = sparse::data(span.card.file())?.into_iter().map(|part| inside(part.start)..inside(part.end));
    Ok(parts.filter(|part| !part.is_empty()).collect())
}
