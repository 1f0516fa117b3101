//! A client that says exactly what it is told and reads exactly one answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} twice in {self:?}");
        value
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Client {
        Client::over(TcpStream::connect(address).expect("a connection"))
    }

    pub(crate) fn over(stream: TcpStream) -> Client {
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        Client { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("sent");
    }

    /// Reads one answer; `bare` when it has no body whatever its length says (HEAD).
    pub(crate) fn answer(&mut self, bare: bool) -> Answer {
        let status_line = self.line().expect("an answer");
        let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).expect("a status line");
        let mut answer = Answer { status: status.parse().expect("a status"), fields: Vec::new(), body: Vec::new() };
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").expect("a field");
            answer.fields.push((name.to_owned(), value.to_owned()));
        }
        if !bare && ![204, 304].contains(&answer.status) {
            let length = answer.field("Content-Length").expect("a length").parse().expect("a number");
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body).expect("the whole body");
        }
        answer
    }

    pub(crate) fn ask(&mut self, method: &str, target: &str, fields: &str) -> Answer {
        self.ask_host("node3", method, target, fields)
    }

    pub(crate) fn ask_host(&mut self, host: &str, method: &str, target: &str, fields: &str) -> Answer {
        self.send(format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n").as_bytes());
        self.answer(method == "HEAD")
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.ask("GET", target, "")
    }

    /// Whether the server has closed the connection and nothing is left to read.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => rest.is_empty(),
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).expect("a line");
        (length > 0).then(|| line.strip_suffix("\r\n").expect("a whole line").to_owned())
    }
}
