//! Hashes of contents, for entity tags: those of files that are not kept in memory are computed aside.
//!
//! A file of a gigabyte takes a card a minute to read; no connection waits for that. Until the hash is there the file
//! is served without an entity tag. Hashes outlive the caches of files, which are smaller.

use std::collections::hash_map::RandomState;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::generations::Generations;

/// Files that wait to be hashed; more are asked for again later.
const WAITING: usize = 64;

/// Hashes kept, of some 100 bytes each.
const MOST_HASHES: usize = 32 * 1024;

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

/// The hash is missing while it is being computed.
type Map = Generations<Identity, Option<u64>, RandomState>;

#[derive(Debug)]
struct Known {
    hashes: Mutex<Map>,
    /// Hashes computed so far.
    computed: AtomicUsize,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Map> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hashes of files, and the thread that computes them.
#[derive(Debug)]
pub struct Hashes {
    known: Arc<Known>,
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
        let known = Arc::new(Known { hashes: Mutex::new(Map::new(MOST_HASHES)), computed: AtomicUsize::new(0) });
        let theirs = Arc::clone(&known);
        thread::Builder::new().name("hashes".to_owned()).spawn(move || compute(&asked, &theirs))?;
        Ok(Hashes { known, ask })
    }

    /// The hash of a file when it is known; else it will be later.
    pub fn get(&self, file: &File, identity: &Identity) -> Option<u64> {
        let mut known = self.known.lock();
        if let Some(hash) = known.get(identity) {
            return *hash;
        }
        // Noted before it is asked for, so that two threads do not both ask.
        if let Ok(file) = file.try_clone()
            && self.ask.try_send((identity.clone(), file)).is_ok()
        {
            known.insert(identity.clone(), None, 1);
        }
        None
    }

    /// How many hashes were computed so far: while that stays the same, no missing hash has come.
    pub fn computed(&self) -> usize {
        self.known.computed.load(Ordering::Acquire)
    }
}

fn compute(asked: &Receiver<(Identity, File)>, known: &Known) {
    for (identity, file) in asked {
        let hash = of_file(&file, identity.length()).ok();
        // A file that was written to meanwhile has another identity, and this hash is nobody's.
        let unchanged = file.metadata().is_ok_and(|metadata| Identity::of(&metadata) == identity);
        known.lock().insert(identity, hash.filter(|_| unchanged), 1);
        known.computed.fetch_add(1, Ordering::Release);
    }
}

/// Hashes the first `length` bytes of a file.
///
/// # Errors
///
/// When the file is shorter or cannot be read.
pub fn of_file(file: &File, length: u64) -> io::Result<u64> {
    let mut chunk = [0; 16 * 1024];
    let (mut at, mut hash) = (0, Xxh3Default::new());
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(chunk.len()).min(chunk.len());
        file.read_exact_at(&mut chunk[..left], at)?;
        hash.update(&chunk[..left]);
        at += u64::try_from(left).unwrap_or_default();
    }
    Ok(hash.digest())
}

/// Hashes bytes with XXH3, which tells contents apart, is fast on every processor and the same on every node.
pub fn of_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_hash_is_xxh3() {
        // XXH3_64bits of nothing, as xxhsum prints it.
        assert_eq!(of_bytes(b""), 0x2d06_8005_38d3_94c2);
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
