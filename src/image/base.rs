//! The base image: partition table, partitions, and beside it a file that says where things lie.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::digest::Digester;
use super::partitions::{self, FIRST_START, PlannedPartition, PlannedVolume};
use super::{Identity, ImageError, Layout, Slot};
use crate::disk::{BLOCK, BlockMap, FileError, Ids, NewFile, Region, SECTOR, new_file};
use crate::tree::{Meta, Tree, TreePath};

/// Counts up when the file beside the image changes its form.
const FORM: u32 = 3;

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// Everything that a base image is made of.
#[derive(Debug, Clone)]
pub struct BaseContents<'a> {
    /// What lies before the first partition besides the table: bytes from the start of the card, and the content.
    pub loader: Option<(u64, &'a [u8])>,
    /// Files of the FAT partition: path, content.
    pub boot: &'a BTreeMap<String, Bytes>,
    /// The root file system; identity files in it are replaced.
    pub tree: &'a Tree,
    pub ids: Ids,
    /// Seconds since 1970-01-01 UTC, for everything that has no time of its own.
    pub epoch: i64,
    pub layout: Layout,
    /// Whether images hold the host keys of their nodes.
    pub host_keys: bool,
}

/// A base image on disk.
#[derive(Debug, Clone)]
pub struct BaseImage {
    image: PathBuf,
    /// What the file beside the image says.
    pub(super) map: Map,
}

/// Where things lie in the images of a base.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Map {
    form: u32,
    /// Length of the image in bytes.
    pub(super) length: u64,
    pub(super) slots: Vec<Slot>,
    /// Blocks that matter.
    pub(super) mapped: BlockMap,
    /// The checksums up to the first slot, which all nodes of the base share.
    pub(super) digester: Digester,
    /// CRC-32C of all mapped blocks, one behind the other: enough to notice what happened to a file by itself.
    checksum: u32,
}

impl BaseImage {
    /// Writes the base image of `contents` to `image`, and beside it, with the extension `json`, where things lie. The name
    /// must say what the contents are: what stood there is replaced by what is taken for the same.
    pub fn write(image: &Path, contents: &BaseContents<'_>) -> Result<Self, ImageError> {
        let new = NewFile::create(image)?;
        let map = build(&new, contents, &Identity::neutral(contents.host_keys))?;
        new.sync(map.mapped.count() * BLOCK)?;
        let json = serde_json::to_vec(&map).map_err(|error| sidecar_error(image, &error))?;
        let sidecar = new_file::prepare(&sidecar(image), &json)?;
        // The image is there only with the file that describes it, whenever the program is stopped. Another program may
        // have written the same base meanwhile, and be working with it: it is never without a file under these names.
        sidecar.place()?;
        new.place()?;
        Ok(Self { image: image.to_owned(), map })
    }

    /// Opens a base image that was written before; none when it or the file beside it is not there.
    pub fn open(image: &Path) -> Result<Option<Self>, ImageError> {
        let fail = |path: &Path, error| FileError::new("read", path, 0, error);
        let found = match fs::metadata(image) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(image, error).into()),
        };
        let path = sidecar(image);
        let json = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            json => json.map_err(|error| fail(&path, error))?,
        };
        let map: Map = serde_json::from_slice(&json).map_err(|error| sidecar_error(image, &error))?;
        if map.form != FORM {
            return Err(sidecar_error(image, &format!("form {} instead of {FORM}", map.form)));
        }
        if map.length != found {
            return Err(ImageError::OtherBase { path: image.to_owned(), expected: map.length, found });
        }
        Ok(Some(Self { image: image.to_owned(), map }))
    }

    pub fn image(&self) -> &Path {
        &self.image
    }

    /// Whether the image still is what was written, as far as it matters.
    pub fn is_intact(&self) -> Result<bool, ImageError> {
        self.is_equal(&self.image)
    }

    /// Whether the file at `path` is what was written to the image, as far as it matters.
    pub fn is_equal(&self, path: &Path) -> Result<bool, ImageError> {
        let image = open_image(path, &self.map)?;
        let found = checksum(&image, &self.map.mapped).map_err(|error| FileError::new("read", path, 0, error))?;
        Ok(found == self.map.checksum)
    }

    /// Length of the image in bytes.
    pub fn length(&self) -> u64 {
        self.map.length
    }

    /// Bytes of the image that matter; the rest is free space.
    pub fn mapped(&self) -> u64 {
        self.map.mapped.count() * BLOCK
    }
}

/// Writes a whole image with the given identity, not yet synced.
pub(super) fn build(new: &NewFile, contents: &BaseContents<'_>, identity: &Identity) -> Result<Map, ImageError> {
    let (tree, last) = with_identity(contents, identity)?;
    let partitions = partitions::plan(contents, &tree, &last)?;
    let table = partitions::table(&partitions, contents.ids.disk_signature)?;
    let length = partitions.last().map_or(FIRST_START, |partition| partition.start + partition.length);
    let mut mapped = BlockMap::default();
    let (loader_start, loader) = contents.loader.unwrap_or((SECTOR, &[]));
    let loader_length = u64::try_from(loader.len()).unwrap_or(u64::MAX);
    if loader_start < SECTOR || loader_start.saturating_add(loader_length) > FIRST_START {
        return Err(ImageError::Loader { offset: loader_start, length: loader_length, end: FIRST_START });
    }
    let mut write = || {
        let file = new.file();
        file.set_len(length)?;
        let mut part = |start, length, write: &dyn Fn(&mut Region<'_>) -> io::Result<()>| {
            let mut region = Region::new(file, start, length);
            write(&mut region)?;
            mapped.extend(&region.into_used());
            Ok::<_, io::Error>(())
        };
        part(0, SECTOR, &|region| region.write(0, &table))?;
        if !loader.is_empty() {
            part(loader_start, loader_length, &|region| region.write(0, loader))?;
        }
        partitions.iter().try_for_each(|partition| part(partition.start, partition.length, &|it| partition.write(it)))
    };
    // What volumes take is known only roughly before they are written; the user wants to know how much to free.
    let needed = partitions.iter().map(PlannedPartition::used).sum();
    write().map_err(|error| FileError::new("write", new.target(), needed, error))?;

    let slots = slots(&partitions, identity, &last)?;
    let mut digester = Digester::default();
    let shared = slots.first().map_or(0, |slot| slot.offset / BLOCK);
    digester.advance(new.file(), &mapped, shared).map_err(|error| FileError::new("read", new.target(), 0, error))?;
    let checksum = checksum(new.file(), &mapped).map_err(|error| FileError::new("read", new.target(), 0, error))?;
    Ok(Map { form: FORM, length, slots, mapped, digester, checksum })
}

/// CRC-32C of the mapped blocks of an image.
fn checksum(image: &File, mapped: &BlockMap) -> io::Result<u32> {
    let mut buffer = vec![0; CHUNK];
    let mut checksum = 0;
    for run in mapped.runs() {
        let (mut at, end) = (run.start * BLOCK, run.end * BLOCK);
        while at < end {
            let length = usize::try_from(end - at).map_or(CHUNK, |left| left.min(CHUNK));
            let chunk = &mut buffer[..length];
            image.read_exact_at(chunk, at)?;
            checksum = crc32c::crc32c_append(checksum, chunk);
            at += u64::try_from(length).map_err(io::Error::other)?;
        }
    }
    Ok(checksum)
}

/// The tree with identity files, and where these are once symbolic links in their paths are followed.
fn with_identity(contents: &BaseContents<'_>, identity: &Identity) -> Result<(Tree, Vec<TreePath>), ImageError> {
    let mut tree = contents.tree.clone();
    let mut last = Vec::new();
    for file in identity.files() {
        let path = TreePath::new(file.path).map_err(crate::tree::TreeError::from)?;
        if let Some(parent) = path.parent() {
            tree.make_directories(&parent, Meta::directory(contents.epoch))?;
        }
        let place = tree.resolve_parent(&path)?;
        let meta = Meta::file(contents.epoch).with_mode(file.mode);
        tree.write(&path, Bytes::copy_from_slice(&file.content), meta)?;
        last.push(place);
    }
    Ok((tree, last))
}

/// Where the identity files lie in the image, in the order of their offsets.
fn slots(partitions: &[PlannedPartition], identity: &Identity, places: &[TreePath]) -> Result<Vec<Slot>, ImageError> {
    let mut slots = Vec::new();
    for partition in partitions {
        let PlannedVolume::Root(volume) = &partition.volume else { continue };
        for (path, place) in identity.files().map(|file| file.path).zip(places) {
            let extents = volume.extents(place).unwrap_or_default();
            let [extent] = extents.as_slice() else {
                return Err(ImageError::Torn(path.to_owned()));
            };
            let length = extent.end - extent.start;
            slots.push(Slot { path: path.to_owned(), offset: partition.start + extent.start, length });
        }
    }
    slots.sort_by_key(|slot| slot.offset);
    Ok(slots)
}

fn sidecar(image: &Path) -> PathBuf {
    image.with_extension("json")
}

fn sidecar_error(image: &Path, reason: &dyn std::fmt::Display) -> ImageError {
    ImageError::Sidecar { path: sidecar(image), reason: reason.to_string() }
}

/// Opens `path` for reading and checks that it is as long as an image of `map`.
pub(super) fn open_image(path: &Path, map: &Map) -> Result<File, ImageError> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (found, file) = opened.map_err(|error| FileError::new("read", path, 0, error))?;
    if found != map.length {
        return Err(ImageError::OtherBase { path: path.to_owned(), expected: map.length, found });
    }
    Ok(file)
}
