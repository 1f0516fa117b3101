//! The entries of a package's `data.tar`.
//!
//! File contents are parts of the archive, not copies, unless they are small. The reader knows ustar, GNU long names and sparse files, and PAX
//! records with extended attributes (`SCHILY.xattr.*`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use bytes::Bytes;
use tar::{Archive, EntryType};

use crate::archive::DataTar;
use crate::tree::{Content, Kind, Meta, Node, TreePath};

use super::UnpackError;

/// The PAX records that carry extended attributes are called this and the attribute's full name.
const PAX_XATTR: &str = "SCHILY.xattr.";

/// One entry, at the path that its package gives it.
#[derive(Debug, Clone)]
pub(super) struct DataEntry {
    pub(super) path: TreePath,
    /// The node for that path. A hard link's own node is an empty file: see [`origin`].
    pub(super) node: Node,
    /// For a hard link: the other name of the file, in the same package.
    pub(super) link: Option<TreePath>,
}

/// Reads every entry of `data` in the order of the archive. Times are clamped to `epoch`.
pub(super) fn read(package: &str, data: &DataTar, epoch: i64) -> Result<Vec<DataEntry>, UnpackError> {
    match data {
        DataTar::Memory(bytes) => entries(package, data, Cursor::new(bytes), epoch),
        DataTar::File(file, _) => {
            let mut file = &**file;
            file.rewind().map_err(|source| UnpackError::Archive { package: package.to_owned(), source })?;
            entries(package, data, file, epoch)
        }
    }
}

fn entries<R: Read + Seek>(package: &str, data: &DataTar, from: R, epoch: i64) -> Result<Vec<DataEntry>, UnpackError> {
    let broken = |source: io::Error| UnpackError::Archive { package: package.to_owned(), source };
    let mut archive = Archive::new(from);
    let mut entries = Vec::new();
    for entry in archive.entries_with_seek().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path_bytes().into_owned();
        let place = |path: &[u8]| {
            TreePath::new(path).map_err(|source| UnpackError::Path { package: package.to_owned(), source })
        };
        let path = place(&name)?;
        if name.contains(&b'\n') {
            return Err(UnpackError::Newline { package: package.to_owned(), path });
        }
        let unknown = |what: String| UnpackError::Entry { package: package.to_owned(), path: path.clone(), what };
        let link_name = || entry.link_name_bytes().map(Cow::into_owned);
        let mut link = None;
        let kind = match entry.header().entry_type() {
            EntryType::Directory => Kind::Directory,
            EntryType::Regular | EntryType::Continuous => {
                Kind::File(slice(data, entry.raw_file_position(), entry.size()).map_err(broken)?)
            }
            EntryType::GNUSparse => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).map_err(broken)?;
                Kind::File(content.into())
            }
            EntryType::Link => {
                let target = link_name().ok_or_else(|| unknown("a hard link to nothing".to_owned()))?;
                link = Some(place(&target)?);
                Kind::File(Bytes::new().into())
            }
            EntryType::Symlink => {
                Kind::Symlink(link_name().ok_or_else(|| unknown("a symbolic link to nothing".to_owned()))?)
            }
            EntryType::Char | EntryType::Block => {
                let number = |number: io::Result<Option<u32>>| number.ok().flatten();
                let header = entry.header();
                let (Some(major), Some(minor)) = (number(header.device_major()), number(header.device_minor())) else {
                    return Err(unknown("a device without a number".to_owned()));
                };
                if header.entry_type() == EntryType::Char {
                    Kind::CharDevice { major, minor }
                } else {
                    Kind::BlockDevice { major, minor }
                }
            }
            EntryType::Fifo => Kind::Fifo,
            EntryType::XGlobalHeader => continue,
            other => return Err(unknown(format!("of the unknown type {:?}", char::from(other.as_byte())))),
        };
        let meta = meta(entry.header(), &kind, epoch).map_err(broken)?;
        let xattrs = xattrs(&mut entry).map_err(broken)?;
        entries.push(DataEntry { path, node: Node { kind, meta, xattrs }, link });
    }
    Ok(entries)
}

/// The index of the entry that holds what the entry at `index` shows: itself, or for a hard link the file that it names
/// (through other hard links). Nothing if the package does not ship that file.
pub(super) fn origin(entries: &[DataEntry], mut index: usize) -> Option<usize> {
    // A chain cannot be longer than the archive; a longer one is a loop.
    for _ in 0..=entries.len() {
        let Some(target) = &entries.get(index)?.link else {
            return Some(index);
        };
        index = entries.iter().rposition(|entry| entry.path == *target)?;
    }
    None
}

/// The content of a file inside its archive.
fn slice(data: &DataTar, offset: u64, size: u64) -> io::Result<Content> {
    let early = || io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a file");
    let end = offset.checked_add(size).ok_or_else(early)?;
    match data {
        DataTar::Memory(bytes) => match (usize::try_from(offset), usize::try_from(end)) {
            (Ok(start), Ok(end)) if end <= bytes.len() => Ok(bytes.slice(start..end).into()),
            _ => Err(early()),
        },
        DataTar::File(file, length) if end <= *length => Content::of_part(file, offset, size),
        DataTar::File(..) => Err(early()),
    }
}

fn meta(header: &tar::Header, kind: &Kind, epoch: i64) -> io::Result<Meta> {
    let id = |id: u64| u32::try_from(id).map_err(|_| io::Error::other(format!("{id} is no user or group id")));
    let mode = match kind {
        Kind::Symlink(_) => 0o777,
        _ => u16::try_from(header.mode()? & 0o7777).map_err(io::Error::other)?,
    };
    let mtime = i64::try_from(header.mtime()?).unwrap_or(epoch).min(epoch);
    Ok(Meta { mode, uid: id(header.uid()?)?, gid: id(header.gid()?)?, mtime })
}

fn xattrs<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut xattrs = BTreeMap::new();
    for extension in entry.pax_extensions()?.into_iter().flatten() {
        let extension = extension?;
        if let Some(name) = extension.key().ok().and_then(|key| key.strip_prefix(PAX_XATTR)) {
            xattrs.insert(name.to_owned(), extension.value_bytes().to_vec());
        }
    }
    Ok(xattrs)
}
