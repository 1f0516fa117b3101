//! The boot partition of an image, as a board's boot code finds it: the first FAT partition, names without regard to
//! capitals.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::fat::{FatReadError, FatVolume};
use super::partition::PartitionKind;
use super::partition_table::{PartitionTable, PartitionTableError};
use super::{EntryKind, Slice};

/// Partition types that hold a FAT file system: FAT16 in three forms, FAT32 in two.
const FAT_KINDS: [u8; 6] = [0x04, 0x06, 0x0e, 0x0b, 0x0c, 0x01];

/// The first FAT partition of an image, open for reading.
#[derive(Debug)]
pub struct BootPartition {
    image: PathBuf,
    volume: FatVolume,
}

/// Why a file of the boot partition cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BootPartitionError {
    #[error("cannot read `{path}`: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("`{path}` is no disk image: {error}")]
    Table { path: PathBuf, error: PartitionTableError },
    #[error("`{0}` has no FAT partition among its four; a Raspberry Pi would not boot from it")]
    NoPartition(PathBuf),
    #[error("the FAT partition of `{path}` cannot be read: {error}")]
    FileSystem { path: PathBuf, error: FatReadError },
    #[error("the FAT partition of `{path}` cannot be read: {reason}")]
    Directory { path: PathBuf, reason: String },
    #[error("the FAT partition of `{path}` holds no file `{file}`")]
    Missing { path: PathBuf, file: String },
}

impl BootPartition {
    /// Opens the first FAT partition of `image`, which is not changed. As the firmware of most boards does, this goes by
    /// the MBR alone. Damage to its directories is told here, lest a file in them pass for one that is not there.
    pub fn open(image: &Path) -> Result<Self, BootPartitionError> {
        let fail = |error| BootPartitionError::Io { path: image.to_owned(), error };
        let disk = File::open(image).and_then(Slice::whole).map_err(fail)?;
        let table = PartitionTable::read_mbr_alone(&disk).map_err(|error| match error {
            PartitionTableError::Io(error) => fail(error),
            error => BootPartitionError::Table { path: image.to_owned(), error },
        })?;
        let is_fat = |kind: &PartitionKind| matches!(kind, PartitionKind::Mbr(kind) if FAT_KINDS.contains(kind));
        let partition = table.partitions.iter().find(|partition| is_fat(&partition.kind));
        let partition = partition.ok_or_else(|| BootPartitionError::NoPartition(image.to_owned()))?;
        let slice = disk.part(partition.start, partition.length).map_err(fail)?;
        let volume = FatVolume::open(slice).and_then(|volume| Ok((volume.list()?, volume)));
        let (listing, volume) =
            volume.map_err(|error| BootPartitionError::FileSystem { path: image.to_owned(), error })?;
        if let Some((_, reason)) = listing.unread().next() {
            return Err(BootPartitionError::Directory { path: image.to_owned(), reason: reason.to_owned() });
        }
        Ok(Self { image: image.to_owned(), volume })
    }

    /// Paths of all files, sorted, with the names that their directories show.
    pub fn list(&self) -> Result<Vec<String>, BootPartitionError> {
        let listing = self.volume.list().map_err(|error| self.fail(error))?;
        let files = listing.iter().filter(|(_, entry)| entry.kind == EntryKind::File);
        let mut paths: Vec<String> = files.map(|(path, _)| path.to_string()).collect();
        paths.sort();
        Ok(paths)
    }

    /// Whether `file` is there.
    pub fn contains(&self, file: &str) -> bool {
        self.volume.contains(file).unwrap_or(false)
    }

    /// The content of `file`.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, BootPartitionError> {
        let mut found = self.volume.content(file).map_err(|error| match error {
            FatReadError::Missing(_) => BootPartitionError::Missing { path: self.image.clone(), file: file.to_owned() },
            error => self.fail(error),
        })?;
        let mut content = Vec::new();
        found.read_to_end(&mut content).map_err(|error| self.fail(error.into()))?;
        Ok(content)
    }

    fn fail(&self, error: FatReadError) -> BootPartitionError {
        BootPartitionError::FileSystem { path: self.image.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::disk::judge;
    use crate::disk::mbr::{Mbr, PartitionRecord};

    /// An image with one FAT16 partition made by mkfs.fat and filled by mtools.
    fn image(kind: u8) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.as_file().set_len(21 << 20).expect("a sparse file");
        let partition = PartitionRecord { active: true, kind, start: 2048, sectors: 20 << 11 };
        let table = Mbr { signature: 1, partitions: [Some(partition), None, None, None] };
        file.as_file().write_all_at(&table.encode().expect("a sound table"), 0).expect("the table");
        let shell = "mkfs.fat -F 16 --offset 2048 \"$1\" 20480 && mmd -i \"$1@@1M\" ::overlays && \
                     printf hello | mcopy -i \"$1@@1M\" - ::overlays/Long-Name.dtbo";
        let status = Command::new("sh")
            .args(["-c", shell, "sh"])
            .arg(file.path())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .output()
            .expect("a shell");
        assert!(status.status.success(), "mkfs.fat or mtools failed; install dosfstools and mtools: {status:?}");
        file
    }

    #[test]
    fn files_of_a_foreign_fat16_are_found_whatever_the_capitals() {
        let image = image(0x0e);
        let boot = BootPartition::open(image.path()).expect("a boot partition");
        assert_eq!(boot.list().expect("a directory"), ["overlays/Long-Name.dtbo"]);
        assert_eq!(boot.read("overlays/long-name.DTBO").expect("the file"), b"hello");
        assert!(!boot.contains("kernel.img"));
        let missing = boot.read("kernel.img").expect_err("no such file").to_string();
        assert_eq!(missing, format!("the FAT partition of `{}` holds no file `kernel.img`", image.path().display()));
    }

    #[test]
    fn images_without_a_fat_partition_say_so() {
        let image = image(0x83);
        assert_eq!(
            BootPartition::open(image.path()).expect_err("no FAT").to_string(),
            format!(
                "`{}` has no FAT partition among its four; a Raspberry Pi would not boot from it",
                image.path().display()
            )
        );
    }

    #[test]
    fn the_mbr_alone_says_where_the_board_boots_from() {
        let disk = image(0x0c);
        judge::run_with_input(
            "sfdisk",
            &["-q".as_ref(), disk.path().as_os_str()],
            b"label: gpt\nstart=2048, size=36864, type=U\n",
        );
        let error = BootPartition::open(disk.path()).expect_err("no FAT in the MBR").to_string();
        assert!(
            error.ends_with("has no FAT partition among its four; a Raspberry Pi would not boot from it"),
            "{error}"
        );
    }

    #[test]
    fn a_damaged_directory_is_not_taken_for_an_empty_one() {
        let image = image(0x0e);
        // The first entry of the root directory is that of `overlays`: it is to begin at cluster 1.
        let mut boot = [0; 512];
        image.as_file().read_exact_at(&mut boot, 2048 * 512).expect("the boot sector");
        let number = |at: usize| u64::from(u16::from_le_bytes([boot[at], boot[at + 1]]));
        let root = (number(14) + u64::from(boot[16]) * number(22)) * 512;
        image.as_file().write_all_at(&[1, 0], 2048 * 512 + root + 26).expect("damage");
        let error = BootPartition::open(image.path()).expect_err("damage").to_string();
        let reason = "`/overlays` leads to cluster 1, and there are clusters 2 to ";
        let start = format!("the FAT partition of `{}` cannot be read: {reason}", image.path().display());
        assert!(error.starts_with(&start), "{error}");
    }
}
