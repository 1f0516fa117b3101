//! What the bytes of a file system belong to.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::tree::TreePath;

/// The owner of some bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// A file, or a directory's list of names.
    Path(TreePath),
    /// What the file system keeps for itself, by a name that people know.
    Records(&'static str),
    /// Nobody's.
    Free,
}

/// A file system's bytes with their owners.
#[derive(Debug, Clone, Default)]
pub struct Areas {
    /// By first byte: the byte behind the last, and the owner. Runs do not overlap.
    runs: BTreeMap<u64, (u64, Area)>,
}

impl Areas {
    /// Gives `bytes` to `area`, unless they have an owner already. Runs are whole blocks, so one never lies partly in
    /// another of a sound file system; of an unsound one, the first owner counts.
    pub(super) fn insert(&mut self, bytes: Range<u64>, area: Area) {
        let before = self.runs.range(..bytes.end).next_back();
        if !bytes.is_empty() && before.is_none_or(|(_, (end, _))| *end <= bytes.start) {
            self.runs.insert(bytes.start, (bytes.end, area));
        }
    }

    /// Gives those of `bytes` to `area` that have no owner yet.
    pub(super) fn fill(&mut self, bytes: Range<u64>, area: &Area) {
        let inside: Vec<(u64, u64)> = self
            .runs
            .range(..bytes.end)
            .rev()
            .map(|(start, (end, _))| (*start, *end))
            .take_while(|(_, end)| *end > bytes.start)
            .collect();
        let mut from = bytes.start;
        for (start, end) in inside.into_iter().rev() {
            self.insert(from..start.max(from), area.clone());
            from = from.max(end);
        }
        self.insert(from..bytes.end.max(from), area.clone());
    }

    /// The owner of the byte at `offset`, with the run of bytes around it that is the same owner's; none when nobody
    /// knows.
    pub fn at(&self, offset: u64) -> Option<(Range<u64>, &Area)> {
        let (start, (end, area)) = self.runs.range(..=offset).next_back()?;
        (offset < *end).then_some((*start..*end, area))
    }
}

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(formatter, "/{path}"),
            Self::Records(name) => formatter.write_str(name),
            Self::Free => formatter.write_str("free space"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_first_owner_that_claimed_them() {
        let mut areas = Areas::default();
        areas.insert(10..20, Area::Records("tables"));
        areas.insert(15..30, Area::Free);
        areas.fill(5..30, &Area::Free);
        let shown = [4, 9, 10, 19, 20, 30].map(|offset| areas.at(offset).map(|(_, area)| area.to_string()));
        let (tables, free) = (Some("tables".to_owned()), Some("free space".to_owned()));
        assert_eq!(shown, [None, free.clone(), tables.clone(), tables, free, None]);
    }
}
