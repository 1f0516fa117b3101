//! The allocation table: which cluster comes after which.

use std::ops::Range;

use super::FatReadError;
use super::boot_sector::{BootSector, Width};
use crate::disk::Slice;

/// How many bytes of the table are read at once to count free clusters.
const CHUNK: u64 = 1 << 16;

/// Entries of free clusters.
const ZEROS: [u8; 512] = [0; 512];

/// What the table says of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Free,
    Next(u32),
    Bad,
    End,
}

/// The allocation table of an open file system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) volume: &'a Slice,
    pub(super) boot: &'a BootSector,
}

impl Table<'_> {
    /// Fails when there is no such cluster. `path` is whose cluster it is said to be.
    pub(super) fn check(self, cluster: u32, path: &str) -> Result<(), FatReadError> {
        let last = self.boot.last_cluster();
        if (2..=last).contains(&cluster) {
            return Ok(());
        }
        Err(FatReadError::Cluster { path: path.to_owned(), cluster, last })
    }

    /// The cluster after `cluster` in the chain of `path`; none at its end. Both are clusters that there are.
    pub(super) fn next(self, cluster: u32, path: &str) -> Result<Option<u32>, FatReadError> {
        match self.link(cluster)? {
            Link::End => Ok(None),
            Link::Free | Link::Bad => Err(FatReadError::Unused { path: path.to_owned(), cluster }),
            Link::Next(next) => {
                self.check(next, path)?;
                Ok(Some(next))
            }
        }
    }

    /// The clusters of the file `path` of `size` bytes that begins at `first`, as runs. More clusters than the size
    /// needs are not looked at.
    pub(super) fn chain(self, first: u32, size: u64, path: &str) -> Result<Vec<Range<u32>>, FatReadError> {
        let needed = size.div_ceil(self.boot.cluster_bytes);
        if needed > u64::from(self.boot.clusters) {
            return Err(FatReadError::Size { path: path.to_owned(), size });
        }
        let mut runs: Vec<Range<u32>> = Vec::new();
        let mut last = None;
        for _ in 0..needed {
            let cluster = match last {
                None => first,
                Some(last) => {
                    self.next(last, path)?.ok_or_else(|| FatReadError::Short { path: path.to_owned(), size })?
                }
            };
            self.check(cluster, path)?;
            match runs.last_mut() {
                Some(run) if run.end == cluster => run.end += 1,
                _ => runs.push(cluster..cluster + 1),
            }
            last = Some(cluster);
        }
        let mut sorted = runs.clone();
        sorted.sort_by_key(|run| run.start);
        match sorted.windows(2).find(|pair| pair[0].end > pair[1].start) {
            Some(pair) => Err(FatReadError::Circle { path: path.to_owned(), cluster: pair[1].start }),
            None => Ok(runs),
        }
    }

    /// How many clusters are free.
    pub(super) fn free(self) -> Result<u64, FatReadError> {
        let width = match self.boot.width {
            Width::Fat12 => return self.free_one_by_one(),
            Width::Fat16 => 2,
            Width::Fat32 => 4,
        };
        let (mut at, end) = (2 * width, (u64::from(self.boot.clusters) + 2) * width);
        let mut free = 0;
        let mut chunk = Vec::new();
        while at < end {
            let count = CHUNK.min(end - at);
            chunk.resize(usize::try_from(count).unwrap_or(0), 0);
            self.volume.read_exact_at(&mut chunk, self.boot.table + at)?;
            for part in chunk.chunks(ZEROS.len()) {
                free += match self.boot.width {
                    // Most of a table is free, and that is told much faster of a part than of its entries.
                    _ if part == ZEROS => ZEROS.len() / usize::try_from(width).unwrap_or(1),
                    Width::Fat32 => part.chunks_exact(4).filter(|entry| is_free_32(entry)).count(),
                    _ => part.chunks_exact(2).filter(|entry| **entry == [0, 0]).count(),
                };
            }
            at += count;
        }
        Ok(u64::try_from(free).unwrap_or(u64::MAX))
    }

    fn free_one_by_one(self) -> Result<u64, FatReadError> {
        let mut free = 0;
        for cluster in 2..=self.boot.last_cluster() {
            free += u64::from(self.link(cluster)? == Link::Free);
        }
        Ok(free)
    }

    fn link(self, cluster: u32) -> Result<Link, FatReadError> {
        let number = u64::from(cluster);
        let mut bytes = [0; 4];
        let (at, length) = match self.boot.width {
            Width::Fat12 => (number + number / 2, 2),
            Width::Fat16 => (number * 2, 2),
            Width::Fat32 => (number * 4, 4),
        };
        self.volume.read_exact_at(&mut bytes[..length], self.boot.table + at)?;
        let value = u32::from_le_bytes(bytes);
        // The bits of an entry, and how those begin that are no cluster's number.
        let (value, special) = match self.boot.width {
            Width::Fat12 if cluster.is_multiple_of(2) => (value & 0xfff, 0xff0),
            Width::Fat12 => (value >> 4, 0xff0),
            Width::Fat16 => (value, 0xfff0),
            Width::Fat32 => (value & 0x0fff_ffff, 0x0fff_fff0),
        };
        Ok(match value {
            0 => Link::Free,
            _ if value >= special + 8 => Link::End,
            _ if value == special + 7 => Link::Bad,
            next => Link::Next(next),
        })
    }
}

/// The upper four bits of a FAT32 entry are reserved.
fn is_free_32(entry: &[u8]) -> bool {
    matches!(entry, [0, 0, 0, high] if high & 0x0f == 0)
}
