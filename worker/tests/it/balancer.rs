//! Behind a balancer: who the client is, and what the log says of it.

use std::fs;
use std::time::{Duration, Instant};

use crate::server::Server;

/// A server that logs to a file; its log is read with [`last_line`].
fn logging(configuration: &str) -> (tempfile::TempDir, Server) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("log");
    let server =
        Server::configured(&format!("{configuration}\n[access-log]\nformat = \"combined\"\nfile = {file:?}\n"));
    (dir, server)
}

fn last_line(dir: &tempfile::TempDir, with: &str) -> String {
    let start = Instant::now();
    loop {
        let log = fs::read_to_string(dir.path().join("log")).expect("the log");
        if let Some(line) = log.lines().rfind(|line| line.contains(with)) {
            return line.to_owned();
        }
        assert!(start.elapsed() < Duration::from_secs(5), "no {with} in {log}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn balancers_are_believed() {
    let (dir, server) = logging("balancers = [\"127.0.0.0/8\", \"10.0.0.0/8\"]");
    let mut client = server.client();
    for (target, forwarded, expected) in [
        ("/?a", "X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"),
        ("/?b", "X-Forwarded-For: 203.0.113.9, 192.0.2.7, 10.1.1.1\r\n", "192.0.2.7"),
        ("/?c", "X-Forwarded-For: spoofed\r\nX-Forwarded-For: fd00::7\r\n", "fd00::7"),
        ("/?f", "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.1.1.1\r\n", "192.0.2.7"),
        ("/?d", "X-Forwarded-For: nonsense\r\n", "127.0.0.1"),
        ("/?e", "", "127.0.0.1"),
    ] {
        assert_eq!(client.ask("GET", target, forwarded).status, 200);
        let line = last_line(&dir, target);
        assert!(line.starts_with(&format!("{expected} - - [")), "{line}");
    }
    assert!(last_line(&dir, "/?e").ends_with("] \"GET /?e HTTP/1.1\" 200 15 \"-\" \"-\""));
}

#[test]
fn others_are_not_believed() {
    let (dir, server) = logging("balancers = [\"192.0.2.0/24\"]\nproxy-protocol = true");
    let mut client = server.client();
    client.ask("GET", "/", "X-Forwarded-For: 192.0.2.7\r\nUser-Agent: x\"y\r\nReferer: http://a/\r\n");
    let line = last_line(&dir, "GET / ");
    assert!(line.starts_with("127.0.0.1 - - ["), "{line}");
    assert!(line.ends_with("\"http://a/\" \"x\\x22y\""), "{line}");
    let mut liar = server.client();
    liar.send(b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(liar.answer(false).status, 400, "it is read as a request line");
}

#[test]
fn the_proxy_header_names_the_client() {
    let (dir, server) = logging("balancers = [\"127.0.0.1\"]\nproxy-protocol = true");
    let mut first = server.client();
    for piece in ["PROXY TCP4 192.0.", "2.7 192.0.2.8 1234 80\r\nGET /?1 HTT", "P/1.1\r\nHost: a\r\n\r\n"] {
        first.send(piece.as_bytes());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(first.answer(false).status, 200);
    assert!(last_line(&dir, "/?1").starts_with("192.0.2.7 "));
    assert_eq!(first.get("/?again").status, 200);
    assert!(last_line(&dir, "/?again").starts_with("192.0.2.7 "), "the header is for the whole connection");
    first.ask("GET", "/?spoof", "X-Forwarded-For: 10.0.0.1\r\n");
    assert!(last_line(&dir, "/?spoof").starts_with("192.0.2.7 "), "a client behind the header is no balancer");

    let mut second = server.client();
    second.send(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x04\xd2\0\x50");
    assert_eq!(second.get("/?2").status, 200);
    assert!(last_line(&dir, "/?2").starts_with("192.0.2.9 "));

    let mut local = server.client();
    local.send(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
    assert_eq!(local.get("/healthz").status, 200);

    let mut without = server.client();
    without.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(without.is_closed(), "a balancer without its header is not answered");
}

#[test]
fn hangup_opens_the_log_anew() {
    let (dir, mut server) = logging("");
    let mut client = server.client();
    client.get("/?before");
    last_line(&dir, "/?before");
    fs::rename(dir.path().join("log"), dir.path().join("log.1")).expect("rename");
    let file = dir.path().join("log");
    server.reconfigure(&format!("[access-log]\nformat = \"json\"\nfile = {file:?}\n"));
    client.ask("HEAD", "/?after", "");
    let line = last_line(&dir, "/?after");
    assert!(line.starts_with("{\"date\":\"") && line.ends_with(",\"status\":200,\"length\":0}"), "{line}");
}

#[test]
fn refused_requests_are_logged() {
    let (dir, server) = logging("");
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(20_000));
    for (request, part) in [
        ("GET /?no-host HTTP/1.1\r\n\r\n", "\"GET /?no-host HTTP/1.1\" 400 "),
        ("GET /?version HTTP/2.0\r\n\r\n", "\"GET /?version HTTP/1.1\" 505 "),
        ("\r\nBREW\r\n\r\n", "\"BREW "),
        (&long, " 414 "),
    ] {
        server.client().send(request.as_bytes());
        let line = last_line(&dir, part);
        assert!(line.starts_with("127.0.0.1 - - ["), "{line}");
    }
}
