//! What can go wrong before the root file system takes over.

use std::io;
use std::path::PathBuf;

/// Why the root's own init was not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot mount {what} on {target}: {source}")]
    EarlyMount { what: &'static str, target: &'static str, source: io::Error },
    #[error("cannot read {path}: {source}")]
    Read { path: &'static str, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: String, source: io::Error },
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
