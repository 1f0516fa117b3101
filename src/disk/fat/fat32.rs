//! A write-once FAT32 volume: everything is known before the first byte is written, so every file and directory is one
//! run of clusters, directories first, then files in the order of their paths.
//!
//! Two tables, FSInfo with exact numbers, backup boot
//! sector at sector 6. Out of scope: FAT12 and FAT16, sectors of other than 512 bytes, changing a volume, attributes.

mod directories;

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use bytes::Bytes;

use self::directories::{File, Folder, Node, Run, arrange};
use super::name::ENTRY;
pub use super::name::NameError;
use super::time::dos_time;
use crate::disk::{Region, SECTOR};

/// Sectors before the first table: boot sector, FSInfo, their backups, and room as `mkfs.fat` leaves it.
const RESERVED: u32 = 32;
const BACKUP: u64 = 6;
/// The bounds of what makes a volume FAT32 (the number of clusters decides, not the text in the boot sector).
const CLUSTERS: Range<u32> = 65_525..0x0fff_fff5;
/// The first cluster that can hold data; the root directory lies there.
const ROOT: u32 = 2;
const END_OF_CHAIN: u32 = 0x0fff_ffff;
const DIRECTORY: u8 = 0x10;
const ARCHIVE: u8 = 0x20;
const VOLUME_LABEL: u8 = 0x08;

/// What a volume is besides its files.
#[derive(Debug, Clone)]
pub struct Fat32Parameters {
    /// Length of the volume in sectors of 512 bytes.
    pub sectors: u32,
    /// A power of two up to 128.
    pub sectors_per_cluster: u8,
    /// Sectors on the disk before the volume.
    pub hidden_sectors: u32,
    pub volume_id: u32,
    /// Up to 11 characters: capitals, digits, `-` and `_`.
    pub label: String,
    /// Seconds since 1970-01-01 UTC; the time of every entry, as UTC. FAT counts 1980 to 2107 in steps of two seconds.
    pub epoch: i64,
}

/// Why a volume cannot be laid out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FatError {
    #[error("in `/{directory}`: {error}")]
    Name { directory: String, error: NameError },
    #[error("`/{0}` is to be a file and a directory; rename one of them")]
    FileAndDirectory(String),
    #[error("path `{0}` is no plain relative path; write it without a leading slash and without `.` and `..`")]
    Path(String),
    #[error("`/{0}` is larger than FAT can hold (4 GiB for a file, 2 MiB for a directory)")]
    TooLarge(String),
    #[error("label `{0}` is not 1 to 11 capitals, digits, `-` or `_`; choose another")]
    Label(String),
    #[error(
        "{sectors} sectors in clusters of {sectors_per_cluster} make no FAT32 volume; \
         use a larger volume or smaller clusters"
    )]
    Geometry { sectors: u32, sectors_per_cluster: u8 },
    #[error("the files need {needed} bytes and the volume holds {room}; make the volume larger")]
    Full { needed: u64, room: u64 },
}

/// A volume laid out, ready to be written.
#[derive(Debug)]
pub struct Volume {
    parameters: Fat32Parameters,
    /// Sectors of one table.
    table: u32,
    /// Data clusters of the volume.
    clusters: u32,
    folders: Vec<Folder>,
    files: Vec<File>,
    /// The first cluster that is free.
    free: u32,
}

impl Volume {
    /// Lays out `files`: path (components joined by `/`) to content.
    pub fn plan(files: &BTreeMap<String, Bytes>, parameters: Fat32Parameters) -> Result<Self, FatError> {
        check_label(&parameters.label)?;
        let (table, clusters) = geometry(&parameters)?;
        let (folders, files) = arrange(files)?;
        let mut volume = Self { parameters, table, clusters, folders, files, free: ROOT };
        volume.allocate()?;
        Ok(volume)
    }

    /// Bytes of all clusters in use.
    pub fn used(&self) -> u64 {
        u64::from(self.free - ROOT) * self.cluster_bytes()
    }

    /// Writes the volume; clusters that hold nothing and the unused part of the tables stay holes. The tables count as
    /// used nevertheless: zeros there say that clusters are free.
    pub fn write(&self, region: &mut Region<'_>) -> io::Result<()> {
        let (boot, info) = (self.boot_sector(), self.info_sector());
        region.claim(0, u64::from(RESERVED + 2 * self.table) * SECTOR)?;
        for base in [0, BACKUP * SECTOR] {
            region.write(base, &boot)?;
            region.write(base + SECTOR, &info)?;
        }
        let table = self.table();
        for copy in 0..2 {
            region.write(u64::from(RESERVED + copy * self.table) * SECTOR, &table)?;
        }
        for folder in &self.folders {
            let start = self.offset(folder.run.first);
            region.claim(start, u64::from(folder.run.count) * self.cluster_bytes())?;
            region.write(start, &self.directory(folder))?;
        }
        for file in &self.files {
            region.write(if file.content.is_empty() { 0 } else { self.offset(file.run.first) }, &file.content)?;
        }
        Ok(())
    }

    fn cluster_bytes(&self) -> u64 {
        u64::from(self.parameters.sectors_per_cluster) * SECTOR
    }

    /// Where `cluster` begins, in bytes from the start of the volume.
    fn offset(&self, cluster: u32) -> u64 {
        u64::from(RESERVED + 2 * self.table) * SECTOR + u64::from(cluster - ROOT) * self.cluster_bytes()
    }

    fn allocate(&mut self) -> Result<(), FatError> {
        let cluster = self.cluster_bytes();
        let mut needed = 0;
        let mut take = |bytes: u64| {
            let run = (needed, bytes.div_ceil(cluster));
            needed += run.1;
            run
        };
        let mut runs = Vec::new();
        for (index, folder) in self.folders.iter().enumerate() {
            // The root begins with the volume label, any other directory with `.` and `..`.
            let own = if index == 0 { 1 } else { 2 };
            let entries = own + folder.children.iter().map(|child| child.name.entries()).sum::<usize>();
            if entries > 65_536 {
                return Err(FatError::TooLarge(folder.path.clone()));
            }
            runs.push(take(length(entries * ENTRY)));
        }
        for file in &self.files {
            if u32::try_from(file.content.len()).is_err() {
                return Err(FatError::TooLarge(file.path.clone()));
            }
            runs.push(take(length(file.content.len())));
        }
        let full = || FatError::Full { needed: needed * cluster, room: u64::from(self.clusters) * cluster };
        if needed > u64::from(self.clusters) {
            return Err(full());
        }
        let number = |clusters: u64| u32::try_from(clusters).map_err(|_| full());
        let places = self
            .folders
            .iter_mut()
            .map(|folder| &mut folder.run)
            .chain(self.files.iter_mut().map(|file| &mut file.run));
        for (place, (first, count)) in places.zip(&runs) {
            *place = Run { first: if *count == 0 { 0 } else { ROOT + number(*first)? }, count: number(*count)? };
        }
        self.free = ROOT + number(needed)?;
        Ok(())
    }

    fn boot_sector(&self) -> [u8; 512] {
        let parameters = &self.parameters;
        let mut sector = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
        // A jump over the parameters, which fsck.fat and firmware look for, to an endless loop.
        put(0, &[0xeb, 0x58, 0x90]);
        put(3, b"BRAMBLE ");
        put(11, &512_u16.to_le_bytes());
        put(13, &[parameters.sectors_per_cluster]);
        put(14, &RESERVED.to_le_bytes()[..2]);
        put(16, &[2]);
        put(21, &[0xf8]);
        put(24, &63_u16.to_le_bytes());
        put(26, &255_u16.to_le_bytes());
        put(28, &parameters.hidden_sectors.to_le_bytes());
        put(32, &parameters.sectors.to_le_bytes());
        put(36, &self.table.to_le_bytes());
        put(44, &ROOT.to_le_bytes());
        put(48, &1_u16.to_le_bytes());
        put(50, &BACKUP.to_le_bytes()[..2]);
        put(64, &[0x80, 0, 0x29]);
        put(67, &parameters.volume_id.to_le_bytes());
        put(71, &self.label());
        put(82, b"FAT32   ");
        put(90, &[0xeb, 0xfe]);
        put(510, &[0x55, 0xaa]);
        sector
    }

    fn info_sector(&self) -> [u8; 512] {
        let mut sector = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, b"RRaA");
        put(484, b"rrAa");
        put(488, &(self.clusters + ROOT - self.free).to_le_bytes());
        put(492, &self.free.to_le_bytes());
        put(508, &[0, 0, 0x55, 0xaa]);
        sector
    }

    /// The used part of the allocation table.
    fn table(&self) -> Vec<u8> {
        // Media type, then "shut down cleanly, no read errors".
        let mut entries = vec![0x0fff_fff8, END_OF_CHAIN];
        let runs = self.folders.iter().map(|folder| folder.run).chain(self.files.iter().map(|file| file.run));
        for run in runs.filter(|run| run.count > 0) {
            entries.extend(run.first + 1..run.first + run.count);
            entries.push(END_OF_CHAIN);
        }
        entries.iter().flat_map(|entry: &u32| entry.to_le_bytes()).collect()
    }

    /// A directory's entries, without the padding of its last cluster.
    fn directory(&self, folder: &Folder) -> Vec<u8> {
        let mut bytes = Vec::new();
        if folder.run.first == ROOT {
            bytes.extend(self.entry(&self.label(), VOLUME_LABEL, 0, 0));
        } else {
            // The root is cluster 0 to those below it.
            let parent = if folder.parent == 0 { 0 } else { self.folders[folder.parent].run.first };
            bytes.extend(self.entry(b".          ", DIRECTORY, folder.run.first, 0));
            bytes.extend(self.entry(b"..         ", DIRECTORY, parent, 0));
        }
        for child in &folder.children {
            bytes.extend(child.name.long_entries().concat());
            bytes.extend(match child.node {
                Node::Folder(index) => self.entry(&child.name.short, DIRECTORY, self.folders[index].run.first, 0),
                Node::File(index) => {
                    let file = &self.files[index];
                    let size = u32::try_from(file.content.len()).unwrap_or(u32::MAX);
                    self.entry(&child.name.short, ARCHIVE, file.run.first, size)
                }
            });
        }
        bytes
    }

    fn entry(&self, short: &[u8; 11], attributes: u8, cluster: u32, size: u32) -> [u8; ENTRY] {
        let (date, time, hundredths) = dos_time(self.parameters.epoch);
        let (date, time, cluster) = (date.to_le_bytes(), time.to_le_bytes(), cluster.to_le_bytes());
        let mut entry = [0; ENTRY];
        let mut put = |at: usize, bytes: &[u8]| entry[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, short);
        put(11, &[attributes]);
        put(13, &[hundredths]);
        put(14, &time);
        put(16, &date);
        put(18, &date);
        put(20, &cluster[2..]);
        put(22, &time);
        put(24, &date);
        put(26, &cluster[..2]);
        put(28, &size.to_le_bytes());
        entry
    }

    fn label(&self) -> [u8; 11] {
        let label = self.parameters.label.as_bytes();
        std::array::from_fn(|index| label.get(index).copied().unwrap_or(b' '))
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn check_label(label: &str) -> Result<(), FatError> {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if !(1..=11).contains(&label.len()) || !label.bytes().all(fits) {
        return Err(FatError::Label(label.to_owned()));
    }
    Ok(())
}

/// Sectors of one table, and clusters of the volume. Tables are a multiple of four sectors, so that data begins at a
/// multiple of 4 KiB.
fn geometry(parameters: &Fat32Parameters) -> Result<(u32, u32), FatError> {
    let &Fat32Parameters { sectors, sectors_per_cluster, .. } = parameters;
    let error = || FatError::Geometry { sectors, sectors_per_cluster };
    if !sectors_per_cluster.is_power_of_two() || sectors_per_cluster > 128 {
        return Err(error());
    }
    let per_cluster = u32::from(sectors_per_cluster);
    // As if the tables took no room: at most a few sectors too large, never too small.
    let most = sectors.saturating_sub(RESERVED) / per_cluster;
    let table = (most + ROOT).div_ceil(128).next_multiple_of(4);
    let clusters = sectors.saturating_sub(RESERVED + 2 * table) / per_cluster;
    if CLUSTERS.contains(&clusters) { Ok((table, clusters)) } else { Err(error()) }
}

#[cfg(test)]
mod tests;
