//! Writes past the page cache (`O_DIRECT`, open(2)): nothing waits in memory to be synced later, and the processor copies
//! nothing. A file system or device that wants it otherwise is written to in the usual way.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// What direct writes want of the place in memory, in bytes; no common device asks for more.
const ALIGNMENT: usize = 4096;

/// Bytes in memory that direct writes take.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Buffer {
    pub(super) fn new(length: usize) -> Self {
        let bytes = vec![0; length + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        Self { bytes, start, length }
    }

    /// All of it.
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.length]
    }
}

/// Has writes to `file` go past the page cache from now on, or through it again.
pub(super) fn switch(file: &File, on: bool) -> io::Result<()> {
    let flags = fcntl_getfl(file)?;
    let wanted = if on { flags | OFlags::DIRECT } else { flags - OFlags::DIRECT };
    Ok(fcntl_setfl(file, wanted)?)
}

/// Writes `bytes` to `file`, for which direct writes may be switched on. If they are refused here, they are switched off.
pub(super) fn write(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    match file.write_all_at(bytes, offset) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            switch(file, false)?;
            file.write_all_at(bytes, offset)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_directly_is_written_all_the_same() {
        let file = tempfile::tempfile().expect("a temporary file");
        let mut buffer = Buffer::new(3 * ALIGNMENT);
        buffer.bytes().fill(7);
        assert!(buffer.bytes().as_ptr().addr().is_multiple_of(ALIGNMENT));
        // Whoever refuses here has no direct writes at all.
        let _ = switch(&file, true);
        write(&file, buffer.bytes(), 0).expect("a write of whole blocks");
        write(&file, &buffer.bytes()[1..102], 3 * 4096 + 1).expect("a write of odd place and length");
        let mut content = vec![0; 3 * ALIGNMENT + 102];
        file.read_exact_at(&mut content, 0).expect("all of it");
        let mut expected = vec![7; 3 * ALIGNMENT + 102];
        expected[3 * ALIGNMENT] = 0;
        assert!(content == expected, "other bytes were written");
        assert!(!fcntl_getfl(&file).expect("flags").contains(OFlags::DIRECT), "nothing odd can follow otherwise");
    }
}
