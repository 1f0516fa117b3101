//! Whether a socket may hold bytes to read, where no event tells it twice (edge-triggered epoll).

use rustix::event::epoll::EventFlags;
use rustix::io::Errno;

/// What is known of a socket's bytes. A read that leaves room has taken all there was, and whatever comes later is told
/// by an event; only the end of a client that came before the event was taken is told by nothing else.
#[derive(Debug)]
pub struct Readiness {
    unread: bool,
    /// Whether an event said that the client has ended: then a read that leaves room has not found the end yet.
    ended: bool,
}

impl Readiness {
    /// Of a socket that nobody has looked at.
    pub fn unknown() -> Readiness {
        Readiness { unread: true, ended: false }
    }

    /// Takes note of an event.
    pub fn notice(&mut self, event: EventFlags) {
        let ended = event.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        self.ended |= ended;
        self.unread |= ended || event.contains(EventFlags::IN);
    }

    /// Takes note of what a read of up to `room` bytes brought.
    pub fn remember(&mut self, received: Result<usize, Errno>, room: usize) {
        match received {
            Ok(length) if length < room => self.unread = self.ended,
            Err(Errno::AGAIN) => *self = Readiness { unread: false, ended: false },
            _ => {}
        }
    }

    /// Whether reading may bring bytes, or the end of them.
    pub fn is_unread(&self) -> bool {
        self.unread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_read_that_left_room_took_all() {
        let mut readiness = Readiness::unknown();
        readiness.remember(Ok(10), 10);
        assert!(readiness.is_unread());
        readiness.remember(Err(Errno::INTR), 10);
        assert!(readiness.is_unread());
        readiness.remember(Ok(9), 10);
        assert!(!readiness.is_unread());
        readiness.notice(EventFlags::OUT);
        assert!(!readiness.is_unread());
        readiness.notice(EventFlags::IN | EventFlags::OUT);
        assert!(readiness.is_unread());
        readiness.remember(Err(Errno::AGAIN), 10);
        assert!(!readiness.is_unread());
    }

    #[test]
    fn an_end_is_looked_for_until_it_is_found() {
        let mut readiness = Readiness::unknown();
        readiness.notice(EventFlags::IN | EventFlags::RDHUP);
        readiness.remember(Ok(5), 10);
        assert!(readiness.is_unread(), "the end is still to be read");
        // The event was of a place's former owner.
        readiness.remember(Err(Errno::AGAIN), 10);
        assert!(!readiness.is_unread());
    }
}
