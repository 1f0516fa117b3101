//! Everything that a base image is made of, by hash.
//!
//! The recipe says whether a base that lies in the output folder is the one wanted, and is the heart of the manifest.
//! It never reaches an image: ids come from names.
//!
//! The tool is in the manifest by its version, as the same source gives another program in every folder, and the same
//! images. What lies ready must have been written by this very program, though: a version lives through many changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::{BuildError, Workspace};
use crate::config::{BaseSpec, Plan, Secret};
use crate::image::HostKeys;
use crate::overlay::Programs;

/// The program that runs, also when another one took its name since (proc(5)).
const THIS_PROGRAM: &str = "/proc/self/exe";

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
        base: &BaseSpec,
        programs: &Programs,
    ) -> Result<Self, BuildError> {
        let mut inputs = BTreeMap::new();
        let mut add = |name: String, hash: String| inputs.insert(name, hash);
        add("bramble".into(), env!("CARGO_PKG_VERSION").into());
        add("cluster".into(), sha256(plan.name.as_bytes()));
        for (name, value) in fields(base).map_err(BuildError::Recipe)? {
            add(name, sha256(value.to_string().as_bytes()));
        }
        let (name, hash) = lock(workspace, base)?;
        add(name, hash);
        let secret = plan.secret.as_ref().map(Secret::file);
        for role in &base.roles {
            add(format!("overlay {}", role.name), folder(&role.directory, secret)?);
        }
        if let Some(site) = &base.site {
            let real = |path: &Path| fs::canonicalize(path).ok();
            if real(&workspace.out).zip(real(site)).is_some_and(|(out, site)| out.starts_with(site)) {
                return Err(BuildError::OutInSite { out: workspace.out.clone(), site: site.clone() });
            }
            add("site".into(), folder(site, secret)?);
        }
        for (name, content) in programs {
            add(format!("program {name}"), sha256(content));
        }
        if let Some(secret) = &plan.secret {
            add("secret (fingerprint)".into(), HostKeys::fingerprint(secret));
        }
        Ok(Self { inputs })
    }

    /// Whether the lock is another than it was; if so, the recipe now has the new one.
    pub(super) fn lock_is_another(&mut self, workspace: &Workspace, base: &BaseSpec) -> Result<bool, BuildError> {
        let (name, hash) = lock(workspace, base)?;
        Ok(self.inputs.insert(name, hash.clone()).as_ref() != Some(&hash))
    }

    /// The names of the inputs in which `other` differs.
    pub(super) fn changes(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.inputs.keys().chain(other.inputs.keys()).collect();
        names.into_iter().filter(|name| self.inputs.get(*name) != other.inputs.get(*name)).cloned().collect()
    }

    /// One hash over all inputs and this program, hexadecimal: two bases of one digest have the same bytes.
    pub fn digest(&self) -> Result<String, BuildError> {
        Ok(self.digest_by(&this_program()?))
    }

    /// As [`Recipe::digest`], for the program of the given hash.
    fn digest_by(&self, program: &[u8; 32]) -> String {
        let mut hasher = Sha256::new_with_prefix(program);
        for (name, hash) in &self.inputs {
            hasher.update(format!("{name}\0{hash}\n"));
        }
        hex::encode(hasher.finalize())
    }
}

/// SHA-256 of the program that runs, computed once.
fn this_program() -> Result<[u8; 32], BuildError> {
    static HASH: OnceLock<[u8; 32]> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(*hash);
    }
    let path = Path::new(THIS_PROGRAM);
    let hash = File::open(path).and_then(hash).map_err(reading(path))?;
    Ok(*HASH.get_or_init(|| hash))
}

fn hash(mut file: File) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// What the TOML files decide for the base, by the names of [`BaseSpec`]'s fields. Their comments do not count.
fn fields(base: &BaseSpec) -> Result<BTreeMap<String, serde_json::Value>, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(base)?)
}

fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// The name and hash of the lock as an input of `base`.
fn lock(workspace: &Workspace, base: &BaseSpec) -> Result<(String, String), BuildError> {
    let lock = format!("rootfs/{}.{}.lock", base.system.name, base.architecture);
    let path = workspace.project.join(&lock);
    let hash = File::open(&path).and_then(hash).map_err(reading(&path))?;
    Ok((format!("lock {lock}"), hex::encode(hash)))
}

/// Hash of everything in a folder: relative names, link targets and contents, in byte order of the names. All of it will be
/// on a card, so the file `secret` must not be in it, under whichever name.
fn folder(root: &Path, secret: Option<&Path>) -> Result<String, BuildError> {
    let identity = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
    let secret = secret.and_then(|file| fs::metadata(file).ok()).map(|metadata| identity(&metadata));
    let mut hasher = Sha256::new();
    let mut todo = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).map_err(reading(&folder))? {
            let path = entry.map_err(reading(&folder))?.path();
            let metadata = fs::symlink_metadata(&path).map_err(reading(&path))?;
            if secret == Some(identity(&metadata)) {
                return Err(BuildError::SecretInFolder { path });
            }
            let kind = metadata.file_type();
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
            File::open(&path).and_then(hash).map_err(reading(&path))?.to_vec()
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
    Ok(hex::encode(hasher.finalize()))
}

fn reading(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_owned();
    |source| BuildError::Read { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_that_another_program_wrote_is_not_the_one_wanted() {
        let recipe = |lock: &str| Recipe { inputs: [("lock".to_owned(), lock.to_owned())].into() };
        let mine = recipe("ab12").digest().expect("this program can be read");
        assert_eq!(mine, recipe("ab12").digest().expect("this program can be read"));
        assert_ne!(mine, recipe("ab13").digest().expect("this program can be read"));
        let program = fs::read(std::env::current_exe().expect("this program")).expect("this program can be read");
        assert_eq!(mine, recipe("ab12").digest_by(&Sha256::digest(program).into()));
        assert_ne!(mine, recipe("ab12").digest_by(&[7; 32]));
    }

    #[test]
    fn a_folder_is_known_by_names_and_contents() {
        let make = |name: &str, content: &str| {
            let root = tempfile::tempdir().expect("a temporary folder");
            fs::write(root.path().join(name), content).expect("a fresh file");
            folder(root.path(), None).expect("a readable folder")
        };
        let hash = make("index.html", "hello");
        assert_eq!(hash, make("index.html", "hello"));
        assert_ne!(hash, make("index.htm", "lhello"));
        assert_ne!(hash, make("index.html", "hello "));
    }

    #[test]
    fn the_secret_is_in_no_folder_that_travels() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let secret = root.path().join("secret");
        let site = root.path().join("site");
        fs::create_dir(&site).expect("a fresh folder");
        fs::write(&secret, "thirty-two bytes that nobody knows").expect("a fresh file");
        assert!(folder(&site, Some(&secret)).is_ok());
        // By a name of its own; a symbolic link takes no content along.
        std::os::unix::fs::symlink(&secret, site.join("link")).expect("a link");
        assert!(folder(&site, Some(&secret)).is_ok());
        fs::hard_link(&secret, site.join("page.html")).expect("a second name");
        let error = folder(&site, Some(&secret)).expect_err("the secret").to_string();
        assert!(
            error.starts_with(&format!("`{}` is the cluster's secret", site.join("page.html").display())),
            "{error}"
        );
    }
}
