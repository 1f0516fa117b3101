//! One client's connection: bytes in, answers out, one request after the other.
//!
//! A client that sends requests ahead (pipelining) gets its answers in order; the next request is looked at when the
//! answer before has left, so a client that does not read cannot make the server remember anything for it.

use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown};

use crate::answer::{self, Answer, Desk};
use crate::buffers::Buffers;
use crate::files::{Content, Representation};
use crate::request::{self, Parsed};
use crate::shared::Phase;

/// How long a connection may wait between requests, and how long an answer may go without a byte taken.
const IDLE: Duration = Duration::from_secs(15);

/// How long a request's head may take from its first byte; later bytes do not extend it.
const HEAD: Duration = Duration::from_secs(10);

/// How long to read what a refused client still sends, so that it gets to see the answer.
const LINGER: Duration = Duration::from_secs(2);

/// The most bytes of a file sent in one turn, for other connections' sake.
const TURN: u64 = 1024 * 1024;

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Bytes from the client.
    Read,
    /// Room for bytes to the client.
    Write,
    /// Nothing: it is over.
    Close,
}

#[derive(Debug)]
enum State {
    /// For (the rest of) a request.
    Waiting,
    /// An answer is leaving.
    Answering(Answering),
    /// The answer has left, and what still comes is thrown away.
    Lingering,
}

#[derive(Debug)]
struct Answering {
    /// The head, and the body if that is a line of text.
    head: Vec<u8>,
    body: Option<Rc<Representation>>,
    /// Bytes sent of `head`, then of `body`.
    sent: (usize, u64),
    close: bool,
    linger: bool,
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    socket: OwnedFd,
    /// Received and not yet answered; without memory of its own while empty.
    input: Vec<u8>,
    state: State,
    /// What the event loop has registered.
    pub registered: Next,
    deadline: Instant,
}

impl Connection {
    /// A connection that was just accepted; its socket must not block.
    pub fn new(socket: OwnedFd, now: Instant) -> Connection {
        let (input, state) = (Vec::new(), State::Waiting);
        Connection { socket, input, state, registered: Next::Read, deadline: now + IDLE }
    }

    /// Whether it has run out of time.
    pub fn is_late(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    /// Whether nothing is in hand: no part of a request, no part of an answer.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Waiting) && self.input.is_empty()
    }

    /// Goes on as far as it can without waiting.
    pub fn advance(&mut self, desk: &mut Desk, buffers: &mut Buffers) -> Next {
        // One read a turn: whoever sends without end waits for the others.
        let mut may_read = true;
        loop {
            match &mut self.state {
                State::Waiting => {
                    if !self.input.is_empty() && self.take_request(desk, buffers) {
                        continue;
                    }
                    if !may_read {
                        return Next::Read;
                    }
                    may_read = false;
                    if let Some(next) = self.read(desk.now, buffers) {
                        return next;
                    }
                }
                State::Answering(answering) => match answering.send(self.socket.as_fd()) {
                    Ok(sent) => {
                        if sent > 0 {
                            self.deadline = desk.now + IDLE;
                        }
                        if !answering.is_done() {
                            return Next::Write;
                        }
                        if let Some(next) = self.answered(desk, buffers) {
                            return next;
                        }
                    }
                    Err(_) => return Next::Close,
                },
                State::Lingering => return self.discard(buffers),
            }
        }
    }

    /// Reads once. Says what to wait for when that brought nothing to look at.
    fn read(&mut self, now: Instant, buffers: &mut Buffers) -> Option<Next> {
        let first = self.input.is_empty();
        if first && self.input.capacity() == 0 {
            self.input = buffers.take();
        }
        match rustix::io::read(&self.socket, spare_capacity(&mut self.input)) {
            Ok(0) => Some(Next::Close),
            Ok(_) => {
                if first {
                    // The head's time runs from its first byte, which is this one.
                    self.deadline = now + HEAD;
                }
                None
            }
            Err(Errno::AGAIN | Errno::INTR) => {
                if first {
                    buffers.give(std::mem::take(&mut self.input));
                }
                Some(Next::Read)
            }
            Err(_) => Some(Next::Close),
        }
    }

    /// Answers the request at the start of the input; false while that is not complete.
    fn take_request(&mut self, desk: &mut Desk, buffers: &mut Buffers) -> bool {
        let (taken, head, answer) = match request::parse(&self.input) {
            Parsed::Incomplete => return false,
            Parsed::Request(request) => {
                let mut head = buffers.take();
                let answer = answer::answer(&request, desk, &mut head);
                (request.length, head, answer)
            }
            Parsed::Refused(status) => {
                let mut head = buffers.take();
                let answer = answer::refuse(status, desk, &mut head);
                (self.input.len(), head, answer)
            }
        };
        let Answer { body, close, linger } = answer;
        self.input.drain(..taken);
        self.deadline = desk.now + IDLE;
        self.state = State::Answering(Answering { head, body, sent: (0, 0), close, linger });
        true
    }

    /// The answer has left: back to waiting, or to an end.
    fn answered(&mut self, desk: &Desk, buffers: &mut Buffers) -> Option<Next> {
        let State::Answering(answering) = std::mem::replace(&mut self.state, State::Waiting) else { return None };
        buffers.give(answering.head);
        // An answer promised before the end was decided may have said that the connection stays.
        if answering.close || desk.phase == Phase::Closing {
            // Closing a socket with unread bytes resets it, and the client may never see the answer.
            if !answering.linger && self.input.is_empty() {
                return Some(Next::Close);
            }
            if rustix::net::shutdown(&self.socket, Shutdown::Write).is_err() {
                return Some(Next::Close);
            }
            self.state = State::Lingering;
            self.deadline = desk.now + LINGER;
            return None;
        }
        if self.input.is_empty() {
            buffers.give(std::mem::take(&mut self.input));
            return Some(Next::Read);
        }
        // What has come of the next request has its own time.
        self.deadline = desk.now + HEAD;
        None
    }

    fn discard(&mut self, buffers: &mut Buffers) -> Next {
        let mut rubbish = buffers.take();
        let received = rustix::io::read(&self.socket, spare_capacity(&mut rubbish));
        buffers.give(rubbish);
        match received {
            Ok(0) => Next::Close,
            Ok(_) | Err(Errno::AGAIN | Errno::INTR) => Next::Read,
            Err(_) => Next::Close,
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Answering {
    fn body_length(&self) -> u64 {
        match self.body.as_deref().map(|file| &file.content) {
            None => 0,
            Some(Content::Memory(bytes)) => wide(bytes.len()),
            Some(Content::File(_, length)) => *length,
        }
    }

    fn is_done(&self) -> bool {
        self.sent.0 == self.head.len() && self.sent.1 == self.body_length()
    }

    /// Sends what the socket takes and returns how many bytes that was.
    fn send(&mut self, socket: BorrowedFd<'_>) -> Result<u64, Errno> {
        let mut total = 0;
        while !self.is_done() && total < TURN {
            match self.send_once(socket) {
                Ok(sent) => total += sent,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    fn send_once(&mut self, socket: BorrowedFd<'_>) -> Result<u64, Errno> {
        let head = &self.head[self.sent.0..];
        match self.body.as_deref().map(|file| &file.content) {
            Some(Content::Memory(bytes)) => {
                let from = usize::try_from(self.sent.1).unwrap_or(bytes.len());
                let both = [IoSlice::new(head), IoSlice::new(&bytes[from..])];
                let sent = rustix::io::writev(socket, if head.is_empty() { &both[1..] } else { &both })?;
                let of_head = sent.min(head.len());
                self.sent.0 += of_head;
                self.sent.1 += wide(sent - of_head);
                Ok(wide(sent))
            }
            Some(Content::File(file, length)) if head.is_empty() => {
                let count = usize::try_from((length - self.sent.1).min(TURN)).unwrap_or(usize::MAX);
                match rustix::fs::sendfile(socket, file, Some(&mut self.sent.1), count)? {
                    // The file has been cut: what was promised cannot be sent.
                    0 => Err(Errno::IO),
                    sent => Ok(wide(sent)),
                }
            }
            body => {
                // MORE: the head waits for the first bytes of the file and leaves in one packet with them.
                let more = if body.is_some() { SendFlags::MORE } else { SendFlags::empty() };
                let sent = rustix::net::send(socket, head, more | SendFlags::NOSIGNAL)?;
                self.sent.0 += sent;
                Ok(wide(sent))
            }
        }
    }
}

/// `usize` is never wider than 64 bits.
fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
