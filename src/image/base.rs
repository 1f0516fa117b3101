//! The base image: partition table, FAT partition, root partition, and beside it a file that says where things lie.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::digest::Digester;
use super::{Identity, ImageError, Slot};
use crate::disk::fat::fat32;
use crate::disk::mbr::{self, Mbr};
use crate::disk::{BLOCK, BlockMap, FileError, Ids, MIB, NewFile, Region, SECTOR, ext4, new_file};
use crate::tree::{Meta, Tree, TreePath};

/// Where the first partition begins; a multiple of the erase blocks of common cards.
const BOOT_START: u64 = 8 * MIB;

/// Counts up when the file beside the image changes its form.
const FORM: u32 = 1;

/// Everything that a base image is made of.
#[derive(Debug, Clone)]
pub struct Recipe<'a> {
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

/// Sizes and names of the partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Length of the FAT partition in bytes, a multiple of 1 MiB.
    pub boot_size: u64,
    /// Up to 11 capitals, digits, `-` or `_`.
    pub boot_label: String,
    /// Bytes left free on the root partition, which grows to the card's end when a node first starts.
    pub root_spare: u64,
    /// Up to 16 bytes.
    pub root_label: String,
}

/// A base image on disk.
#[derive(Debug, Clone)]
pub struct Base {
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
    boot: Part,
    root: Part,
    pub(super) slots: Vec<Slot>,
    /// Blocks that matter.
    pub(super) mapped: BlockMap,
    /// The checksums up to the first slot, which all nodes of the base share.
    pub(super) digester: Digester,
}

/// A partition's place in the image, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub start: u64,
    pub length: u64,
}

impl Default for Layout {
    /// Free space lies behind the identity, so each node has to be hashed to its end: what is spared here is most of what
    /// a node costs. It has to last only until the first boot has made the file system larger.
    fn default() -> Self {
        Self { boot_size: 256 * MIB, boot_label: "BOOT".into(), root_spare: 16 * MIB, root_label: "rootfs".into() }
    }
}

/// The root partition's name on the kernel command line, known before there is an image: `root=PARTUUID=<this>`.
pub fn root_partuuid(ids: &Ids) -> String {
    ids.partuuid(2)
}

impl Base {
    /// Writes the base image of `recipe` to `image`, and beside it, with the extension `json`, where things lie. What
    /// stood there is replaced.
    pub fn write(image: &Path, recipe: &Recipe<'_>) -> Result<Self, ImageError> {
        let new = NewFile::create(image)?;
        let map = build(&new, recipe, &Identity::neutral(recipe.host_keys))?;
        new.sync(map.mapped.count() * BLOCK)?;
        let json = serde_json::to_vec(&map).map_err(|error| sidecar_error(image, &error))?;
        let sidecar = new_file::prepare(&sidecar(image), &json)?;
        // An image is there only with the file that describes it, whenever the program is stopped.
        new_file::remove(image)?;
        sidecar.place()?;
        new.place()?;
        Ok(Self { image: image.to_owned(), map })
    }

    /// Opens a base image that was written before; none when there is none.
    pub fn open(image: &Path) -> Result<Option<Self>, ImageError> {
        let fail = |path: &Path, error| FileError::new("read", path, 0, error);
        let found = match fs::metadata(image) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(image, error).into()),
        };
        let path = sidecar(image);
        let json = fs::read(&path).map_err(|error| fail(&path, error))?;
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

    /// Length of the image in bytes.
    pub fn length(&self) -> u64 {
        self.map.length
    }

    /// Bytes of the image that matter; the rest is free space.
    pub fn mapped(&self) -> u64 {
        self.map.mapped.count() * BLOCK
    }

    /// Where the FAT partition lies.
    pub fn boot(&self) -> Part {
        self.map.boot
    }

    /// Where the root partition lies.
    pub fn root(&self) -> Part {
        self.map.root
    }

    /// Where the identity files lie, in the order of their offsets.
    pub fn slots(&self) -> &[Slot] {
        &self.map.slots
    }
}

/// Writes a whole image with the given identity, not yet synced.
pub(super) fn build(new: &NewFile, recipe: &Recipe<'_>, identity: &Identity) -> Result<Map, ImageError> {
    let (tree, last) = with_identity(recipe, identity)?;
    let layout = &recipe.layout;
    let root_volume = ext4::Volume::plan(&tree, &last, &root_options(recipe))?;
    let boot = Part { start: BOOT_START, length: layout.boot_size };
    let root = Part { start: boot.start + boot.length, length: root_volume.length() };
    if !boot.length.is_multiple_of(MIB) {
        return Err(ImageError::BootSize(boot.length));
    }
    let partitions = [partition(true, mbr::FAT32_LBA, boot)?, partition(false, mbr::LINUX, root)?];
    let boot_volume = fat32::Volume::plan(recipe.boot, boot_options(recipe, partitions[0]))?;
    let [boot_record, root_record] = partitions.map(Some);
    let table = Mbr { signature: recipe.ids.disk_signature, partitions: [boot_record, root_record, None, None] };
    let table = table.encode()?;

    let length = root.start + root.length;
    let mut mapped = BlockMap::default();
    let (loader_start, loader) = recipe.loader.unwrap_or((SECTOR, &[]));
    let loader_length = u64::try_from(loader.len()).unwrap_or(u64::MAX);
    if loader_start < SECTOR || loader_start.saturating_add(loader_length) > BOOT_START {
        return Err(ImageError::Loader { offset: loader_start, length: loader_length, end: BOOT_START });
    }
    let mut write = || {
        let file = new.file();
        file.set_len(length)?;
        let places = [(0, SECTOR), (loader_start, loader_length), (boot.start, boot.length), (root.start, root.length)];
        let mut regions = places.map(|(start, length)| Region::new(file, start, length));
        regions[0].write(0, &table)?;
        if !loader.is_empty() {
            regions[1].write(0, loader)?;
        }
        boot_volume.write(&mut regions[2])?;
        root_volume.write(&mut regions[3])?;
        regions.into_iter().for_each(|region| mapped.extend(&region.into_used()));
        Ok(())
    };
    // What volumes take is known only roughly before they are written; the user wants to know how much to free.
    let needed = boot_volume.used() + root.length;
    write().map_err(|error| FileError::new("write", new.target(), needed, error))?;

    let slots = slots(&root_volume, root, identity, &last)?;
    let mut digester = Digester::default();
    let shared = slots.first().map_or(0, |slot| slot.offset / BLOCK);
    digester.advance(new.file(), &mapped, shared).map_err(|error| FileError::new("read", new.target(), 0, error))?;
    Ok(Map { form: FORM, length, boot, root, slots, mapped, digester })
}

fn partition(active: bool, kind: u8, part: Part) -> Result<mbr::PartitionRecord, ImageError> {
    let sectors = |bytes: u64| u32::try_from(bytes / SECTOR).map_err(|_| ImageError::TooLarge(part.length / MIB));
    Ok(mbr::PartitionRecord { active, kind, start: sectors(part.start)?, sectors: sectors(part.length)? })
}

/// The tree with identity files, and where these are once symbolic links in their paths are followed.
fn with_identity(recipe: &Recipe<'_>, identity: &Identity) -> Result<(Tree, Vec<TreePath>), ImageError> {
    let mut tree = recipe.tree.clone();
    let mut last = Vec::new();
    for file in identity.files() {
        let path = TreePath::new(file.path).map_err(crate::tree::TreeError::from)?;
        if let Some(parent) = path.parent() {
            tree.make_directories(&parent, Meta::directory(recipe.epoch))?;
        }
        let place = tree.resolve_parent(&path)?;
        let meta = Meta::file(recipe.epoch).with_mode(file.mode);
        tree.write(&path, Bytes::copy_from_slice(&file.content), meta)?;
        last.push(place);
    }
    Ok((tree, last))
}

fn slots(volume: &ext4::Volume, root: Part, identity: &Identity, places: &[TreePath]) -> Result<Vec<Slot>, ImageError> {
    let mut slots = Vec::new();
    for (path, place) in identity.files().map(|file| file.path).zip(places) {
        let extents = volume.extents(place).unwrap_or_default();
        let [extent] = extents.as_slice() else {
            return Err(ImageError::Torn(path.to_owned()));
        };
        let length = extent.end - extent.start;
        slots.push(Slot { path: path.to_owned(), offset: root.start + extent.start, length });
    }
    slots.sort_by_key(|slot| slot.offset);
    Ok(slots)
}

fn root_options(recipe: &Recipe<'_>) -> ext4::Options {
    ext4::Options {
        uuid: recipe.ids.filesystem_uuid,
        hash_seed: recipe.ids.hash_seed,
        epoch: recipe.epoch,
        label: recipe.layout.root_label.clone(),
        spare: recipe.layout.root_spare,
    }
}

fn boot_options(recipe: &Recipe<'_>, partition: mbr::PartitionRecord) -> fat32::Options {
    let mbr::PartitionRecord { start, sectors, .. } = partition;
    // The largest clusters, up to ext4's blocks, that leave enough of them to be FAT32.
    let sectors_per_cluster = [8, 4, 2].into_iter().find(|&size| sectors / u32::from(size) >= 70_000).unwrap_or(1);
    fat32::Options {
        sectors,
        sectors_per_cluster,
        hidden_sectors: start,
        volume_id: recipe.ids.fat_volume_id,
        label: recipe.layout.boot_label.clone(),
        epoch: recipe.epoch,
    }
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
