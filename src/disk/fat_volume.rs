//! A FAT file system as a whole: what stands on it, and where. For single files there is
//! [`BootPartition`](super::BootPartition). The format is the affair of the crate `fatfs`.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;

use super::dos_time::moment;
use super::slice::Log;
use super::{Area, Areas, Entry, EntryKind, Listing, Slice};
use crate::tree::TreePath;

/// An open FAT12, FAT16 or FAT32 file system. It is never written to.
pub struct FatVolume {
    filesystem: fatfs::FileSystem<Slice>,
    log: Log,
    layout: Layout,
}

/// What the file system says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatFacts {
    /// "FAT12", "FAT16" or "FAT32".
    pub kind: &'static str,
    /// From the root directory, or else from the boot sector; empty when there is none.
    pub label: String,
    pub volume_id: u32,
    /// Length of the clusters in bytes, all and free ones.
    pub size: u64,
    pub free: u64,
}

/// Where the parts lie, in bytes.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// The allocation tables, behind the reserved sectors.
    tables: u64,
    /// FAT12's and FAT16's root directory, behind the tables.
    root: u64,
    /// The clusters.
    data: u64,
    end: u64,
}

impl FatVolume {
    /// Whether a FAT file system begins where `slice` does.
    pub fn is_at(slice: &Slice) -> bool {
        let mut sector = [0; 512];
        let read = slice.read_exact_at(&mut sector, 0).is_ok();
        let named = sector[54..].starts_with(b"FAT") || sector[82..].starts_with(b"FAT");
        read && sector[510..] == [0x55, 0xaa] && named
    }

    pub fn open(slice: Slice) -> io::Result<Self> {
        let mut sector = [0; 512];
        slice.read_exact_at(&mut sector, 0)?;
        let layout = Layout::decode(&sector, slice.length());
        let log = slice.log();
        let filesystem = fatfs::FileSystem::new(slice, fatfs::FsOptions::new())?;
        Ok(Self { filesystem, log, layout })
    }

    pub fn facts(&self) -> io::Result<FatFacts> {
        let stats = self.filesystem.stats()?;
        let bytes = |clusters: u32| u64::from(clusters) * u64::from(stats.cluster_size());
        let label = self.filesystem.read_volume_label_from_root_dir()?;
        let label = label.unwrap_or_else(|| self.filesystem.volume_label());
        Ok(FatFacts {
            kind: match self.filesystem.fat_type() {
                fatfs::FatType::Fat12 => "FAT12",
                fatfs::FatType::Fat16 => "FAT16",
                fatfs::FatType::Fat32 => "FAT32",
            },
            label: if label == "NO NAME" { String::new() } else { label },
            volume_id: self.filesystem.volume_id(),
            size: bytes(stats.total_clusters()),
            free: bytes(stats.free_clusters()),
        })
    }

    /// Everything that stands on the file system, by the names that its directories show.
    pub fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        self.walk(|path, entry| listing.insert(path, entry))?;
        Ok(listing)
    }

    /// The content of the file at `path` of a listing.
    pub fn content(&self, path: &TreePath) -> io::Result<impl Read + '_> {
        self.filesystem.root_dir().open_file(&path.to_string())
    }

    /// What every byte belongs to. The reader tells by what it reads.
    pub fn areas(&self, listing: &Listing) -> io::Result<Areas> {
        let layout = self.layout;
        let mut areas = Areas::default();
        areas.insert(0..layout.tables, Area::Records("boot sector and its like"));
        areas.insert(layout.tables..layout.root, Area::Records("allocation tables"));
        areas.insert(layout.root..layout.data, Area::Path(TreePath::root()));
        let sector = |read: &Range<u64>| read.start / 512 * 512..read.end.next_multiple_of(512);
        let mut ends = layout.data;
        let mut runs: Vec<(Range<u64>, &TreePath)> = Vec::new();
        for (path, entry) in listing.iter() {
            let (done, read) = self.log.during(|| match entry.kind {
                EntryKind::Directory => self.directory(path)?.iter().try_for_each(|entry| entry.map(drop)),
                _ => io::copy(&mut self.content(path)?, &mut io::sink()).map(drop),
            });
            done?;
            runs.extend(read.iter().filter(|read| read.start >= layout.data).map(|read| (sector(read), path)));
        }
        runs.sort_by_key(|(run, _)| run.start);
        for (run, path) in runs {
            areas.insert(ends..run.start, Area::Free);
            ends = ends.max(run.end);
            areas.insert(run, Area::Path(path.clone()));
        }
        areas.insert(ends..layout.end, Area::Free);
        Ok(areas)
    }

    fn directory(&self, path: &TreePath) -> io::Result<fatfs::Dir<'_, Slice>> {
        let root = self.filesystem.root_dir();
        if path.is_root() { Ok(root) } else { root.open_dir(&path.to_string()) }
    }

    fn walk(&self, mut found: impl FnMut(TreePath, Entry)) -> io::Result<()> {
        found(TreePath::root(), directory_entry());
        let mut todo = vec![(TreePath::root(), 0)];
        while let Some((folder, depth)) = todo.pop() {
            for entry in self.directory(&folder)?.iter() {
                let entry = entry?;
                let name = entry.file_name();
                if name == "." || name == ".." {
                    continue;
                }
                let path = TreePath::new(format!("{folder}/{name}")).map_err(io::Error::other)?;
                // Longer paths than FAT can have mean that a directory is inside itself.
                if depth > 128 || path == folder || path.components().count() != depth + 1 {
                    return Err(io::Error::other(format!("`/{folder}` holds a name that no path can have, or itself")));
                }
                let attributes = entry.attributes();
                let flags = [
                    (fatfs::FileAttributes::READ_ONLY, "dos.read-only"),
                    (fatfs::FileAttributes::HIDDEN, "dos.hidden"),
                    (fatfs::FileAttributes::SYSTEM, "dos.system"),
                ];
                let flags = flags.into_iter().filter(|(flag, _)| attributes.contains(*flag));
                let mut described = directory_entry();
                described.mtime = moment(entry.modified());
                described.attributes = flags.map(|(_, name)| (name.to_owned(), Vec::new())).collect();
                if entry.is_dir() {
                    todo.push((path.clone(), depth + 1));
                } else {
                    described.kind = EntryKind::File;
                    described.size = entry.len();
                }
                found(path, described);
            }
        }
        Ok(())
    }
}

/// A directory of FAT's, which has neither mode nor owner.
fn directory_entry() -> Entry {
    let attributes = BTreeMap::new();
    Entry { kind: EntryKind::Directory, size: 0, mode: None, owner: None, mtime: 0, attributes, inode: None }
}

impl Layout {
    /// From the boot sector (Microsoft's "FAT: General Overview of On-Disk Format", section 3). Nonsense in it gives
    /// nonsense here, no more.
    fn decode(sector: &[u8; 512], length: u64) -> Self {
        let short = |at: usize| u64::from(u16::from_le_bytes([sector[at], sector[at + 1]]));
        let long = |at: usize| u64::from(u32::from_le_bytes(std::array::from_fn(|byte| sector[at + byte])));
        let size = short(11);
        let per_table = if short(22) == 0 { long(36) } else { short(22) };
        let sectors = if short(19) == 0 { long(32) } else { short(19) };
        let tables = short(14) * size;
        let root = tables.saturating_add(u64::from(sector[16]) * per_table * size);
        let data = root.saturating_add((short(17) * 32).next_multiple_of(size.max(1)));
        Self { tables, root, data, end: (sectors * size).min(length) }
    }
}

impl std::fmt::Debug for FatVolume {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FatVolume").field("layout", &self.layout).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::disk::judge;

    /// A file system of `mebibytes` by mkfs.fat, filled by mtools.
    fn made(bits: &str, mebibytes: u64) -> tempfile::NamedTempFile {
        let image = tempfile::NamedTempFile::new().expect("a temporary file");
        image.as_file().set_len(mebibytes << 20).expect("a sparse file");
        let path = image.path().as_os_str();
        judge::run("mkfs.fat", &["-F".as_ref(), bits.as_ref(), "-n".as_ref(), "PI".as_ref(), path]);
        judge::run("mmd", &["-i".as_ref(), path, "::overlays".as_ref()]);
        for (name, length) in [("::overlays/Long-Name.dtbo", 5), ("::start.elf", 700_000)] {
            let content = vec![b'x'; length];
            judge::run_with_input("mcopy", &["-i".as_ref(), path, "-".as_ref(), name.as_ref()], &content);
        }
        judge::run("mattrib", &["-i".as_ref(), path, "+r".as_ref(), "::start.elf".as_ref()]);
        image
    }

    fn open(image: &tempfile::NamedTempFile) -> FatVolume {
        let file = image.reopen().expect("the image");
        let length = file.metadata().expect("its length").len();
        let slice = Slice::new(file, 0, length);
        assert!(FatVolume::is_at(&slice));
        FatVolume::open(slice).expect("it can be read")
    }

    #[test]
    fn names_sizes_and_free_space_are_those_of_mtools() {
        for (bits, mebibytes) in [("12", 4), ("16", 20), ("32", 64)] {
            let image = made(bits, mebibytes);
            let volume = open(&image);
            let facts = volume.facts().expect("its tables");
            assert_eq!((facts.kind, facts.label.as_str()), (format!("FAT{bits}").as_str(), "PI"));
            let printed = judge::run("mdir", &["-i".as_ref(), image.path().as_os_str(), "::".as_ref()]);
            let free = printed.lines().find_map(|line| line.strip_suffix("bytes free")).expect("mdir's last line");
            assert_eq!(facts.free.to_string(), free.replace(' ', ""));
            let listing = volume.list().expect("its directories");
            let shown: Vec<String> = listing.iter().map(|(path, entry)| format!("{path} {}", entry.size)).collect();
            assert_eq!(shown, [" 0", "overlays 0", "overlays/Long-Name.dtbo 5", "start.elf 700000"]);
            let start = listing.get(&TreePath::new("start.elf").expect("a path")).expect("a file");
            assert_eq!(start.attributes, [("dos.read-only".to_owned(), vec![])].into());
        }
    }

    #[test]
    fn clusters_have_the_owner_that_mtools_names() {
        let image = made("32", 64);
        let volume = open(&image);
        let areas = volume.areas(&volume.list().expect("its directories")).expect("its contents");
        let arguments: [&OsStr; 3] = ["-i".as_ref(), image.path().as_os_str(), "::start.elf".as_ref()];
        let printed = judge::run("mshowfat", &arguments);
        // "::/start.elf <5-1372>"
        let (_, range) = printed.trim().trim_end_matches('>').split_once('<').expect("a range of clusters");
        let (first, last) = range.split_once('-').expect("first and last");
        let cluster = u64::from(volume.filesystem.cluster_size());
        for number in [first, last] {
            let number: u64 = number.parse().expect("a cluster");
            let (_, owner) = areas.at(volume.layout.data + (number - 2) * cluster).expect("an owner");
            assert_eq!(owner.to_string(), "/start.elf");
        }
        let shown = |at: u64| areas.at(at).map(|(_, area)| area.to_string());
        assert_eq!(shown(0).as_deref(), Some("boot sector and its like"));
        assert_eq!(shown(volume.layout.tables).as_deref(), Some("allocation tables"));
        assert_eq!(shown(volume.layout.data).as_deref(), Some("/"));
        assert_eq!(shown(volume.layout.end - 1).as_deref(), Some("free space"));
    }
}
