//! A part of an image file that one format writes into.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::BlockMap;

/// The bytes `start..start + length` of a file, with a record of those that matter. What is not written stays a hole,
/// so the file must be new.
#[derive(Debug)]
pub struct Region<'a> {
    file: &'a File,
    start: u64,
    length: u64,
    used: BlockMap,
}

impl<'a> Region<'a> {
    pub fn new(file: &'a File, start: u64, length: u64) -> Self {
        Self { file, start, length, used: BlockMap::default() }
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes `bytes` at `offset` from the region's start; writing over its end is an error.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.check(offset, length)?;
        self.used.insert_bytes(self.start + offset, length);
        self.file.write_all_at(bytes, self.start + offset)
    }

    /// Says that `length` bytes at `offset` matter even where nothing is written: every copy must have zeros there.
    pub fn claim(&mut self, offset: u64, length: u64) -> io::Result<()> {
        self.check(offset, length)?;
        self.used.insert_bytes(self.start + offset, length);
        Ok(())
    }

    /// The blocks of the whole file that were written to or claimed through this region.
    pub fn into_used(self) -> BlockMap {
        self.used
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
        self.check(offset, len)
    }
}

impl mkext4::reader::ReadAt for Region<'_> {
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.check(offset, u64::try_from(buffer.len()).map_err(io::Error::other)?)?;
        FileExt::read_exact_at(self.file, buffer, self.start + offset)
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
        assert_eq!(region.into_used(), BlockMap::from(vec![(2, 3)]));
        assert_eq!(file.metadata().expect("the file's length").len(), 8192 + 4096);
    }
}
