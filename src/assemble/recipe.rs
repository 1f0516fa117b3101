//! Everything that a base image is made of, by hash.
//!
//! The recipe says whether a base that lies in the output folder is the one wanted, and is the heart of the manifest.
//! It never reaches an image: ids come from names, so that a changed comment in a board file changes no byte.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{BuildError, Workspace};
use crate::config::{Base, Plan};
use crate::disk::bmap::hex;
use crate::image::HostKeys;
use crate::overlay::Programs;

/// The inputs of a base, each by name with its SHA-256 in hexadecimal (the tool by its version).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    pub inputs: BTreeMap<String, String>,
}

impl Recipe {
    /// Hashes every input of `base`.
    pub(super) fn new(
        workspace: &Workspace,
        plan: &Plan,
        base: &Base,
        programs: &Programs,
    ) -> Result<Self, BuildError> {
        let mut inputs = BTreeMap::new();
        let mut add = |name: String, hash: String| inputs.insert(name, hash);
        add("bramble".into(), env!("CARGO_PKG_VERSION").into());
        let system = &base.system.name;
        let files = [
            ("board", format!("board-configs/{}.toml", base.board.name)),
            ("system", format!("rootfs/{system}.toml")),
            ("lock", format!("rootfs/{system}.{}.lock", base.architecture)),
        ];
        for (name, path) in files {
            add(format!("{name} {path}"), file(&workspace.project.join(&path))?);
        }
        for role in &base.roles {
            add(format!("overlay {}", role.name), folder(&role.directory)?);
        }
        if let Some(site) = &base.site {
            add("site".into(), folder(site)?);
        }
        for (name, content) in programs {
            add(format!("program {name}"), hex(&Sha256::digest(content)));
        }
        // What cluster.toml decides for the base, in the form the plan gives it.
        let decided = format!(
            "{}\n{}\n{:?}\n{:?}\n{:?}",
            plan.name, base.name, base.settings, base.authorized_keys, base.console
        );
        add("settings".into(), hex(&Sha256::digest(decided)));
        if let Some(secret) = &plan.secret {
            add("secret (fingerprint)".into(), HostKeys::fingerprint(secret));
        }
        Ok(Self { inputs })
    }

    /// One hash over all inputs, hexadecimal.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, hash) in &self.inputs {
            hasher.update(format!("{name}\0{hash}\n"));
        }
        hex(&hasher.finalize())
    }
}

fn file(path: &Path) -> Result<String, BuildError> {
    fs::read(path).map(|content| hex(&Sha256::digest(content))).map_err(reading(path))
}

/// Hash of everything in a folder: relative names, link targets and contents, in byte order of the names.
fn folder(root: &Path) -> Result<String, BuildError> {
    let mut hasher = Sha256::new();
    let mut todo = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).map_err(reading(&folder))? {
            let path = entry.map_err(reading(&folder))?.path();
            let kind = fs::symlink_metadata(&path).map_err(reading(&path))?.file_type();
            if kind.is_dir() {
                todo.push(path.clone());
            }
            found.push((path, kind));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (path, kind) in found {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let content = if kind.is_symlink() {
            fs::read_link(&path).map_err(reading(&path))?.as_os_str().as_bytes().to_vec()
        } else if kind.is_file() {
            Sha256::digest(fs::read(&path).map_err(reading(&path))?).to_vec()
        } else {
            Vec::new()
        };
        let tag = if kind.is_symlink() {
            "link"
        } else if kind.is_dir() {
            "folder"
        } else {
            "file"
        };
        for part in [tag.as_bytes(), name.as_os_str().as_bytes(), &content] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hex(&hasher.finalize()))
}

fn reading(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_owned();
    |source| BuildError::Read { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_known_by_names_and_contents() {
        let make = |name: &str, content: &str| {
            let root = tempfile::tempdir().expect("a temporary folder");
            fs::write(root.path().join(name), content).expect("a fresh file");
            folder(root.path()).expect("a readable folder")
        };
        let hash = make("index.html", "hello");
        assert_eq!(hash, make("index.html", "hello"));
        assert_ne!(hash, make("index.htm", "lhello"));
        assert_ne!(hash, make("index.html", "hello "));
    }
}
