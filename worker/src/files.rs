//! The site's files, opened beneath its folder and kept for a moment.
//!
//! Every name is opened with `openat2` and `RESOLVE_BENEATH`: the kernel itself refuses whatever leads out of the
//! folder, be it `..` or a symbolic link, absolute ones always. A file is served from the thread's own cache; once a
//! second at most the name is opened again to see whether it is still the same file, so that a changed site shows
//! within a second.
//!
//! Entity tags are hashes of the content. Times are of no use here: an image carries one time for all its files, so a
//! site that changed would look unchanged. For the same reason there is no `Last-Modified`.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::mime;
use crate::status::Status;

/// Content up to this size is kept in memory and leaves with its head in one call; sendfile pays above.
const IN_MEMORY: u64 = 16 * 1024;

/// Content up to this size is hashed for an entity tag; more would hold up the thread's other connections.
const HASHED: u64 = 1024 * 1024;

/// How long a cached file is taken for current.
const CURRENT_FOR: Duration = Duration::from_secs(1);

/// Files a thread keeps open; with [`IN_MEMORY`] this bounds a thread's memory to 4 MiB.
const MOST_FILES: usize = 256;

/// The name asked for in a directory.
const INDEX: &[u8] = b"index.html";

/// A site: its folder, held open.
#[derive(Debug)]
pub struct Site {
    root: OwnedFd,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Found {
    /// A file to send.
    File(Rc<Representation>),
    /// A directory whose name was written without the slash at its end.
    Directory,
}

/// A file as it is sent.
#[derive(Debug)]
pub struct Representation {
    /// Header fields that describe it, rendered.
    pub fields: Box<[u8]>,
    /// Its entity tag with the quotes, where it has one.
    pub tag: Option<Box<str>>,
    /// Its bytes.
    pub content: Content,
    identity: Identity,
}

/// Where a file's bytes are.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Memory(Box<[u8]>),
    /// In the open file, this many.
    File(File, u64),
}

/// Which file it was and when it last changed.
#[derive(Debug, PartialEq, Eq)]
struct Identity([i64; 4], [u64; 3]);

impl Identity {
    fn of(metadata: &Metadata) -> Identity {
        Identity(
            [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()],
            [metadata.dev(), metadata.ino(), metadata.len()],
        )
    }
}

impl Site {
    /// Opens a site's folder.
    ///
    /// # Errors
    ///
    /// When it is no folder or may not be searched.
    pub fn open(folder: &Path) -> io::Result<Site> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Site { root: rustix::fs::openat(CWD, folder, flags, Mode::empty())? })
    }

    /// Opens a name beneath the folder, never outside.
    fn beneath(&self, name: &[u8]) -> Result<File, Status> {
        // NONBLOCK: opening a pipe that somebody left in a site must not hang the thread.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let mut attempts = 0;
        loop {
            match rustix::fs::openat2(&self.root, name, flags, Mode::empty(), resolve) {
                Ok(file) => return Ok(File::from(file)),
                // The kernel could not exclude that a concurrent rename led outside.
                Err(Errno::AGAIN) if attempts < 8 => attempts += 1,
                Err(Errno::AGAIN | Errno::MFILE | Errno::NFILE | Errno::NOMEM) => {
                    return Err(Status::ServiceUnavailable);
                }
                Err(
                    Errno::NOENT
                    | Errno::NOTDIR
                    | Errno::XDEV
                    | Errno::LOOP
                    | Errno::NAMETOOLONG
                    | Errno::ACCESS
                    | Errno::PERM
                    | Errno::NXIO
                    | Errno::INVAL
                    | Errno::ILSEQ,
                ) => return Err(Status::NotFound),
                Err(_) => return Err(Status::InternalServerError),
            }
        }
    }
}

/// A thread's cache of a site's files.
#[derive(Debug)]
pub struct Files {
    site: Arc<Site>,
    kept: HashMap<Box<[u8]>, Kept>,
}

#[derive(Debug)]
struct Kept {
    file: Rc<Representation>,
    checked: Instant,
}

impl Files {
    /// An empty cache over `site`.
    pub fn new(site: Arc<Site>) -> Files {
        Files { site, kept: HashMap::new() }
    }

    /// Finds what `name` (see [`crate::target::read`]) stands for; for a directory its index file. `name` comes back
    /// changed: it becomes the key of the cache.
    ///
    /// # Errors
    ///
    /// The status of the answer when there is nothing to send.
    pub fn find(&mut self, name: &mut Vec<u8>, directory: bool, now: Instant) -> Result<Found, Status> {
        if directory {
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(INDEX);
        }
        if let Some(kept) = self.kept.get(name.as_slice()).filter(|kept| now < kept.checked + CURRENT_FOR) {
            return Ok(Found::File(Rc::clone(&kept.file)));
        }
        let found = self.look(name);
        match &found {
            Ok(Found::File(file)) => self.keep(name, Rc::clone(file), now),
            _ => drop(self.kept.remove(name.as_slice())),
        }
        match found {
            // `/a/` where `a/index.html` is a directory.
            Ok(Found::Directory) if directory => Err(Status::NotFound),
            found => found,
        }
    }

    /// Opens the name; a file that is still the kept one is not read again.
    fn look(&self, name: &[u8]) -> Result<Found, Status> {
        let file = self.site.beneath(name)?;
        let metadata = file.metadata().map_err(|_| Status::InternalServerError)?;
        if metadata.is_dir() {
            return Ok(Found::Directory);
        }
        if !metadata.is_file() {
            return Err(Status::NotFound);
        }
        let identity = Identity::of(&metadata);
        match self.kept.get(name) {
            Some(kept) if kept.file.identity == identity => Ok(Found::File(Rc::clone(&kept.file))),
            _ => {
                let file = Representation::read(file, metadata.len(), identity, mime::type_of(name));
                Ok(Found::File(Rc::new(file.map_err(|_| Status::InternalServerError)?)))
            }
        }
    }

    fn keep(&mut self, name: &[u8], file: Rc<Representation>, now: Instant) {
        // Starting over is the simplest order of eviction: what is asked for is back at once.
        if self.kept.len() >= MOST_FILES && !self.kept.contains_key(name) {
            self.kept.clear();
        }
        self.kept.insert(name.into(), Kept { file, checked: now });
    }
}

impl Representation {
    fn read(file: File, length: u64, identity: Identity, media_type: &str) -> io::Result<Representation> {
        let mut fields = format!("Content-Type: {media_type}\r\nContent-Length: {length}\r\n");
        fields.push_str("X-Content-Type-Options: nosniff\r\n");
        let (content, hash) = if length <= IN_MEMORY {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            file.read_exact_at(&mut bytes, 0)?;
            let hash = fnv1a(FNV_START, &bytes);
            (Content::Memory(bytes.into()), Some(hash))
        } else {
            let hash = if length <= HASHED { Some(hash_of(&file, length)?) } else { None };
            (Content::File(file, length), hash)
        };
        let tag = hash.map(|hash| format!("\"{hash:016x}\"").into_boxed_str());
        if let Some(tag) = &tag {
            // Writing to a string cannot fail.
            let _ = write!(fields, "ETag: {tag}\r\n");
        }
        Ok(Representation { fields: fields.into_bytes().into(), tag, content, identity })
    }
}

/// Hashes the first `length` bytes of a file.
fn hash_of(file: &File, length: u64) -> io::Result<u64> {
    let mut chunk = [0; 16 * 1024];
    let (mut at, mut hash) = (0, FNV_START);
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(chunk.len()).min(chunk.len());
        file.read_exact_at(&mut chunk[..left], at)?;
        hash = fnv1a(hash, &chunk[..left]);
        at += u64::try_from(left).unwrap_or_default();
    }
    Ok(hash)
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: tells contents apart, which is all an entity tag must do, and is the same on every node.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn site() -> (TempDir, Files) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(dir.path().join("site/sub/index.html")).expect("folders");
        fs::write(dir.path().join("site/index.html"), "<h1>hello</h1>").expect("file");
        fs::write(dir.path().join("site/large.bin"), vec![7; 20_000]).expect("file");
        fs::write(dir.path().join("secret"), "secret").expect("file");
        symlink("../secret", dir.path().join("site/out")).expect("link");
        symlink(dir.path().join("site/index.html"), dir.path().join("site/absolute")).expect("link");
        symlink("index.html", dir.path().join("site/inside")).expect("link");
        symlink("/proc/self/exe", dir.path().join("site/magic")).expect("link");
        let files = Files::new(Arc::new(Site::open(&dir.path().join("site")).expect("the site")));
        (dir, files)
    }

    fn find(files: &mut Files, name: &str, directory: bool, now: Instant) -> Result<Rc<Representation>, Status> {
        match files.find(&mut name.as_bytes().to_vec(), directory, now)? {
            Found::File(file) => Ok(file),
            Found::Directory => Err(Status::MovedPermanently),
        }
    }

    #[test]
    fn files_are_found_and_described() {
        let (_dir, mut files) = site();
        let now = Instant::now();
        let index = find(&mut files, "", true, now).expect("the index");
        assert!(matches!(&index.content, Content::Memory(bytes) if **bytes == *b"<h1>hello</h1>"));
        assert_eq!(
            String::from_utf8_lossy(&index.fields),
            "Content-Type: text/html; charset=utf-8\r\nContent-Length: 14\r\nX-Content-Type-Options: nosniff\r\n\
             ETag: \"9c3711306ac52fbe\"\r\n"
        );
        let large = find(&mut files, "large.bin", false, now).expect("a large file");
        assert!(matches!(large.content, Content::File(_, 20_000)));
        assert!(large.tag.is_some());
        assert!(find(&mut files, "inside", false, now).is_ok());
    }

    #[test]
    fn nothing_outside_is_found() {
        let (_dir, mut files) = site();
        for name in ["out", "absolute", "magic", "../secret", "sub/../../secret", "/etc/passwd", "missing"] {
            let error = find(&mut files, name, false, Instant::now()).expect_err(name);
            assert_eq!(error, Status::NotFound, "{name}");
        }
    }

    #[test]
    fn directories_want_their_slash_and_their_index() {
        let (_dir, mut files) = site();
        let now = Instant::now();
        assert_eq!(find(&mut files, "sub", false, now).expect_err("a directory"), Status::MovedPermanently);
        assert_eq!(find(&mut files, "sub", true, now).expect_err("its index is a directory"), Status::NotFound);
        assert_eq!(find(&mut files, "index.html", true, now).expect_err("a file"), Status::NotFound);
    }

    #[test]
    fn a_change_shows_within_a_second() {
        let (dir, mut files) = site();
        let now = Instant::now();
        let before = find(&mut files, "index.html", false, now).expect("the file");
        fs::write(dir.path().join("new"), "<h1>other</h1>").expect("file");
        fs::rename(dir.path().join("new"), dir.path().join("site/index.html")).expect("rename");
        let kept = find(&mut files, "index.html", false, now).expect("the file");
        assert_eq!(kept.tag, before.tag);
        let after = find(&mut files, "index.html", false, now + CURRENT_FOR).expect("the file");
        assert_ne!(after.tag, before.tag);
        fs::remove_file(dir.path().join("site/index.html")).expect("remove");
        assert!(find(&mut files, "index.html", false, now + 2 * CURRENT_FOR).is_err());
    }

    #[test]
    fn the_cache_has_a_limit() {
        let (dir, mut files) = site();
        for number in 0..=MOST_FILES {
            fs::write(dir.path().join(format!("site/{number}")), "x").expect("file");
            find(&mut files, &number.to_string(), false, Instant::now()).expect("the file");
            assert!(files.kept.len() <= MOST_FILES);
        }
    }

    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(fnv1a(FNV_START, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
