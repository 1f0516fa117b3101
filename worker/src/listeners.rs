//! The sockets to listen at: those systemd has opened, or our own.

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

/// Takes the sockets passed with `LISTEN_FDS`; without any, opens one for each address.
///
/// # Errors
///
/// When a passed socket is of the wrong kind or an address cannot be had.
pub fn open(addresses: &[SocketAddr]) -> Result<Arc<[TcpListener]>, ListenError> {
    let mut passed = ListenFd::from_env();
    let mut listeners = Vec::new();
    for number in 0..passed.len() {
        match passed.take_tcp_listener(number) {
            Ok(Some(listener)) => {
                listener.set_nonblocking(true).map_err(|error| ListenError::Passed(number, error))?;
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
    Ok(listeners.into())
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    // Listening again only changes the backlog, which the standard library sets too short for a burst.
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}
