//! The worker as a process: started on a loopback port, asked over real sockets.
//!
//! `BRAMBLE_WORKER="qemu-arm -cpu arm1176 target/payload/arm-unknown-linux-musleabihf/bramble-worker"` runs the same
//! tests with another build of it.

mod client;
mod connections;
mod files;
mod process;
mod server;
mod traversal;
