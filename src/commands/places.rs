//! Files as a program of the tree would open, make and list them.
//!
//! Only `/dev/null` and its like are there besides the tree. What would tell of the machine that a build runs on (`/proc`,
//! `/sys`, random devices) is refused: it is neither the node nor the same everywhere.

use crate::shell::{FileKind, Status, Text, WorldError};
use crate::tree::{Content, Kind, Meta, Node, TreePath};

use super::answer::{failed, refused, shown};
use super::session::Session;

/// What is no part of the tree and the same on every machine: read as empty, written to as to nothing.
const EMPTY: [&[u8]; 3] = [b"/dev/null", b"/dev/tty", b"/dev/console"];

/// What differs from one machine, or from one moment, to another.
const MACHINE: [&[u8]; 2] = [b"/proc", b"/sys"];
const RANDOM: [&[u8]; 3] = [b"/dev/random", b"/dev/urandom", b"/dev/hwrng"];

pub(super) fn is_empty_device(path: &[u8]) -> bool {
    EMPTY.contains(&path)
}

impl Session<'_, '_> {
    /// A path name as seen from a folder.
    pub(super) fn absolute(folder: &[u8], path: &[u8]) -> Text {
        if path.starts_with(b"/") { path.to_vec() } else { [folder, b"/", path].concat() }
    }

    /// The place of what stands at an absolute path name; fails where nothing does.
    pub(super) fn place(&self, path: &[u8], follow: bool) -> Result<TreePath, WorldError> {
        let found = self.new_place(path, follow)?;
        if self.context.tree.contains(&found) { Ok(found) } else { self.fails(path, "No such file or directory") }
    }

    /// The place where something stands or can be made: the folder around it is there.
    pub(super) fn new_place(&self, path: &[u8], follow: bool) -> Result<TreePath, WorldError> {
        if RANDOM.contains(&path) {
            return refused(format!("`{}` is random, and an image is the same each time it is built", shown(path)));
        }
        if MACHINE.iter().any(|folder| path.strip_prefix(*folder).is_some_and(|rest| rest.starts_with(b"/"))) {
            return refused(format!("`{}` tells of the machine that runs, and in a build none does", shown(path)));
        }
        match self.context.tree.lookup(path, follow) {
            Ok(found) => Ok(found.path),
            Err(error) => self.fails(path, &error.to_string()),
        }
    }

    /// As [`Session::place`]; none where nothing is.
    pub(super) fn place_if_there(&self, path: &[u8], follow: bool) -> Result<Option<TreePath>, WorldError> {
        match self.place(path, follow) {
            Ok(place) => Ok(Some(place)),
            Err(WorldError::Failed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The node at a place that is there.
    pub(super) fn node(&self, place: &TreePath) -> Result<&Node, WorldError> {
        self.context.tree.get(place).ok_or_else(|| WorldError::Failed(format!("/{place}: No such file or directory")))
    }

    pub(super) fn node_mut(&mut self, place: &TreePath) -> Result<&mut Node, WorldError> {
        let missing = || WorldError::Failed(format!("/{place}: No such file or directory"));
        self.context.tree.get_mut(place).ok_or_else(missing)
    }

    pub(super) fn is_folder(&self, path: &[u8]) -> Result<bool, WorldError> {
        let place = self.place_if_there(path, true)?;
        Ok(place.and_then(|place| self.context.tree.get(&place)).is_some_and(Node::is_directory))
    }

    /// The content of a file, links followed.
    pub(super) fn content(&self, path: &[u8]) -> Result<Content, WorldError> {
        if is_empty_device(path) {
            return Ok(Content::from(Vec::new()));
        }
        let place = self.place(path, true)?;
        match &self.node(&place)?.kind {
            Kind::File(content) => Ok(content.clone()),
            Kind::Directory => self.fails(path, "Is a directory"),
            _ => refused(format!("`{}` is a device or a pipe, and nobody is at its other end", shown(path))),
        }
    }

    /// The bytes of a file, links followed.
    pub(super) fn bytes(&self, path: &[u8]) -> Result<Text, WorldError> {
        let content = self.content(path)?;
        match content.bytes() {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(error) => refused(format!("the content of `{}` could not be read: {error}", shown(path))),
        }
    }

    /// Gives a file this content, links followed; makes it where it is not there, with `mode`.
    pub(super) fn put(&mut self, path: &[u8], content: impl Into<Content>, mode: u16) -> Result<(), WorldError> {
        if is_empty_device(path) {
            return Ok(());
        }
        let place = self.new_place(path, true)?;
        let epoch = self.context.options.epoch;
        match self.context.tree.get_mut(&place) {
            Some(node) => match &mut node.kind {
                Kind::File(old) => {
                    *old = content.into();
                    node.meta.mtime = epoch;
                    Ok(())
                }
                Kind::Directory => self.fails(path, "Is a directory"),
                _ => refused(format!("`{}` is a device or a pipe, and nobody is at its other end", shown(path))),
            },
            None => self.make(path, place, Node::new(Kind::File(content.into()), Meta::file(epoch).with_mode(mode))),
        }
    }

    /// Puts something at a place; a file or link that stood there gives way. What is made in a folder with the setgid bit gets
    /// its group, and a folder the bit, too.
    pub(super) fn make(&mut self, path: &[u8], place: TreePath, mut node: Node) -> Result<(), WorldError> {
        let around = place.parent().and_then(|folder| self.context.tree.get(&folder)).map(|folder| folder.meta);
        if let Some(Meta { mode, gid, .. }) = around.filter(|meta| meta.mode & 0o2000 != 0) {
            node.meta.gid = gid;
            node.meta.mode |= if node.is_directory() { mode & 0o2000 } else { 0 };
        }
        match self.context.tree.insert(place, node) {
            Ok(_) => Ok(()),
            Err(error) => failed(format!("{}: {error}", shown(path))),
        }
    }

    /// What test(1) and stat(1) tell.
    pub(super) fn tells(&self, path: &[u8], follow: bool) -> Result<Option<Status>, WorldError> {
        if is_empty_device(path) {
            let kind = FileKind::CharDevice;
            return Ok(Some(Status { kind, mode: 0o666, size: 0, uid: 0, gid: 0, modified: 0, identity: u64::MAX }));
        }
        let Some(place) = self.place_if_there(path, follow)? else { return Ok(None) };
        let Node { kind, meta, .. } = self.node(&place)?;
        let (kind, size) = match kind {
            Kind::Directory => (FileKind::Folder, 4096),
            Kind::File(content) => (FileKind::File, content.len()),
            Kind::Symlink(target) => (FileKind::Link, u64::try_from(target.len()).unwrap_or_default()),
            Kind::CharDevice { .. } => (FileKind::CharDevice, 0),
            Kind::BlockDevice { .. } => (FileKind::BlockDevice, 0),
            Kind::Fifo => (FileKind::Fifo, 0),
            Kind::Socket => (FileKind::Socket, 0),
        };
        let identity = self.context.tree.id(&place).map_or(0, crate::tree::NodeId::number);
        let Meta { mode, uid, gid, mtime } = *meta;
        Ok(Some(Status { kind, mode, size, uid, gid, modified: mtime, identity }))
    }

    /// The names in a folder in byte order; none when it is no folder.
    pub(super) fn names_in(&self, folder: &[u8]) -> Result<Vec<Text>, WorldError> {
        let Some(place) = self.place_if_there(folder, true)? else { return Ok(Vec::new()) };
        let children = self.context.tree.children(&place);
        Ok(children.filter_map(|(path, _)| path.name().map(<[u8]>::to_vec)).collect())
    }

    /// "PATH: reason", as programs say it.
    pub(super) fn fails<T>(&self, path: &[u8], reason: &str) -> Result<T, WorldError> {
        failed(format!("{}: {reason}", shown(path)))
    }
}
