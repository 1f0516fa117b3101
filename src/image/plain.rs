//! The plain image of a base and a patch, typed `base.img+node3.patch`.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::publish::{Draft, create, file_name, place};
use super::slot::Stamped;
use super::{Digest, Digester, ImageError, Manifest, Patch, Published};
use crate::disk::{BLOCK, BlockMap, FileError, NewFile, OtherFile, sparse};

/// An image that can be read as a whole file. One that was made of base and patch goes when this is dropped.
#[derive(Debug)]
pub struct Plain {
    path: PathBuf,
    made: Option<Made>,
}

/// An image that was made of base and patch.
#[derive(Debug)]
struct Made {
    /// Holds the image.
    _folder: tempfile::TempDir,
    /// As the patch has it.
    manifest: Manifest,
}

impl Plain {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the image was made of: what stands beside it, or in its patch.
    pub fn manifest(&self) -> Result<Manifest, ImageError> {
        match &self.made {
            Some(made) => Ok(made.manifest.clone()),
            None => Manifest::beside(&self.path),
        }
    }
}

/// The base image and the patch that `name` stands for, if it is of the form `BASE+PATCH` and no file itself. The patch
/// may be named as seen from the base's folder.
pub fn base_and_patch(name: &Path) -> Option<(PathBuf, PathBuf)> {
    if name.exists() {
        return None;
    }
    let bytes = name.as_os_str().as_bytes();
    let plus = bytes.iter().rposition(|&byte| byte == b'+')?;
    let [base, patch] = [&bytes[..plus], &bytes[plus + 1..]].map(|part| PathBuf::from(OsStr::from_bytes(part)));
    let beside = base.with_file_name(&patch);
    Some((base, if patch.exists() { patch } else { beside }))
}

/// Opens an image, or makes that of `BASE+PATCH` in a temporary folder. What is clearly no image is refused by what it is.
pub fn open_plain(name: &Path) -> Result<Plain, ImageError> {
    let Some((base, patch)) = base_and_patch(name) else {
        // Whoever reads the image says why it cannot be read at all.
        if let Ok(Some(what)) = OtherFile::at(name) {
            return Err(ImageError::NoImage { path: name.to_owned(), what });
        }
        return Ok(Plain { path: name.to_owned(), made: None });
    };
    let temporary = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("bramble-").tempdir();
    let folder = folder.map_err(|error| FileError::new("make a folder in", &temporary, 0, error))?;
    let patch = Patch::read(&patch)?;
    // A patch may be anybody's: what it calls its image is no way out of the folder.
    let path = folder.path().join(file_name(Path::new(&patch.manifest.image)));
    let (image, _) = assemble(&base, &patch, &path)?;
    image.place()?;
    Ok(Plain { path, made: Some(Made { _folder: folder, manifest: patch.manifest }) })
}

/// Makes `out` the image that `patch` makes of `base`, with the same files beside it as if it had been built at once.
pub fn restore(base: &Path, patch: &Path, out: &Path) -> Result<Published, ImageError> {
    let patch = Patch::read(patch)?;
    let (image, digest) = assemble(base, &patch, out)?;
    let manifest = Manifest { image: file_name(out), ..patch.manifest };
    let draft = Draft::new(image, &digest, manifest)?;
    let published = draft.published.clone();
    place(vec![draft])?;
    Ok(published)
}

/// The image under no name yet. That it is the right base and the right image is checked.
fn assemble(base: &Path, patch: &Patch, out: &Path) -> Result<(NewFile, Digest), ImageError> {
    let read = |error| FileError::new("read", base, 0, error);
    let source = File::open(base).map_err(read)?;
    let length = source.metadata().map_err(read)?.len();
    if length != patch.base.size {
        return Err(ImageError::OtherBase { path: base.to_owned(), expected: patch.base.size, found: length });
    }
    let found = whole(&source, length).map_err(read)?;
    if found != patch.base.sha256 {
        let expected = patch.base.sha256.clone();
        return Err(ImageError::OtherSum { path: base.to_owned(), expected, found });
    }
    let writes = patch.writes();
    let stamped = Stamped { image: &source, writes: &writes };
    let digest = Digester::default().finish(&stamped, &patch.mapped, length).map_err(read)?;
    let found = hex::encode(digest.sha256);
    if found != patch.manifest.sha256 {
        let expected = patch.manifest.sha256.clone();
        return Err(ImageError::OtherSum { path: out.to_owned(), expected, found });
    }
    let image = create(out, patch.is_private())?;
    let written = sparse::copy(&source, &[image.file()]).and_then(|_| writes.apply(image.file()));
    written.map_err(|error| FileError::new("write", out, patch.manifest.mapped, error))?;
    Ok((image, digest))
}

/// SHA-256 of an image of `length` bytes, a multiple of 4096, in hexadecimal digits. Holes are not read.
pub fn whole(image: &File, length: u64) -> std::io::Result<String> {
    let mut data = BlockMap::default();
    for part in sparse::data(image)? {
        data.insert_bytes(part.start, part.end - part.start);
    }
    debug_assert!(length.is_multiple_of(BLOCK));
    Ok(hex::encode(Digester::default().finish(image, &data, length)?.sha256))
}
