//! Paths inside a tree: bytes, relative to its root, in one normal form.

use std::fmt;

/// A path below the root of a tree: components of any bytes but `/` and NUL, joined by `/`, none of them empty, `.` or
/// `..`. The root is the empty path. Sorting puts every parent before its children.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TreePath(Vec<u8>);

/// A text that names no place in a tree.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PathError {
    #[error("path `{0}` climbs out of the tree with `..`")]
    Parent(String),
    #[error("path `{0}` holds a NUL byte")]
    Nul(String),
}

impl TreePath {
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// Normalises `path`: a leading `/` or `./`, doubled and trailing slashes mean nothing; `..` is refused.
    pub fn new(path: impl AsRef<[u8]>) -> Result<Self, PathError> {
        let path = path.as_ref();
        let shown = || String::from_utf8_lossy(path).into_owned();
        if path.contains(&0) {
            return Err(PathError::Nul(shown()));
        }
        let mut normal = Vec::with_capacity(path.len());
        for component in path.split(|&byte| byte == b'/') {
            match component {
                b"" | b"." => {}
                b".." => return Err(PathError::Parent(shown())),
                name => {
                    if !normal.is_empty() {
                        normal.push(b'/');
                    }
                    normal.extend_from_slice(name);
                }
            }
        }
        Ok(Self(normal))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The components from the top; none for the root.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&byte| byte == b'/').filter(|component| !component.is_empty())
    }

    /// The last component; none for the root.
    pub fn name(&self) -> Option<&[u8]> {
        self.components().next_back()
    }

    /// The directory that holds this path; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let cut = self.0.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        Some(Self(self.0[..cut].to_vec()))
    }

    /// Every directory above this path, from the root down; the path itself is not among them.
    pub fn ancestors(&self) -> Vec<Self> {
        let mut ancestors: Vec<Self> = std::iter::successors(self.parent(), Self::parent).collect();
        ancestors.reverse();
        ancestors
    }

    /// This path with one more component, which must be a single plain name.
    #[must_use]
    pub fn join(&self, name: &[u8]) -> Self {
        debug_assert!(
            !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/'),
            "one plain component"
        );
        let mut joined = self.0.clone();
        if !joined.is_empty() {
            joined.push(b'/');
        }
        joined.extend_from_slice(name);
        Self(joined)
    }

    /// Whether this path is inside `directory` (and not `directory` itself).
    pub fn is_below(&self, directory: &Self) -> bool {
        if directory.is_root() {
            return !self.is_root();
        }
        self.0.len() > directory.0.len() && self.0.starts_with(&directory.0) && self.0[directory.0.len()] == b'/'
    }
}

impl Ord for TreePath {
    /// Component by component, so that a directory's children stand together right behind it.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (mut one, mut other) = (self.0.as_slice(), other.0.as_slice());
        // Paths begin alike for long, and a word at a time is several times as fast.
        while let (Some((first, rest)), Some((others, others_rest))) =
            (one.split_first_chunk::<8>(), other.split_first_chunk::<8>())
            && first == others
        {
            (one, other) = (rest, others_rest);
        }
        let key = |byte: &u8| if *byte == b'/' { 0 } else { *byte };
        one.iter().map(key).cmp(other.iter().map(key))
    }
}

impl PartialOrd for TreePath {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Without a leading slash; bytes that are no UTF-8 are shown as U+FFFD.
impl fmt::Display for TreePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_are_equal() {
        for spelling in ["usr/bin", "/usr/bin", "./usr//bin/", "usr/./bin"] {
            assert_eq!(TreePath::new(spelling), TreePath::new("usr/bin"), "{spelling}");
        }
        assert_eq!(TreePath::new("/"), Ok(TreePath::root()));
        assert_eq!(TreePath::new("a/../b"), Err(PathError::Parent("a/../b".into())));
    }

    #[test]
    fn a_directory_and_its_children_stand_together() {
        let mut paths: Vec<TreePath> =
            ["usr-local", "usr/bin", "usr", "usr.d"].iter().map(|path| TreePath::new(path).expect("valid")).collect();
        paths.sort();
        let shown: Vec<String> = paths.iter().map(TreePath::to_string).collect();
        assert_eq!(shown, ["usr", "usr/bin", "usr-local", "usr.d"]);
    }

    #[test]
    fn ancestors_start_at_the_root() {
        let path = TreePath::new("a/b/c").expect("valid");
        let shown: Vec<String> = path.ancestors().iter().map(TreePath::to_string).collect();
        assert_eq!(shown, ["", "a", "a/b"]);
    }
}
