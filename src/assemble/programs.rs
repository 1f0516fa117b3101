//! The programs of ours that go onto a node, as `make payload` compiled them.

use std::fs;
use std::io::ErrorKind;

use bytes::Bytes;

use super::{BuildError, Workspace};
use crate::config::Architecture;
use crate::overlay::Programs;

/// The first process of the initramfs.
pub(super) const INIT: &str = "bramble-init";

/// Reads every program for `architecture` from the payload folder.
pub(super) fn read(workspace: &Workspace, architecture: Architecture) -> Result<Programs, BuildError> {
    let folder = workspace.payload.join(architecture.payload_target());
    let reading = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => BuildError::NoPayload { folder: folder.clone(), target: architecture.payload_target() },
        _ => BuildError::Read { path: folder.clone(), source },
    };
    let mut programs = Programs::new();
    for entry in fs::read_dir(&folder).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            let content = fs::read(&path).map_err(|source| BuildError::Read { path: path.clone(), source })?;
            programs.insert(name.to_owned(), Bytes::from(content));
        }
    }
    Ok(programs)
}
