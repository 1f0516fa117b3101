//! The content of a file, read from where it lies.

use std::io::{self, Read};

use super::Ext4;
use super::mapping::Run;
use crate::disk::FileContent;

/// The content of a file, from its start to its end.
pub(super) struct Content<'a> {
    pub(super) ext4: &'a Ext4,
    /// Length in bytes.
    pub(super) size: u64,
    /// Ascending and apart, without those that were never written.
    pub(super) runs: Vec<Run>,
    pub(super) position: u64,
}

impl Content<'_> {
    /// The bytes of the file that the first run has that does not end before `position`, and where they lie.
    fn ahead(&self) -> Option<(std::ops::Range<u64>, u64)> {
        let block = self.ext4.geometry.block;
        let index = self.runs.partition_point(|run| (run.logical + run.length) * block <= self.position);
        let run = self.runs.get(index)?;
        Some((self.ext4.geometry.bytes(run.logical, run.length), run.physical * block))
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.position);
        let count = left.min(u64::try_from(buffer.len()).map_err(io::Error::other)?);
        let (ends, place) = match self.ahead() {
            Some((bytes, place)) if bytes.start <= self.position => {
                (bytes.end, Some(place + (self.position - bytes.start)))
            }
            Some((bytes, _)) => (bytes.start, None),
            None => (self.size, None),
        };
        let count = count.min(ends.saturating_sub(self.position));
        let buffer = &mut buffer[..usize::try_from(count).map_err(io::Error::other)?];
        match place {
            Some(place) => self.ext4.slice.read_exact_at(buffer, place)?,
            None => buffer.fill(0),
        }
        self.position += count;
        Ok(buffer.len())
    }
}

impl FileContent for Content<'_> {
    fn hole(&self) -> u64 {
        let next = self.ahead().map_or(self.size, |(bytes, _)| bytes.start);
        next.min(self.size).saturating_sub(self.position)
    }

    fn skip(&mut self, bytes: u64) {
        self.position = self.position.saturating_add(bytes);
    }
}
