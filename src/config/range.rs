//! `node[1-4]`: one text that stands for many, as cluster tools write it.

use std::ops::Range;

/// More members than this in one range is a slip of the finger.
const MOST: u32 = 4096;

/// Most digits of a number: what fills a hostname (RFC 1123).
const LONGEST: usize = 63;

/// What is wrong with a range, and in which bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadRange {
    pub(super) reason: String,
    pub(super) part: Range<usize>,
}

/// All texts that `pattern` stands for, in order: itself when it has no brackets. The first number's leading zeros set
/// the width of all (`[01-12]`).
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, BadRange> {
    let bad = |reason: &str, part: Range<usize>| Err(BadRange { reason: reason.to_owned(), part });
    let Some(open) = pattern.find('[') else {
        return match pattern.find(']') {
            Some(close) => bad("this `]` has no `[` before it", close..close + 1),
            None => Ok(vec![pattern.to_owned()]),
        };
    };
    let Some(length) = pattern[open..].find(']') else {
        return bad("this `[` is not closed", open..open + 1);
    };
    let close = open + length;
    let part = open..close + 1;
    let (before, inner, after) = (&pattern[..open], &pattern[open + 1..close], &pattern[close + 1..]);
    if let Some(second) = after.find(['[', ']']) {
        let at = close + 1 + second;
        return bad("only one range may stand here", at..at + 1);
    }
    let numbers = inner.split_once('-').and_then(|(first, last)| Some((first, number(first)?, number(last)?)));
    let Some((typed, first, last)) = numbers else {
        return bad("a range is two numbers, like `[1-4]`", part);
    };
    if last < first {
        return bad("this range runs backwards", part);
    }
    if last - first >= MOST {
        return bad("this range is too long", part);
    }
    if typed.len() > LONGEST {
        return bad("these numbers are too long for a name", part);
    }
    let width = if typed.starts_with('0') { typed.len() } else { 0 };
    Ok((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn ranges_expand_in_order() {
        assert_eq!(expand("node[1-3]"), Ok(vec!["node1".into(), "node2".into(), "node3".into()]));
        assert_eq!(expand("n[08-10]x"), Ok(vec!["n08x".into(), "n09x".into(), "n10x".into()]));
        assert_eq!(expand("[7-7]"), Ok(vec!["7".into()]));
        assert_eq!(expand("alone"), Ok(vec!["alone".into()]));
    }

    #[test]
    fn broken_ranges_are_pointed_at() {
        for (pattern, reason, part) in [
            ("node[1-4", "this `[` is not closed", 4..5),
            ("node1]", "this `]` has no `[` before it", 5..6),
            ("node[4-1]", "this range runs backwards", 4..9),
            ("node[a-b]", "a range is two numbers, like `[1-4]`", 4..9),
            ("node[4]", "a range is two numbers, like `[1-4]`", 4..7),
            ("n[1-2][3-4]", "only one range may stand here", 6..7),
            ("n[0-4096]", "this range is too long", 1..9),
            ("n[0-99999999999]", "a range is two numbers, like `[1-4]`", 1..16),
            (&format!("n[{}1-2]", "0".repeat(70_000)), "these numbers are too long for a name", 1..70_006),
        ] {
            let bad = expand(pattern).expect_err(pattern);
            assert_eq!((bad.reason.as_str(), bad.part), (reason, part), "{pattern}");
        }
    }
}
