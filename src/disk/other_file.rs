//! What stands where a disk image is expected and is none, by what people mistake for one.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::ext4_reader::Ext4;
use super::fat::FatVolume;
use super::{SECTOR, Slice};

/// First bytes of compressed files, with the name of the form and the command that unpacks it.
const COMPRESSED: [(&[u8], &str, &str); 8] = [
    (b"\xfd7zXZ\0", "xz", "xz -dk"),
    (b"\x1f\x8b", "gzip", "gunzip -k"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
    (b"BZh", "bzip2", "bunzip2 -k"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -dk"),
    (b"QFI\xfb", "qcow2", "qemu-img convert -O raw"),
];

/// No disk image, and what to do; the end of a sentence that begins with the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OtherFile {
    #[error("is a folder; name an image in it")]
    Folder,
    #[error("is neither a file nor a block device; write what comes from it to a file, and name that")]
    Stream,
    #[error("is a device without a single sector, such as a card reader without a card; put the card in")]
    NoMedium,
    #[error("is empty; build, copy or download the image again")]
    Empty,
    #[error("has {0} bytes, less than one sector; build, copy or download the image again")]
    Short(u64),
    #[error("is packed by {form}; unpack it with `{command}` and name what comes of it")]
    Compressed { form: &'static str, command: &'static str },
    #[error("is a text, no disk image; name the image itself (a patch is named with its base: `base.img+node.patch`)")]
    Text,
    #[error("is one {0} file system, no disk with a partition table; look into it with `{1}`")]
    FileSystem(&'static str, &'static str),
}

impl OtherFile {
    /// What is at `path`, if that is clearly no disk image. Nothing is read but its first sectors.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        let kind = fs::metadata(path)?.file_type();
        if kind.is_dir() {
            return Ok(Some(Self::Folder));
        }
        if !kind.is_file() && !kind.is_block_device() {
            return Ok(Some(Self::Stream));
        }
        let disk = Slice::whole(File::open(path)?)?;
        match disk.length() {
            0 if kind.is_block_device() => return Ok(Some(Self::NoMedium)),
            0 => return Ok(Some(Self::Empty)),
            _ => {}
        }
        let mut sector = vec![0; usize::try_from(disk.length().min(SECTOR)).map_err(io::Error::other)?];
        disk.read_exact_at(&mut sector, 0)?;
        Ok(Self::of(&sector, &disk))
    }

    fn of(sector: &[u8], disk: &Slice) -> Option<Self> {
        if let Some((_, form, command)) = COMPRESSED.iter().find(|(magic, ..)| sector.starts_with(magic)) {
            return Some(Self::Compressed { form, command });
        }
        let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || *byte >= 0x80;
        if sector.iter().all(is_text) {
            return Some(Self::Text);
        }
        if disk.length() < SECTOR {
            return Some(Self::Short(disk.length()));
        }
        if FatVolume::is_at(disk) {
            return Some(Self::FileSystem("FAT", "mdir -i"));
        }
        let marked = sector.ends_with(&[0x55, 0xaa]);
        (!marked && Ext4::is_at(disk)).then_some(Self::FileSystem("ext4", "debugfs"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_mistake_for_an_image_is_known() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        let told = |content: &[u8]| {
            fs::write(&path, content).expect("a file");
            OtherFile::at(&path).expect("readable").map(|other| other.to_string())
        };
        let has = |content: &[u8], text: &str| {
            let said = told(content).unwrap_or_default();
            assert!(said.contains(text), "{said}");
        };
        has(b"", "is empty");
        has(&[0; 511], "has 511 bytes");
        has(b"\xfd7zXZ\0\0", "`xz -dk`");
        has(b"PK\x03\x04and more", "`unzip`");
        has("text in schöner Sprache\n".repeat(99).as_bytes(), "is a text");
        assert_eq!(told(&[0; 4096]), None);
        assert_eq!(OtherFile::at(folder.path()).expect("a folder"), Some(OtherFile::Folder));
        assert_eq!(OtherFile::at(Path::new("/dev/null")).expect("a device"), Some(OtherFile::Stream));
        assert!(OtherFile::at(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_file_system_without_a_disk_is_told_from_a_disk() {
        for (tool, options, found) in [
            ("mke2fs", ["-q", "-F"], OtherFile::FileSystem("ext4", "debugfs")),
            ("mkfs.fat", ["-F", "16"], OtherFile::FileSystem("FAT", "mdir -i")),
        ] {
            let image = tempfile::NamedTempFile::new().expect("a temporary file");
            image.as_file().set_len(20 << 20).expect("a sparse file");
            let options = options.iter().map(std::ffi::OsStr::new).chain([image.path().as_os_str()]);
            crate::disk::judge::run(tool, &options.collect::<Vec<_>>());
            assert_eq!(OtherFile::at(image.path()).expect("readable"), Some(found));
        }
    }
}
