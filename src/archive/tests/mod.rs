//! The room against a mirror in this process: honest, lying, broken and dead.

mod download;
mod locking;
mod server;
