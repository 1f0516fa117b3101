//! An answer on its way out: head, then body, as the socket takes them.

use std::io::IoSlice;
use std::ops::Deref;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::SendFlags;

use crate::body::Body;
use crate::representation::Content;

/// The most bytes of a file sent in one turn, for other connections' sake.
pub const TURN: u64 = 1024 * 1024;

/// Bytes of no file.
#[derive(Debug)]
enum Text {
    /// Written for this answer, in a borrowed buffer.
    Own(Vec<u8>),
    /// Kept ready for any.
    Ready(Rc<Vec<u8>>),
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Text::Own(text) => text,
            Text::Ready(text) => text,
        }
    }
}

/// An answer that is leaving.
#[derive(Debug)]
pub struct Sending {
    /// What leaves first: the head, later the heads of parts.
    text: Text,
    /// Bytes of it that have left.
    sent: usize,
    body: Option<Body>,
    /// Whether the connection ends with it.
    pub close: bool,
    /// Whether bytes of the request may still come.
    pub linger: bool,
    /// When the request was complete.
    pub since: Instant,
}

impl Sending {
    /// An answer of which nothing has left. `text` is its head, unless `body` comes with one.
    pub fn new(text: Vec<u8>, mut body: Option<Body>, (close, linger): (bool, bool), since: Instant) -> Sending {
        let ready = body.as_mut().and_then(|body| body.head.take());
        let text = ready.map_or(Text::Own(text), Text::Ready);
        Sending { text, sent: 0, body, close, linger, since }
    }

    /// Whether all has left.
    pub fn is_done(&self) -> bool {
        self.sent == self.text.len()
            && self.body.as_ref().is_none_or(|body| body.span.is_empty() && body.rest.is_empty())
    }

    /// The buffer of the head, when that has left.
    pub fn take_text(&mut self) -> Option<Vec<u8>> {
        if self.sent < self.text.len() {
            return None;
        }
        self.sent = 0;
        match std::mem::replace(&mut self.text, Text::Own(Vec::new())) {
            Text::Own(text) => Some(text),
            Text::Ready(_) => None,
        }
    }

    /// Sends what the socket takes and returns how many bytes that was.
    ///
    /// # Errors
    ///
    /// When the client has gone or the file has been cut.
    pub fn send(&mut self, socket: BorrowedFd<'_>) -> Result<u64, Errno> {
        let mut total = 0;
        while !self.is_done() && total < TURN {
            self.go_on_to_next_part();
            match self.send_once(socket) {
                Ok(sent) => total += sent,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    fn go_on_to_next_part(&mut self) {
        if self.sent == self.text.len()
            && let Some(body) = self.body.as_mut().filter(|body| body.span.is_empty())
            && let Some((text, span)) = body.rest.pop()
        {
            (self.text, self.sent, body.span) = (Text::Own(text), 0, span);
        }
    }

    fn send_once(&mut self, socket: BorrowedFd<'_>) -> Result<u64, Errno> {
        let text = &self.text[self.sent..];
        // Nothing of a file is due: the answer has none, or its text holds the file.
        let Some(body) = self.body.as_mut().filter(|body| !body.span.is_empty() || !body.rest.is_empty()) else {
            let sent = rustix::net::send(socket, text, SendFlags::NOSIGNAL)?;
            self.sent += sent;
            return Ok(wide(sent));
        };
        match &body.file.content {
            Content::Memory(bytes) => {
                let at = |offset| usize::try_from(offset).unwrap_or(bytes.len());
                let both = [IoSlice::new(text), IoSlice::new(&bytes[at(body.span.start)..at(body.span.end)])];
                let sent = rustix::io::writev(socket, if text.is_empty() { &both[1..] } else { &both })?;
                let of_text = sent.min(text.len());
                self.sent += of_text;
                body.span.start += wide(sent - of_text);
                Ok(wide(sent))
            }
            Content::File(file) if text.is_empty() => {
                let count = usize::try_from((body.span.end - body.span.start).min(TURN)).unwrap_or(usize::MAX);
                match rustix::fs::sendfile(socket, file, Some(&mut body.span.start), count)? {
                    // The file has been cut: what was promised cannot be sent.
                    0 => Err(Errno::IO),
                    sent => Ok(wide(sent)),
                }
            }
            Content::File(_) => {
                // MORE: the head waits for the first bytes of the file and leaves in one packet with them.
                let more =
                    if body.span.is_empty() && body.rest.is_empty() { SendFlags::empty() } else { SendFlags::MORE };
                let sent = rustix::net::send(socket, text, more | SendFlags::NOSIGNAL)?;
                self.sent += sent;
                Ok(wide(sent))
            }
        }
    }
}

/// `usize` is never wider than 64 bits.
fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    use super::*;
    use crate::hashes::{Hashes, Identity};
    use crate::representation::{Rendering, Representation};

    fn file(length: usize) -> Rc<Representation> {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let content: Vec<u8> = (0..=250).cycle().take(length).collect();
        std::fs::write(dir.path().join("a"), content).expect("a file");
        let file = File::open(dir.path().join("a")).expect("the file");
        let rendering =
            Rendering { cache: Vec::new(), image_time: None, hashes: Arc::new(Hashes::start().expect("a thread")) };
        let identity = Identity::of(&file.metadata().expect("metadata"));
        Rc::new(Representation::read(&rendering, b"a", "x/y", None, false, (file, identity)).expect("a file"))
    }

    /// What arrives, with a reader that is much slower than the writer.
    fn sent(body: Option<Body>) -> Vec<u8> {
        let (ours, mut theirs) = UnixStream::pair().expect("sockets");
        ours.set_nonblocking(true).expect("not blocking");
        let mut sending = Sending::new(b"head".to_vec(), body, (false, false), Instant::now());
        let mut received = Vec::new();
        while !sending.is_done() {
            sending.send(ours.as_fd()).expect("a reader");
            let mut some = [0; 5000];
            let length = theirs.read(&mut some).expect("bytes");
            received.extend_from_slice(&some[..length]);
        }
        drop(ours);
        theirs.read_to_end(&mut received).expect("the rest");
        received
    }

    #[test]
    fn all_kinds_of_body_arrive_whole() {
        assert_eq!(sent(None), b"head");
        for length in [0, 1, 10_000, 3_000_000] {
            let content: Vec<u8> = b"head".iter().copied().chain((0..=250).cycle().take(length)).collect();
            assert!(sent(Some(Body::whole(file(length)))) == content, "{length}");
        }
        assert_eq!(sent(Some(Body::part(file(10_000), 2..5))), b"head\x02\x03\x04");
        assert_eq!(sent(Some(Body::part(file(100_000), 253..255))), b"head\x02\x03");
    }

    #[test]
    fn parts_arrive_in_order_with_their_heads() {
        for length in [500, 300_000] {
            let file = file(length);
            let body = Body::parts(Rc::clone(&file), &[65..68, 316..317]);
            let promised = body.length();
            let boundary = crate::body::boundary(&file);
            let text = String::from_utf8(sent(Some(body))).expect("text");
            assert_eq!(
                text,
                format!(
                    "head\r\n--{boundary}\r\nContent-Type: x/y\r\nX-Content-Type-Options: nosniff\r\n\
                     Content-Range: bytes 65-67/{length}\r\n\r\nABC\r\n--{boundary}\r\nContent-Type: x/y\r\n\
                     X-Content-Type-Options: nosniff\r\nContent-Range: bytes 316-316/{length}\r\n\r\nA\r\n--{boundary}--\r\n"
                )
            );
            assert_eq!(promised, wide(text.len() - 4));
        }
    }
}
