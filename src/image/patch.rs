//! A node as a patch: a JSON file of a few KiB that makes the node's image of its base's.
//!
//! It tells which base it belongs to, what stands in which bytes of it, and what comes of it, so that a card can be
//! written from the two without the image in between. Texts are filled up with newlines to the length of their slot.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::base::open_image;
use super::identity::is_private;
use super::publish::{create, digest, file_name, manifest};
use super::slot::Writes;
use super::{BaseImage, ImageError, Manifest, Order, Origin, Published};
use crate::disk::{BlockMap, FileError, NewFile, new_file};

/// Stands at the beginning of the file and says what it is; the number counts up when the form changes.
const FORM: &str = "bramble patch 1";

/// A patch as it is kept in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    form: String,
    /// The image that it is to be laid over.
    pub base: PatchedBase,
    slots: Vec<Filled>,
    /// The blocks of the image that must reach a card, 4 KiB each: first, and the one behind the last.
    pub(super) mapped: BlockMap,
    /// What comes of it.
    pub manifest: Manifest,
}

/// The base image of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchedBase {
    /// File name.
    pub image: String,
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// A slot with its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Filled {
    path: String,
    /// In bytes from the start of the image.
    offset: u64,
    /// In bytes.
    length: usize,
    text: String,
}

impl Patch {
    /// The patch in the file `path`.
    pub fn read(path: &Path) -> Result<Self, ImageError> {
        let json = fs::read(path).map_err(|error| FileError::new("read", path, 0, error))?;
        let bad = |reason: String| ImageError::Patch { path: path.to_owned(), reason };
        let patch: Self = serde_json::from_slice(&json).map_err(|error| bad(error.to_string()))?;
        if patch.form != FORM {
            return Err(bad(format!("its form is `{}` instead of `{FORM}`", patch.form)));
        }
        let end = |slot: &Filled| slot.offset.checked_add(u64::try_from(slot.length).ok()?);
        match patch
            .slots
            .iter()
            .find(|slot| slot.text.len() > slot.length || end(slot).is_none_or(|end| end > patch.base.size))
        {
            Some(slot) => Err(bad(format!("the slot of `/{}` does not fit", slot.path))),
            None => Ok(patch),
        }
    }

    /// Whether it holds what only its owner may read.
    pub(super) fn is_private(&self) -> bool {
        self.slots.iter().any(|slot| is_private(&slot.path))
    }

    /// The bytes to write over the base.
    pub(super) fn writes(&self) -> Writes {
        let filled = |slot: &Filled| {
            let mut content = slot.text.clone().into_bytes();
            content.resize(slot.length, b'\n');
            (slot.offset, content)
        };
        Writes(self.slots.iter().map(filled).collect())
    }
}

/// Writes the patch of each of `orders` to its `out`; `over` is the base's own image, which the patches are laid over.
pub fn publish_patches(
    base: &BaseImage,
    origin: &Origin,
    over: &Published,
    orders: &[Order],
    tell: &mut dyn FnMut(&Published),
) -> Result<(), ImageError> {
    let source = open_image(base.image(), &base.map)?;
    let base_image =
        PatchedBase { image: file_name(&over.file), size: base.length(), sha256: over.manifest.sha256.clone() };
    let drafts = orders.par_iter().map(|order| draft(base, &source, origin, &base_image, order));
    let drafts: Vec<(NewFile, Published)> = drafts.collect::<Result<_, _>>()?;
    new_file::sync_all(drafts.iter().map(|(file, _)| file), 0)?;
    let (files, published): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
    new_file::place_all(files)?;
    published.iter().for_each(tell);
    Ok(())
}

fn draft(
    base: &BaseImage,
    source: &File,
    origin: &Origin,
    base_image: &PatchedBase,
    order: &Order,
) -> Result<(NewFile, Published), ImageError> {
    let writes = Writes::new(&base.map.slots, &order.identity)?;
    let image: PathBuf = order.out.with_extension("img");
    let manifest = manifest(base, origin, order, &image, &digest(base, source, &writes)?);
    let slots = base.map.slots.iter().zip(writes.0).map(|(slot, (offset, content))| {
        let length = content.len();
        let text = String::from_utf8(content).map_err(|_| ImageError::NoText(slot.path.clone()))?;
        Ok(Filled { path: slot.path.clone(), offset, length, text: text.trim_end_matches('\n').to_owned() })
    });
    let patch = Patch {
        form: FORM.to_owned(),
        base: base_image.clone(),
        slots: slots.collect::<Result<_, ImageError>>()?,
        mapped: base.map.mapped.clone(),
        manifest,
    };
    let json =
        serde_json::to_string_pretty(&patch).map_err(|error| FileError::new("write", &order.out, 0, error.into()))?;
    let file = create(&order.out, order.identity.is_private())?;
    let file = new_file::filled(file, (json + "\n").as_bytes())?;
    Ok((file, Published { file: order.out.clone(), manifest: patch.manifest }))
}
