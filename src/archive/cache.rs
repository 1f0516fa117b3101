//! The download cache: files by their SHA-256, shared by all builds of a user, also at the same time.
//!
//! `sha256/ab/ab12…` holds complete files; they get there by a rename and are never changed. `partial/ab12…` holds
//! beginnings to go on from; whoever writes one holds a file lock on it. What comes out is summed up again every time:
//! disks err, and a sum costs less than a doubt.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::hash::{Sha256, Summing};

/// A cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("no space left for {}; free some, or name another cache folder", .path.display())]
    NoSpace { path: PathBuf },
    #[error("cache file {}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "there is nowhere to keep downloads: neither XDG_CACHE_HOME nor HOME is set to a full path, and this user has no home \
         folder; set HOME, or name a folder with --cache"
    )]
    NoHome,
}

impl CacheError {
    pub(super) fn new(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => Self::Io { path, source },
        }
    }
}

/// The place of a file that is being fetched. Locked against other builds until dropped.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) file: File,
    pub(super) path: PathBuf,
}

impl Cache {
    /// A cache in `folder`, which is made on first use.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The usual folder: `$XDG_CACHE_HOME/bramble`, else `~/.cache/bramble`. `variable` looks up the environment; where HOME
    /// is not set either, as for many a service, `account` gives the home folder that the user's account has.
    pub fn default_folder(
        variable: impl Fn(&str) -> Option<PathBuf>,
        account: impl FnOnce() -> Option<PathBuf>,
    ) -> Result<PathBuf, CacheError> {
        // The XDG specification calls relative paths invalid, to be ignored.
        let absolute = |name| variable(name).filter(|path| path.is_absolute());
        if let Some(cache) = absolute("XDG_CACHE_HOME") {
            return Ok(cache.join("bramble"));
        }
        // Accounts of services name folders that are not there (Debian's nobody: /nonexistent).
        let home = absolute("HOME").or_else(|| account().filter(|home| home.is_absolute() && home.is_dir()));
        Ok(home.ok_or(CacheError::NoHome)?.join(".cache/bramble"))
    }

    /// Where a file of this sum is, if it is there.
    pub fn path(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.folder.join("sha256").join(name.get(..2).unwrap_or_default()).join(&name)
    }

    /// The path of a file that is there and still has its sum. A spoilt one is taken away.
    pub fn find(&self, sha256: Sha256) -> Result<Option<PathBuf>, CacheError> {
        let path = self.path(sha256);
        let fault = |source| CacheError::new(&path, source);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
        if sum(&mut file).map_err(fault)? == sha256 {
            return Ok(Some(path));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(error)),
            _ => Ok(None),
        }
    }

    /// The content of a file that is there and still has its sum.
    pub fn read(&self, sha256: Sha256) -> Result<Option<Bytes>, CacheError> {
        let path = self.path(sha256);
        match fs::read(&path) {
            Ok(content) if Sha256::of(&content) == sha256 => Ok(Some(content.into())),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CacheError::new(&path, error)),
        }
    }

    /// Opens the beginning of a file, waiting while another build fetches the same one.
    pub(super) fn partial(&self, sha256: Sha256) -> Result<Partial, CacheError> {
        let path = self.folder.join("partial").join(sha256.to_string());
        let fault = |source| CacheError::new(&path, source);
        make_folder_of(&path)?;
        loop {
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fault)?;
            file.lock().map_err(fault)?;
            // The holder of the lock before may have moved the file to its final place meanwhile.
            let held = file.metadata().map_err(fault)?;
            match fs::metadata(&path) {
                Ok(there) if (there.dev(), there.ino()) == (held.dev(), held.ino()) => {
                    return Ok(Partial { file, path });
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(fault(error)),
            }
        }
    }

    /// Moves a complete and verified file to its final place.
    pub(super) fn keep(&self, partial: &Partial, sha256: Sha256) -> Result<PathBuf, CacheError> {
        let path = self.path(sha256);
        make_folder_of(&path)?;
        fs::rename(&partial.path, &path).map_err(|source| CacheError::new(&path, source))?;
        Ok(path)
    }
}

fn make_folder_of(path: &Path) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|source| CacheError::new(folder, source))
}

/// Sums up the rest of a file.
pub(super) fn sum(file: &mut File) -> io::Result<Sha256> {
    let mut summing = Summing::default();
    add_to(&mut summing, file)?;
    Ok(summing.finish())
}

/// Adds the rest of a file to a sum and gives its length in bytes.
pub(super) fn add_to(summing: &mut Summing, file: &mut File) -> io::Result<u64> {
    let mut buffer = vec![0; 256 << 10];
    let mut length = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(length),
            count => {
                let part = buffer.get(..count).unwrap_or_default();
                summing.update(part);
                length += u64::try_from(count).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(cache: &Cache, content: &[u8]) -> PathBuf {
        let sha256 = Sha256::of(content);
        let mut partial = cache.partial(sha256).expect("writable");
        partial.file.write_all(content).expect("writable");
        cache.keep(&partial, sha256).expect("writable")
    }

    #[test]
    fn files_are_found_by_their_sum_and_spoilt_ones_are_not() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cache = Cache::new(folder.path().join("deep/cache"));
        let sha256 = Sha256::of(b"hello");
        assert_eq!(cache.find(sha256).expect("readable"), None);
        assert_eq!(cache.read(sha256).expect("readable"), None);
        let path = put(&cache, b"hello");
        assert_eq!(cache.find(sha256).expect("readable"), Some(path.clone()));
        assert_eq!(cache.read(sha256).expect("readable").as_deref(), Some(&b"hello"[..]));
        fs::write(&path, b"hellp").expect("writable");
        assert_eq!(cache.read(sha256).expect("readable"), None);
        assert_eq!(cache.find(sha256).expect("readable"), None);
        assert!(!path.exists());
    }

    #[test]
    fn a_second_build_waits_and_starts_anew() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let cache = Cache::new(folder.path());
        let sha256 = Sha256::of(b"hello");
        let mut first = cache.partial(sha256).expect("writable");
        std::thread::scope(|scope| {
            let second = scope.spawn(|| cache.partial(sha256).expect("writable").file.metadata().expect("open").len());
            first.file.write_all(b"hello").expect("writable");
            cache.keep(&first, sha256).expect("writable");
            drop(first);
            // Not the five bytes of the file that was moved away.
            assert_eq!(second.join().expect("no panic"), 0);
        });
        assert!(cache.find(sha256).expect("readable").is_some());
    }

    #[test]
    fn the_folder_follows_the_environment() {
        let there = tempfile::tempdir().expect("temporary folder");
        let folder = |set: &[(&str, &str)], account: Option<&Path>| {
            let look = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
            Cache::default_folder(look, || account.map(Path::to_owned))
        };
        let named = |set: &[(&str, &str)], account: &Path| folder(set, Some(account)).expect("a folder");
        assert_eq!(named(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")], there.path()), Path::new("/x/bramble"));
        assert_eq!(named(&[("XDG_CACHE_HOME", ""), ("HOME", "/h")], there.path()), Path::new("/h/.cache/bramble"));
        for unset in [&[][..], &[("HOME", "")], &[("HOME", "here"), ("XDG_CACHE_HOME", "x")]] {
            assert_eq!(named(unset, there.path()), there.path().join(".cache/bramble"));
            for nowhere in [None, Some(Path::new("relative")), Some(Path::new("/nonexistent"))] {
                let error = folder(unset, nowhere).expect_err("nowhere").to_string();
                assert!(
                    error.ends_with("this user has no home folder; set HOME, or name a folder with --cache"),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_full_disk_is_named() {
        let full = CacheError::new(Path::new("/c/x"), io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.to_string(), "no space left for /c/x; free some, or name another cache folder");
    }
}
