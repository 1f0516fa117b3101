//! The root file system in memory: what a directory tree holds, before any file system gives it a form.
//!
//! A [`Tree`] maps paths to nodes. Nodes live in an arena so that several paths can name one file (hard links).
//! Iteration is in path order whatever the order of insertion, so nothing of the build's scheduling reaches an image.
//! The tree knows nothing of Debian, boards or disks.

mod content;
mod lookup;
mod node;
mod path;
pub mod pattern;

use std::collections::BTreeMap;

use bytes::Bytes;

pub use content::{Content, OpenContent};
pub use lookup::{Found, LookupError};
pub use node::{Kind, Meta, Node, NodeId};
pub use path::{PathError, TreePath};

/// How many symbolic links [`Tree::resolve`] follows before it calls the chain a loop (as Linux, `path_resolution(7)`).
const SYMLINK_LIMIT: usize = 40;

/// A root file system in memory.
#[derive(Debug, Clone)]
pub struct Tree {
    nodes: Vec<Node>,
    paths: BTreeMap<TreePath, NodeId>,
}

/// Why an operation on a [`Tree`] could not be done. Each names the path it is about.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeError {
    #[error("`/{0}` is not in the tree")]
    Missing(TreePath),
    #[error("`/{0}` is not a directory")]
    NotADirectory(TreePath),
    #[error("`/{0}` is not a regular file")]
    NotAFile(TreePath),
    #[error("`/{0}` is a directory and something else is to take its place")]
    IsADirectory(TreePath),
    #[error("`/{0}` leads through too many symbolic links")]
    SymlinkLoop(TreePath),
    #[error("cannot read what is to stand at `/{path}`: {reason}")]
    Read { path: TreePath, reason: String },
    #[error(transparent)]
    Path(#[from] PathError),
}

impl TreeError {
    /// The content of what is at `path` could not be read.
    pub fn reading(path: &TreePath) -> impl FnOnce(std::io::Error) -> Self {
        |error| Self::Read { path: path.clone(), reason: error.to_string() }
    }
}

impl Tree {
    /// A tree that holds only its root directory.
    pub fn new(root: Meta) -> Self {
        Self { nodes: vec![Node::new(Kind::Directory, root)], paths: BTreeMap::from([(TreePath::root(), NodeId(0))]) }
    }

    /// The node at exactly `path`; symbolic links are not followed.
    pub fn get(&self, path: &TreePath) -> Option<&Node> {
        self.paths.get(path).map(|id| &self.nodes[id.0])
    }

    /// As [`Tree::get`], to change the node. Every hard link of a file sees the change.
    pub fn get_mut(&mut self, path: &TreePath) -> Option<&mut Node> {
        self.paths.get(path).map(|id| &mut self.nodes[id.0])
    }

    pub fn contains(&self, path: &TreePath) -> bool {
        self.paths.contains_key(path)
    }

    /// The identity of the node at `path`: equal for hard links of one file.
    pub fn id(&self, path: &TreePath) -> Option<NodeId> {
        self.paths.get(path).copied()
    }

    /// Every path with its node, parents before children, siblings in byte order.
    pub fn iter(&self) -> impl Iterator<Item = (&TreePath, NodeId, &Node)> {
        self.paths.iter().map(|(path, &id)| (path, id, &self.nodes[id.0]))
    }

    /// Every path below `directory` (not itself), in order.
    pub fn below<'a>(&'a self, directory: &'a TreePath) -> impl Iterator<Item = (&'a TreePath, &'a Node)> {
        self.paths
            .range(directory.clone()..)
            .take_while(move |(path, _)| path.as_bytes().starts_with(directory.as_bytes()))
            .filter(move |(path, _)| path.is_below(directory))
            .map(|(path, id)| (path, &self.nodes[id.0]))
    }

    /// The direct children of `directory`, in order.
    pub fn children<'a>(&'a self, directory: &'a TreePath) -> impl Iterator<Item = (&'a TreePath, &'a Node)> {
        self.below(directory).filter(move |(path, _)| path.parent().as_ref() == Some(directory))
    }

    /// Puts `node` at `path`, in place of what was there (a directory gives way to nothing but a directory, whose
    /// children stay). The parent must be a directory.
    pub fn insert(&mut self, path: TreePath, node: Node) -> Result<NodeId, TreeError> {
        self.admit(&path, &node.kind)?;
        if let (Kind::Directory, Some(&id)) = (&node.kind, self.paths.get(&path))
            && matches!(self.nodes[id.0].kind, Kind::Directory)
        {
            self.nodes[id.0] = node;
            return Ok(id);
        }
        let id = NodeId(self.nodes.len());
        self.nodes.push(node);
        self.paths.insert(path, id);
        Ok(id)
    }

    /// Gives the file at `existing` the further name `path`.
    pub fn hard_link(&mut self, path: TreePath, existing: &TreePath) -> Result<(), TreeError> {
        let id = self.id(existing).ok_or_else(|| TreeError::Missing(existing.clone()))?;
        if matches!(self.nodes[id.0].kind, Kind::Directory) {
            return Err(TreeError::IsADirectory(existing.clone()));
        }
        let kind = self.nodes[id.0].kind.clone();
        self.admit(&path, &kind)?;
        self.paths.insert(path, id);
        Ok(())
    }

    /// Takes away `path` and everything below it. Says whether it was there.
    pub fn remove(&mut self, path: &TreePath) -> bool {
        let doomed: Vec<TreePath> = self.below(path).map(|(path, _)| path.clone()).collect();
        for path in &doomed {
            self.paths.remove(path);
        }
        self.paths.remove(path).is_some()
    }

    /// Moves what is at `from`, with all below it, to `to`, whose parent must be a directory. A file or link that stood there
    /// gives way; a directory does not. Hard links stay links to the file.
    pub fn rename(&mut self, from: &TreePath, to: TreePath) -> Result<(), TreeError> {
        let id = self.id(from).ok_or_else(|| TreeError::Missing(from.clone()))?;
        if *from == to {
            return Ok(());
        }
        let kind = self.nodes[id.0].kind.clone();
        self.admit(&to, &kind)?;
        if to.is_below(from) || self.get(&to).is_some_and(Node::is_directory) {
            return Err(TreeError::IsADirectory(to));
        }
        let below: Vec<(TreePath, NodeId)> = self
            .below(from)
            .map(|(path, _)| path.clone())
            .filter_map(|path| Some((path.clone(), self.id(&path)?)))
            .collect();
        self.remove(from);
        for (path, id) in below {
            let rest = &path.as_bytes()[from.as_bytes().len()..];
            self.paths.insert(TreePath::new([to.as_bytes(), rest].concat())?, id);
        }
        self.paths.insert(to, id);
        Ok(())
    }

    /// Makes `path` a directory, and every missing parent too, each with `meta`. What is a directory already, or leads
    /// to one, stays as it is.
    pub fn make_directories(&mut self, path: &TreePath, meta: Meta) -> Result<(), TreeError> {
        let path = self.resolve(path)?;
        for ancestor in path.ancestors().into_iter().chain([path.clone()]) {
            match self.get(&ancestor).map(|node| &node.kind) {
                Some(Kind::Directory) => {}
                Some(_) => return Err(TreeError::NotADirectory(ancestor)),
                None => {
                    self.insert(ancestor, Node::new(Kind::Directory, meta))?;
                }
            }
        }
        Ok(())
    }

    /// Writes a regular file, following symbolic links in its parents. The parent must exist. A node that was there is
    /// replaced, so hard links to it keep the old content.
    pub fn write(&mut self, path: &TreePath, content: impl Into<Content>, meta: Meta) -> Result<(), TreeError> {
        let path = self.resolve_parent(path)?;
        self.insert(path, Node::new(Kind::File(content.into()), meta))?;
        Ok(())
    }

    /// Makes a symbolic link, following symbolic links in its parents. A non-directory that was there is replaced.
    pub fn symlink(&mut self, path: &TreePath, target: impl Into<Vec<u8>>, meta: Meta) -> Result<(), TreeError> {
        let path = self.resolve_parent(path)?;
        self.insert(path, Node::new(Kind::Symlink(target.into()), Meta { mode: 0o777, ..meta }))?;
        Ok(())
    }

    /// The content of the regular file that `path` leads to, following symbolic links.
    pub fn read(&self, path: &TreePath) -> Result<Bytes, TreeError> {
        let content = self.content(path)?;
        content.bytes().map_err(TreeError::reading(path))
    }

    /// As [`Tree::read`]; none where no regular file is.
    pub fn read_if_there(&self, path: &TreePath) -> Result<Option<Bytes>, TreeError> {
        match self.read(path) {
            Ok(content) => Ok(Some(content)),
            Err(TreeError::Missing(_) | TreeError::NotAFile(_) | TreeError::SymlinkLoop(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As [`Tree::read`], without reading it.
    pub fn content(&self, path: &TreePath) -> Result<&Content, TreeError> {
        let resolved = self.resolve(path)?;
        match self.get(&resolved).map(|node| &node.kind) {
            Some(Kind::File(content)) => Ok(content),
            Some(_) => Err(TreeError::NotAFile(resolved)),
            None => Err(TreeError::Missing(path.clone())),
        }
    }

    /// Where `path` leads when every symbolic link in it is followed inside the tree. The last components need not
    /// exist. `..` stops at the root, as in a chroot.
    pub fn resolve(&self, path: &TreePath) -> Result<TreePath, TreeError> {
        let mut todo: Vec<Vec<u8>> = path.components().rev().map(<[u8]>::to_vec).collect();
        let mut done = TreePath::root();
        let mut followed = 0;
        while let Some(component) = todo.pop() {
            match component.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    done = done.parent().unwrap_or_default();
                    continue;
                }
                name => {
                    let next = done.join(name);
                    if let Some(Kind::Symlink(target)) = self.get(&next).map(|node| &node.kind) {
                        followed += 1;
                        if followed > SYMLINK_LIMIT {
                            return Err(TreeError::SymlinkLoop(path.clone()));
                        }
                        if target.starts_with(b"/") {
                            done = TreePath::root();
                        }
                        todo.extend(target.split(|&byte| byte == b'/').rev().map(<[u8]>::to_vec));
                    } else {
                        done = next;
                    }
                }
            }
        }
        Ok(done)
    }

    /// As [`Tree::resolve`] for the parent of `path`; the last component stays as it is.
    pub fn resolve_parent(&self, path: &TreePath) -> Result<TreePath, TreeError> {
        match (path.parent(), path.name()) {
            (Some(parent), Some(name)) => Ok(self.resolve(&parent)?.join(name)),
            _ => Ok(path.clone()),
        }
    }

    /// Whether something of `kind` may stand at `path`.
    fn admit(&self, path: &TreePath, kind: &Kind) -> Result<(), TreeError> {
        if let Some(parent) = path.parent() {
            match self.get(&parent).map(|node| &node.kind) {
                Some(Kind::Directory) => {}
                Some(_) => return Err(TreeError::NotADirectory(parent)),
                None => return Err(TreeError::Missing(parent)),
            }
        }
        let occupied = matches!(self.get(path).map(|node| &node.kind), Some(Kind::Directory));
        if occupied && !matches!(kind, Kind::Directory) {
            return Err(TreeError::IsADirectory(path.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).expect("a valid path")
    }

    fn tree() -> Tree {
        let mut tree = Tree::new(Meta::directory(0));
        tree.make_directories(&path("usr/bin"), Meta::directory(0)).expect("fresh directories");
        tree.symlink(&path("bin"), "usr/bin", Meta::file(0)).expect("a fresh link");
        tree
    }

    #[test]
    fn files_are_written_through_links_in_their_parents() {
        let mut tree = tree();
        tree.write(&path("bin/sh"), "#!", Meta::file(0)).expect("the parent leads to a directory");
        assert_eq!(tree.read(&path("usr/bin/sh")).expect("the file"), "#!");
        assert!(!tree.contains(&path("bin/sh")));
    }

    #[test]
    fn parents_must_be_directories() {
        let mut tree = tree();
        let file = Node::new(Kind::File(Bytes::new().into()), Meta::file(0));
        assert_eq!(tree.insert(path("no/file"), file.clone()), Err(TreeError::Missing(path("no"))));
        assert_eq!(tree.insert(path("bin/file"), file.clone()), Err(TreeError::NotADirectory(path("bin"))));
        assert_eq!(tree.insert(path("usr/bin"), file), Err(TreeError::IsADirectory(path("usr/bin"))));
    }

    #[test]
    fn absolute_links_and_dots_stay_inside_the_tree() {
        let mut tree = tree();
        tree.symlink(&path("usr/up"), "../../../bin", Meta::file(0)).expect("a fresh link");
        tree.symlink(&path("usr/root"), "/usr/up", Meta::file(0)).expect("a fresh link");
        assert_eq!(tree.resolve(&path("usr/root/ls")), Ok(path("usr/bin/ls")));
    }

    #[test]
    fn loops_are_named() {
        let mut tree = tree();
        tree.symlink(&path("a"), "b", Meta::file(0)).expect("a fresh link");
        tree.symlink(&path("b"), "a", Meta::file(0)).expect("a fresh link");
        assert_eq!(tree.resolve(&path("a")), Err(TreeError::SymlinkLoop(path("a"))));
    }

    #[test]
    fn hard_links_share_what_is_written_to_the_node() {
        let mut tree = tree();
        tree.write(&path("usr/bin/a"), "x", Meta::file(0)).expect("the parent is there");
        tree.hard_link(path("usr/bin/b"), &path("usr/bin/a")).expect("a file");
        tree.get_mut(&path("usr/bin/b")).expect("the link").meta.mode = 0o4755;
        assert_eq!(tree.get(&path("usr/bin/a")).expect("the file").meta.mode, 0o4755);
        assert_eq!(tree.id(&path("usr/bin/a")), tree.id(&path("usr/bin/b")));
    }

    #[test]
    fn renaming_takes_all_below_along() {
        let mut tree = tree();
        tree.write(&path("usr/bin/a"), "x", Meta::file(0)).expect("the parent is there");
        tree.hard_link(path("b"), &path("usr/bin/a")).expect("a file");
        tree.rename(&path("usr/bin"), path("new")).expect("free");
        assert_eq!(tree.id(&path("new/a")), tree.id(&path("b")));
        assert!(!tree.contains(&path("usr/bin")));
        assert_eq!(tree.rename(&path("new"), path("new/c")), Err(TreeError::IsADirectory(path("new/c"))));
        assert_eq!(tree.rename(&path("b"), path("usr")), Err(TreeError::IsADirectory(path("usr"))));
        assert_eq!(tree.rename(&path("none"), path("c")), Err(TreeError::Missing(path("none"))));
    }

    #[test]
    fn children_are_not_grandchildren_and_not_neighbours() {
        let mut tree = tree();
        tree.make_directories(&path("usr-local"), Meta::directory(0)).expect("a fresh directory");
        let names: Vec<String> = tree.children(&path("usr")).map(|(path, _)| path.to_string()).collect();
        assert_eq!(names, ["usr/bin"]);
        let roots: Vec<String> = tree.children(&TreePath::root()).map(|(path, _)| path.to_string()).collect();
        assert_eq!(roots, ["bin", "usr", "usr-local"]);
    }
}
