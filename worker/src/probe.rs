//! Whether the site can be read, found out by a thread of its own: a dead card may hold up whoever reads from it.
//!
//! What a kernel has in memory it goes on serving from a card that is dead, so the probe reads past that (`O_DIRECT`).
//! While nobody asks for the server's health, nothing is read.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;

/// Between two probes while somebody asks.
const INTERVAL: Duration = Duration::from_millis(500);

/// A probe that takes longer has failed. With the interval that is less than the two seconds between a balancer's checks.
const PATIENCE: Duration = Duration::from_millis(1200);

/// How long probing goes on after the last question.
const INTEREST: u64 = 10_000;

/// What a direct read is aligned to; no card has larger blocks.
const BLOCK: usize = 4096;

/// The thread that probes, as others see it.
#[derive(Debug)]
pub struct Probe {
    state: Arc<State>,
    wake: SyncSender<()>,
}

#[derive(Debug)]
struct State {
    start: Instant,
    readable: AtomicBool,
    /// When the probe under way began, in milliseconds since the start; zero when there is none.
    began: AtomicU64,
    /// When somebody asked last, in the same way.
    asked: AtomicU64,
}

impl State {
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

impl Probe {
    /// Starts the thread for a site's folder.
    ///
    /// # Errors
    ///
    /// When the process may have no more threads.
    pub fn start(folder: PathBuf) -> io::Result<Probe> {
        let state = Arc::new(State {
            start: Instant::now(),
            readable: AtomicBool::new(true),
            began: AtomicU64::new(0),
            asked: AtomicU64::new(0),
        });
        let (wake, woken) = sync_channel(1);
        let theirs = Arc::clone(&state);
        thread::Builder::new().name("probe".to_owned()).spawn(move || watch(&folder, &theirs, &woken))?;
        Ok(Probe { state, wake })
    }

    /// Whether the site could be read when that was tried last. To ask is what keeps the thread trying.
    pub fn is_readable(&self) -> bool {
        let now = self.state.now();
        self.state.asked.store(now, Ordering::Release);
        // A full channel has woken it already.
        let _ = self.wake.try_send(());
        let began = self.state.began.load(Ordering::Acquire);
        let stuck = began > 0 && u128::from(now.saturating_sub(began)) > PATIENCE.as_millis();
        self.state.readable.load(Ordering::Acquire) && !stuck
    }
}

fn watch(folder: &Path, state: &State, woken: &Receiver<()>) {
    loop {
        state.began.store(state.now(), Ordering::Release);
        let outcome = read(folder);
        let readable = outcome.is_ok();
        if state.readable.swap(readable, Ordering::AcqRel) != readable {
            match outcome {
                Ok(()) => eprintln!("bramble-worker: {} can be read again", folder.display()),
                Err(reason) => eprintln!("bramble-worker: cannot read {}: {reason}", folder.display()),
            }
        }
        state.began.store(0, Ordering::Release);
        thread::sleep(INTERVAL);
        if state.now().saturating_sub(state.asked.load(Ordering::Acquire)) > INTEREST {
            match woken.recv() {
                Ok(()) => {}
                Err(_) => return,
            }
        } else if matches!(woken.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Disconnected)) {
            return;
        }
    }
}

/// Reads the folder, and the first bytes of its index where it has one.
fn read(folder: &Path) -> io::Result<()> {
    if let Some(entry) = std::fs::read_dir(folder)?.next() {
        entry?;
    }
    let open = |flags| {
        rustix::fs::openat(
            CWD,
            folder.join("index.html"),
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | flags,
            Mode::empty(),
        )
    };
    let file = match open(OFlags::DIRECT) {
        Ok(file) => file,
        // A file system in memory.
        Err(Errno::INVAL) => open(OFlags::empty())?,
        // An index that is none, or a link that the site does not follow either, says nothing of the card.
        Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut room = vec![0; 2 * BLOCK];
    let start = room.as_ptr().align_offset(BLOCK).min(BLOCK);
    match rustix::io::read(&file, &mut room[start..start + BLOCK]) {
        Ok(_) | Err(Errno::ISDIR | Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_readable_while_it_is_there() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let site = dir.path().join("site");
        assert!(read(&site).is_err());
        std::fs::create_dir(&site).expect("a folder");
        read(&site).expect("an empty one");
        std::fs::write(site.join("index.html"), "hello").expect("a file");
        read(&site).expect("one with an index");
    }
}
