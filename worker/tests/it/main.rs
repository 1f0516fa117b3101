//! The worker as a process: started on a loopback port, asked over real sockets.
//!
//! `BRAMBLE_WORKER="qemu-arm -cpu arm1176 target/payload/arm-unknown-linux-musleabihf/bramble-worker"` runs the same
//! tests with another build of it.

mod balancer;
mod client;
mod connections;
mod files;
mod fuzz;
mod hosts;
mod http;
mod limits;
mod metrics;
mod process;
mod ranges;
mod rfc;
mod server;
mod smuggling;
mod switching;
mod traversal;
mod unit;
