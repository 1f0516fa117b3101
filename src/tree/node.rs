//! What stands at a path: kind, owner, mode, time and extended attributes.

use std::collections::BTreeMap;

use super::Content;

/// The identity of a node in its tree, as an inode number is in a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

impl NodeId {
    /// As stat(2) would give it.
    pub fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX)
    }
}

/// One inode.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    pub meta: Meta,
    /// Extended attributes by full name (`security.capability`), with their raw values.
    pub xattrs: BTreeMap<String, Vec<u8>>,
}

/// The type of a node with what belongs to the type.
#[derive(Debug, Clone)]
pub enum Kind {
    Directory,
    File(Content),
    Symlink(Vec<u8>),
    CharDevice { major: u32, minor: u32 },
    BlockDevice { major: u32, minor: u32 },
    Fifo,
    Socket,
}

/// Owner, permissions and modification time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits with setuid, setgid and sticky: `0o0000` to `0o7777`.
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since 1970-01-01 UTC.
    pub mtime: i64,
}

impl Meta {
    /// A directory of root's, mode 0755.
    pub const fn directory(mtime: i64) -> Self {
        Self { mode: 0o755, uid: 0, gid: 0, mtime }
    }

    /// A file of root's, mode 0644.
    pub const fn file(mtime: i64) -> Self {
        Self { mode: 0o644, uid: 0, gid: 0, mtime }
    }

    pub const fn with_mode(self, mode: u16) -> Self {
        Self { mode, ..self }
    }

    pub const fn with_owner(self, uid: u32, gid: u32) -> Self {
        Self { uid, gid, ..self }
    }
}

impl Node {
    pub const fn new(kind: Kind, meta: Meta) -> Self {
        Self { kind, meta, xattrs: BTreeMap::new() }
    }

    pub const fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory)
    }

    /// The content, when this is a regular file.
    pub const fn content(&self) -> Option<&Content> {
        match &self.kind {
            Kind::File(content) => Some(content),
            _ => None,
        }
    }

    /// The target, when this is a symbolic link.
    pub fn target(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Symlink(target) => Some(target),
            _ => None,
        }
    }
}
