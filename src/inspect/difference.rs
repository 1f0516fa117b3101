//! One thing in which two images differ, as data and in words.

use std::fmt;

use serde::Serialize;

use super::line_diff::LineChange;

/// One of the two images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    A,
    B,
}

/// A difference. Values are as people read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "of", rename_all = "lowercase")]
pub enum Difference {
    /// The disk itself, or (with a number) a partition's record or file system.
    Property { partition: Option<usize>, name: &'static str, a: Option<String>, b: Option<String> },
    /// Something at a path of a partition's file system.
    Path { partition: usize, path: String, change: Change },
    /// Bytes of a partition, or of what lies outside of partitions.
    Bytes {
        partition: Option<usize>,
        /// How many bytes differ.
        bytes: u64,
        /// In how many runs.
        runs: u64,
        /// Offset of the first from the start of the partition or disk.
        first: u64,
        shares: Vec<Share>,
    },
}

/// What differs at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// It is in one image only, with so many entries below it.
    Only { side: Side, what: String, below: usize },
    /// Kind, mode, owner, time, target or an extended attribute.
    Attribute { name: String, a: Option<String>, b: Option<String> },
    /// Lines of a text. `whole`: it has no others.
    Lines { whole: bool, lines: Vec<LineChange> },
    /// Content that is no text, or differs too much to be shown.
    Content { a: u64, b: u64, bytes: u64, first: u64 },
}

/// How much of the bytes that differ belongs to one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// A path with a leading slash, or words.
    pub owner: String,
    pub bytes: u64,
}

impl Difference {
    pub(super) fn partition(&self) -> Option<usize> {
        match self {
            Self::Property { partition, .. } | Self::Bytes { partition, .. } => *partition,
            Self::Path { partition, .. } => Some(*partition),
        }
    }
}

/// "bytes" or, for one, "byte".
fn bytes_word(count: u64) -> &'static str {
    if count == 1 { "byte" } else { "bytes" }
}

fn value(value: Option<&String>) -> &str {
    value.map_or("none", String::as_str)
}

/// Without the partition, which stands above.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property { name, a, b, .. } => write!(f, "{name}: {} → {}", value(a.as_ref()), value(b.as_ref())),
            Self::Path { path, change: Change::Lines { whole, lines }, .. } => {
                for (index, line) in lines.iter().enumerate() {
                    let end = if index + 1 < lines.len() { "\n" } else { "" };
                    match line {
                        LineChange::Changed { a, b, .. } if *whole => write!(f, "{path}: {a} → {b}{end}")?,
                        _ => write!(f, "{path}, {line}{end}")?,
                    }
                }
                Ok(())
            }
            Self::Path { path, change, .. } => write!(f, "{path}: {change}"),
            Self::Bytes { bytes, runs, first, shares, .. } => {
                let places = if *runs == 1 { "place" } else { "places" };
                let verb = if *bytes == 1 { "differs" } else { "differ" };
                write!(f, "{bytes} {} {verb}, in {runs} {places}, the first at {first}", bytes_word(*bytes))?;
                for (index, share) in shares.iter().enumerate() {
                    write!(f, "{} {} of {}", if index == 0 { ":" } else { "," }, share.bytes, share.owner)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only { side, what, below } => {
                let entries = match below {
                    0 => String::new(),
                    1 => " with one entry".to_owned(),
                    more => format!(" with {more} entries"),
                };
                write!(f, "{what}{entries}, only in {side}")
            }
            Self::Attribute { name, a, b } => write!(f, "{name} {} → {}", value(a.as_ref()), value(b.as_ref())),
            Self::Lines { lines, .. } => write!(f, "{} lines differ", lines.len()),
            Self::Content { a, b, bytes, first } => {
                if a != b {
                    write!(f, "{a} → {b} bytes, ")?;
                }
                let verb = if *bytes == 1 { "differs" } else { "differ" };
                write!(f, "{bytes} {} {verb}, the first at {first}", bytes_word(*bytes))
            }
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "the first",
            Self::B => "the second",
        })
    }
}
