//! The web server of a bramble node.
//!
//! One thread a core, each with its own epoll loop over the shared listening sockets: a request is one read, one
//! look into the thread's own file cache and one write, without locks and without allocation once the loop is warm.
//! Measured prototypes of this shape need less of a core than nginx does, and a node's core is small.
//!
//! The way of a request: [`event_loop`] → [`connection`] (one socket's state) → [`request`] (what is asked) →
//! [`target`] (which name that is) → [`files`] (what the site has by that name) → [`response`].
//! The process around it: [`arguments`], [`listeners`], [`supervisor`] (signals, watchdog, draining), [`notify`].

pub mod answer;
pub mod arguments;
pub mod buffers;
pub mod connection;
pub mod event_loop;
pub mod files;
pub mod listeners;
pub mod mime;
pub mod notify;
pub mod request;
pub mod response;
pub mod shared;
pub mod status;
pub mod supervisor;
pub mod target;
