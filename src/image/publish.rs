//! Images of nodes under their final names, each with checksum, block map and manifest beside it: all of them or none.
//!
//! Many images of a base are made in batches: what is read of the base is read once, and one commit of the file system
//! brings a whole batch to the disk.

use std::fs::File;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::base::open_image;
use super::slot::{Stamped, Writes};
use super::{BaseImage, Digest, Identity, ImageError, Manifest, Origin, Owner, with_suffix};
use crate::disk::{FileError, NewFile, new_file, sparse};

/// How many images are made at once where blocks are shared (each has four open files) and where they are copied (what
/// is made at once lies at once under no name on a disk that may be too small for all).
const SHARED_BATCH: usize = 64;
const COPIED_BATCH: usize = 8;

/// An image that is wanted.
#[derive(Debug, Clone)]
pub struct Order {
    pub identity: Identity,
    /// For the manifest.
    pub node: Option<Owner>,
    /// The image's final name.
    pub out: PathBuf,
}

/// An image, or the patch that stands for it, under its final name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub file: PathBuf,
    /// Of the image.
    pub manifest: Manifest,
}

/// Makes the images of `orders` from `base`; beside each, with its name and a suffix: `.sha256` (as `sha256sum -c` reads
/// it), `.bmap` and `.json` (the manifest). `tell` hears of each as soon as it is in its place.
pub fn publish(
    base: &BaseImage,
    origin: &Origin,
    orders: &[Order],
    tell: &mut dyn FnMut(&Published),
) -> Result<(), ImageError> {
    let Some(first) = orders.first() else { return Ok(()) };
    let source = open_image(base.image(), &base.map)?;
    let shared = sparse::shares(&source, NewFile::create(&first.out)?.file());
    for batch in orders.chunks(if shared { SHARED_BATCH } else { COPIED_BATCH }) {
        // The copies wait for the disk, the checksums for the processor.
        let (images, contents) = rayon::join(|| copies(base, &source, batch), || contents(base, &source, batch));
        let made = batch.par_iter().zip(images?).zip(contents?);
        let made = made.map(|((order, image), content)| make(base, origin, order, image, &content));
        let drafts: Vec<Draft> = made.collect::<Result<_, _>>()?;
        let published: Vec<Published> = drafts.iter().map(|draft| draft.published.clone()).collect();
        place(drafts)?;
        published.iter().for_each(&mut *tell);
    }
    Ok(())
}

/// The manifest of the image that [`publish`] would make of `order`.
pub fn expected(base: &BaseImage, origin: &Origin, order: &Order) -> Result<Manifest, ImageError> {
    let source = open_image(base.image(), &base.map)?;
    let digest = digest(base, &source, &Writes::new(&base.map.slots, &order.identity)?)?;
    Ok(manifest(base, origin, order, &order.out, &digest))
}

/// New files for a batch, all of them still the base.
fn copies(base: &BaseImage, source: &File, batch: &[Order]) -> Result<Vec<NewFile>, ImageError> {
    let images = batch.iter().map(|order| create(&order.out, order.identity.is_private()));
    let images: Vec<NewFile> = images.collect::<Result<_, _>>()?;
    let files: Vec<&File> = images.iter().map(NewFile::file).collect();
    let needed = base.mapped().saturating_mul(u64::try_from(batch.len()).unwrap_or(u64::MAX));
    let target = batch.first().map_or(Path::new(""), |order| &order.out);
    sparse::copy(source, &files).map_err(|error| FileError::new("write", target, needed, error))?;
    Ok(images)
}

/// A new file for an image or patch; one that holds a private key is for its owner alone.
pub(super) fn create(out: &Path, is_private: bool) -> Result<NewFile, FileError> {
    if is_private { NewFile::create_private(out) } else { NewFile::create(out) }
}

/// For each image of a batch: the writes that turn the base into it, and its checksums.
fn contents(base: &BaseImage, source: &File, batch: &[Order]) -> Result<Vec<(Writes, Digest)>, ImageError> {
    let content = |order: &Order| {
        let writes = Writes::new(&base.map.slots, &order.identity)?;
        let digest = digest(base, source, &writes)?;
        Ok((writes, digest))
    };
    batch.par_iter().map(content).collect()
}

/// Makes `image`, a copy of the base, what `order` wants.
fn make(
    base: &BaseImage,
    origin: &Origin,
    order: &Order,
    image: NewFile,
    (writes, digest): &(Writes, Digest),
) -> Result<Draft, ImageError> {
    writes.apply(image.file()).map_err(|error| FileError::new("write", &order.out, base.mapped(), error))?;
    let manifest = manifest(base, origin, order, &order.out, digest);
    Draft::new(image, digest, manifest)
}

/// The checksums of the base with `writes` in its slots.
pub(super) fn digest(base: &BaseImage, source: &File, writes: &Writes) -> Result<Digest, ImageError> {
    let (map, image) = (&base.map, Stamped { image: source, writes });
    let digest = map.digester.clone().finish(&image, &map.mapped, map.length);
    Ok(digest.map_err(|error| FileError::new("read", base.image(), 0, error))?)
}

/// The manifest of an image that is called like `image`.
pub(super) fn manifest(base: &BaseImage, origin: &Origin, order: &Order, image: &Path, digest: &Digest) -> Manifest {
    Manifest {
        image: file_name(image),
        size: base.length(),
        mapped: base.mapped(),
        sha256: hex::encode(digest.sha256),
        origin: origin.clone(),
        node: order.node.clone(),
    }
}

/// An image with what stands beside it, written, and still without a name.
#[derive(Debug)]
pub(super) struct Draft {
    image: NewFile,
    beside: [NewFile; 3],
    pub(super) published: Published,
}

impl Draft {
    pub(super) fn new(image: NewFile, digest: &Digest, manifest: Manifest) -> Result<Self, ImageError> {
        let out = image.target();
        let sum = format!("{}  {}\n", manifest.sha256, manifest.image);
        let json = manifest.render().map_err(|error| FileError::new("write", out, 0, error.into()))?;
        let beside = [
            new_file::draft(&with_suffix(out, ".sha256"), sum.as_bytes())?,
            new_file::draft(&with_suffix(out, ".bmap"), digest.bmap.render().as_bytes())?,
            new_file::draft(&with_suffix(out, ".json"), json.as_bytes())?,
        ];
        let published = Published { file: out.to_owned(), manifest };
        Ok(Self { image, beside, published })
    }
}

/// Brings drafts to the disk and gives them their names, the images last.
pub(super) fn place(drafts: Vec<Draft>) -> Result<(), ImageError> {
    let files = drafts.iter().flat_map(|draft| draft.beside.iter().chain([&draft.image]));
    new_file::sync_all(files, drafts.iter().map(|draft| draft.published.manifest.mapped).sum())?;
    let (beside, mut images): (Vec<_>, Vec<_>) = drafts.into_iter().map(|draft| (draft.beside, draft.image)).unzip();
    let mut beside: Vec<NewFile> = beside.into_iter().flatten().collect();
    new_file::stage_all(beside.iter_mut().chain(&mut images))?;
    // Older images go first: no image ever stands beside another one's checksum.
    new_file::remove_all(images.iter().map(NewFile::target))?;
    new_file::place_all(beside)?;
    Ok(new_file::place_all(images)?)
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
