//! What a regular file holds: bytes in memory, or bytes that lie in a file of the host and are read when they are needed.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::SeekFrom;
use rustix::io::Errno;

/// What is not longer is kept in memory: it takes as much as the knowledge of where it lies.
const SMALL: u64 = 4096;

/// The content of a regular file. Copies share it.
#[derive(Debug, Clone)]
pub struct Content(Source);

#[derive(Debug, Clone)]
enum Source {
    Memory(Bytes),
    /// A part of a file that stays open.
    Part {
        file: Arc<File>,
        start: u64,
        length: u64,
    },
    /// A whole file that is opened for each use: there may be more of them than a process can hold open.
    Whole(Arc<Whole>),
}

#[derive(Debug)]
struct Whole {
    path: PathBuf,
    state: State,
}

/// What tells that a file is still the one that it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

impl Content {
    /// The content of the host's regular file at `path`, as it is now. A change before it is read is an error then.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let state = State::of(&file)?;
        if state.length <= SMALL {
            return Self::of_part(&Arc::new(file), 0, state.length);
        }
        Ok(Self(Source::Whole(Arc::new(Whole { path: path.to_owned(), state }))))
    }

    /// `length` bytes of `file`, which nobody writes to any more, from `start`.
    pub fn of_part(file: &Arc<File>, start: u64, length: u64) -> io::Result<Self> {
        let part = Self(Source::Part { file: Arc::clone(file), start, length });
        if length <= SMALL { Ok(Self::from(part.bytes()?)) } else { Ok(part) }
    }

    /// In bytes.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Source::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Source::Part { length, .. } => *length,
            Source::Whole(whole) => whole.state.length,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, in memory.
    pub fn bytes(&self) -> io::Result<Bytes> {
        if let Source::Memory(bytes) = &self.0 {
            return Ok(bytes.clone());
        }
        let mut bytes = vec![0; usize::try_from(self.len()).map_err(io::Error::other)?];
        self.open()?.read_exact_at(&mut bytes, 0)?;
        Ok(bytes.into())
    }

    /// Ready to read parts of it.
    pub fn open(&self) -> io::Result<OpenContent<'_>> {
        Ok(OpenContent(match &self.0 {
            Source::Memory(bytes) => Open::Memory(bytes),
            Source::Part { file, start, .. } => Open::Part { file, start: *start },
            Source::Whole(whole) => Open::Whole { file: whole.open()?, whole },
        }))
    }
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Self(Source::Memory(bytes.into()))
    }
}

/// A content that parts are read of.
#[derive(Debug)]
pub struct OpenContent<'a>(Open<'a>);

#[derive(Debug)]
enum Open<'a> {
    Memory(&'a Bytes),
    Part { file: &'a File, start: u64 },
    Whole { file: File, whole: &'a Whole },
}

impl OpenContent<'_> {
    /// Fills `buffer` from byte `at` on. A content that ends before that is an error.
    pub fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        match &self.0 {
            Open::Memory(bytes) => {
                let start = usize::try_from(at).map_err(io::Error::other)?;
                let part = bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
                buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Open::Part { file, start } => file.read_exact_at(buffer, start + at),
            Open::Whole { file, whole } => file.read_exact_at(buffer, at).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => whole.changed(),
                kind => io::Error::new(kind, format!("`{}`: {error}", whole.path.display())),
            }),
        }
    }

    /// The first byte from `at` on that does not lie in a hole of the host's file. None when only a hole follows.
    pub fn next_data(&self, at: u64) -> io::Result<Option<u64>> {
        let Open::Whole { file, .. } = &self.0 else { return Ok(Some(at)) };
        match rustix::fs::seek(file, SeekFrom::Data(at)) {
            Ok(data) => Ok(Some(data)),
            Err(Errno::NXIO) => Ok(None),
            // A file system that does not tell.
            Err(Errno::INVAL) => Ok(Some(at)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Whole {
    fn open(&self) -> io::Result<File> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("`{}`: {error}", self.path.display()));
        let file = File::open(&self.path).map_err(named)?;
        if State::of(&file).map_err(named)? == self.state { Ok(file) } else { Err(self.changed()) }
    }

    fn changed(&self) -> io::Error {
        io::Error::other(format!("`{}` changed while the image was built; build it again", self.path.display()))
    }
}

impl State {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_part_of_a_file_and_bytes_read_the_same() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let text: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        file.write_all(&text).expect("a fresh file");
        let file = Arc::new(file);
        for (start, length) in [(0, 80_000), (4097, 70_000), (5, 4096), (9, 0)] {
            let part = Content::of_part(&file, start, length).expect("a part");
            let range = usize::try_from(start).expect("small")..usize::try_from(start + length).expect("small");
            let memory = Content::from(Bytes::copy_from_slice(&text[range]));
            assert_eq!((part.len(), part.bytes().expect("there")), (length, memory.bytes().expect("there")));
            let mut both = [[0; 100], [0; 100]];
            let mut results = [&part, &memory].into_iter().zip(&mut both).map(|(content, buffer)| {
                content.open().expect("there").read_exact_at(buffer, 3000).map_err(|error| error.kind())
            });
            assert_eq!(results.next(), results.next());
            assert_eq!(both[0], both[1]);
        }
        assert!(Content::of_part(&file, 79_000, 1001).is_err());
    }

    #[test]
    fn a_file_that_changes_before_it_is_read_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("page.html");
        let content = |length: usize| {
            fs::write(&path, vec![b'a'; length]).expect("our own file");
            Content::of_file(&path).expect("a file")
        };
        let large = content(5000);
        assert_eq!(large.bytes().expect("unchanged").len(), 5000);
        let opened = large.open().expect("unchanged");
        fs::write(&path, "short").expect("our own file");
        let said = format!("`{}` changed while the image was built; build it again", path.display());
        assert_eq!(opened.read_exact_at(&mut [0; 10], 0).expect_err("too short").to_string(), said);
        assert_eq!(large.bytes().expect_err("another length").to_string(), said);
        fs::remove_file(&path).expect("our own file");
        assert!(large.bytes().expect_err("gone").to_string().starts_with(&format!("`{}`: ", path.display())));

        let small = content(4096);
        fs::write(&path, "other").expect("our own file");
        assert_eq!(small.bytes().expect("in memory").len(), 4096);
    }

    #[test]
    fn holes_of_the_host_s_file_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sparse");
        let file = File::create(&path).expect("a fresh file");
        file.set_len(1 << 40).expect("a sparse file");
        file.write_all_at(b"x", 1 << 30).expect("a sparse file");
        let content = Content::of_file(&path).expect("a file");
        let opened = content.open().expect("unchanged");
        assert_eq!(opened.next_data(0).expect("it tells"), Some(1 << 30));
        assert_eq!(opened.next_data(1 << 39).expect("it tells"), None);
    }
}
