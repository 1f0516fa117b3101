//! A node's image under its final name, with checksum, block map and manifest beside it: all of them or none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::base::open_image;
use super::{Base, Digest, Identity, ImageError, Manifest, slot};
use crate::disk::bmap::hex;
use crate::disk::{FileError, NewFile, new_file, sparse};

/// An image with what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub image: PathBuf,
    /// Length of the image in bytes, holes included.
    pub length: u64,
    /// Bytes that must reach a card; the rest is free space.
    pub mapped: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// Makes `out` the image of `identity` on `base`, with `out` + `.sha256` (as `sha256sum -c` reads it), `.bmap` and
/// `.json` (the manifest with `inputs`) beside it. The image gets its name last.
pub fn publish(
    base: &Base,
    identity: &Identity,
    inputs: BTreeMap<String, String>,
    out: &Path,
) -> Result<Published, ImageError> {
    let image = stamped(base, base.image(), identity, out)?;
    let read = |error| FileError::new("read", out, 0, error);
    let map = &base.map;
    let Digest { sha256, bmap } = map.digester.clone().finish(image.file(), &map.mapped, map.length).map_err(read)?;
    let sha256 = hex(&sha256);
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let manifest = Manifest { image: name.clone(), size: map.length, sha256: sha256.clone(), inputs };
    let manifest = manifest.render().map_err(|error| read(error.into()))?;
    let beside = [
        new_file::prepare(&with_suffix(out, ".sha256"), format!("{sha256}  {name}\n").as_bytes())?,
        new_file::prepare(&with_suffix(out, ".bmap"), bmap.render().as_bytes())?,
        new_file::prepare(&with_suffix(out, ".json"), manifest.as_bytes())?,
    ];
    image.sync(base.mapped())?;
    // An older image goes first: no image ever stands beside another one's checksum.
    new_file::remove(out)?;
    beside.into_iter().try_for_each(NewFile::place)?;
    image.place()?;
    Ok(Published { image: out.to_owned(), length: map.length, mapped: base.mapped(), sha256 })
}

/// Makes `out` the image of `identity` from `source`, which is the base image or the image of any of its nodes.
pub fn stamp(base: &Base, source: &Path, identity: &Identity, out: &Path) -> Result<(), ImageError> {
    let image = stamped(base, source, identity, out)?;
    image.sync(base.mapped())?;
    Ok(image.place()?)
}

/// The image of `identity`, neither synced nor placed.
pub(super) fn stamped(base: &Base, source: &Path, identity: &Identity, out: &Path) -> Result<NewFile, ImageError> {
    let from = open_image(source, &base.map)?;
    let image = NewFile::create(out)?;
    sparse::copy(&from, image.file())
        .and_then(|_| slot::apply(&base.map.slots, identity, image.file()))
        .map_err(|error| FileError::new("write", out, base.mapped(), error))?;
    Ok(image)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
