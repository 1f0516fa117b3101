//! A part of an image file that one format writes into.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::BlockMap;

/// The bytes `start..start + length` of a file, with a record of what was written. What is not written stays a hole, so
/// the file must be new and long enough.
#[derive(Debug)]
pub struct Region<'a> {
    file: &'a File,
    start: u64,
    length: u64,
    written: BlockMap,
}

impl<'a> Region<'a> {
    pub fn new(file: &'a File, start: u64, length: u64) -> Self {
        Self { file, start, length, written: BlockMap::default() }
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes `bytes` at `offset` from the region's start; writing over its end is an error.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.check(offset, length)?;
        self.written.insert_bytes(self.start + offset, length);
        self.file.write_all_at(bytes, self.start + offset)
    }

    /// Says that `length` bytes at `offset` stay zeros; only the bounds are checked.
    pub fn zeros(&mut self, offset: u64, length: u64) -> io::Result<()> {
        self.check(offset, length)
    }

    /// The blocks of the whole file that were written to through this region.
    pub fn into_written(self) -> BlockMap {
        self.written
    }

    fn check(&self, offset: u64, length: u64) -> io::Result<()> {
        if offset.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(io::Error::other(format!(
                "{length} bytes at {offset} do not fit a region of {} bytes",
                self.length
            )));
        }
        Ok(())
    }
}

impl mkext4::RegionSink for Region<'_> {
    fn data(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(offset, bytes)
    }

    fn zeros(&mut self, offset: u64, len: u64) -> io::Result<()> {
        Self::zeros(self, offset, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_stay_inside_and_are_recorded_where_they_lie_in_the_file() {
        let file = tempfile::tempfile().expect("a temporary file");
        let mut region = Region::new(&file, 8192, 4096);
        region.write(4094, b"ab").expect("inside");
        assert_eq!(
            region.write(4095, b"ab").map_err(|error| error.to_string()),
            Err("2 bytes at 4095 do not fit a region of 4096 bytes".into())
        );
        assert_eq!(region.into_written(), BlockMap::from(vec![(2, 3)]));
        assert_eq!(file.metadata().expect("the file's length").len(), 8192 + 4096);
    }
}
