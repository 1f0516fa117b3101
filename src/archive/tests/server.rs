//! A mirror on the loopback interface that serves what a test puts there, as badly as the test wants.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How a file is served.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub(super) content: Vec<u8>,
    /// The connection dies after so many bytes of an answer, once.
    pub(super) dies_after: Option<usize>,
    /// Requests for a range get the whole file.
    pub(super) no_ranges: bool,
    /// This status instead of the file.
    pub(super) status: Option<u16>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    requests: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // Ends with the test process.
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(&connection, &shared));
            }
        });
        Self { url, state }
    }

    pub(super) fn put(&self, path: &str, content: &[u8]) {
        self.put_file(path, File { content: content.to_vec(), ..File::default() });
    }

    pub(super) fn put_file(&self, path: &str, file: File) {
        self.state.lock().expect("no panic").files.insert(path.to_owned(), file);
    }

    pub(super) fn remove(&self, path: &str) {
        self.state.lock().expect("no panic").files.remove(path).expect("was there");
    }

    /// Requests since the last call: path and, if asked for, range.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("no panic").requests)
    }
}

/// One request a connection; a test server need not be fast.
fn serve(mut connection: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut lines = BufReader::new(connection).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.replace("%2B", "+");
    let mut range = None;
    for line in lines {
        let line = line.ok()?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        range = range.or(line.strip_prefix("range: ").map(str::to_owned));
    }
    let file = {
        let mut state = state.lock().ok()?;
        state.requests.push(range.as_ref().map_or_else(|| path.clone(), |range| format!("{path} {range}")));
        let file = state.files.get(&path).cloned();
        if let Some(served) = state.files.get_mut(&path) {
            served.dies_after = None;
        }
        file
    };
    let (status, body, dies_after) = match file {
        None => (404, Vec::new(), None),
        Some(File { status: Some(status), .. }) => (status, Vec::new(), None),
        Some(file) => {
            let from = range.filter(|_| !file.no_ranges);
            let from: Option<usize> =
                from.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
            match from {
                Some(from) if from >= file.content.len() => (416, Vec::new(), None),
                Some(from) => (206, file.content.get(from..)?.to_vec(), file.dies_after),
                None => (200, file.content, file.dies_after),
            }
        }
    };
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    connection.write_all(head.as_bytes()).ok()?;
    connection.write_all(body.get(..dies_after.unwrap_or(body.len()))?).ok()
}
