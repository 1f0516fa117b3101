//! A site's folder, held open; its files are opened beneath it and never outside.
//!
//! Every name is opened with `openat2` and `RESOLVE_BENEATH`: the kernel itself refuses whatever leads out of the
//! folder, be it `..` or a symbolic link, absolute ones always.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::status::Status;

/// A site: its folder as it was when opened, whatever has taken the folder's name since.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    root: OwnedFd,
    identity: (u64, u64),
    modified: u64,
}

impl Site {
    /// Opens a site's folder; the name itself may be a symbolic link, which is how a site is switched.
    ///
    /// # Errors
    ///
    /// When it is no folder or may not be searched.
    pub fn open(folder: &Path) -> io::Result<Site> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, folder, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&root)?;
        let modified = u64::try_from(stat.st_mtime).unwrap_or_default();
        Ok(Site { folder: folder.to_path_buf(), root, identity: (stat.st_dev, stat.st_ino), modified })
    }

    /// Tells folders apart: another number is another folder, and none is zero.
    pub fn number(&self) -> u64 {
        (self.identity.1 ^ self.identity.0.rotate_left(32)).max(1)
    }

    /// When the folder's list of names changed last, in seconds since 1970.
    pub fn modified(&self) -> u64 {
        self.modified
    }

    /// The folder that has the site's name now, when that is another one. While the name stands for nothing, as in the
    /// middle of a switch by two renames, the old folder goes on being the site.
    pub fn successor(&self) -> Option<Site> {
        Site::open(&self.folder).ok().filter(|now| now.identity != self.identity)
    }

    /// Opens a name beneath the folder, never outside.
    ///
    /// # Errors
    ///
    /// The status of the answer when there is nothing to send.
    pub fn beneath(&self, name: &[u8]) -> Result<File, Status> {
        // NONBLOCK: opening a pipe that somebody left in a site must not hang the thread.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let mut attempts = 0;
        loop {
            match rustix::fs::openat2(&self.root, name, flags, Mode::empty(), resolve) {
                Ok(file) => return Ok(File::from(file)),
                // The kernel could not exclude that a concurrent rename led outside.
                Err(Errno::AGAIN) if attempts < 8 => attempts += 1,
                Err(Errno::AGAIN | Errno::MFILE | Errno::NFILE | Errno::NOMEM) => {
                    return Err(Status::ServiceUnavailable);
                }
                Err(
                    Errno::NOENT
                    | Errno::NOTDIR
                    | Errno::XDEV
                    | Errno::LOOP
                    | Errno::NAMETOOLONG
                    | Errno::ACCESS
                    | Errno::PERM
                    | Errno::NXIO
                    | Errno::INVAL
                    | Errno::ILSEQ,
                ) => return Err(Status::NotFound),
                Err(_) => return Err(Status::InternalServerError),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_outside_is_opened() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let root = dir.path().join("site");
        fs::create_dir_all(root.join("sub")).expect("folders");
        fs::write(root.join("index.html"), "hello").expect("file");
        fs::write(dir.path().join("secret"), "secret").expect("file");
        symlink("../secret", root.join("out")).expect("link");
        symlink(root.join("index.html"), root.join("absolute")).expect("link");
        symlink("index.html", root.join("inside")).expect("link");
        symlink("/proc/self/exe", root.join("magic")).expect("link");
        let site = Site::open(&root).expect("the site");
        for name in ["out", "absolute", "magic", "../secret", "sub/../../secret", "/etc/passwd", "missing", "a\0b"] {
            assert_eq!(site.beneath(name.as_bytes()).expect_err(name), Status::NotFound, "{name}");
        }
        assert!(site.beneath(b"inside").is_ok());
    }

    #[test]
    fn a_switched_folder_is_noticed() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for name in ["a", "b"] {
            fs::create_dir(dir.path().join(name)).expect("a folder");
            fs::write(dir.path().join(name).join("file"), name).expect("a file");
        }
        let current = dir.path().join("current");
        symlink("a", &current).expect("a link");
        let site = Site::open(&current).expect("the site");
        assert!(site.successor().is_none());
        fs::remove_file(&current).expect("the link");
        assert!(site.successor().is_none(), "a name of nothing is no other folder");
        symlink("b", &current).expect("a link");
        let next = site.successor().expect("another folder");
        let read = |site: &Site| io::read_to_string(site.beneath(b"file").expect("a file")).expect("text");
        assert_eq!((read(&site), read(&next)), ("a".to_owned(), "b".to_owned()));
    }
}
