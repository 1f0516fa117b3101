//! Files that appear under their name whole and synced, or not at all.
//!
//! The content is written to a file without a name (`O_TMPFILE`), so whatever kills the program leaves nothing behind.
//! Where a file system knows no such files, a hidden name in the same directory serves; a leftover of a killed run is
//! told from the file of a living one by its lock, and cleared away.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

/// Ends the hidden names.
const PART: &str = ".part";

/// So many files are synced one by one: two images with what stands beside them.
const FEW: usize = 8;

/// A file in the making. Dropped before [`NewFile::place`], it leaves nothing.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    target: PathBuf,
    directory: PathBuf,
    /// The hidden name, where the file needs one.
    hidden: Option<PathBuf>,
}

/// Why a file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("no room for `{path}`, which needs {needed} bytes; free some space or choose another folder")]
    NoSpace { path: PathBuf, needed: u64 },
    #[error("cannot {action} `{path}`: {error}")]
    Io { action: &'static str, path: PathBuf, error: io::Error },
}

impl FileError {
    /// The error of an `action` ("write", "read") on `path`, which takes `needed` bytes of disk in all.
    pub fn new(action: &'static str, path: &Path, needed: u64, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { path: path.to_owned(), needed }
            }
            _ => Self::Io { action, path: path.to_owned(), error },
        }
    }
}

impl NewFile {
    /// Begins the file that is to stand at `target`; missing directories above it are made. Who may read it is the umask's
    /// to say.
    pub fn create(target: &Path) -> Result<Self, FileError> {
        Self::create_with(target, Mode::from_raw_mode(0o666))
    }

    /// As [`NewFile::create`], for nobody but its owner to read.
    pub fn create_private(target: &Path) -> Result<Self, FileError> {
        Self::create_with(target, Mode::RUSR | Mode::WUSR)
    }

    fn create_with(target: &Path, mode: Mode) -> Result<Self, FileError> {
        let directory = directory_of(target);
        fs::create_dir_all(&directory).map_err(|error| FileError::new("make the folder", &directory, 0, error))?;
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match rustix::fs::open(&directory, flags, mode) {
            Ok(file) => Ok(Self { file: file.into(), target: target.to_owned(), directory, hidden: None }),
            Err(_) => Self::create_hidden(target, directory, mode),
        }
    }

    /// As [`NewFile::create`], where every file must have a name.
    fn create_hidden(target: &Path, directory: PathBuf, mode: Mode) -> Result<Self, FileError> {
        clear_leftovers(target, &directory);
        let (file, hidden) = fresh_name(target, &directory, |path| {
            let file = File::options().read(true).write(true).create_new(true).mode(mode.as_raw_mode()).open(path)?;
            file.lock()?;
            // Another program may have taken it for a leftover before the lock stood: then the next number is ours.
            if file.metadata()?.nlink() == 0 { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(file) }
        })?;
        Ok(Self { file, target: target.to_owned(), directory, hidden: Some(hidden) })
    }

    /// The content, open for reading and writing.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The name it will have.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Brings the content to the disk.
    pub fn sync(&self, needed: u64) -> Result<(), FileError> {
        self.file.sync_all().map_err(|error| FileError::new("write", &self.target, needed, error))
    }

    /// Gives the file its name, in place of what stood there, and brings the name to the disk. Call [`NewFile::sync`]
    /// before.
    pub fn place(self) -> Result<(), FileError> {
        place_all([self])
    }

    /// Where something stands at the target: makes sure that it can be replaced, and leaves it as it is. A file without a
    /// name gets a hidden one, because a link replaces nothing and a renaming does.
    fn stage(&mut self) -> Result<(), FileError> {
        let fail = |error| FileError::new("write", &self.target, 0, error);
        let Ok(stands) = fs::symlink_metadata(&self.target) else { return Ok(()) };
        if stands.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        if self.hidden.is_none() {
            clear_leftovers(&self.target, &self.directory);
            self.file.lock().map_err(fail)?;
            let ((), hidden) = fresh_name(&self.target, &self.directory, |path| self.link(path))?;
            self.hidden = Some(hidden);
        }
        Ok(())
    }

    /// Gives the file its name, in place of what stood there.
    fn name(&mut self) -> Result<(), FileError> {
        let fail = |target: &Path, error| FileError::new("write", target, 0, error);
        if self.hidden.is_none() {
            match self.link(&self.target) {
                Ok(()) => return Ok(()),
                // Somebody else was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.stage()?,
                Err(error) => return Err(fail(&self.target, error)),
            }
        }
        if let Some(hidden) = &self.hidden {
            fs::rename(hidden, &self.target).map_err(|error| fail(&self.target, error))?;
        }
        self.hidden = None;
        Ok(())
    }

    fn link(&self, to: &Path) -> io::Result<()> {
        let itself = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        Ok(rustix::fs::linkat(CWD, itself.as_str(), CWD, to, AtFlags::SYMLINK_FOLLOW)?)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(hidden) = &self.hidden {
            // Whoever comes next clears what cannot be removed now.
            let _ = fs::remove_file(hidden);
        }
    }
}

/// Brings the contents of files to the disk. Many at once take one commit of their file system instead of one for each
/// file; but that waits for the writes of other programs, too, so few are not made to.
pub fn sync_all<'a>(files: impl IntoIterator<Item = &'a NewFile>, needed: u64) -> Result<(), FileError> {
    let files: Vec<&NewFile> = files.into_iter().collect();
    if files.len() <= FEW {
        return files.into_iter().try_for_each(|file| file.sync(needed));
    }
    let directories: BTreeSet<&Path> = files.into_iter().map(|file| file.directory.as_path()).collect();
    directories.into_iter().try_for_each(|directory| {
        let synced = File::open(directory).and_then(|opened| Ok(rustix::fs::syncfs(&opened)?));
        synced.map_err(|error| FileError::new("write", directory, needed, error))
    })
}

/// Makes sure that synced files can have their names, as far as that can be known beforehand, and leaves what stands there
/// as it is.
pub fn stage_all<'a>(files: impl IntoIterator<Item = &'a mut NewFile>) -> Result<(), FileError> {
    files.into_iter().try_for_each(NewFile::stage)
}

/// Gives many synced files their names, in order, and brings the names to the disk together.
pub fn place_all(files: impl IntoIterator<Item = NewFile>) -> Result<(), FileError> {
    let mut files: Vec<NewFile> = files.into_iter().collect();
    stage_all(&mut files)?;
    let mut directories = BTreeSet::new();
    for mut file in files {
        file.name()?;
        directories.insert(file.directory.clone());
    }
    directories.iter().try_for_each(|directory| sync_directory(directory))
}

/// Writes a small file whole.
pub fn write(target: &Path, content: &[u8]) -> Result<(), FileError> {
    let file = prepare(target, content)?;
    file.place()
}

/// A small file, written and synced, that waits to be placed.
pub fn prepare(target: &Path, content: &[u8]) -> Result<NewFile, FileError> {
    let needed = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let new = draft(target, content)?;
    new.sync(needed)?;
    Ok(new)
}

/// A small file, written but not yet synced.
pub fn draft(target: &Path, content: &[u8]) -> Result<NewFile, FileError> {
    filled(NewFile::create(target)?, content)
}

/// `new` with its content.
pub fn filled(new: NewFile, content: &[u8]) -> Result<NewFile, FileError> {
    let needed = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let written = io::Write::write_all(&mut new.file(), content);
    written.map_err(|error| FileError::new("write", &new.target, needed, error))?;
    Ok(new)
}

/// Takes `path` away, if it is there, and brings that to the disk.
pub fn remove(path: &Path) -> Result<(), FileError> {
    remove_all([path])
}

/// Takes those of `paths` away that are there, and brings that to the disk.
pub fn remove_all<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<(), FileError> {
    let mut directories = BTreeSet::new();
    for path in paths {
        match fs::remove_file(path) {
            Ok(()) => directories.insert(directory_of(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(FileError::new("remove", path, 0, error)),
        };
    }
    directories.iter().try_for_each(|directory| sync_directory(directory))
}

fn sync_directory(directory: &Path) -> Result<(), FileError> {
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(|error| FileError::new("write", directory, 0, error))
}

fn directory_of(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// ".node3.img." for "out/node3.img".
fn hidden_prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(target.file_name().unwrap_or(OsStr::new("file")));
    prefix.push(".");
    prefix
}

/// Makes a hidden file beside `target` under the first free number.
fn fresh_name<T>(
    target: &Path,
    directory: &Path,
    make: impl Fn(&Path) -> io::Result<T>,
) -> Result<(T, PathBuf), FileError> {
    let mut number = 0_u32;
    loop {
        let mut name = hidden_prefix(target);
        name.push(format!("{number}{PART}"));
        let path = directory.join(name);
        match make(&path) {
            Ok(made) => return Ok((made, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            Err(error) => return Err(FileError::new("write", target, 0, error)),
        }
    }
}

/// Removes hidden files of `target` that no living program holds locked. That something stays is no error.
fn clear_leftovers(target: &Path, directory: &Path) {
    let prefix = hidden_prefix(target);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !name.as_bytes().starts_with(prefix.as_bytes()) || !name.as_bytes().ends_with(PART.as_bytes()) {
            continue;
        }
        if let Ok(file) = File::open(entry.path())
            && !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_seen_before_the_file_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("out/node.img");
        let new = NewFile::create(&target).expect("a new file");
        new.file().write_all(b"half").expect("written");
        assert_eq!(names(&folder.path().join("out")), Vec::<String>::new());
        drop(new);
        write(&target, b"whole").expect("written");
        write(&target, b"again").expect("replaced");
        assert_eq!(fs::read(&target).expect("the file"), b"again");
        assert_eq!(names(&folder.path().join("out")), ["node.img"]);
    }

    #[test]
    fn many_files_are_synced_and_placed_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let drafts =
            ["b", "a", "b.sum"].map(|name| draft(&folder.path().join(name), name.as_bytes()).expect("a draft"));
        sync_all(&drafts, 0).expect("few are synced");
        sync_all(drafts.iter().cycle().take(FEW + 1), 0).expect("many are synced");
        assert_eq!(names(folder.path()), Vec::<String>::new());
        place_all(drafts).expect("placed");
        assert_eq!(names(folder.path()), ["a", "b", "b.sum"]);
        remove_all(["a", "none", "b"].map(|name| folder.path().join(name)).iter().map(PathBuf::as_path)).expect("gone");
        assert_eq!(names(folder.path()), ["b.sum"]);
    }

    #[test]
    fn without_nameless_files_leftovers_go_and_living_files_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("node.img");
        fs::write(folder.path().join(".node.img.0.part"), "of a killed run").expect("a leftover");
        let mode = Mode::from_raw_mode(0o600);
        let living = NewFile::create_hidden(&target, folder.path().to_owned(), mode).expect("a new file");
        let other = NewFile::create_hidden(&target, folder.path().to_owned(), mode).expect("another");
        assert_eq!(names(folder.path()), [".node.img.0.part", ".node.img.1.part"]);
        drop(living);
        other.place().expect("placed");
        assert_eq!(names(folder.path()), ["node.img"]);
    }

    #[test]
    fn what_stands_there_stays_when_one_of_many_cannot_be_placed() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "old").expect("a file");
        fs::create_dir(at("b")).expect("a folder in the way");
        let drafts = ["a", "b"].map(|name| draft(&at(name), b"new").expect("a draft"));
        let error = place_all(drafts).expect_err("a folder is replaced by nothing").to_string();
        assert!(error.starts_with(&format!("cannot write `{}`", at("b").display())), "{error}");
        assert_eq!(fs::read(at("a")).expect("the file"), b"old");
        assert_eq!(names(folder.path()), ["a", "b"]);
    }

    #[test]
    fn a_private_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("node.img");
        write(&target, b"public").expect("written");
        filled(NewFile::create_private(&target).expect("a new file"), b"private")
            .and_then(NewFile::place)
            .expect("placed");
        assert_eq!(fs::metadata(&target).expect("the file").mode() & 0o777, 0o600);
        let hidden =
            NewFile::create_hidden(&target, folder.path().to_owned(), Mode::RUSR | Mode::WUSR).expect("a file");
        assert_eq!(hidden.file().metadata().expect("the file").mode() & 0o777, 0o600);
    }

    #[test]
    fn a_full_disk_is_told_with_path_and_bytes() {
        let error = FileError::new("write", Path::new("out/node.img"), 700, io::ErrorKind::StorageFull.into());
        assert_eq!(
            error.to_string(),
            "no room for `out/node.img`, which needs 700 bytes; free some space or choose another folder"
        );
    }
}
