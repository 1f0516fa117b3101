//! What stands on a file system, without the contents: a [`Tree`](crate::tree::Tree) whose files stay on the disk.

use std::collections::{BTreeMap, HashMap};

use crate::tree::TreePath;

/// How many symbolic links are followed before a chain is called a loop (as Linux, `path_resolution(7)`).
const SYMLINK_LIMIT: usize = 40;

/// Paths with what stands there.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    entries: BTreeMap<TreePath, ListingEntry>,
    /// Why nothing more can be told of a path.
    unread: BTreeMap<TreePath, String>,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingEntry {
    pub kind: EntryKind,
    /// Bytes of a file's content; 0 for all else.
    pub size: u64,
    /// Permission bits with setuid, setgid and sticky; none on FAT.
    pub mode: Option<u16>,
    /// User and group; none on FAT.
    pub owner: Option<(u32, u32)>,
    /// Last change of the content: seconds since 1970-01-01 UTC. FAT's local time is taken for UTC.
    pub mtime: i64,
    /// Extended attributes by full name; on FAT `dos.read-only`, `dos.hidden` and `dos.system`, each without a value.
    pub attributes: BTreeMap<String, Vec<u8>>,
    /// Equal for hard links of one file; none on FAT.
    pub inode: Option<u32>,
}

/// The type of an entry, with what belongs to the type and is no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    Directory,
    File,
    Symlink(Vec<u8>),
    CharDevice { major: u32, minor: u32 },
    BlockDevice { major: u32, minor: u32 },
    Fifo,
    Socket,
}

impl EntryKind {
    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::File => "file",
            Self::Symlink(_) => "symbolic link",
            Self::CharDevice { .. } => "character device",
            Self::BlockDevice { .. } => "block device",
            Self::Fifo => "pipe",
            Self::Socket => "socket",
        }
    }
}

impl Listing {
    pub(super) fn insert(&mut self, path: TreePath, entry: ListingEntry) {
        self.entries.insert(path, entry);
    }

    pub(super) fn cannot_read(&mut self, path: TreePath, reason: String) {
        self.unread.insert(path, reason);
    }

    /// The paths at which something cannot be read, with the reasons.
    pub fn unread(&self) -> impl Iterator<Item = (&TreePath, &str)> {
        self.unread.iter().map(|(path, reason)| (path, reason.as_str()))
    }

    /// What stands at exactly `path`.
    pub fn get(&self, path: &TreePath) -> Option<&ListingEntry> {
        self.entries.get(path)
    }

    /// Everything, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (&TreePath, &ListingEntry)> {
        self.entries.iter()
    }

    /// Everything below `directory` (not itself), in order.
    pub fn below<'a>(&'a self, directory: &'a TreePath) -> impl Iterator<Item = (&'a TreePath, &'a ListingEntry)> {
        self.entries
            .range(directory.clone()..)
            .skip_while(move |(path, _)| *path == directory)
            .take_while(move |(path, _)| path.is_below(directory))
    }

    /// The direct children of `directory`, in order.
    pub fn children<'a>(&'a self, directory: &'a TreePath) -> impl Iterator<Item = (&'a TreePath, &'a ListingEntry)> {
        let depth = directory.components().count() + 1;
        self.below(directory).filter(move |(path, _)| path.components().count() == depth)
    }

    /// Where `path` leads when every symbolic link in it is followed inside the file system; none for a loop. The last
    /// components need not exist.
    pub fn resolve(&self, path: &TreePath) -> Option<TreePath> {
        let mut todo: Vec<Vec<u8>> = path.components().rev().map(<[u8]>::to_vec).collect();
        let mut done = TreePath::root();
        let mut followed = 0;
        while let Some(component) = todo.pop() {
            match component.as_slice() {
                b"" | b"." => {}
                b".." => done = done.parent().unwrap_or_default(),
                name => {
                    let next = done.join(name);
                    let Some(ListingEntry { kind: EntryKind::Symlink(target), .. }) = self.get(&next) else {
                        done = next;
                        continue;
                    };
                    followed += 1;
                    if followed > SYMLINK_LIMIT {
                        return None;
                    }
                    if target.starts_with(b"/") {
                        done = TreePath::root();
                    }
                    todo.extend(target.split(|&byte| byte == b'/').rev().map(<[u8]>::to_vec));
                }
            }
        }
        Some(done)
    }

    /// One path for every inode, the first in order; entries without an inode are left out.
    pub fn inodes(&self) -> HashMap<u32, &TreePath> {
        let mut inodes = HashMap::new();
        for (path, entry) in &self.entries {
            if let Some(inode) = entry.inode {
                inodes.entry(inode).or_insert(path);
            }
        }
        inodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: EntryKind) -> ListingEntry {
        let attributes = BTreeMap::new();
        ListingEntry { kind, size: 0, mode: None, owner: None, mtime: 0, attributes, inode: None }
    }

    #[test]
    fn links_lead_inside_the_listing_and_loops_end() {
        let path = |text: &str| TreePath::new(text).expect("a path");
        let mut listing = Listing::default();
        for folder in ["", "usr", "usr/bin", "usr-local"] {
            listing.insert(path(folder), entry(EntryKind::Directory));
        }
        listing.insert(path("usr/bin/sh"), entry(EntryKind::Symlink(b"/bin/dash".to_vec())));
        listing.insert(path("bin"), entry(EntryKind::Symlink(b"usr/bin".to_vec())));
        listing.insert(path("loop"), entry(EntryKind::Symlink(b"loop".to_vec())));
        assert_eq!(listing.resolve(&path("bin/sh")), Some(path("usr/bin/dash")));
        assert_eq!(listing.resolve(&path("loop")), None);
        let shown = |found: Vec<(&TreePath, &ListingEntry)>| {
            found.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(listing.below(&path("usr")).collect()), "usr/bin usr/bin/sh");
        assert_eq!(shown(listing.children(&TreePath::root()).collect()), "bin loop usr usr-local");
    }
}
