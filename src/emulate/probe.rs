//! Asking a guest for a web page until it answers.
//!
//! QEMU's user network takes a connection at once, whether the guest is up or not, and repeats it to the guest at ever
//! longer intervals. So a fresh one is opened again and again, and the first that answers counts. Not too often: a machine
//! may keep what comes before its guest listens. QEMU's Allwinner EMAC was seen to take nothing any more after a slow boot,
//! most likely because more had come than the guest's ring of 512 packets holds, from which its code does not recover.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Connections that wait at the same time; the oldest gives way.
const OPEN: usize = 8;

/// Waits until something behind `port` of the loopback address answers HTTP, and says how long it took. It is asked anew
/// after every `interval`. None after `limit`, or as soon as `gone` says that waiting is in vain.
pub(super) fn first_answer(
    port: u16,
    interval: Duration,
    limit: Duration,
    gone: impl Fn() -> bool,
) -> Option<Duration> {
    let start = Instant::now();
    let mut open: Vec<TcpStream> = Vec::new();
    let mut next = start;
    while start.elapsed() < limit && !gone() {
        if Instant::now() >= next {
            next += interval;
            open.extend(ask(port));
            if open.len() > OPEN {
                open.remove(0);
            }
        }
        if open.iter_mut().any(answers) {
            return Some(start.elapsed());
        }
        thread::sleep(Duration::from_millis(50));
    }
    None
}

/// A connection with a question sent and no answer waited for.
fn ask(port: u16) -> Option<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.write_all(b"HEAD / HTTP/1.0\r\nHost: probe\r\n\r\n").ok()?;
    stream.set_nonblocking(true).ok()?;
    Some(stream)
}

fn answers(stream: &mut TcpStream) -> bool {
    let mut start = [0; 5];
    matches!(stream.read(&mut start), Ok(count) if count > 0 && start.starts_with(b"HTTP/"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const INTERVAL: Duration = Duration::from_millis(100);

    #[test]
    fn the_first_answer_counts_even_when_earlier_connections_hang() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (_silent, _) = listener.accept().expect("the first question");
            let (mut stream, _) = listener.accept().expect("the second question");
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n").expect("the client listens");
            thread::sleep(Duration::from_secs(1));
        });
        let taken = first_answer(port, INTERVAL, Duration::from_secs(20), || false).expect("an answer");
        assert!(taken >= INTERVAL, "{taken:?}");
        server.join().expect("the server ends");
    }

    #[test]
    fn silence_ends_with_the_limit_or_with_the_guest() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        assert_eq!(first_answer(port, INTERVAL, Duration::from_millis(120), || false), None);
        assert_eq!(first_answer(port, INTERVAL, Duration::from_secs(3600), || true), None);
    }
}
