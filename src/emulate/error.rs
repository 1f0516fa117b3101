//! Why an image cannot be emulated.

use std::io;
use std::path::PathBuf;

use ipnet::Ipv4Net;

use super::device_tree::DeviceTreeError;
use super::{ConsoleError, PlayError};
use crate::disk::boot_partition::BootPartitionError;

/// Why an image cannot be emulated, or did not come up.
#[derive(Debug, thiserror::Error)]
pub enum EmulateError {
    #[error("board `{board}` cannot be emulated: {reason}")]
    NoEmulation { board: String, reason: String },
    #[error("`{machine}` boots the card by itself: nobody can add words to its kernel's command line")]
    OwnCmdline { machine: String },
    #[error("`{program}` is not installed; install it with `apt install qemu-system-arm`")]
    NoProgram { program: String },
    #[error(
        "{version} has no machine `{machine}`; install a newer QEMU (raspi4b and bpim2u came with 9.0; Debian 12 has it \
         in bookworm-backports)"
    )]
    NoMachine { version: String, machine: String },
    #[error("cannot run `{program}`: {error}")]
    Spawn { program: String, error: io::Error },
    #[error(transparent)]
    Image(#[from] BootPartitionError),
    #[error("a board would not start from `{image}`: {source}")]
    Play { image: PathBuf, source: PlayError },
    #[error("device tree `{name}` of `{image}` {source}")]
    DeviceTree { image: PathBuf, name: String, source: DeviceTreeError },
    #[error("`{path}`: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("`{path}` has {length} bytes and the largest SD card has 2 TiB")]
    TooLarge { path: PathBuf, length: u64 },
    #[error(
        "network {subnet} has no three addresses left for the emulated gateway, name server and leases; emulation needs \
         at least a /29"
    )]
    SmallNetwork { subnet: Ipv4Net },
    #[error("no free port on the loopback address: {0}")]
    NoPort(io::Error),
    #[error("QEMU ended at once: {0}")]
    Ended(String),
    #[error("no HTTP answer on port {port} within {seconds} s; last lines of the console:\n{tail}")]
    NoAnswer { port: u16, seconds: u64, tail: String },
    #[error(transparent)]
    Console(#[from] ConsoleError),
}
