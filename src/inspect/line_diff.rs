//! Two short texts, line by line.

use std::fmt;

use serde::Serialize;

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
    let (old, new) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    if old.len() > LINE_LIMIT || new.len() > LINE_LIMIT {
        return None;
    }
    let common = common(old, new);
    let mut changes = Vec::new();
    let (mut at_old, mut at_new) = (0, 0);
    for (next_old, next_new) in common.into_iter().chain([(old.len(), new.len())]) {
        let (gone, came) = (&old[at_old..next_old], &new[at_new..next_new]);
        for index in 0..gone.len().max(came.len()) {
            let (line_a, line_b) = (start + at_old + index + 1, start + at_new + index + 1);
            changes.push(match (gone.get(index), came.get(index)) {
                (Some(a), Some(b)) => LineChange::Changed { line: line_a, a: (*a).to_owned(), b: (*b).to_owned() },
                (Some(a), None) => LineChange::Gone { line: line_a, a: (*a).to_owned() },
                (None, Some(b)) => LineChange::New { line: line_b, b: (*b).to_owned() },
                (None, None) => break,
            });
        }
        (at_old, at_new) = (next_old + 1, next_new + 1);
    }
    Some(changes)
}

/// Positions of a longest common subsequence.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    // How many lines the rests from (i, j) on have in common.
    let mut lengths = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i][j] =
                if a[i] == b[j] { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
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
