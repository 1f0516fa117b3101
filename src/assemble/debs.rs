//! The package files of a base, opened. What is wrong with one is told by the package's name and version, never by the sum
//! that its file is called in the cache, and with whose fault it is.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rayon::prelude::*;

use super::BuildError;
use crate::archive::{Deb, DebError, LockedPackage, Sha256};
use crate::tree::Tree;
use crate::unpack::{self, ExcludeRules, Package, UnpackError};

/// A package with its file in the cache.
pub type PackageFile = (LockedPackage, PathBuf);

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A package file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("package {name} {version}, `{filename}`: {fault}; {cure}")]
pub struct PackageError {
    pub name: String,
    pub version: String,
    /// Path below the mirror.
    pub filename: String,
    #[source]
    pub fault: Fault,
    pub cure: Cure,
}

/// What helps against a bad package file.
#[derive(Debug, PartialEq, Eq)]
pub enum Cure {
    /// The file in the cache has not the locked sum (any more).
    FetchAgain(PathBuf),
    /// It has, so every mirror has it like this.
    OtherVersion(PathBuf),
}

impl fmt::Display for Cure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FetchAgain(path) => {
                let path = path.display();
                write!(
                    formatter,
                    "its file in the cache was spoilt: delete `{path}`, and the next build fetches it again"
                )
            }
            Self::OtherVersion(path) => write!(
                formatter,
                "it came from the archive like this (`{}` has the sum that the lock names): lock another version of it with \
                 `bramble lock`, or do without the package",
                path.display()
            ),
        }
    }
}

/// A file that holds another package than the lock says.
#[derive(Debug, thiserror::Error)]
#[error("what is in it is {name} {version}")]
struct OtherPackage {
    name: String,
    version: String,
}

/// Opens `packages` and unpacks them as [`unpack::unpack`] does. What is large in them lies in the folder `scratch` as long
/// as it is used.
pub(super) fn unpack(
    packages: &[PackageFile],
    exclude: &ExcludeRules,
    scratch: &Path,
    epoch: i64,
) -> Result<(Tree, Vec<Package>), BuildError> {
    let debs: Vec<Deb> = packages.par_iter().map(|package| read(package, scratch)).collect::<Result<_, _>>()?;
    unpack::unpack(debs, exclude, epoch).map_err(|error| of_package(packages, error))
}

fn read(package: &PackageFile, scratch: &Path) -> Result<Deb, BuildError> {
    let read = fs::read(&package.1).map_err(Fault::from);
    let deb = match read.and_then(|bytes| Ok(Deb::read(&Bytes::from(bytes), scratch)?)) {
        Err(fault) if matches!(fault.downcast_ref(), Some(DebError::NoSpace { .. })) => {
            return Err(BuildError::NoSpace { package: package.0.name.clone(), folder: scratch.to_owned() });
        }
        deb => deb.map_err(|fault| wrong(package, fault))?,
    };
    let field = |name: &str| deb.control.get(name).unwrap_or_default().to_owned();
    let (name, version) = (field("Package"), field("Version"));
    if (&name, &version) != (&package.0.name, &package.0.version) {
        return Err(wrong(package, OtherPackage { name, version }.into()).into());
    }
    Ok(deb)
}

/// The error with the package's file in it, where it is about the file of one package.
fn of_package(packages: &[PackageFile], error: UnpackError) -> BuildError {
    let package = error.package().and_then(|name| packages.iter().find(|(package, _)| package.name == name));
    match package {
        Some(package) => wrong(package, error.into()).into(),
        None => error.into(),
    }
}

fn wrong((package, path): &PackageFile, fault: Fault) -> PackageError {
    let LockedPackage { name, version, filename, sha256, .. } = package.clone();
    let is_as_locked = fs::read(path).is_ok_and(|content| Sha256::of(&content) == sha256);
    let cure = if is_as_locked { Cure::OtherVersion } else { Cure::FetchAgain };
    PackageError { name, version, filename, fault, cure: cure(path.clone()) }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::disk::judge;

    /// A package file without compression, so that a changed byte reaches what reads it.
    fn built(folder: &Path) -> Vec<u8> {
        let content = folder.join("content");
        fs::create_dir_all(content.join("DEBIAN")).expect("a fresh folder");
        fs::create_dir_all(content.join("usr/bin")).expect("a fresh folder");
        let control = "Package: hello\nVersion: 2.10-3\nArchitecture: all\nMaintainer: T <t@t>\nDescription: t\n";
        fs::write(content.join("DEBIAN/control"), control).expect("a fresh file");
        fs::write(content.join("usr/bin/hello"), "x".repeat(3000)).expect("a fresh file");
        let deb = folder.join("hello.deb");
        let mut arguments: Vec<&OsStr> = ["-Znone", "--root-owner-group", "--build"].map(OsStr::new).into();
        arguments.extend([content.as_os_str(), deb.as_os_str()]);
        judge::run("dpkg-deb", &arguments);
        fs::read(deb).expect("just built")
    }

    /// `content` in the cache, where the lock names a file with the bytes `locked`.
    fn refusal(folder: &Path, content: &[u8], locked: &[u8]) -> Result<(), String> {
        let path = folder.join("ab12");
        fs::write(&path, content).expect("writable");
        let package = LockedPackage {
            name: "hello".into(),
            version: "2.10-3".into(),
            architecture: "all".into(),
            suite: "trixie".into(),
            filename: "pool/main/h/hello/hello_2.10-3_all.deb".into(),
            size: 1,
            sha256: Sha256::of(locked),
            essential: false,
            depends: Vec::new(),
        };
        let done = unpack(&[(package, path)], &ExcludeRules::default(), folder, 0);
        done.map(|_| ()).map_err(|error| error.to_string().replace(&folder.display().to_string(), "CACHE"))
    }

    const NAMED: &str = "package hello 2.10-3, `pool/main/h/hello/hello_2.10-3_all.deb`: ";
    const SPOILT: &str = "; its file in the cache was spoilt: delete `CACHE/ab12`, and the next build fetches it again";
    const THEIRS: &str = "; it came from the archive like this (`CACHE/ab12` has the sum that the lock names): lock another \
                          version of it with `bramble lock`, or do without the package";

    #[test]
    fn a_bad_package_file_is_told_by_name_with_what_helps() {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = built(folder.path());
        assert_eq!(refusal(folder.path(), &sound, &sound), Ok(()));
        let replaced = |old: &str, new: &str| {
            let at = sound.windows(old.len()).position(|part| part == old.as_bytes()).expect("it is in there");
            [&sound[..at], new.as_bytes(), &sound[at + old.len()..]].concat()
        };
        let cut = |length: usize| sound[..length].to_vec();
        for (bad, fault) in [
            (Vec::new(), "no Debian package: does not begin with `!<arch>`"),
            (cut(100), "no Debian package: broken member header at byte 72"),
            (cut(2000), "no Debian package: member `control.tar` is truncated: 10240 bytes announced, 1868 there"),
            (cut(72), "member `control.tar` is missing"),
            (replaced("data.tar", "data.tax"), "member `data.tar` is missing"),
            (replaced("Version: 2.10-3", "Version: 2.10-4"), "what is in it is hello 2.10-4"),
            (replaced("Maintainer:", "Maintainer "), "file `control`: line 4: `Maintainer  T <t@t>` is neither"),
            (replaced("./usr/bin/hello", "./usr/bin/../lo"), "the data archive of package `hello` cannot be read: "),
        ] {
            for (locked, cure) in [(&bad, THEIRS), (&sound, SPOILT)] {
                let told = refusal(folder.path(), &bad, locked).expect_err(fault);
                assert!(told.starts_with(&format!("{NAMED}{fault}")) && told.ends_with(cure), "{told}");
            }
        }
    }

    #[test]
    fn no_damage_is_told_without_the_name_of_the_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = built(folder.path());
        let mut refused = 0;
        for at in (0..sound.len()).step_by(61) {
            let mut changed = sound.clone();
            changed[at] ^= 0x55;
            for bad in [&sound[..at], &changed] {
                if let Err(told) = refusal(folder.path(), bad, &sound) {
                    assert!(told.starts_with(NAMED) && told.ends_with(SPOILT), "{told}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 300, "{refused}");
    }
}
