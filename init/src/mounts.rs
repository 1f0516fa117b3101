//! Mounts of the first process: `/dev`, `/proc` and `/sys` for itself, `/run` for what it has to tell, and the root file
//! system.

use std::ffi::CString;
use std::fs;
use std::io;
use std::path::Path;

use rustix::io::Errno;
use rustix::mount::{MountFlags, mount};

use crate::cmdline::Cmdline;
use crate::failure::Failure;

/// Where the root file system is mounted before it becomes the root.
pub(crate) const NEW_ROOT: &str = "/root";

/// The file systems that move along into the new root.
pub(crate) const EARLY: [(&str, &str); 4] =
    [("devtmpfs", "/dev"), ("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/run")];

/// Mounts `/dev`, `/proc`, `/sys` and `/run`, with the flags and limits systemd would give them.
///
/// # Errors
///
/// When one cannot be mounted; one that the kernel has mounted already is fine.
pub(crate) fn early() -> Result<(), Failure> {
    for (what, target) in EARLY {
        let flags = match what {
            "devtmpfs" => MountFlags::NOSUID,
            "tmpfs" => MountFlags::NOSUID | MountFlags::NODEV | MountFlags::STRICTATIME,
            _ => MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
        };
        let data = match what {
            "devtmpfs" => Some(c"mode=0755"),
            "tmpfs" => Some(c"mode=0755,size=20%,nr_inodes=800k"),
            _ => None,
        };
        let mounted = fs::create_dir_all(target).and_then(|()| match mount(what, target, what, flags, data) {
            Ok(()) | Err(Errno::BUSY) => Ok(()),
            Err(error) => Err(error.into()),
        });
        mounted.map_err(|source| Failure::EarlyMount { what, target, source })?;
    }
    Ok(())
}

/// Mounts `device` on [`NEW_ROOT`] with the command line's types and options.
///
/// # Errors
///
/// When none of the types fits, with the kernel's last word.
pub(crate) fn root(device: &Path, cmdline: &Cmdline) -> Result<(), Failure> {
    let types = || cmdline.file_systems.join(",");
    let failed = |source: io::Error| Failure::RootMount { device: device.to_path_buf(), types: types(), source };
    fs::create_dir_all(NEW_ROOT).map_err(failed)?;

    let (mut flags, data) = options(&cmdline.flags);
    flags.set(MountFlags::RDONLY, !cmdline.writable);
    let data = CString::new(data).map_err(|error| failed(error.into()))?;
    let mut last = Errno::NODEV;
    for file_system in &cmdline.file_systems {
        match mount(device, NEW_ROOT, file_system.as_str(), flags, data.as_c_str()) {
            Ok(()) => return Ok(()),
            // Keep the word of a type the kernel knows: it tells more than the one it does not.
            Err(Errno::NODEV) => {}
            Err(error) => last = error,
        }
    }
    if last == Errno::NODEV { Err(Failure::NoFileSystem { types: types() }) } else { Err(failed(last.into())) }
}

/// Splits mount options into the flags every file system has and the rest, which is the file system's own.
fn options(text: &str) -> (MountFlags, String) {
    let mut flags = MountFlags::empty();
    let mut rest = Vec::new();
    for option in text.split(',').filter(|option| !option.is_empty()) {
        match option {
            "noatime" => flags |= MountFlags::NOATIME,
            "nodiratime" => flags |= MountFlags::NODIRATIME,
            "relatime" => flags |= MountFlags::RELATIME,
            "strictatime" => flags |= MountFlags::STRICTATIME,
            "lazytime" => flags |= MountFlags::LAZYTIME,
            "sync" => flags |= MountFlags::SYNCHRONOUS,
            "dirsync" => flags |= MountFlags::DIRSYNC,
            "nosuid" => flags |= MountFlags::NOSUID,
            "nodev" => flags |= MountFlags::NODEV,
            "noexec" => flags |= MountFlags::NOEXEC,
            // Said by the words of the command line.
            "ro" | "rw" | "defaults" => {}
            own => rest.push(own),
        }
    }
    (flags, rest.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_split_into_flags_and_the_file_system_s_own() {
        let (flags, rest) = options("noatime,data=ordered,nodev,commit=60,rw");
        assert_eq!(flags, MountFlags::NOATIME | MountFlags::NODEV);
        assert_eq!(rest, "data=ordered,commit=60");
        assert_eq!(options(""), (MountFlags::empty(), String::new()));
    }
}
