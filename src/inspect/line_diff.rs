//! Two short texts, line by line.

use std::fmt;

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Texts with more lines than this that are not common at their ends are not compared by line.
const LINE_LIMIT: usize = 400;

/// Longer lines are cut when they are shown, in characters.
const WIDTH: usize = 160;

/// A change of a line; lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LineChange {
    /// `line` is that of the first text.
    Changed { line: usize, a: String, b: String },
    /// Only in the first text.
    Gone { line: usize, a: String },
    /// Only in the second text.
    New { line: usize, b: String },
}

/// The changes that lead from `a` to `b`, as few as can be; none when the texts are too long for that.
pub(super) fn changes(a: &str, b: &str) -> Option<Vec<LineChange>> {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    if a.len() - end - start > LINE_LIMIT || b.len() - end - start > LINE_LIMIT {
        return None;
    }
    let mut changes = Vec::new();
    for step in capture_diff_slices(Algorithm::RawMyers, &a, &b) {
        if step.tag() == DiffTag::Equal {
            continue;
        }
        let mut gone = step.old_range().map(|index| (index + 1, a[index].to_owned()));
        let mut came = step.new_range().map(|index| (index + 1, b[index].to_owned()));
        loop {
            changes.push(match (gone.next(), came.next()) {
                (Some((line, a)), Some((_, b))) => LineChange::Changed { line, a, b },
                (Some((line, a)), None) => LineChange::Gone { line, a },
                (None, Some((line, b))) => LineChange::New { line, b },
                (None, None) => break,
            });
        }
    }
    Some(changes)
}

impl fmt::Display for LineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { line, a, b } => write!(f, "line {line}: {} → {}", cut(a), cut(b)),
            Self::Gone { line, a } => write!(f, "line {line} gone: {}", cut(a)),
            Self::New { line, b } => write!(f, "line {line} new: {}", cut(b)),
        }
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(a: &str, b: &str) -> Vec<String> {
        changes(a, b).expect("short texts").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_change_go_and_come() {
        assert_eq!(shown("a\nb\nc\nd\n", "a\nB\nc\nd\n"), ["line 2: b → B"]);
        assert_eq!(shown("a\nb\nc\n", "a\nc\nd\n"), ["line 2 gone: b", "line 3 new: d"]);
        assert_eq!(shown("a\n", "a\n"), Vec::<String>::new());
        assert_eq!(shown("", "x\ny\n"), ["line 1 new: x", "line 2 new: y"]);
        assert_eq!(shown("a\nb\nz\n", "c\nz\n"), ["line 1: a → c", "line 2 gone: b"]);
    }

    #[test]
    fn long_texts_are_left_alone() {
        let (a, b) = ("a\n".repeat(401), "b\n".repeat(2));
        assert_eq!(changes(&a, &b), None);
    }
}
