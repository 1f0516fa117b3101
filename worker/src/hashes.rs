//! Hashes of contents, for entity tags: those of large files are computed aside.
//!
//! A file of a gigabyte takes a card a minute to read; no connection waits for that. Until the hash is there the file
//! is served without an entity tag.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Files that wait to be hashed; more are asked for again later.
const WAITING: usize = 64;

/// Hashes kept; each is asked for again when needed, so forgetting all at once costs only time.
const MOST_HASHES: usize = 4096;

/// Which file it was and when it last changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity([i64; 4], [u64; 3]);

impl Identity {
    /// Of the file with this metadata.
    pub fn of(metadata: &Metadata) -> Identity {
        Identity(
            [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()],
            [metadata.dev(), metadata.ino(), metadata.len()],
        )
    }

    /// The content's length in bytes.
    pub fn length(&self) -> u64 {
        self.1[2]
    }

    /// When the content changed last, in seconds since 1970.
    pub fn modified(&self) -> i64 {
        self.0[0]
    }
}

type Known = Arc<Mutex<HashMap<Identity, Option<u64>>>>;

/// The hashes of large files, and the thread that computes them.
#[derive(Debug)]
pub struct Hashes {
    known: Known,
    ask: SyncSender<(Identity, File)>,
}

impl Hashes {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the process may have no more threads.
    pub fn start() -> io::Result<Hashes> {
        let (ask, asked) = sync_channel(WAITING);
        let known = Known::default();
        let theirs = Arc::clone(&known);
        thread::Builder::new().name("hashes".to_owned()).spawn(move || compute(&asked, &theirs))?;
        Ok(Hashes { known, ask })
    }

    /// The hash of a file when it is known; else it will be later.
    pub fn get(&self, file: &File, identity: &Identity) -> Option<u64> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known.get(identity) {
            return *hash;
        }
        if known.len() >= MOST_HASHES {
            known.clear();
        }
        // Noted before it is asked for, so that two threads do not both ask.
        if let Ok(file) = file.try_clone()
            && self.ask.try_send((identity.clone(), file)).is_ok()
        {
            known.insert(identity.clone(), None);
        }
        None
    }
}

fn compute(asked: &Receiver<(Identity, File)>, known: &Known) {
    for (identity, file) in asked {
        let hash = of_file(&file, identity.length()).ok();
        // A file that was written to meanwhile has another identity, and this hash is nobody's.
        let unchanged = file.metadata().is_ok_and(|metadata| Identity::of(&metadata) == identity);
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(identity, hash.filter(|_| unchanged));
    }
}

/// Hashes the first `length` bytes of a file.
///
/// # Errors
///
/// When the file is shorter or cannot be read.
pub fn of_file(file: &File, length: u64) -> io::Result<u64> {
    let mut chunk = [0; 16 * 1024];
    let (mut at, mut hash) = (0, START);
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(chunk.len()).min(chunk.len());
        file.read_exact_at(&mut chunk[..left], at)?;
        hash = more(hash, &chunk[..left]);
        at += u64::try_from(left).unwrap_or_default();
    }
    Ok(hash)
}

/// Hashes bytes.
pub fn of_bytes(bytes: &[u8]) -> u64 {
    more(START, bytes)
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: tells contents apart, which is all an entity tag must do, and is the same on every node.
fn more(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(of_bytes(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn large_files_are_hashed_aside() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("large");
        let content = vec![7; 1_000_000];
        std::fs::write(&path, &content).expect("a file");
        let file = File::open(&path).expect("the file");
        let identity = Identity::of(&file.metadata().expect("metadata"));
        let hashes = Hashes::start().expect("a thread");
        assert_eq!(hashes.get(&file, &identity), None);
        let start = Instant::now();
        let hash = loop {
            if let Some(hash) = hashes.get(&file, &identity) {
                break hash;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "no hash yet");
            thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(hash, of_bytes(&content));
    }
}
