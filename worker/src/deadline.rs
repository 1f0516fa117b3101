//! Until when a connection may take for what is next.

use std::time::{Duration, Instant};

use crate::configuration::Limits;

/// How much of an answer must leave for its time to be extended.
const PROGRESS: u64 = 16 * 1024;

/// How long to read what a refused client still sends, so that it gets to see the answer.
const LINGER: Duration = Duration::from_secs(2);

/// When a connection has run out of time.
#[derive(Debug)]
pub struct Deadline {
    at: Instant,
    /// Bytes that have left since it was extended.
    progress: u64,
}

impl Deadline {
    /// For a client that has nothing in hand.
    pub fn idle(now: Instant, limits: &Limits) -> Deadline {
        Deadline::after(now, limits.idle_seconds)
    }

    /// For the rest of a request's head, from its first byte on; later bytes do not extend it.
    pub fn head(now: Instant, limits: &Limits) -> Deadline {
        Deadline::after(now, limits.head_seconds)
    }

    /// For the first bytes of an answer.
    pub fn answer(now: Instant, limits: &Limits) -> Deadline {
        Deadline::after(now, limits.stall_seconds)
    }

    /// For what a client sends in vain.
    pub fn linger(now: Instant) -> Deadline {
        Deadline { at: now + LINGER, progress: 0 }
    }

    /// Extends the time of an answer of which `sent` bytes have left, when those are enough.
    pub fn extend(&mut self, sent: u64, now: Instant, limits: &Limits) {
        self.progress += sent;
        if self.progress >= PROGRESS {
            *self = Deadline::answer(now, limits);
        }
    }

    /// When it is over.
    pub fn end(&self) -> Instant {
        self.at
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.at
    }

    fn after(now: Instant, seconds: u32) -> Deadline {
        Deadline { at: now + Duration::from_secs(seconds.into()), progress: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_progress_extends_it() {
        let limits = Limits { stall_seconds: 15, ..Limits::default() };
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut deadline = Deadline::answer(start, &limits);
        assert!(!deadline.is_over(after(14)));
        deadline.extend(PROGRESS - 1, after(10), &limits);
        assert!(deadline.is_over(after(15)));
        deadline.extend(1, after(14), &limits);
        assert!(!deadline.is_over(after(28)));
        assert!(deadline.is_over(after(29)));
    }
}
