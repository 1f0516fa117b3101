//! Copies of files with holes: a hole is neither read nor written.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use rustix::fs::SeekFrom;
use rustix::io::Errno;

/// How a copy came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// The file system shares the blocks until one side changes.
    Shared,
    /// This many bytes were copied.
    Bytes(u64),
}

/// Makes `to`, a new empty file, equal to `from`: by sharing blocks where the file system can (FICLONE on btrfs, XFS,
/// bcachefs), else by copying the parts that are no holes inside the kernel.
pub fn copy(from: &File, to: &File) -> io::Result<Copied> {
    if rustix::fs::ioctl_ficlone(to, from).is_ok() {
        return Ok(Copied::Shared);
    }
    copy_data(from, to).map(Copied::Bytes)
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

fn copy_data(from: &File, to: &File) -> io::Result<u64> {
    to.set_len(from.metadata()?.len())?;
    let mut copied = 0;
    for part in data(from)? {
        copied += part.end - part.start;
        copy_part(from, to, part)?;
    }
    Ok(copied)
}

fn copy_part(from: &File, to: &File, part: Range<u64>) -> io::Result<()> {
    let (mut read, mut written) = (part.start, part.start);
    while read < part.end {
        let wanted = usize::try_from(part.end - read).unwrap_or(usize::MAX);
        match rustix::fs::copy_file_range(from, Some(&mut read), to, Some(&mut written), wanted) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            // Two file systems, or one that cannot: through our own memory then.
            Err(Errno::XDEV | Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL) => {
                return copy_through(from, to, read..part.end);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn copy_through(from: &File, to: &File, part: Range<u64>) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = part.start;
    while at < part.end {
        let wanted = usize::try_from(part.end - at).unwrap_or(usize::MAX).min(buffer.len());
        from.read_exact_at(&mut buffer[..wanted], at)?;
        to.write_all_at(&buffer[..wanted], at)?;
        at += u64::try_from(wanted).map_err(io::Error::other)?;
    }
    Ok(())
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
        let (from, to) = (sparse(), tempfile::tempfile().expect("a temporary file"));
        copy(&from, &to).expect("copied");
        assert!(content(&from) == content(&to), "the copy differs");
        let allocated = to.metadata().expect("the copy").blocks() * 512;
        assert!(allocated < 1 << 20, "{allocated} bytes allocated for 100 kB of data");
    }

    #[test]
    fn the_way_through_memory_gives_the_same() {
        let (from, to) = (sparse(), tempfile::tempfile().expect("a temporary file"));
        to.set_len(64 << 20).expect("a hole");
        for part in data(&from).expect("parts") {
            copy_through(&from, &to, part).expect("copied");
        }
        assert!(content(&from) == content(&to), "the copy differs");
    }

    #[test]
    fn an_empty_file_is_all_hole() {
        let file = tempfile::tempfile().expect("a temporary file");
        assert_eq!(data(&file).expect("no parts"), []);
        file.set_len(1 << 20).expect("a hole");
        assert_eq!(data(&file).expect("no parts"), []);
    }
}
