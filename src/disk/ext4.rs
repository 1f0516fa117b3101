//! An ext4 volume from a [`Tree`], through the crate `mkext4`, which decides every block before the first is written.
//!
//! Inode numbers and blocks follow the order of declaration: that of the tree's paths, but for files that the caller
//! wants at the end of the used blocks. Files on the volume can be overwritten in place, since ext4 has no checksums of
//! content. Out of scope: reading, block sizes other than 4 KiB, features that mkext4 does not write.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::io;
use std::ops::Range;

use mkext4::{FsBuilder, InodeCount, InodeHandle, Layout, SparseSeg, SpecialKind};

use super::ext4_size::Size;
use super::{BLOCK, Region, holes};
use crate::tree::{self, Kind, Meta, Node, NodeId, Tree, TreeError, TreePath};

/// What a volume is besides its tree.
#[derive(Debug, Clone)]
pub struct Ext4Parameters {
    pub uuid: [u8; 16],
    /// Seed of the directory hashes.
    pub hash_seed: [u32; 4],
    /// Seconds since 1970-01-01 UTC: when the volume says it was made.
    pub epoch: i64,
    /// Up to 16 bytes.
    pub label: String,
    /// Bytes to leave free.
    pub spare: u64,
}

/// Why a tree cannot become an ext4 volume.
#[derive(Debug, thiserror::Error)]
pub enum Ext4Error {
    #[error("the name of `/{0}` is no UTF-8, which the ext4 writer needs; rename it")]
    Name(TreePath),
    #[error("the target of the link `/{0}` is no UTF-8, which the ext4 writer needs; change it")]
    Target(TreePath),
    #[error("`/lost+found` is made by the file system itself; leave it out of the tree")]
    LostAndFound,
    #[error("`/{0}` is to lie at the end of the volume but is no regular file of the tree; add it or do not name it")]
    NoLastFile(TreePath),
    #[error("`/{path}` cannot stand on an ext4 volume: {error}")]
    Entry { path: TreePath, error: mkext4::Error },
    #[error("the tree is too large for an ext4 volume of 4 KiB blocks (16 TiB, 2^32 inodes)")]
    TooLarge,
    #[error("an ext4 volume of {size} bytes cannot be laid out: {error}")]
    Layout { size: u64, error: mkext4::Error },
    #[error(transparent)]
    Read(#[from] TreeError),
}

/// A volume laid out, ready to be written.
#[derive(Debug)]
pub struct Volume {
    layout: Layout,
    files: BTreeMap<TreePath, InodeHandle>,
    /// In the order of their blocks.
    contents: Vec<Written>,
}

/// What is written of a file.
#[derive(Debug)]
struct Written {
    handle: InodeHandle,
    path: TreePath,
    content: tree::Content,
    /// The parts that are no holes.
    data: Vec<Range<u64>>,
}

impl Volume {
    /// Lays out `tree` on the smallest volume that holds it and `parameters.spare` bytes; the regular files `last` get the
    /// last used blocks, in the order given.
    pub fn plan(tree: &Tree, last: &[TreePath], parameters: &Ext4Parameters) -> Result<Self, Ext4Error> {
        let late = last.iter().filter_map(|path| tree.id(path)).collect();
        let data = data(tree, &late)?;
        let size = Size::of(tree, &data, parameters.spare).ok_or(Ext4Error::TooLarge)?;
        let error = |error| Ext4Error::Layout { size: size.bytes, error };
        let mut builder = FsBuilder::new(mkext4_options(size, parameters)).map_err(error)?;
        let mut declared = Declared {
            directories: BTreeMap::new(),
            inodes: BTreeMap::new(),
            files: BTreeMap::new(),
            contents: Vec::new(),
            data,
        };
        declared.all(&mut builder, tree, last)?;
        let layout = builder.seal().map_err(error)?;
        Ok(Self { layout, files: declared.files, contents: declared.contents })
    }

    /// Length of the volume in bytes, a multiple of 1 MiB.
    pub fn length(&self) -> u64 {
        self.layout.image_len()
    }

    /// Where the content of the regular file `path` lies, in bytes from the start of the volume; several ranges when a
    /// group's own blocks tear it. None when there is no such file.
    pub fn extents(&self, path: &TreePath) -> Option<Vec<Range<u64>>> {
        let extents = self.layout.extents(*self.files.get(path)?);
        Some(extents.into_iter().map(|(offset, length)| offset..offset + length).collect())
    }

    /// Writes the volume; what holds nothing stays a hole.
    pub fn write(&self, region: &mut Region<'_>) -> io::Result<()> {
        let mut writer = self.layout.writer(&mut *region).map_err(into_io)?;
        for file in &self.contents {
            let mut content = holes::Reader::new(&file.path, &file.content, &file.data)?;
            writer.fill(file.handle, &mut content).map_err(into_io)?;
        }
        writer.finish().map_err(into_io)?;
        for run in used(region).map_err(into_io)? {
            region.claim(run.start * BLOCK, (run.end - run.start) * BLOCK)?;
        }
        Ok(())
    }
}

/// The blocks that the bitmaps of a written volume call used. Among them are holes that must be zeros wherever the
/// volume is copied to: the journal, lest an older one's blocks pass for its own, and the unused inodes.
fn used(region: &Region<'_>) -> mkext4::Result<Vec<Range<u64>>> {
    let filesystem = mkext4::reader::Fs::open(region)?;
    let blocks = filesystem.superblock().blocks_count;
    let per_group = u64::from(filesystem.superblock().blocks_per_group);
    let mut runs: Vec<Range<u64>> = Vec::new();
    for group in 0..blocks.div_ceil(per_group) {
        let bitmap = filesystem.read_block(filesystem.group_desc(group)?.block_bitmap)?;
        let bits = bitmap.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
        // Bits behind the end of the last group are set, too.
        for (block, _) in (group * per_group..blocks.min((group + 1) * per_group)).zip(bits).filter(|(_, used)| *used) {
            match runs.last_mut() {
                Some(run) if run.end == block => run.end += 1,
                _ => runs.push(block..block + 1),
            }
        }
    }
    Ok(runs)
}

/// What is to be written of each file: the `late` ones whole, as something will be written into them.
fn data(tree: &Tree, late: &BTreeSet<NodeId>) -> Result<BTreeMap<NodeId, Vec<Range<u64>>>, Ext4Error> {
    let mut data = BTreeMap::new();
    for (path, id, node) in tree.iter() {
        let Some(content) = node.content() else { continue };
        if late.contains(&id) {
            data.insert(id, std::iter::once(0..content.len()).collect());
        } else if let Entry::Vacant(entry) = data.entry(id) {
            entry.insert(holes::data(content).map_err(TreeError::reading(path))?);
        }
    }
    Ok(data)
}

/// What has been declared so far.
struct Declared {
    directories: BTreeMap<TreePath, InodeHandle>,
    inodes: BTreeMap<NodeId, InodeHandle>,
    files: BTreeMap<TreePath, InodeHandle>,
    contents: Vec<Written>,
    /// What is to be written of each file.
    data: BTreeMap<NodeId, Vec<Range<u64>>>,
}

impl Declared {
    fn all(&mut self, builder: &mut FsBuilder, tree: &Tree, last: &[TreePath]) -> Result<(), Ext4Error> {
        let mut late = BTreeSet::new();
        for path in last {
            match (tree.id(path), tree.get(path).and_then(Node::content)) {
                (Some(id), Some(_)) => late.insert(id),
                _ => return Err(Ext4Error::NoLastFile(path.clone())),
            };
        }
        // Other names of a late file wait with it.
        let (late, early): (Vec<_>, Vec<_>) = tree.iter().partition(|(_, id, _)| late.contains(id));
        for (path, id, node) in early {
            self.one(builder, path, id, node)?;
        }
        for path in last {
            for (_, id, node) in late.iter().filter(|(name, ..)| *name == path) {
                self.one(builder, path, *id, node)?;
            }
        }
        for (path, id, node) in late.into_iter().filter(|(name, ..)| !last.contains(name)) {
            self.one(builder, path, id, node)?;
        }
        Ok(())
    }

    fn one(&mut self, builder: &mut FsBuilder, path: &TreePath, id: NodeId, node: &Node) -> Result<(), Ext4Error> {
        let handle = match (path.parent(), path.name()) {
            (Some(parent), Some(name)) => {
                let parent = self.directories[&parent];
                let name = std::str::from_utf8(name).map_err(|_| Ext4Error::Name(path.clone()))?;
                if path.as_bytes() == b"lost+found" {
                    return Err(Ext4Error::LostAndFound);
                }
                if let Some(&known) = self.inodes.get(&id) {
                    self.files.insert(path.clone(), known);
                    return builder.hardlink(parent, name, known).map_err(|error| entry(path, error));
                }
                declare(builder, path, parent, name, node, self.data.get(&id).map_or(&[], Vec::as_slice))?
            }
            _ => {
                builder.set_meta(mkext4::ROOT, meta(node.meta)).map_err(|error| entry(path, error))?;
                mkext4::ROOT
            }
        };
        self.inodes.insert(id, handle);
        match &node.kind {
            Kind::Directory => {
                self.directories.insert(path.clone(), handle);
            }
            Kind::File(content) => {
                self.files.insert(path.clone(), handle);
                if !content.is_empty() {
                    let data = self.data.get(&id).cloned().unwrap_or_default();
                    self.contents.push(Written { handle, path: path.clone(), content: content.clone(), data });
                }
            }
            Kind::Symlink(_) | Kind::CharDevice { .. } | Kind::BlockDevice { .. } | Kind::Fifo | Kind::Socket => {}
        }
        for (name, value) in &node.xattrs {
            builder.set_xattr(handle, name, value).map_err(|error| entry(path, error))?;
        }
        Ok(())
    }
}

fn declare(
    builder: &mut FsBuilder,
    path: &TreePath,
    parent: InodeHandle,
    name: &str,
    node: &Node,
    data: &[Range<u64>],
) -> Result<InodeHandle, Ext4Error> {
    let meta = meta(node.meta);
    let declared = match &node.kind {
        Kind::Directory => builder.mkdir(parent, name, meta),
        Kind::File(content) if holes::are_none(content.len(), data) => builder.file(parent, name, meta, content.len()),
        Kind::File(_) => builder.file_sparse(parent, name, meta, &segments(data)),
        Kind::Symlink(target) => {
            let target = std::str::from_utf8(target).map_err(|_| Ext4Error::Target(path.clone()))?;
            builder.symlink(parent, name, target, meta)
        }
        &Kind::CharDevice { major, minor } => builder.mknod(parent, name, meta, SpecialKind::Char { major, minor }),
        &Kind::BlockDevice { major, minor } => builder.mknod(parent, name, meta, SpecialKind::Block { major, minor }),
        Kind::Fifo => builder.mknod(parent, name, meta, SpecialKind::Fifo),
        Kind::Socket => builder.mknod(parent, name, meta, SpecialKind::Socket),
    };
    declared.map_err(|error| entry(path, error))
}

/// The parts of a file as the crate takes them: data and holes in turn. A file ends in data.
fn segments(data: &[Range<u64>]) -> Vec<SparseSeg> {
    let mut segments = Vec::new();
    let mut end = 0;
    for part in data {
        if part.start > end {
            segments.push(SparseSeg::Hole(part.start - end));
        }
        segments.push(SparseSeg::Data(part.end - part.start));
        end = part.end;
    }
    segments
}

fn mkext4_options(size: Size, parameters: &Ext4Parameters) -> mkext4::Options {
    let mut mkext4 = mkext4::Options::new(size.bytes, parameters.uuid, parameters.epoch);
    mkext4.hash_seed = parameters.hash_seed;
    mkext4.label = Some(parameters.label.clone());
    mkext4.inodes = InodeCount::Exact(size.inodes);
    mkext4.journal_blocks = Some(size.journal_blocks);
    // Enough for root to clean up on a full card; mke2fs's 5 % would be gigabytes of a large one.
    mkext4.reserved_percent = 1;
    mkext4
}

fn meta(meta: Meta) -> mkext4::Meta {
    mkext4::Meta::new(meta.mode, meta.uid, meta.gid, (meta.mtime, 0))
}

fn entry(path: &TreePath, error: mkext4::Error) -> Ext4Error {
    Ext4Error::Entry { path: path.clone(), error }
}

fn into_io(error: mkext4::Error) -> io::Error {
    match error {
        mkext4::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
