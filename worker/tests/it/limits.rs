//! Limits that hold: requests a second, memory, slow clients in number.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::client::Client;
use crate::server::Server;

#[test]
fn an_address_may_ask_so_often() {
    let server = Server::configured("balancers = [\"127.0.0.1\"]\n[limits]\nrequests-per-second = 5\nburst = 10\n");
    let mut client = server.client();
    let statuses = |client: &mut Client, from: &str, number: usize| -> Vec<u16> {
        (0..number).map(|_| client.ask("GET", "/", &format!("X-Forwarded-For: {from}\r\n")).status).collect()
    };
    let first = statuses(&mut client, "192.0.2.1", 12);
    assert_eq!(first[..10], [200; 10]);
    assert_eq!(first[10..], [429, 429]);
    assert_eq!(client.ask("GET", "/", "X-Forwarded-For: 192.0.2.1\r\n").field("Retry-After"), Some("1"));
    assert_eq!(statuses(&mut client, "192.0.2.2", 1), [200], "another address");
    assert_eq!((0..30).map(|_| client.get("/healthz").status).max(), Some(200), "the balancer itself");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(statuses(&mut client, "192.0.2.1", 1), [200], "time heals");
}

/// A process's resident memory in KiB.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn two_thousand_slow_clients_cost_little_and_slow_nobody() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.map(|maximum| maximum.min(8192)).or(Some(8192));
    setrlimit(Resource::Nofile, limit).expect("descriptors for the clients");
    let server = Server::configured("[limits]\nhead-seconds = 60\nidle-seconds = 60\n");
    let mut quick = server.client();
    assert_eq!(quick.get("/medium.bin").status, 200);
    let before = resident(&server);
    // A third says nothing, a third half a head, a third was served once and waits.
    let mut slow: Vec<Client> =
        (0..2000).map(|_| Client::over(TcpStream::connect(server.address).expect("connected"))).collect();
    for (number, client) in slow.iter_mut().enumerate() {
        match number % 3 {
            0 => {}
            1 => client.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: {}\r\n", "x".repeat(300)).as_bytes()),
            _ => assert_eq!(client.get("/").status, 200),
        }
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..500 {
        let start = Instant::now();
        assert_eq!(quick.get("/medium.bin").status, 200);
        slowest = slowest.max(start.elapsed());
    }
    let each = (resident(&server).saturating_sub(before)) * 1024 / 2000;
    assert!(each <= 2048, "{each} bytes for each slow client");
    assert!(slowest < Duration::from_millis(500), "{slowest:?} for a quick client");
    for client in slow.iter_mut().skip(1).step_by(300) {
        client.send(b"\r\n");
        assert_eq!(client.answer(false).status, 200);
    }
}

#[test]
fn a_reader_that_takes_nothing_is_left() {
    let server = Server::configured("[limits]\nstall-seconds = 1\n");
    let mut stuck = server.client();
    stuck.send(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_secs(4));
    assert!(!stuck.is_closed(), "what had been sent is still there, but not all of it");
    assert!(stuck.is_closed());
}

/// Descriptors that the server holds.
fn descriptors(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.process.id())).expect("a process").count()
}

#[test]
fn many_files_of_many_sites_do_not_use_up_the_descriptors() {
    const LIMIT: usize = 512;
    let mut server = Server::start_with(&["--workers", "4", "--connections", "64"], |command| {
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {LIMIT} && exec \"$@\""), "sh"]).stderr(Stdio::piped());
        limited.arg(command.get_program()).args(command.get_args());
        *command = limited;
    });
    let hosts = [("node3", server.path("")), ("one.example", server.dir.path().join("sites/one.example"))];
    for (_, folder) in &hosts {
        for number in 0..300 {
            std::fs::write(folder.join(format!("{number}.html")), vec![b'x'; 10_000]).expect("a file");
            std::fs::write(folder.join(format!("{number}.html.gz")), vec![b'x'; 9_000]).expect("a file");
        }
    }
    let mut clients: Vec<Client> = (0..8).map(|_| server.client()).collect();
    for pass in 0..2 {
        for number in 0..300 {
            for (host, _) in &hosts {
                let client = &mut clients[number % 8];
                let answer = client.ask_host(host, "GET", &format!("/{number}.html"), "Accept-Encoding: gzip\r\n");
                assert_eq!((answer.status, answer.body.len()), (200, 9_000), "{pass} {host} {number}");
            }
        }
        let held = descriptors(&server);
        assert!(held < LIMIT * 3 / 4, "{held} descriptors");
    }
    assert!(server.process.try_wait().expect("a child").is_none());
}
