//! Reading `Range` (RFC 9110, section 14).

use std::ops::Range;

/// The most parts sent in one answer; a client that wants more gets the whole file.
const MOST_PARTS: usize = 16;

/// What a `Range` field asks of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing that is understood: the whole file is the answer.
    Whole,
    /// Only bytes that the file has not.
    Nothing,
    /// These bytes, at least one part, none of them empty.
    Parts(Vec<Range<u64>>),
}

/// Reads the field for a file of `length` bytes.
pub fn read(field: &[u8], length: u64) -> Wanted {
    let Some(set) = field.get(..6).filter(|unit| unit.eq_ignore_ascii_case(b"bytes=")).map(|_| &field[6..]) else {
        return Wanted::Whole;
    };
    let (mut parts, mut seen) = (Vec::new(), 0);
    for member in set.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty()) {
        seen += 1;
        match part(member, length) {
            Err(()) => return Wanted::Whole,
            Ok(Some(part)) => parts.push(part),
            Ok(None) => {}
        }
        if seen > MOST_PARTS {
            return Wanted::Whole;
        }
    }
    // Parts that overlap are an attack or a mistake: many times the file for one short request.
    let total = parts.iter().fold(0_u64, |total, part| total.saturating_add(part.end - part.start));
    match (seen, parts.is_empty()) {
        (0, _) => Wanted::Whole,
        (_, true) => Wanted::Nothing,
        _ if total > length => Wanted::Whole,
        _ => Wanted::Parts(parts),
    }
}

/// One part; `None` when the file has none of it.
fn part(member: &[u8], length: u64) -> Result<Option<Range<u64>>, ()> {
    let dash = member.iter().position(|byte| *byte == b'-').ok_or(())?;
    let (first, last) = (&member[..dash], &member[dash + 1..]);
    let range = if first.is_empty() {
        length.saturating_sub(number(last)?)..length
    } else {
        let first = number(first)?;
        if last.is_empty() {
            first..length
        } else {
            let last = number(last)?;
            if last < first {
                return Err(());
            }
            first..length.min(last.saturating_add(1))
        }
    };
    Ok((range.start < range.end).then_some(range))
}

/// Digits only; a number too large for any file is the largest there is.
fn number(text: &[u8]) -> Result<u64, ()> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(());
    }
    Ok(text.iter().fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<const N: usize>(parts: [(u64, u64); N]) -> Wanted {
        Wanted::Parts(parts.map(|(start, end)| start..end).to_vec())
    }

    #[test]
    fn parts_are_cut_to_the_file() {
        assert_eq!(read(b"bytes=0-0", 100), parts([(0, 1)]));
        assert_eq!(read(b"Bytes=90-", 100), parts([(90, 100)]));
        assert_eq!(read(b"bytes=-10", 100), parts([(90, 100)]));
        assert_eq!(read(b"bytes=-1000", 100), parts([(0, 100)]));
        assert_eq!(read(b"bytes=50-99999999999999999999999", 100), parts([(50, 100)]));
        assert_eq!(read(b"bytes= 0-1 , ,5-6,200-,-1", 100), parts([(0, 2), (5, 7), (99, 100)]));
    }

    #[test]
    fn what_the_file_has_not_is_told() {
        for field in ["bytes=100-", "bytes=100-200,300-", "bytes=-0"] {
            assert_eq!(read(field.as_bytes(), 100), Wanted::Nothing, "{field}");
        }
        assert_eq!(read(b"bytes=0-", 0), Wanted::Nothing);
    }

    #[test]
    fn the_rest_is_ignored() {
        let many = format!("bytes={}", "0-0,".repeat(MOST_PARTS + 1));
        for field in
            ["", "bytes", "bytes=", "bytes=,", "lines=0-1", "bytes=5-4", "bytes=a-b", "bytes=1", "bytes=+1-2", &many]
        {
            assert_eq!(read(field.as_bytes(), 100), Wanted::Whole, "{field}");
        }
        assert_eq!(read(b"bytes=0-,0-", 100), Wanted::Whole, "more than the file");
    }
}
