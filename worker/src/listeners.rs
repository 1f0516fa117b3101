//! The sockets to listen at: those systemd has opened, or our own.

use std::env;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use listenfd::ListenFd;

/// Clients that may wait to be accepted; the kernel takes the less of this and `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Why there is nothing to listen at.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// A passed socket is not one for TCP.
    #[error("socket {0} passed by systemd is no listening TCP socket: {1}")]
    Passed(usize, io::Error),
    /// An address that cannot be had.
    #[error("cannot listen at {0}: {1}")]
    Bind(SocketAddr, io::Error),
}

/// The name of the socket for metrics (`FileDescriptorName=` in its unit).
const METRICS: &str = "metrics";

/// The sockets of the process.
#[derive(Debug)]
pub struct Listeners {
    /// For sites.
    pub sites: Arc<[TcpListener]>,
    /// For metrics, when somebody wants them.
    pub metrics: Option<TcpListener>,
}

/// Takes the sockets passed with `LISTEN_FDS`; what is not among them is opened at the addresses given.
///
/// # Errors
///
/// When a passed socket is of the wrong kind or an address cannot be had.
pub fn open(addresses: &[SocketAddr], metrics: Option<SocketAddr>) -> Result<Listeners, ListenError> {
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let mut passed = ListenFd::from_env();
    let mut listeners = Vec::new();
    let mut for_metrics = None;
    for number in 0..passed.len() {
        let name = names.next().unwrap_or_default();
        match passed.take_tcp_listener(number) {
            Ok(Some(listener)) if name == METRICS => {
                listener.set_nonblocking(false).map_err(|error| ListenError::Passed(number, error))?;
                for_metrics = Some(listener);
            }
            Ok(Some(listener)) => {
                prepare(&listener).map_err(|error| ListenError::Passed(number, error))?;
                listeners.push(listener);
            }
            Ok(None) => {}
            Err(error) => return Err(ListenError::Passed(number, error)),
        }
    }
    if listeners.is_empty() {
        for address in addresses {
            listeners.push(bind(*address).map_err(|error| ListenError::Bind(*address, error))?);
        }
    }
    if let Some(address) = metrics.filter(|_| for_metrics.is_none()) {
        for_metrics = Some(TcpListener::bind(address).map_err(|error| ListenError::Bind(address, error))?);
    }
    Ok(Listeners { sites: listeners.into(), metrics: for_metrics })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    prepare(&listener)?;
    // Listening again only changes the backlog, which the standard library sets too short for a burst.
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

fn prepare(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    // An answer leaves whole, so there is nothing for the kernel to wait for. Accepted sockets inherit this.
    rustix::net::sockopt::set_tcp_nodelay(listener, true)?;
    Ok(())
}
