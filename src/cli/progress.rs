//! How far downloads are: one line that is written over on a terminal, nothing elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::size;
use crate::archive::Progress;

/// Writing more often than this only makes a terminal flicker.
const PAUSE: Duration = Duration::from_millis(100);

/// Progress on standard error.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    what: String,
    total: u64,
    done: u64,
    written: Option<Instant>,
}

impl Progress for Line {
    fn begin(&self, what: &str, total_bytes: u64) {
        self.with(|state| *state = State { what: what.to_owned(), total: total_bytes, ..State::default() });
    }

    fn advance(&self, bytes: u64) {
        self.with(|state| {
            state.done += bytes;
            if stderr().is_terminal() && state.written.is_none_or(|written| written.elapsed() >= PAUSE) {
                state.written = Some(Instant::now());
                let (done, total) = (size::shown(state.done), size::shown(state.total));
                // A terminal that went away is no reason to stop.
                let _ = write!(stderr(), "\r\x1b[Kfetching {}: {done} of {total}", state.what);
            }
        });
    }

    fn done(&self) {
        self.with(|state| {
            if state.written.is_some() {
                let _ = write!(stderr(), "\r\x1b[K");
            }
        });
    }
}

impl Line {
    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}
