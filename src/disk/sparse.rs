//! Copies of files with holes: a hole is neither read nor written.
//!
//! Many copies are made at once: what is read once is written to all of them, past the page cache, so that the disk has
//! to do all the time and the copies are on it when the last is written. The kernel's own way (copy_file_range) takes a
//! file system that shares nothing through it page by page and is several times slower than large writes.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::thread;

use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::direct::{self, Buffer};

/// Bytes that are read and written at once: so many that a disk does not mind what comes between.
const CHUNK: usize = 8 << 20;

/// Writes that are under way at once, which is more than there are processors: they wait for the disk. With fewer, some
/// of the disk's speed is not used (measured: 2 writes take a quarter longer than 4).
const WRITERS: usize = 4;

/// Fewer copies than this go through the page cache, which is as fast as long as the disk can be kept busy later, and
/// who wants one or two images is going to read them.
const MANY: usize = 4;

/// How copies came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// The file system shares the blocks until one side changes.
    Shared,
    /// This many bytes were written to each copy.
    Bytes(u64),
}

/// Makes each of `copies`, new empty files of one file system, equal to `from`: by sharing blocks where the file system
/// can (FICLONE on btrfs, XFS, bcachefs), else by copying the parts that are no holes.
pub fn copy(from: &File, copies: &[&File]) -> io::Result<Copied> {
    if let Some((first, others)) = copies.split_first()
        && shares(from, first)
    {
        others.iter().try_for_each(|copy| rustix::fs::ioctl_ficlone(copy, from))?;
        return Ok(Copied::Shared);
    }
    copy_data(from, copies).map(Copied::Bytes)
}

/// Whether `copy`, a new empty file, could be made to share the blocks of `from`; if so, it does now.
pub fn shares(from: &File, copy: &File) -> bool {
    rustix::fs::ioctl_ficlone(copy, from).is_ok()
}

/// The parts of `file` that are no holes, in bytes. A file system that does not tell calls everything data.
pub fn data(file: &File) -> io::Result<Vec<Range<u64>>> {
    let length = file.metadata()?.len();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < length {
        let start = match rustix::fs::seek(file, SeekFrom::Data(at)) {
            Ok(start) => start,
            Err(Errno::NXIO) => break,
            Err(Errno::INVAL) => {
                parts.push(at..length);
                break;
            }
            Err(error) => return Err(error.into()),
        };
        let end = rustix::fs::seek(file, SeekFrom::Hole(start))?.min(length);
        parts.push(start..end);
        at = end;
    }
    Ok(parts)
}

fn copy_data(from: &File, copies: &[&File]) -> io::Result<u64> {
    let length = from.metadata()?.len();
    copies.iter().try_for_each(|copy| copy.set_len(length))?;
    let many = copies.len() >= MANY;
    if many {
        // Who refuses is written to through the page cache.
        let _ = copies.iter().try_for_each(|copy| direct::switch(copy, true));
    }
    let mut buffer = Buffer::new(CHUNK);
    let mut copied = 0;
    for part in data(from)? {
        copied += part.end - part.start;
        let mut at = part.start;
        while at < part.end {
            let wanted = usize::try_from(part.end - at).unwrap_or(usize::MAX).min(CHUNK);
            let chunk = &mut buffer.bytes()[..wanted];
            from.read_exact_at(chunk, at)?;
            write_all(copies, chunk, at)?;
            at += u64::try_from(wanted).map_err(io::Error::other)?;
        }
    }
    if many {
        copies.iter().try_for_each(|copy| direct::switch(copy, false))?;
    }
    Ok(copied)
}

/// Writes `chunk` to each of `copies`, some at once.
fn write_all(copies: &[&File], chunk: &[u8], at: u64) -> io::Result<()> {
    thread::scope(|scope| {
        let write = |group: &[&File]| group.iter().try_for_each(|copy| direct::write(copy, chunk, at));
        let groups = copies.chunks(copies.len().div_ceil(WRITERS).max(1));
        let writers: Vec<_> = groups.map(|group| scope.spawn(move || write(group))).collect();
        let gone = |_| Err(io::Error::other("a thread that writes came to an end"));
        writers.into_iter().try_for_each(|writer| writer.join().unwrap_or_else(gone))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn sparse() -> File {
        let file = tempfile::tempfile().expect("a temporary file");
        file.set_len(64 << 20).expect("a hole");
        file.write_all_at(b"begin", 0).expect("written");
        file.write_all_at(&[7; 100_000], (32 << 20) + 17).expect("written");
        file
    }

    fn content(file: &File) -> Vec<u8> {
        let mut content = vec![0; 64 << 20];
        file.read_exact_at(&mut content, 0).expect("the whole file");
        content
    }

    #[test]
    fn copies_are_equal_and_keep_their_holes() {
        for count in [1, MANY - 1, MANY, 2 * WRITERS + 1] {
            let from = sparse();
            let to: Vec<File> = (0..count).map(|_| tempfile::tempfile().expect("a temporary file")).collect();
            copy(&from, &to.iter().collect::<Vec<_>>()).expect("copied");
            for to in to {
                assert!(content(&from) == content(&to), "the copy differs");
                let allocated = to.metadata().expect("the copy").blocks() * 512;
                assert!(allocated < 1 << 20, "{allocated} bytes allocated for 100 kB of data");
                // Whoever goes on writing may do so at any place and length.
                to.write_all_at(b"odd", 12_345).expect("a write of three bytes");
            }
        }
    }

    #[test]
    fn without_shared_blocks_the_data_alone_is_written() {
        let (from, to) = (sparse(), tempfile::tempfile().expect("a temporary file"));
        let written = copy_data(&from, &[&to]).expect("copied");
        assert!(content(&from) == content(&to), "the copy differs");
        assert!(written < 1 << 20, "{written} bytes written for 100 kB of data");
    }

    #[test]
    fn an_empty_file_is_all_hole() {
        let file = tempfile::tempfile().expect("a temporary file");
        assert_eq!(data(&file).expect("no parts"), []);
        file.set_len(1 << 20).expect("a hole");
        assert_eq!(data(&file).expect("no parts"), []);
    }
}
