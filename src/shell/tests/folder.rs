//! A folder of the host as a script's whole world, with `cat` as its only program.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::shell::{Call, FileKind, Outcome, Status, Text, World, WorldError};

pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn place(&self, path: &[u8]) -> PathBuf {
        let below = path.iter().skip_while(|byte| **byte == b'/').copied().collect::<Vec<u8>>();
        self.root.join(std::ffi::OsStr::from_bytes(&below))
    }
}

fn failed(error: &std::io::Error) -> WorldError {
    WorldError::Failed(error.to_string())
}

impl World for Folder {
    fn program(&self, name: &[u8]) -> Option<Text> {
        (name == b"cat").then(|| b"/bin/cat".to_vec())
    }

    fn run(&mut self, call: Call<'_>) -> Result<Outcome, WorldError> {
        if call.name != b"cat" {
            return Err(WorldError::Failed("not found".to_owned()));
        }
        let mut outcome = Outcome::default();
        let names = call.arguments.strip_prefix(&[b"--".to_vec()]).unwrap_or(call.arguments);
        if names.is_empty() {
            outcome.output = (call.input)();
        }
        for name in names {
            let path = if name.starts_with(b"/") { name.clone() } else { [call.folder, b"/", name].concat() };
            match self.read(&path) {
                _ if name == b"-" => outcome.output.extend((call.input)()),
                Ok(content) => outcome.output.extend(content),
                Err(_) => outcome.status = 1,
            }
        }
        Ok(outcome)
    }

    fn read(&mut self, path: &[u8]) -> Result<Text, WorldError> {
        fs::read(self.place(path)).map_err(|error| failed(&error))
    }

    fn write(&mut self, path: &[u8], content: &[u8], append: bool, _: u16) -> Result<(), WorldError> {
        let mut options = OpenOptions::new();
        let options = options.create(true).append(append).truncate(!append).write(true);
        options.open(self.place(path)).and_then(|mut file| file.write_all(content)).map_err(|error| failed(&error))
    }

    fn status(&mut self, path: &[u8], follow: bool) -> Result<Option<Status>, WorldError> {
        let place = self.place(path);
        let metadata = if follow { fs::metadata(place) } else { fs::symlink_metadata(place) };
        Ok(metadata.ok().map(|metadata| Status {
            kind: if metadata.is_dir() {
                FileKind::Folder
            } else if metadata.is_symlink() {
                FileKind::Link
            } else {
                FileKind::File
            },
            mode: u16::try_from(metadata.mode() & 0o7777).expect("twelve bits"),
            size: metadata.len(),
            uid: metadata.uid(),
            gid: metadata.gid(),
            modified: metadata.mtime(),
            identity: metadata.ino(),
        }))
    }

    fn names(&mut self, folder: &[u8]) -> Result<Vec<Text>, WorldError> {
        let entries = fs::read_dir(self.place(folder)).map_err(|error| failed(&error))?;
        Ok(entries.flatten().map(|entry| entry.file_name().into_vec()).collect())
    }
}
