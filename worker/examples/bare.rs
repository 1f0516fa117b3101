//! What a server of files has to ask of the kernel for each answer, and nothing else: the bound in `tools/bench-worker`.
//!
//! No HTTP, no limits, no conditions: whatever arrives asks for the file named between its first two blanks. Small files leave
//! from memory in one call with their head, others as head and `sendfile`, as the worker does it. A server can be much faster
//! only by asking the kernel something else.

use std::error::Error;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use listenfd::ListenFd;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketFlags};

/// Up to this many bytes of a file leave from memory.
const SMALL: u64 = 8192;

struct Page {
    path: Vec<u8>,
    file: File,
    length: u64,
    /// The head, and the content behind it if that is small: of connections that stay and of those that end.
    ready: [Vec<u8>; 2],
}

/// An answer of which a part has left.
struct Answer {
    page: usize,
    offset: u64,
    close: bool,
}

struct Client {
    socket: OwnedFd,
    answer: Option<Answer>,
}

impl Client {
    /// Goes on until the socket can do no more, which is [`Errno::AGAIN`]. All else is the end of the connection.
    fn advance(&mut self, pages: &[Page], request: &mut Vec<u8>) -> Result<(), Errno> {
        loop {
            if self.answer.is_none() {
                // Room left by the last read says that there was no more; an event will tell of it.
                if !request.is_empty() && request.len() < request.capacity() {
                    return Err(Errno::AGAIN);
                }
                request.clear();
                if rustix::net::recv(&self.socket, spare_capacity(request), RecvFlags::empty())?.0 == 0 {
                    return Ok(());
                }
                self.begin(pages, request)?;
            }
            let Some(answer) = &mut self.answer else { continue };
            let page = &pages[answer.page];
            while answer.offset < page.length {
                let rest = usize::try_from(page.length - answer.offset).unwrap_or(usize::MAX);
                if rustix::fs::sendfile(&self.socket, &page.file, Some(&mut answer.offset), rest)? == 0 {
                    return Ok(());
                }
            }
            if self.answer.take().is_some_and(|answer| answer.close) {
                return Ok(());
            }
        }
    }

    fn begin(&mut self, pages: &[Page], request: &[u8]) -> Result<(), Errno> {
        let path = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let page = pages.iter().position(|page| page.path == path).ok_or(Errno::NOENT)?;
        let close = request.windows(b": close".len()).any(|bytes| bytes == b": close");
        let small = pages[page].length <= SMALL;
        let more = if small { SendFlags::empty() } else { SendFlags::MORE };
        let ready = &pages[page].ready[usize::from(close)];
        // A socket without room for a head belongs to a client that sends requests without reading answers.
        if rustix::net::send(&self.socket, ready, more | SendFlags::NOSIGNAL)? < ready.len() {
            return Err(Errno::NOBUFS);
        }
        self.answer = Some(Answer { page, offset: if small { pages[page].length } else { 0 }, close });
        Ok(())
    }
}

fn pages(root: &Path) -> Result<Vec<Page>, Box<dyn Error>> {
    let mut pages = Vec::new();
    for entry in root.read_dir()? {
        let path = entry?.path();
        let content = std::fs::read(&path)?;
        let length = u64::try_from(content.len())?;
        let ready = ["keep-alive", "close"].map(|connection| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nX-Served-By: bare\r\nContent-Type: text/plain\r\n\
                 Content-Length: {length}\r\nETag: \"00000000000000000000000000000000\"\r\nConnection: {connection}\r\n\r\n"
            );
            [head.as_bytes(), if length <= SMALL { &content } else { b"" }].concat()
        });
        let name = path.file_name().unwrap_or_default();
        pages.push(Page { path: [b"/", name.as_encoded_bytes()].concat(), file: File::open(&path)?, length, ready });
    }
    Ok(pages)
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).ok_or("usage: bare FOLDER, with a listening socket as descriptor 3")?;
    let pages = pages(Path::new(&root))?;
    let listener = ListenFd::from_env().take_tcp_listener(0)?.ok_or("descriptor 3 is no listening socket")?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    // Clients are known by their descriptors, which the listener's is none of.
    let token = |descriptor: i32| EventData::new_u64(u64::from(descriptor.unsigned_abs()));
    let listening = token(listener.as_raw_fd());
    epoll::add(&epoll, &listener, listening, EventFlags::IN)?;
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut request = Vec::with_capacity(8192);
    let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            let mut place = usize::try_from(event.data.u64())?;
            let is_new = event.data.u64() == listening.u64();
            if is_new {
                let Ok(socket) = rustix::net::accept_with(&listener, SocketFlags::NONBLOCK) else { continue };
                place = usize::try_from(socket.as_raw_fd())?;
                clients.resize_with(clients.len().max(place + 1), || None);
                clients[place] = Some(Client { socket, answer: None });
            }
            let Some(client) = &mut clients[place] else { continue };
            request.clear();
            match client.advance(&pages, &mut request) {
                Err(Errno::AGAIN) if is_new => {
                    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
                    epoll::add(&epoll, &client.socket, token(client.socket.as_raw_fd()), flags)?;
                }
                Err(Errno::AGAIN) => {}
                Ok(()) | Err(_) => clients[place] = None,
            }
        }
    }
}
