//! One client's connection: bytes in, answers out, one request after the other.
//!
//! A client that sends requests ahead (pipelining) gets its answers in order; the next request is looked at when the
//! answer before has left, so a client that does not read cannot make the server remember anything for it.

use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown};

use crate::answer::{self, Answer, Desk, Peer};
use crate::buffers::Buffers;
use crate::counters::Tally;
use crate::deadline::Deadline;
use crate::input::Input;
use crate::neighbours::Handed;
use crate::proxy::{self, Header};
use crate::readiness::Readiness;
use crate::request::{self, Parsed};
use crate::sending::{Sending, TURN};
use crate::shared::Phase;

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// An event of its socket.
    Event,
    /// Its next turn: there is more to do, but others come first.
    Turn,
    /// Nothing: it is over.
    Close,
}

#[derive(Debug)]
enum State {
    /// For a balancer's PROXY header.
    Announced,
    /// For (the rest of) a request.
    Waiting,
    /// An answer is leaving.
    Answering(Box<Sending>),
    /// The answer has left, and what still comes is thrown away.
    Lingering,
}

/// What the input began with.
enum Taken {
    /// Nothing that is complete.
    Incomplete,
    /// Something; there may be more.
    Some,
    /// Something after which there is this to wait for.
    Last(Next),
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    socket: OwnedFd,
    peer: Peer,
    /// Received and not yet answered.
    input: Input,
    state: State,
    readiness: Readiness,
    /// Whether it stays with its loop.
    was_handed: bool,
    /// Whether the event loop has registered it.
    pub registered: bool,
    /// Whether it waits for its next turn.
    pub queued: bool,
    deadline: Deadline,
}

impl Connection {
    /// A connection that was just accepted; its socket must not block.
    pub fn new(socket: OwnedFd, address: IpAddr, desk: &Desk) -> Connection {
        let configuration = &desk.settings.configuration;
        let is_balancer = configuration.balancers.iter().any(|network| network.contains(address));
        let state = if is_balancer && configuration.proxy_protocol { State::Announced } else { State::Waiting };
        Connection::with(socket, Peer { address, is_balancer }, state, desk)
    }

    /// A connection that another loop has handed over.
    pub fn handed(handed: Handed, desk: &Desk) -> Connection {
        let state = if handed.announced { State::Announced } else { State::Waiting };
        Connection { was_handed: true, ..Connection::with(handed.socket, handed.peer, state, desk) }
    }

    fn with(socket: OwnedFd, peer: Peer, state: State, desk: &Desk) -> Connection {
        Connection {
            socket,
            peer,
            input: Input::default(),
            state,
            readiness: Readiness::unknown(),
            was_handed: false,
            registered: false,
            queued: false,
            deadline: Deadline::idle(desk.now, &desk.settings.configuration.limits),
        }
    }

    /// Whether it may go to another loop: once, and only with nothing in hand.
    pub fn may_move(&self) -> bool {
        !self.registered && !self.was_handed && self.is_idle()
    }

    /// What another loop needs to go on with a connection that is idle.
    pub fn hand_over(self) -> Handed {
        Handed { socket: self.socket, peer: self.peer, announced: matches!(self.state, State::Announced) }
    }

    /// For a connection that is idle, the moment until which it may be so.
    pub fn idle_until(&self) -> Option<Instant> {
        self.is_idle().then(|| self.deadline.end())
    }

    /// Whether it has run out of time.
    pub fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_over(now)
    }

    /// Whether nothing is in hand: no part of a request, no part of an answer.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Waiting | State::Announced) && self.input.is_empty()
    }

    /// Takes note of an event.
    pub fn notice(&mut self, event: EventFlags) {
        self.readiness.notice(event);
    }

    /// Goes on as far as it can without waiting.
    pub fn advance(&mut self, desk: &mut Desk, buffers: &mut Buffers, tally: &mut Tally) -> Next {
        let next = self.go_on(desk, buffers, tally);
        if next == Next::Close {
            self.input.clear();
        }
        self.park(buffers);
        next
    }

    fn go_on(&mut self, desk: &mut Desk, buffers: &mut Buffers, tally: &mut Tally) -> Next {
        // One read a turn: whoever sends without end waits for the others.
        let mut may_read = true;
        loop {
            match &mut self.state {
                State::Announced | State::Waiting => {
                    if !self.input.is_empty() {
                        match self.take(desk, buffers, tally) {
                            Taken::Some => continue,
                            Taken::Last(next) => return next,
                            Taken::Incomplete => {}
                        }
                    }
                    if !self.readiness.is_unread() {
                        return Next::Event;
                    }
                    if !may_read {
                        return Next::Turn;
                    }
                    may_read = false;
                    if let Some(next) = self.read(desk, buffers) {
                        return next;
                    }
                }
                State::Answering(_) => {
                    let State::Answering(sending) = std::mem::replace(&mut self.state, State::Waiting) else {
                        continue;
                    };
                    if let Some(next) = self.send(*sending, desk, buffers, tally) {
                        return next;
                    }
                }
                State::Lingering => return self.discard(buffers),
            }
        }
    }

    /// Reads once. Says what to wait for when that brought nothing to look at.
    fn read(&mut self, desk: &Desk, buffers: &mut Buffers) -> Option<Next> {
        let first = self.input.is_empty();
        let input = self.input.to_fill(buffers);
        let room = input.capacity() - input.len();
        let received = rustix::net::recv(&self.socket, spare_capacity(input), RecvFlags::empty());
        let received = received.map(|(length, _)| length);
        self.readiness.remember(received, room);
        match received {
            Ok(0) => Some(Next::Close),
            Ok(_) => {
                if first {
                    self.deadline = Deadline::head(desk.now, &desk.settings.configuration.limits);
                }
                None
            }
            Err(Errno::AGAIN) => Some(Next::Event),
            Err(Errno::INTR) => Some(Next::Turn),
            Err(_) => Some(Next::Close),
        }
    }

    /// Takes what is due from the start of the input.
    fn take(&mut self, desk: &mut Desk, buffers: &mut Buffers, tally: &mut Tally) -> Taken {
        if !matches!(self.state, State::Announced) {
            return self.take_request(desk, buffers, tally);
        }
        match proxy::parse(&self.input) {
            Header::Incomplete => Taken::Incomplete,
            Header::Complete { length, client } => {
                self.input.take_away(length);
                if let Some(client) = client {
                    self.peer = Peer { address: client, is_balancer: false };
                }
                self.state = State::Waiting;
                Taken::Some
            }
            // Whoever that was does not speak HTTP yet, so there is nothing to answer.
            Header::Wrong => Taken::Last(Next::Close),
        }
    }

    /// Answers the request at the start of the input.
    fn take_request(&mut self, desk: &mut Desk, buffers: &mut Buffers, tally: &mut Tally) -> Taken {
        let (taken, text, answer) = match request::parse(&self.input) {
            Parsed::Incomplete => return Taken::Incomplete,
            Parsed::Request(request) => {
                let mut text = buffers.take();
                let answer = answer::answer(&request, self.peer, desk, &mut text);
                if text.is_empty() {
                    // The head comes with the body.
                    buffers.give(std::mem::take(&mut text));
                }
                (request.length, text, answer)
            }
            Parsed::Newer(place) => {
                self.input.set(place, b'1');
                return Taken::Some;
            }
            Parsed::Refused(status) => {
                let mut text = buffers.take();
                let answer = answer::refuse(status, &self.input, self.peer, desk, &mut text);
                (self.input.len(), text, answer)
            }
        };
        let Answer { body, close, linger } = answer;
        self.input.take_away(taken);
        self.deadline = Deadline::answer(desk.now, &desk.settings.configuration.limits);
        let sending = Sending::new(text, body, (close, linger), desk.now);
        self.send(sending, desk, buffers, tally).map_or(Taken::Some, Taken::Last)
    }

    /// Sends what the socket takes. Most answers leave whole at once; only of others the heap has to keep the rest.
    fn send(&mut self, mut sending: Sending, desk: &Desk, buffers: &mut Buffers, tally: &mut Tally) -> Option<Next> {
        let Ok(sent) = sending.send(self.socket.as_fd()) else { return Some(Next::Close) };
        tally.sent += sent;
        if sending.is_done() {
            return self.answered(sending, desk, buffers, tally);
        }
        self.deadline.extend(sent, desk.now, &desk.settings.configuration.limits);
        self.state = State::Answering(Box::new(sending));
        // Less than a turn's worth is less than there was to send: the socket is full.
        Some(if sent < TURN { Next::Event } else { Next::Turn })
    }

    /// The answer has left: back to waiting, or to an end.
    fn answered(
        &mut self,
        mut sending: Sending,
        desk: &Desk,
        buffers: &mut Buffers,
        tally: &mut Tally,
    ) -> Option<Next> {
        if sending.since == desk.now {
            tally.at_once += 1;
        } else {
            tally.later = Some(desk.now - sending.since);
        }
        if let Some(text) = sending.take_text() {
            buffers.give(text);
        }
        // An answer promised before the end was decided may have said that the connection stays.
        if sending.close || desk.phase == Phase::Closing {
            // Closing a socket with unread bytes resets it, and the client may never see the answer.
            if !sending.linger && self.input.is_empty() {
                return Some(Next::Close);
            }
            if rustix::net::shutdown(&self.socket, Shutdown::Write).is_err() {
                return Some(Next::Close);
            }
            self.input.clear();
            self.state = State::Lingering;
            self.deadline = Deadline::linger(desk.now);
            return None;
        }
        let limits = &desk.settings.configuration.limits;
        // What has come of the next request has its own time.
        self.deadline =
            if self.input.is_empty() { Deadline::idle(desk.now, limits) } else { Deadline::head(desk.now, limits) };
        None
    }

    fn discard(&mut self, buffers: &mut Buffers) -> Next {
        if !self.readiness.is_unread() {
            return Next::Event;
        }
        let mut rubbish = buffers.take();
        let room = rubbish.capacity();
        let received = rustix::io::read(&self.socket, spare_capacity(&mut rubbish));
        buffers.give(rubbish);
        self.readiness.remember(received, room);
        match received {
            Ok(0) => Next::Close,
            Ok(_) | Err(Errno::INTR) => Next::Turn,
            Err(Errno::AGAIN) => Next::Event,
            Err(_) => Next::Close,
        }
    }

    /// Gives buffers back for the time of waiting.
    fn park(&mut self, buffers: &mut Buffers) {
        self.input.park(buffers);
        if let State::Answering(sending) = &mut self.state
            && let Some(text) = sending.take_text()
        {
            buffers.give(text);
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
