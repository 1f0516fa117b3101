//! Telling systemd how things are: one datagram a message (`sd_notify(3)`).

use std::env;
use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The way to systemd, when it wants to hear.
#[derive(Debug)]
pub struct Notify {
    to: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notify {
    /// Takes `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from the environment.
    pub fn from_environment() -> Notify {
        let address = env::var_os("NOTIFY_SOCKET").and_then(|name| address(&name));
        let to = address.and_then(|address| Some((UnixDatagram::unbound().ok()?, address)));
        let number = |name| env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
        let for_us = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(process::id()));
        let watchdog = number("WATCHDOG_USEC").filter(|usec| for_us && *usec > 0).map(Duration::from_micros);
        Notify { to, watchdog }
    }

    /// How often to send `WATCHDOG=1`, when systemd asks for it: twice in the time it allows.
    pub fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / 2)
    }

    /// Sends a message like `READY=1`. Nobody listening is no error: the server does not depend on it.
    pub fn send(&self, message: &str) {
        if let Some((socket, address)) = &self.to {
            let _ = socket.send_to_addr(message.as_bytes(), address);
        }
    }

    /// Says that a reload begins; `READY=1` ends it. systemd wants the time to tell this reload from an earlier one.
    pub fn send_reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }
}

/// A socket's address: a path, or `@` and a name in the abstract namespace.
fn address(name: &OsStr) -> Option<SocketAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name).ok(),
        [b'/', ..] => SocketAddr::from_pathname(name).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_address_are_known() {
        let path = address(OsStr::new("/run/systemd/notify")).expect("a path");
        assert_eq!(path.as_pathname(), Some(std::path::Path::new("/run/systemd/notify")));
        let name = address(OsStr::new("@notify")).expect("a name");
        assert_eq!(name.as_abstract_name(), Some(&b"notify"[..]));
        assert!(address(OsStr::new("vsock:2:1")).is_none());
        assert!(address(OsStr::new("")).is_none());
    }

    #[test]
    fn messages_arrive() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("a socket");
        let to = Some((UnixDatagram::unbound().expect("a socket"), SocketAddr::from_pathname(&path).expect("a path")));
        let notify = Notify { to, watchdog: Some(Duration::from_secs(10)) };
        notify.send("READY=1");
        let mut buffer = [0; 64];
        let length = listener.recv(&mut buffer).expect("a message");
        assert_eq!(&buffer[..length], b"READY=1");
        assert_eq!(notify.watchdog_interval(), Some(Duration::from_secs(5)));
    }
}
