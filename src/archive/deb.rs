//! `.deb` files (deb(5), format 2.x): what a package says of itself and the archive of its files.
//!
//! The files stay a tar archive here: what becomes of paths is a matter of unpacking. Not read: old formats (0.939),
//! lzma and bzip2 members, which no living release uses.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::ar::{self, ArError};
use super::compression::Compression;
use super::control::{ControlError, Paragraph};
use super::data_tar::DataTar;

/// A package file, unpacked into its parts.
#[derive(Debug, Clone)]
pub struct Deb {
    /// The `control` file: Package, Version, Architecture and all else.
    pub control: Paragraph,
    /// The other files of the control archive by name: maintainer scripts, `conffiles`, `md5sums`, `triggers`, …
    pub control_files: BTreeMap<String, Vec<u8>>,
    /// The tar archive of the package's files, decompressed.
    pub data_tar: DataTar,
}

/// Why a file is no usable package.
#[derive(Debug, thiserror::Error)]
pub enum DebError {
    #[error("no Debian package: {0}")]
    Ar(#[from] ArError),
    #[error("no Debian package: first member is `{found}`, not `debian-binary`")]
    NotFirst { found: String },
    #[error("package format `{found}` is unknown; only 2.x is")]
    Format { found: String },
    #[error("member `{expected}` is missing")]
    Missing { expected: &'static str },
    #[error("member `{name}` has an unknown compression; known are none, gz, xz and zst")]
    Compression { name: String },
    #[error("member `{name}` is damaged: {source}")]
    Damaged { name: String, source: io::Error },
    #[error("there is no room for its files in `{}`; free some space or choose another folder", .folder.display())]
    NoSpace { folder: PathBuf },
    #[error("file `{name}` of the control archive stands there twice")]
    Twice { name: String },
    #[error("file `control` is not UTF-8")]
    NotText,
    #[error("file `control`: {0}")]
    Control(#[from] ControlError),
    #[error("file `control` has no field `{field}`")]
    Field { field: &'static str },
}

impl Deb {
    /// Reads a whole package file. What is large of it lies in the folder `scratch` as long as it is used.
    pub fn read(file: &Bytes, scratch: &Path) -> Result<Self, DebError> {
        // Members whose name begins with an underscore are for others; deb(5) says to pass over them.
        let mut members = ar::members(file)?.into_iter().filter(|member| !member.name.starts_with('_'));
        let format = members.next().ok_or(DebError::Missing { expected: "debian-binary" })?;
        if format.name != "debian-binary" {
            return Err(DebError::NotFirst { found: format.name });
        }
        let version = String::from_utf8_lossy(&format.content);
        let version = version.lines().next().unwrap_or_default();
        if !version.starts_with("2.") {
            return Err(DebError::Format { found: version.to_owned() });
        }
        let (name, compression, packed) = member(members.next(), "control.tar")?;
        let damaged = |name: &str| {
            let name = name.to_owned();
            |source| DebError::Damaged { name, source }
        };
        let control_tar = compression.unpack(&packed).map_err(damaged(&name))?;
        let mut control_files = read_control(&control_tar).map_err(|error| error.into_deb(&name))?;
        let (name, compression, packed) = member(members.next(), "data.tar")?;
        let data_tar = DataTar::unpack(compression, &packed, scratch).map_err(|source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                DebError::NoSpace { folder: scratch.to_owned() }
            }
            _ => damaged(&name)(source),
        })?;

        let control = control_files.remove("control").ok_or(DebError::Missing { expected: "control" })?;
        let control = Paragraph::parse(str::from_utf8(&control).map_err(|_| DebError::NotText)?)?;
        for field in ["Package", "Version", "Architecture"] {
            control.get(field).ok_or(DebError::Field { field })?;
        }
        Ok(Self { control, control_files, data_tar })
    }
}

/// The name of a member that must be there, its compression and its content.
fn member(member: Option<ar::Member>, expected: &'static str) -> Result<(String, Compression, Bytes), DebError> {
    let member = member.ok_or(DebError::Missing { expected })?;
    if !member.name.starts_with(expected) {
        return Err(DebError::Missing { expected });
    }
    match Compression::of(&member.name, expected) {
        Some(compression) => Ok((member.name, compression, member.content)),
        None => Err(DebError::Compression { name: member.name }),
    }
}

enum ControlTarError {
    Io(io::Error),
    Twice(String),
}

impl ControlTarError {
    fn into_deb(self, member: &str) -> DebError {
        match self {
            Self::Io(source) => DebError::Damaged { name: member.to_owned(), source },
            Self::Twice(name) => DebError::Twice { name },
        }
    }
}

impl From<io::Error> for ControlTarError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn read_control(control_tar: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, ControlTarError> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(control_tar).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8(path).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let name = path.strip_prefix("./").unwrap_or(&path).to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        if files.insert(name.clone(), content).is_some() {
            return Err(ControlTarError::Twice(name));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::ar::tests::pack;
    use super::*;

    const CONTROL: &[u8] = b"Package: hello\nVersion: 1.0\nArchitecture: all\n";

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len().try_into().expect("small"));
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *content).expect("in memory");
        }
        builder.into_inner().expect("in memory")
    }

    fn xz(content: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn deb(members: &[(&str, &[u8])]) -> Result<Deb, DebError> {
        Deb::read(&pack(members), Path::new("/does/not/exist"))
    }

    #[test]
    fn every_compression_reads_the_same() {
        let control = tar(&[("control", CONTROL), ("postinst", b"#!/bin/sh\n")]);
        let data = tar(&[("usr/bin/hello", b"hello")]);
        type Pack = fn(&[u8]) -> Vec<u8>;
        let forms: [(&str, Pack); 4] = [("", <[u8]>::to_vec), (".gz", gzip), (".xz", xz), (".zst", zstd)];
        for (suffix, packed) in forms {
            let read = deb(&[
                ("debian-binary", b"2.0\n"),
                ("_gpgorigin", b"ignored"),
                (&format!("control.tar{suffix}"), &packed(&control)),
                (&format!("data.tar{suffix}"), &packed(&data)),
            ])
            .expect("valid");
            assert_eq!((read.control.get("Package"), read.control.get("Version")), (Some("hello"), Some("1.0")));
            assert_eq!(read.control_files, BTreeMap::from([("postinst".to_owned(), b"#!/bin/sh\n".to_vec())]));
            assert!(matches!(read.data_tar, DataTar::Memory(read) if read == data), "{suffix}");
        }
    }

    #[test]
    fn damage_names_the_member() {
        let control = xz(&tar(&[("control", CONTROL)]));
        let data = xz(&tar(&[("usr/bin/hello", b"hello")]));
        let message = |members: &[(&str, &[u8])]| deb(members).expect_err("damaged").to_string();
        let format: (&str, &[u8]) = ("debian-binary", b"2.0\n");

        let short = &data[..data.len() - 20];
        let said = message(&[format, ("control.tar.xz", &control), ("data.tar.xz", short)]);
        assert!(said.starts_with("member `data.tar.xz` is damaged: "), "{said}");
        let mut flipped = control.clone();
        flipped[control.len() / 2] ^= 0x40;
        let said = message(&[format, ("control.tar.xz", &flipped), ("data.tar.xz", &data)]);
        assert!(said.starts_with("member `control.tar.xz` is damaged: "), "{said}");

        assert_eq!(message(&[format, ("control.tar.xz", &control)]), "member `data.tar` is missing");
        assert_eq!(
            message(&[format, ("control.tar.xz", &control), ("data.tar.lzma", b"")]),
            "member `data.tar.lzma` has an unknown compression; known are none, gz, xz and zst"
        );
        assert_eq!(message(&[("debian-binary", b"3.0\n")]), "package format `3.0` is unknown; only 2.x is");
        assert_eq!(
            message(&[("control.tar.xz", &control)]),
            "no Debian package: first member is `control.tar.xz`, not `debian-binary`"
        );
        let nameless = xz(&tar(&[("control", b"Package: a\nVersion: 1\n")]));
        assert_eq!(
            message(&[format, ("control.tar.xz", &nameless), ("data.tar.xz", &data)]),
            "file `control` has no field `Architecture`"
        );
    }
}
