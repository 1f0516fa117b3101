//! Connections: kept, closed, slow, many, and never taken for two requests.

use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::{LARGE, Server};

#[test]
fn connections_are_kept_as_the_client_wants() {
    let server = Server::start();
    let mut client = server.client();
    for _ in 0..3 {
        assert_eq!(client.get("/").field("Connection"), None);
    }
    assert_eq!(client.ask("GET", "/", "Connection: close\r\n").field("Connection"), Some("close"));
    assert!(client.is_closed());

    let mut old = server.client();
    old.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(old.answer(false).field("Connection"), Some("keep-alive"));
    old.send(b"GET / HTTP/1.0\r\n\r\n");
    assert_eq!(old.answer(false).field("Connection"), Some("close"));
    assert!(old.is_closed());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut client = server.client();
    let targets = ["/", "/medium.bin", "/missing", "/sub/style.css", "/healthz", "/sub"];
    let mut requests = String::new();
    for target in targets.iter().cycle().take(600) {
        requests.push_str(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    client.send(requests.as_bytes());
    let answers: Vec<u16> = (0..600).map(|_| client.answer(false).status).collect();
    let expected: Vec<u16> = [200, 200, 404, 200, 200, 301].into_iter().cycle().take(600).collect();
    assert_eq!(answers, expected);
}

#[test]
fn requests_that_come_while_an_answer_waits_are_answered_after_it() {
    let server = Server::start();
    let mut client = server.client();
    client.send(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    // The answer fills the sockets, and what comes now is told by an event that finds no room for more of it.
    thread::sleep(Duration::from_millis(200));
    client.send(b"GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\nGET /missing HTTP/1.1\r\n");
    thread::sleep(Duration::from_millis(200));
    let large = client.answer(false).body;
    assert_eq!((large.len(), large.last()), (LARGE, u8::try_from((LARGE - 1) % 251).ok().as_ref()));
    assert_eq!(client.answer(false).text(), "<h1>sub</h1>\n");
    client.send(b"Host: a\r\n\r\n");
    assert_eq!(client.answer(false).status, 404);
}

#[test]
fn a_client_that_ends_with_its_request_gets_the_answer_and_the_end() {
    let server = Server::start();
    for wait in [0, 50] {
        for target in ["/", "/large.bin"] {
            let stream = TcpStream::connect(server.address).expect("a connection");
            let ours = stream.try_clone().expect("a socket");
            let mut client = Client::over(stream);
            // With a wait the server knows the connection before anything comes.
            thread::sleep(Duration::from_millis(wait));
            client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
            ours.shutdown(Shutdown::Write).expect("an end");
            let start = Instant::now();
            assert_eq!(client.answer(false).status, 200);
            assert!(client.is_closed());
            assert!(start.elapsed() < Duration::from_secs(5), "the end was not seen: {:?}", start.elapsed());
        }
    }
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let server = Server::start();
    let mut client = server.client();
    for byte in b"GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n" {
        client.send(&[*byte]);
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(client.answer(false).text(), "<h1>sub</h1>\n");
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn refused_requests_end_the_connection() {
    let server = Server::start();
    let long = "a".repeat(17_000);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n".to_owned(), 505),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(140)), 431),
    ] {
        let mut client = server.client();
        client.send(request.as_bytes());
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.field("Connection")), (status, Some("close")), "{request:.40}");
        assert!(client.is_closed(), "{request:.40}");
    }
}

#[test]
fn a_body_is_never_taken_for_a_request() {
    let server = Server::start();
    let inner = "GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = inner.len();
    for (head, status) in [
        (format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"), 405),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"), 413),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), 413),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: {length}\r\n\r\n"), 400),
    ] {
        let mut client = server.client();
        client.send(format!("{head}{inner}").as_bytes());
        assert_eq!(client.answer(false).status, status, "{head}");
        assert!(client.is_closed(), "{head}");
    }
}

#[test]
fn a_hundred_clients_are_served_at_once() {
    let server = Server::start();
    let address = server.address;
    // All are connected, and half of a request is in hand of each, before the first answer is read.
    let mut clients: Vec<_> = (0..100).map(|_| crate::client::Client::connect(address)).collect();
    for client in &mut clients {
        client.send(b"GET /medium.bin HTTP/1.1\r\nHo");
    }
    for client in &mut clients {
        client.send(b"st: a\r\n\r\n");
    }
    for client in &mut clients {
        assert_eq!(client.answer(false).body.len(), 40_000);
    }
    let threads: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            thread::spawn(move || {
                for _ in 0..20 {
                    assert_eq!(client.get("/").status, 200);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("every answer was right");
    }
}

#[test]
fn a_full_server_serves_again_when_clients_leave() {
    let server = Server::start_with(&["--workers", "1", "--connections", "2"], |_| {});
    let mut first = server.client();
    let mut second = server.client();
    assert_eq!((first.get("/").status, second.get("/").status), (200, 200));
    let mut third = server.client();
    third.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    drop(first);
    assert_eq!(third.answer(false).status, 200);
    assert_eq!(second.get("/").status, 200);
}

#[test]
fn slow_clients_run_out_of_time() {
    let server = Server::start();
    let mut slow = server.client();
    let start = Instant::now();
    slow.send(b"GET / HTTP/1.1\r\n");
    thread::sleep(Duration::from_secs(4));
    // More bytes do not extend the time of a head.
    slow.send(b"Host: a\r\n");
    assert!(slow.is_closed());
    let waited = start.elapsed();
    assert!(waited > Duration::from_secs(9) && waited < Duration::from_secs(14), "{waited:?}");
}

#[test]
fn kept_connections_are_spread_over_the_loops() {
    let server = Server::start_with(&["--workers", "4"], |_| {});
    let mut clients = Vec::new();
    for _ in 0..64 {
        let mut client = server.client();
        assert_eq!(client.get("/").status, 200);
        clients.push(client);
    }
    // Each loop's descriptors of connections, as the kernel's list of its epoll instance tells.
    let folder = format!("/proc/{}/fdinfo", server.process.id());
    let loads = || {
        let infos = std::fs::read_dir(&folder).expect("a process").flatten();
        let mut loads: Vec<usize> = infos
            .filter_map(|info| std::fs::read_to_string(info.path()).ok())
            .filter(|info| info.contains("tfd:"))
            // One is the bell, one the listener.
            .map(|info| info.lines().filter(|line| line.starts_with("tfd:")).count() - 2)
            .collect();
        loads.sort_unstable();
        loads
    };
    // One that is on its way from a loop to its neighbour is in neither's list.
    let mut seen = loads();
    for _ in 0..100 {
        if seen.iter().sum::<usize>() == 64 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        seen = loads();
    }
    let loads = seen;
    assert_eq!((loads.len(), loads.iter().sum()), (4, 64), "{loads:?}");
    assert!(loads[3] * 4 <= 80, "the busiest has at most 1.25 times its share: {loads:?}");
    for client in &mut clients {
        assert_eq!(client.get("/").status, 200);
    }
}

#[test]
fn the_longest_idle_client_makes_room_for_a_newcomer() {
    let server = Server::start_with(&["--workers", "1", "--connections", "4"], |_| {});
    let mut clients: Vec<_> = (0..4).map(|_| server.client()).collect();
    for client in &mut clients {
        assert_eq!(client.get("/").status, 200);
    }
    thread::sleep(Duration::from_millis(300));
    let mut busy = clients.remove(0);
    assert_eq!(busy.get("/").status, 200);
    // Nobody leaves, and the limit of idle connections is 15 seconds: without room this would be an error.
    let mut newcomer = server.client();
    newcomer.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(newcomer.answer(false).status, 200);
    assert!(clients.remove(0).is_closed(), "the one that was idle for longest");
    for mut other in clients.into_iter().chain([busy]) {
        assert_eq!(other.get("/").status, 200);
    }
}
