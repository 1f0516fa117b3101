//! Path names as a program of the system would use them: where Linux finds them, or the error it has (`path_resolution(7)`).

use super::{Kind, SYMLINK_LIMIT, Tree, TreePath};

/// Where a path name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The place itself, which no link leads away from but its own.
    pub path: TreePath,
    /// Whether anything stands there; the folder around it does.
    pub there: bool,
}

/// Why a path name leads nowhere, in the words of the C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    #[error("No such file or directory")]
    Missing,
    #[error("Not a directory")]
    NotADirectory,
    #[error("Too many levels of symbolic links")]
    Loop,
}

impl Tree {
    /// Looks an absolute path name up. Every folder in it must be there, `..` is the folder above, and stops at the root as
    /// in a chroot. `follow` says whether a link at its end is followed; it always is where a slash stands behind it.
    pub fn lookup(&self, path: &[u8], follow: bool) -> Result<Found, LookupError> {
        // No name of a file has such a letter.
        if path.contains(&0) {
            return Err(LookupError::Missing);
        }
        let folder_wanted = path.ends_with(b"/") || path.ends_with(b"/.");
        let follow = follow || folder_wanted;
        let mut todo: Vec<Vec<u8>> = path.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec).collect();
        // Empty parts mean nothing, and the last one that means something is the end.
        todo.retain(|part| !part.is_empty() && part != b".");
        let mut at = TreePath::root();
        let mut followed = 0;
        while let Some(part) = todo.pop() {
            if !self.get(&at).is_some_and(super::Node::is_directory) {
                return Err(LookupError::NotADirectory);
            }
            if part == b".." {
                at = at.parent().unwrap_or_default();
                continue;
            }
            let next = at.join(&part);
            match self.get(&next).map(|node| &node.kind) {
                None if todo.is_empty() => return Ok(Found { path: next, there: false }),
                None => return Err(LookupError::Missing),
                Some(Kind::Symlink(target)) if follow || !todo.is_empty() => {
                    followed += 1;
                    if followed > SYMLINK_LIMIT {
                        return Err(LookupError::Loop);
                    }
                    if target.starts_with(b"/") {
                        at = TreePath::root();
                    }
                    let parts = target.split(|byte| *byte == b'/').rev();
                    todo.extend(parts.filter(|part| !part.is_empty() && *part != b".").map(<[u8]>::to_vec));
                }
                Some(_) => at = next,
            }
        }
        if folder_wanted && !self.get(&at).is_some_and(super::Node::is_directory) {
            return Err(LookupError::NotADirectory);
        }
        Ok(Found { path: at, there: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Meta;

    fn tree() -> Tree {
        let mut tree = Tree::new(Meta::directory(0));
        let path = |text: &str| TreePath::new(text).expect("valid");
        tree.make_directories(&path("usr/bin"), Meta::directory(0)).expect("fresh");
        tree.write(&path("usr/bin/sh"), "#!", Meta::file(0)).expect("fresh");
        for (link, target) in [("bin", "usr/bin"), ("dangling", "/usr/none"), ("lost", "/no/where"), ("round", "round")]
        {
            tree.symlink(&path(link), target, Meta::file(0)).expect("fresh");
        }
        tree
    }

    #[test]
    fn names_lead_where_the_kernel_finds_them() {
        let tree = tree();
        let found = |path: &str, follow| {
            tree.lookup(path.as_bytes(), follow)
                .map(|found| format!("{}{}", found.path, if found.there { "" } else { " (none)" }))
        };
        assert_eq!(found("/bin/sh", true), Ok("usr/bin/sh".into()));
        assert_eq!(found("/bin", false), Ok("bin".into()));
        assert_eq!(found("/bin/", false), Ok("usr/bin".into()));
        assert_eq!(found("/bin/../none", true), Ok("usr/none (none)".into()));
        assert_eq!(found("/../../usr", true), Ok("usr".into()));
        // What would be made where a link leads stands there.
        assert_eq!(found("/dangling", true), Ok("usr/none (none)".into()));
        assert_eq!(found("/lost", true), Err(LookupError::Missing));
        assert_eq!(found("/none/../usr", true), Err(LookupError::Missing));
        assert_eq!(found("/bin/sh/..", true), Err(LookupError::NotADirectory));
        assert_eq!(found("/bin/sh/", true), Err(LookupError::NotADirectory));
        assert_eq!(found("/round", true), Err(LookupError::Loop));
        assert_eq!(found("/round", false), Ok("round".into()));
        assert_eq!(found("/", true), Ok(String::new()));
    }
}
