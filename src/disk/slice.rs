//! A part of a disk as a file of its own, for those who only read it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// The bytes `start..start + length` of a file, as a file.
#[derive(Debug)]
pub struct Slice {
    file: File,
    start: u64,
    length: u64,
    position: u64,
}

impl Slice {
    pub fn new(file: File, start: u64, length: u64) -> Self {
        Self { file, start, length, position: 0 }
    }

    /// The whole of `file`, which may be a block device.
    pub fn whole(mut file: File) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self::new(file, 0, length))
    }

    /// `length` bytes from `start` on, or as many as there are, as a slice of their own.
    pub fn part(&self, start: u64, length: u64) -> io::Result<Self> {
        let start = start.min(self.length);
        Ok(Self::new(self.file.try_clone()?, self.start + start, length.min(self.length - start)))
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fills `buffer` with what stands at `offset`; what ends behind the slice is an error.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let length = u64::try_from(buffer.len()).map_err(io::Error::other)?;
        if offset.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buffer, self.start + offset)
    }
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let count = self.file.read_at(&mut buffer[..wanted], self.start + self.position)?;
        self.position += u64::try_from(count).map_err(io::Error::other)?;
        Ok(count)
    }
}

impl Seek for Slice {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_ends_where_it_ends() {
        let file = tempfile::tempfile().expect("a temporary file");
        file.write_all_at(b"0123456789", 0).expect("written");
        let mut slice = Slice::new(file, 2, 6);
        let mut text = String::new();
        assert_eq!((slice.read_to_string(&mut text).expect("read"), text.as_str()), (6, "234567"));
        let mut part = slice.part(4, 9).expect("a part");
        assert_eq!((part.length(), part.read(&mut [0; 9]).expect("read")), (2, 2));
        assert!(slice.read_exact_at(&mut [0; 2], 5).is_err());
        slice.seek(SeekFrom::End(-1)).expect("inside");
        assert_eq!(slice.read(&mut [0; 9]).expect("read"), 1);
    }
}
