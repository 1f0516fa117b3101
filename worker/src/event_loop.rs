//! One thread's loop: accepts, advances connections that can go on, closes those that ran out of time.
//!
//! All loops wait on the same listening sockets (`EPOLLEXCLUSIVE`: one is woken, not all). Connections are registered
//! once and edge-triggered: the kernel neither looks at each again on the next wait nor is told what it waits for now. One
//! that stops in the middle of its bytes for the others' sake gets another turn without an event.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::SocketFlags;

use crate::answer::Desk;
use crate::buffers::Buffers;
use crate::connection::{Connection, Next};
use crate::counters::{LoopCounters, Tally};
use crate::neighbours::Neighbours;
use crate::shared::{Phase, Shared};

/// Between two looks for connections that ran out of time.
const SWEEP: Duration = Duration::from_secs(1);

/// Between two looks for an idle connection to give up, while all are in use.
const LOOK: Duration = Duration::from_millis(100);

/// A connection that was idle for so long is given up for a newcomer. A shorter rest may be one between two requests.
const RESTED: Duration = Duration::from_millis(250);

/// Events after which one more connection is accepted in a turn, so that newcomers have their share of a busy loop.
const EVENTS_A_NEWCOMER: usize = 16;

/// Events taken in one turn.
const EVENTS: usize = 256;

/// The tokens above all connections: the bell, then the listeners downwards.
const BELL: u64 = u64::MAX;

/// A thread's loop.
#[derive(Debug)]
pub struct EventLoop {
    epoll: OwnedFd,
    listeners: Arc<[TcpListener]>,
    /// Whether the listeners are registered: not when the loop is full, nor while closing.
    listening: bool,
    connections: Vec<Option<Connection>>,
    /// Places in `connections` that are free.
    free: Vec<usize>,
    /// Places of connections that go on without an event.
    turns: Vec<usize>,
    capacity: usize,
    desk: Desk,
    buffers: Buffers,
    tally: Tally,
    counters: Arc<LoopCounters>,
    /// This loop among all.
    number: usize,
    shared: Arc<Shared>,
    neighbours: Neighbours,
    next_sweep: Instant,
    next_look: Instant,
}

impl EventLoop {
    /// A loop for up to `capacity` connections beside its neighbours.
    ///
    /// # Errors
    ///
    /// When the kernel refuses an epoll instance.
    pub fn new(
        listeners: Arc<[TcpListener]>,
        capacity: usize,
        neighbours: Neighbours,
        shared: Arc<Shared>,
    ) -> io::Result<EventLoop> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, neighbours.own(), EventData::new_u64(BELL), EventFlags::IN)?;
        let (number, counters) = shared.registry.add_loop();
        let now = Instant::now();
        let mut event_loop = EventLoop {
            epoll,
            listeners,
            listening: false,
            connections: Vec::new(),
            free: Vec::new(),
            turns: Vec::new(),
            capacity,
            desk: Desk::new(shared.settings(), &shared, number, neighbours.loops(), now),
            buffers: Buffers::default(),
            tally: Tally::default(),
            counters,
            number,
            shared,
            neighbours,
            next_sweep: now + SWEEP,
            next_look: now,
        };
        event_loop.listen(true)?;
        Ok(event_loop)
    }

    /// Serves until the phase is [`Phase::Closing`] and the last connection has ended.
    ///
    /// # Errors
    ///
    /// When the kernel refuses to wait, which it does not.
    pub fn run(mut self) -> io::Result<()> {
        let (mut events, mut turns) = (Vec::with_capacity(EVENTS), Vec::new());
        while self.desk.phase != Phase::Closing || self.count() > 0 {
            // Without connections there is nothing to sweep, and an idle node sleeps.
            let full = !self.listening && self.desk.phase != Phase::Closing;
            let wait = match (self.turns.is_empty(), full) {
                (false, _) => Duration::ZERO,
                (true, true) => LOOK,
                (true, false) => SWEEP,
            };
            let timeout = (self.count() > 0 || full).then(|| timespec(wait));
            events.clear();
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            self.desk.now = Instant::now();
            self.desk.common.tick(SystemTime::now());
            for event in &events {
                self.handle(event, 1 + events.len() / EVENTS_A_NEWCOMER);
            }
            self.give_turns(&mut turns);
            if self.desk.now >= self.next_sweep {
                self.sweep();
            }
            if !self.listening && self.desk.now >= self.next_look {
                self.next_look = self.desk.now + LOOK;
                self.make_room();
            }
            self.count_turn();
        }
        Ok(())
    }

    /// Lets those go on that stopped for the others' sake. `turns` is empty, and here to be used again.
    fn give_turns(&mut self, turns: &mut Vec<usize>) {
        std::mem::swap(turns, &mut self.turns);
        for place in turns.drain(..) {
            // A connection may have ended since, and its place may have a new owner, who loses nothing by a turn.
            if let Some(connection) = self.connections[place].as_mut() {
                connection.queued = false;
                self.advance(place);
            }
        }
    }

    /// Counts and logs what was done in a turn. Answers that left at once took, for their clients, the whole of it.
    fn count_turn(&mut self) {
        if self.tally.sent > 0 {
            self.counters.sent.count(std::mem::take(&mut self.tally.sent));
        }
        if self.tally.at_once > 0 {
            self.counters.answered(std::mem::take(&mut self.tally.at_once), self.desk.now.elapsed());
        }
        if self.desk.limited > 0 {
            self.counters.limited.count(std::mem::take(&mut self.desk.limited));
        }
        if let Some(log) = &mut self.desk.log {
            log.hand_over();
        }
    }

    fn count(&self) -> usize {
        self.connections.len() - self.free.len()
    }

    /// Handles an event; if it is of a listener, by up to so many newcomers.
    fn handle(&mut self, event: &Event, newcomers: usize) {
        let token = event.data.u64();
        if token == BELL {
            self.heard();
        } else if let Some(listener) = usize::try_from(BELL - 1 - token).ok().filter(|at| *at < self.listeners.len()) {
            for _ in 0..newcomers {
                if !self.accept(listener) {
                    break;
                }
            }
        } else if let Ok(place) = usize::try_from(token) {
            // A place may have a new owner since the event was taken; it then finds nothing to read and waits on.
            if let Some(connection) = self.connections.get_mut(place).and_then(Option::as_mut) {
                connection.notice(event.flags);
                self.advance(place);
            }
        }
    }

    /// Does what the supervisor has changed.
    fn heard(&mut self) {
        self.neighbours.own().heard(&self.shared);
        let settings = self.shared.settings();
        if !Arc::ptr_eq(&settings, &self.desk.settings) {
            if let Some(log) = &mut self.desk.log {
                log.hand_over();
            }
            self.desk = Desk::new(settings, &self.shared, self.number, self.neighbours.loops(), self.desk.now);
        }
        self.desk.phase = self.shared.phase();
        for handed in self.neighbours.own().letterbox.take() {
            self.place(Connection::handed(handed, &self.desk));
        }
        if self.desk.phase == Phase::Closing {
            let _ = self.listen(false);
            for place in 0..self.connections.len() {
                if self.connections[place].as_ref().is_some_and(Connection::is_idle) {
                    self.close(place);
                }
            }
        }
    }

    /// Registers or unregisters the listeners. An exclusive registration cannot be changed, only made anew.
    fn listen(&mut self, listening: bool) -> io::Result<()> {
        if listening == self.listening {
            return Ok(());
        }
        for (listener, token) in self.listeners.iter().zip((0..BELL).rev()) {
            if listening {
                let flags = EventFlags::IN | EventFlags::EXCLUSIVE;
                epoll::add(&self.epoll, listener, EventData::new_u64(token), flags)?;
            } else {
                epoll::delete(&self.epoll, listener)?;
            }
        }
        self.listening = listening;
        Ok(())
    }

    /// Accepts one connection; `false` when there can be no more in this turn. Trying until there is none would meet
    /// clients that the kernel is still busy welcoming, and wait for it with the processor held: a third of the time, where
    /// connections are short.
    fn accept(&mut self, listener: usize) -> bool {
        if self.count() >= self.capacity {
            self.make_room();
        }
        if self.count() >= self.capacity {
            // The backlog holds the next clients until one of these has left or is given up.
            let _ = self.listen(false);
            return false;
        }
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        match rustix::net::acceptfrom_with(&self.listeners[listener], flags) {
            Ok((socket, address)) => {
                let address = address.and_then(|address| SocketAddr::try_from(address).ok());
                self.welcome(socket, address.map_or(IpAddr::from([0; 4]), |address| address.ip().to_canonical()));
                return true;
            }
            Err(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOBUFS) => {
                // No descriptor or memory: the next sweep listens again.
                let _ = self.listen(false);
            }
            // Another loop was faster, or the client has left again.
            Err(_) => {}
        }
        false
    }

    fn welcome(&mut self, socket: OwnedFd, address: IpAddr) {
        self.counters.accepted.count(1);
        self.place(Connection::new(socket, address, &self.desk));
    }

    /// Gives a connection its place.
    fn place(&mut self, connection: Connection) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        self.connections[place] = Some(connection);
        self.count_open();
        // The request is often there already, and a connection that ends with it need not be registered at all.
        self.advance(place);
    }

    fn advance(&mut self, place: usize) {
        let Some(connection) = self.connections.get_mut(place).and_then(Option::as_mut) else { return };
        let next = connection.advance(&mut self.desk, &mut self.buffers, &mut self.tally);
        if let Some(time) = self.tally.later.take() {
            self.counters.answered(1, time);
        }
        match next {
            Next::Close => return self.close(place),
            Next::Turn if !connection.queued => {
                connection.queued = true;
                self.turns.push(place);
            }
            Next::Turn | Next::Event => {}
        }
        if connection.may_move() && self.desk.phase != Phase::Closing && self.hand_over(place) {
            return;
        }
        let Some(connection) = self.connections[place].as_mut() else { return };
        if !connection.registered {
            connection.registered = true;
            let token = EventData::new_u64(u64::try_from(place).unwrap_or(BELL));
            let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            if epoll::add(&self.epoll, connection.as_fd(), token, flags).is_err() {
                self.close(place);
            }
        }
    }

    /// Hands a connection to a less busy loop, when there is one.
    fn hand_over(&mut self, place: usize) -> bool {
        let Some(bell) = self.neighbours.less_busy(self.count()) else { return false };
        let Some(connection) = self.connections[place].take() else { return false };
        bell.hand(connection.hand_over());
        self.has_left(place);
        true
    }

    /// Ends a connection; closing the socket takes it out of epoll.
    fn close(&mut self, place: usize) {
        if self.connections[place].take().is_some() {
            self.has_left(place);
        }
    }

    /// A place is free again: for one of those who wait, if the loop was full.
    fn has_left(&mut self, place: usize) {
        self.free.push(place);
        self.count_open();
        if !self.listening && self.desk.phase != Phase::Closing {
            let _ = self.listen(true);
        }
    }

    fn count_open(&self) {
        self.counters.open.set(u64::try_from(self.count()).unwrap_or_default());
        self.neighbours.own().letterbox.set_connections(self.count());
    }

    /// Gives up the connection that has been idle for longest, for those who wait to be accepted.
    fn make_room(&mut self) {
        if self.desk.phase == Phase::Closing || self.count() < self.capacity {
            return;
        }
        let idle = self.connections.iter().enumerate();
        let idle = idle.filter_map(|(place, connection)| Some((connection.as_ref()?.idle_until()?, place)));
        let allowed = Duration::from_secs(self.desk.settings.configuration.limits.idle_seconds.into());
        if let Some((until, place)) = idle.min()
            && until + RESTED <= self.desk.now + allowed
        {
            self.counters.reclaimed.count(1);
            self.close(place);
        }
    }

    fn sweep(&mut self) {
        self.next_sweep = self.desk.now + SWEEP;
        for place in 0..self.connections.len() {
            if self.connections[place].as_ref().is_some_and(|connection| connection.is_late(self.desk.now)) {
                self.counters.timed_out.count(1);
                self.close(place);
            }
        }
        if self.desk.phase != Phase::Closing && self.count() < self.capacity {
            let _ = self.listen(true);
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), tv_nsec: duration.subsec_nanos().into() }
}
