//! The contents of two files.

use std::io::{self, Read};

use super::Change;
use super::line_diff::{LineChange, changes};
use crate::disk::FileContent;

/// Files of more bytes are not shown as texts.
const TEXT_LIMIT: u64 = 64 << 10;

/// A text with more changed lines is told by numbers only.
const SHOWN_LINES: usize = 12;

/// How many bytes are held of each file at a time.
const CHUNK: usize = 256 << 10;

/// How the content of `b` differs from that of `a`; none when it does not. Lengths are those that were promised.
pub(super) fn compare(
    (mut a, a_length): (impl FileContent, u64),
    (mut b, b_length): (impl FileContent, u64),
) -> io::Result<Option<Change>> {
    if a_length <= TEXT_LIMIT && b_length <= TEXT_LIMIT {
        let (mut whole_a, mut whole_b) = (Vec::new(), Vec::new());
        a.read_to_end(&mut whole_a)?;
        b.read_to_end(&mut whole_b)?;
        if whole_a == whole_b {
            return Ok(None);
        }
        if let Some(change) = text(&whole_a, &whole_b) {
            return Ok(Some(change));
        }
        return numbers((whole_a.as_slice(), a_length), (whole_b.as_slice(), b_length));
    }
    numbers((a, a_length), (b, b_length))
}

/// The changed lines, when both are texts and there are not too many.
fn text(a: &[u8], b: &[u8]) -> Option<Change> {
    let as_text = |bytes| std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let (a, b) = (as_text(a)?, as_text(b)?);
    let mut lines = changes(a, b)?;
    let is_empty = |line: &LineChange| match line {
        LineChange::Changed { .. } => false,
        LineChange::Gone { a: line, .. } | LineChange::New { b: line, .. } => line.trim().is_empty(),
    };
    // Files of fixed length are filled up with empty lines, and of how many of them nobody wants to read.
    if !lines.iter().all(is_empty) {
        lines.retain(|line| !is_empty(line));
    }
    if lines.is_empty() || lines.len() > SHOWN_LINES {
        return None;
    }
    let one = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count() == 1;
    Some(Change::Lines { whole: one(a) && one(b), lines })
}

fn numbers(
    (mut a, a_length): (impl FileContent, u64),
    (mut b, b_length): (impl FileContent, u64),
) -> io::Result<Option<Change>> {
    let (mut bytes, mut first, mut at) = (0, None, 0);
    let (mut chunk_a, mut chunk_b) = (vec![0; CHUNK], vec![0; CHUNK]);
    let chunk = wide(CHUNK)?;
    loop {
        // A file may be a thousand times as long as its disk, and where both lie nowhere they do not differ.
        let hole = a.hole().min(b.hole()) / chunk * chunk;
        if hole > 0 {
            a.skip(hole);
            b.skip(hole);
            at += hole;
            continue;
        }
        let (read_a, read_b) = (fill(&mut a, &mut chunk_a)?, fill(&mut b, &mut chunk_b)?);
        let both = read_a.min(read_b);
        if chunk_a[..both] != chunk_b[..both] {
            let differing = || chunk_a[..both].iter().zip(&chunk_b[..both]).map(|(a, b)| a != b);
            let index = differing().position(|differs| differs).unwrap_or(0);
            first = first.or(Some(at + wide(index)?));
            bytes += wide(differing().filter(|differs| *differs).count())?;
        }
        if read_a != read_b {
            first = first.or(Some(at + wide(both)?));
        }
        if both < CHUNK {
            break;
        }
        at += wide(both)?;
    }
    // What one of them is longer by differs too.
    bytes += a_length.abs_diff(b_length);
    Ok(first.map(|first| Change::Content { a: a_length, b: b_length, bytes, first }))
}

/// Reads until `chunk` is full or the file ends.
fn fill(file: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match file.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn wide(count: usize) -> io::Result<u64> {
    u64::try_from(count).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(a: &[u8], b: &[u8]) -> Option<Change> {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).expect("a length");
        compare((a, length(a)), (b, length(b))).expect("memory can be read")
    }

    #[test]
    fn short_texts_are_told_by_line_and_padding_is_not() {
        let line = |a: &str, b: &str| LineChange::Changed { line: 1, a: a.into(), b: b.into() };
        assert_eq!(
            told(b"node3\n\n\n\n", b"node33\n\n\n"),
            Some(Change::Lines { whole: true, lines: vec![line("node3", "node33")] })
        );
        assert_eq!(told(b"same\n", b"same\n"), None);
    }

    #[test]
    fn other_contents_are_told_by_numbers() {
        assert_eq!(told(b"a\0b", b"a\0cd"), Some(Change::Content { a: 3, b: 4, bytes: 2, first: 2 }));
        let (a, mut b) = (vec![7; 600_000], vec![7; 600_000]);
        b[400_000] = 8;
        assert_eq!(told(&a, &b), Some(Change::Content { a: 600_000, b: 600_000, bytes: 1, first: 400_000 }));
        assert_eq!(told(&a, &a), None);
    }
}
