//! Handing over: the root file system becomes `/`, the initramfs gives its memory back, the root's init takes over.
//!
//! The order is the one of util-linux' `switch_root`: move the mounts, empty the initramfs, move the root over `/`,
//! change root, exec.

use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::mount::mount_move;

use crate::cmdline::Cmdline;
use crate::console;
use crate::failure::Failure;
use crate::mounts::{EARLY, NEW_ROOT};

/// Hands over to the init of the mounted root; returns only when that fails.
///
/// # Errors
///
/// When the root lacks a mount point or its init, or the kernel refuses a step.
pub(crate) fn to_root(cmdline: &Cmdline) -> Result<Infallible, Failure> {
    // Looked at before anything moves: until here a failure can still be reported with /dev and /proc in place.
    for (_, mount_point) in EARLY {
        if !Path::new(NEW_ROOT).join(&mount_point[1..]).is_dir() {
            return Err(Failure::NoMountPoint { path: mount_point.to_owned() });
        }
    }
    let old = fs::metadata("/").map_err(|source| Failure::Switch { step: "look at /", source })?;
    for (_, mount_point) in EARLY {
        mount_move(mount_point, format!("{NEW_ROOT}{mount_point}"))
            .map_err(|error| Failure::Switch { step: "move /dev, /proc, /sys and /run", source: error.into() })?;
    }
    let switch =
        |step, result: rustix::io::Result<()>| result.map_err(|error| Failure::Switch { step, source: error.into() });
    empty(Path::new("/"), old.dev());
    switch("enter the new root", rustix::process::chdir(NEW_ROOT))?;
    switch("move it over /", mount_move(".", "/"))?;
    switch("change root", rustix::process::chroot("."))?;
    switch("enter /", rustix::process::chdir("/"))?;

    console::note(&format!("handing over to {}", cmdline.init));
    // The kernel gives its unknown words to the first process as arguments and environment; they are for the real init.
    let source = Command::new(&cmdline.init).args(std::env::args_os().skip(1)).exec();
    Err(Failure::Exec { init: cmdline.init.clone(), source })
}

/// Removes everything below `folder` that lies on the device `of_initramfs`, so that its memory is free again.
///
/// Best effort: what cannot be removed stays in memory and harms nobody. Mount points are on other devices and stay.
fn empty(folder: &Path, of_initramfs: u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // `DirEntry::metadata` does not follow links.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.dev() != of_initramfs {
            continue;
        }
        let path = entry.path();
        if metadata.is_dir() {
            empty(&path, of_initramfs);
            drop(fs::remove_dir(&path));
        } else {
            drop(fs::remove_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn emptying_takes_everything_on_the_device_and_follows_no_link() {
        let outside = tempfile::tempdir().expect("a temporary directory");
        fs::write(outside.path().join("kept"), "x").expect("file");
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(dir.path().join("lib/modules")).expect("folders");
        fs::write(dir.path().join("lib/modules/ext4.ko"), "x").expect("file");
        symlink(outside.path(), dir.path().join("link")).expect("link");

        empty(dir.path(), fs::metadata(dir.path()).expect("metadata").dev());
        assert_eq!(fs::read_dir(dir.path()).expect("still a folder").count(), 0);
        assert!(outside.path().join("kept").exists());
    }

    #[test]
    fn another_device_is_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::write(dir.path().join("kept"), "x").expect("file");
        empty(dir.path(), fs::metadata(dir.path()).expect("metadata").dev() + 1);
        assert!(dir.path().join("kept").exists());
    }
}
