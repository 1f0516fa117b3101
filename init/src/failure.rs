//! What can go wrong before the root file system takes over, and what is done then: say it, show what is there, pause,
//! restart.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::system::RebootCommand;

use crate::block::Devices;
use crate::cmdline::{AfterFailure, Cmdline};
use crate::console;
use crate::modules::FailedModule;

/// Why the root's own init was not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot mount {what} on {target}: {source}")]
    EarlyMount { what: &'static str, target: &'static str, source: io::Error },
    #[error("cannot read {path}: {source}")]
    Read { path: &'static str, source: io::Error },
    #[error("the kernel command line has no root=; add root=PARTUUID=<disk signature>-<partition> to cmdline.txt")]
    NoRoot,
    #[error("root={0} is not understood; write PARTUUID=<8 hex digits>-<partition> or /dev/<device>")]
    UnknownRoot(String),
    #[error("the root device {root} did not appear within {seconds} s")]
    NoDevice { root: String, seconds: u64 },
    #[error("{device} holds no file system of type {types}: {source}")]
    RootMount { device: PathBuf, types: String, source: io::Error },
    #[error(
        "the kernel knows no file system of type {types}; its module is missing from /modules.list or did not load"
    )]
    NoFileSystem { types: String },
    #[error("the root file system has no directory {path}; it must be there for a mount point")]
    NoMountPoint { path: String },
    #[error("cannot make the root file system the root directory: {step}: {source}")]
    Switch { step: &'static str, source: io::Error },
    #[error("cannot start {init} of the root file system: {source}")]
    Exec { init: String, source: io::Error },
}

/// Says what failed and what the machine has, then follows `panic=`. Never returns: the end of process 1 is a panic
/// of the kernel that would push the message off the screen.
pub(crate) fn report_and_restart(failure: &Failure, failed_modules: &[FailedModule], cmdline: &Cmdline) -> ! {
    console::unmute();
    console::alarm(&format!("boot stops: {failure}"));
    for failed in failed_modules {
        console::alarm(&format!("module not loaded: {failed}"));
    }
    console::alarm(&format!("block devices: {}", Devices::of_this_machine().summary()));
    console::alarm(&format!("loaded modules: {}", loaded_modules()));
    match cmdline.after_failure {
        AfterFailure::Restart(pause) => {
            console::alarm(&format!("restarting in {} s", pause.as_secs()));
            thread::sleep(pause);
            rustix::fs::sync();
            if let Err(error) = rustix::system::reboot(RebootCommand::Restart) {
                console::alarm(&format!("cannot restart: {error}; switch the board off and on"));
            }
        }
        AfterFailure::Stay => console::alarm("panic=0: staying here; switch the board off and on"),
    }
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}

/// The names in `/proc/modules`, in alphabetical order.
fn loaded_modules() -> String {
    let text = fs::read_to_string("/proc/modules").unwrap_or_default();
    let mut names: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_how_to_mend() {
        let messages = [
            (
                Failure::NoRoot,
                "the kernel command line has no root=; add root=PARTUUID=<disk signature>-<partition> to cmdline.txt",
            ),
            (
                Failure::UnknownRoot("LABEL=x".to_owned()),
                "root=LABEL=x is not understood; write PARTUUID=<8 hex digits>-<partition> or /dev/<device>",
            ),
            (
                Failure::NoDevice { root: "PARTUUID=0000abcd-02".to_owned(), seconds: 60 },
                "the root device PARTUUID=0000abcd-02 did not appear within 60 s",
            ),
        ];
        for (failure, message) in messages {
            assert_eq!(failure.to_string(), message);
        }
    }
}
