//! The loops as each other's neighbours: a connection that is kept goes to the loop that has the fewest.
//!
//! The kernel wakes the loop that began to wait last, so connections that are opened one after another would all stay
//! with one loop, and one core. A loop that has more than its neighbours hands a connection on when that has nothing in
//! hand; one that ends with its first answer never moves.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::answer::Peer;
use crate::shared::Bell;

/// How many connections more than the least busy neighbour a loop keeps without a thought.
const SLACK: usize = 2;

/// A connection without anything in hand, on its way to another loop.
#[derive(Debug)]
pub struct Handed {
    /// The client's socket.
    pub socket: OwnedFd,
    /// Who the client is.
    pub peer: Peer,
    /// Whether a balancer's header is still due.
    pub announced: bool,
}

/// One loop's load, and where others put connections for it.
#[derive(Debug, Default)]
pub struct Letterbox {
    connections: AtomicUsize,
    /// The connections that are on their way.
    coming: AtomicUsize,
    handed: Mutex<Vec<Handed>>,
}

impl Letterbox {
    /// Says how many connections its loop has.
    pub fn set_connections(&self, number: usize) {
        self.connections.store(number, Ordering::Relaxed);
    }

    /// Takes what others have put in.
    pub fn take(&self) -> Vec<Handed> {
        let handed = std::mem::take(&mut *self.handed.lock().unwrap_or_else(PoisonError::into_inner));
        self.coming.fetch_sub(handed.len(), Ordering::Relaxed);
        handed
    }

    fn load(&self) -> usize {
        self.connections.load(Ordering::Relaxed) + self.coming.load(Ordering::Relaxed)
    }
}

/// All loops, as one of them sees them.
#[derive(Debug)]
pub struct Neighbours {
    bells: Arc<[Arc<Bell>]>,
    own: usize,
}

impl Neighbours {
    /// The neighbours of the loop with the bell of this place.
    pub fn new(bells: Arc<[Arc<Bell>]>, own: usize) -> Neighbours {
        Neighbours { bells, own }
    }

    /// The loop's own bell.
    pub fn own(&self) -> &Bell {
        &self.bells[self.own]
    }

    /// The number of loops.
    pub fn loops(&self) -> usize {
        self.bells.len()
    }

    /// The least busy loop, when it has clearly less to do than this one with its `connections`.
    pub fn less_busy(&self, connections: usize) -> Option<&Bell> {
        let (least, bell) =
            self.bells.iter().map(|bell| (bell.letterbox.load(), bell)).min_by_key(|(load, _)| *load)?;
        (connections > least + SLACK + least / 16).then_some(bell)
    }
}

impl Bell {
    /// Hands a connection to this bell's loop.
    pub fn hand(&self, connection: Handed) {
        self.letterbox.coming.fetch_add(1, Ordering::Relaxed);
        self.letterbox.handed.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.ring();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_on_its_way_counts_too() {
        let bells: Arc<[Arc<Bell>]> = (0..3).map(|_| Arc::new(Bell::new().expect("a bell"))).collect();
        let neighbours = Neighbours::new(Arc::clone(&bells), 0);
        assert!(neighbours.less_busy(SLACK).is_none());
        for _ in 0..12 {
            let (socket, _) = UnixStream::pair().expect("sockets");
            let peer = Peer { address: IpAddr::from([127, 0, 0, 1]), is_balancer: false };
            bells[0].letterbox.set_connections(20);
            neighbours.less_busy(20).expect("a neighbour").hand(Handed {
                socket: socket.into(),
                peer,
                announced: false,
            });
        }
        assert_eq!([1, 2].map(|place: usize| bells[place].letterbox.take().len()), [6, 6]);
        assert_eq!(bells[1].letterbox.load(), 0);
    }
}
