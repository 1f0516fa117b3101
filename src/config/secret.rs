//! The cluster's secret: a file of which the nodes' ssh host keys are made, for who wants to know them beforehand.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cluster::IdentityTable;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::source::{Place, SourceFile};
use super::ssh_key::resolve;

/// Fewest bytes: those of the keys that are made of it.
const SHORTEST: usize = 32;

/// Bytes that nobody else knows. They never show in messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    bytes: Vec<u8>,
    /// Where it was read; what must be kept out of every image.
    file: PathBuf,
}

impl Secret {
    /// The secret of these bytes, from `file`.
    pub fn new(bytes: Vec<u8>, file: PathBuf) -> Self {
        Self { bytes, file }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the group or others can read the file.
    pub(super) fn is_open(&self) -> bool {
        std::fs::metadata(&self.file).is_ok_and(|metadata| metadata.mode() & 0o077 != 0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The content of the file that `[identity]` names, if it names one. A file name is relative to the cluster file; `~` is
/// `home`.
pub(super) fn read(
    source: &Arc<SourceFile>,
    typed: &IdentityTable,
    directory: &Path,
    home: Option<&Path>,
    found: &mut Diagnostics,
) -> Option<Secret> {
    let typed = typed.secret.as_ref()?;
    let make = "`head -c 32 /dev/urandom >FILE` makes one; keep it, and keep it to yourself".to_owned();
    let read = resolve(typed.get_ref(), directory, home).and_then(|path| {
        let shown = path.display().to_string();
        match std::fs::read(&path) {
            Ok(bytes) if bytes.len() >= SHORTEST => Ok(Secret::new(bytes, path)),
            Ok(bytes) => {
                Err((format!("the secret `{shown}` has {} bytes, {SHORTEST} are the fewest", bytes.len()), make))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err((format!("there is no secret `{shown}`"), make))
            }
            Err(error) => Err((format!("cannot read the secret `{shown}`: {error}"), make)),
        }
    });
    match read {
        Ok(secret) => Some(secret),
        Err((title, help)) => {
            found.push(Diagnostic::new(title).at(&Place::of(source, typed), "").help(help));
            None
        }
    }
}
