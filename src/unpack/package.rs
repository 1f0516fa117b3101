//! An unpacked package, as far as `var/lib/dpkg/info` and `status` are written from it.

use std::collections::BTreeMap;
use std::fmt;

use md5::{Digest, Md5};

use crate::archive::Paragraph;
use crate::archive::depends::{self, Clause};
use crate::tree::TreePath;

use super::entry::{self, DataEntry};
use super::{RelationsError, UnpackError};

/// The flag before a conffile that the package no longer ships.
const REMOVE_ON_UPGRADE: &[u8] = b"remove-on-upgrade ";

/// An unpacked package.
#[derive(Debug, Clone)]
pub struct Package {
    /// The package's `control`.
    pub control: Paragraph,
    /// The other files of the control archive by name: `preinst`, `postinst`, `templates`, `triggers`, `md5sums`, ….
    pub control_files: BTreeMap<String, Vec<u8>>,
    /// Every path that the package owns, in the order of its archive and as it spells them. Directories and paths that
    /// the rules keep out of the tree are among them, and `/lib` is not yet `/usr/lib`.
    pub files: Vec<TreePath>,
    conffiles: Vec<Conffile>,
}

/// A configuration file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conffile {
    pub path: TreePath,
    pub shipped: Shipped,
}

/// Whether a conffile comes with the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shipped {
    /// It does. MD5 of the content as shipped, 32 hexadecimal digits: what dpkg compares with on an upgrade.
    Md5(String),
    /// It no longer does, and dpkg is to take an unchanged one of an older version away: the flag `remove-on-upgrade` of
    /// deb-conffiles(5).
    RemoveOnUpgrade,
    /// It does, and the file of another package, which replaces this one's, is there instead. dpkg goes on naming it, without
    /// the sum that it would have noted when it put the file there; `obsolete` where it is the other's conffile.
    TakenOver { obsolete: bool },
}

impl fmt::Display for Conffile {
    /// As in the `Conffiles` field of dpkg's `status`, without the blank that the line begins with there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shipped {
            Shipped::Md5(md5) => write!(formatter, "/{} {md5}", self.path),
            Shipped::RemoveOnUpgrade => write!(formatter, "/{} newconffile remove-on-upgrade", self.path),
            Shipped::TakenOver { obsolete: true } => write!(formatter, "/{} newconffile obsolete", self.path),
            Shipped::TakenOver { obsolete: false } => write!(formatter, "/{} newconffile", self.path),
        }
    }
}

/// A maintainer script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    Config,
    Preinst,
    Postinst,
    Prerm,
    Postrm,
}

impl Script {
    pub const ALL: [Self; 5] = [Self::Config, Self::Preinst, Self::Postinst, Self::Prerm, Self::Postrm];

    /// Its name in the control archive.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Preinst => "preinst",
            Self::Postinst => "postinst",
            Self::Prerm => "prerm",
            Self::Postrm => "postrm",
        }
    }
}

impl Package {
    pub(super) fn new(
        control: Paragraph,
        control_files: BTreeMap<String, Vec<u8>>,
        entries: &[DataEntry],
    ) -> Result<Self, UnpackError> {
        let files = entries.iter().map(|entry| entry.path.clone()).collect();
        let mut package = Self { control, control_files, files, conffiles: Vec::new() };
        package.conffiles = package.read_conffiles(entries)?;
        Ok(package)
    }

    pub fn name(&self) -> &str {
        self.control.get("Package").unwrap_or_default()
    }

    pub fn version(&self) -> &str {
        self.control.get("Version").unwrap_or_default()
    }

    /// `all`, or the architecture that the package was built for.
    pub fn architecture(&self) -> &str {
        self.control.get("Architecture").unwrap_or_default()
    }

    /// The name of the package's files in `var/lib/dpkg/info` before the dot: with the architecture when several may be
    /// installed beside each other (`Multi-Arch: same`).
    pub fn info_name(&self) -> String {
        match self.control.get("Multi-Arch") {
            Some("same") => format!("{}:{}", self.name(), self.architecture()),
            _ => self.name().to_owned(),
        }
    }

    /// The relations in a field (`Depends`, `Replaces`, …); none where the field is missing.
    pub fn relations(&self, field: &'static str) -> Result<Vec<Clause>, RelationsError> {
        let clauses = depends::parse(self.control.get(field).unwrap_or_default());
        clauses.map_err(|source| RelationsError { package: self.name().to_owned(), field, source })
    }

    /// The conffiles in the order of the package's list of them.
    pub fn conffiles(&self) -> &[Conffile] {
        &self.conffiles
    }

    /// The content of the package's `.list` in `var/lib/dpkg/info`: a path a line, `/.` for the root.
    pub fn list(&self) -> Vec<u8> {
        let mut list = Vec::new();
        for path in &self.files {
            list.push(b'/');
            list.extend_from_slice(if path.is_root() { b"." } else { path.as_bytes() });
            list.push(b'\n');
        }
        list
    }

    /// Takes a path off the list: the file of another package replaces it, which is a conffile there or not.
    pub(super) fn forget(&mut self, path: &TreePath, is_conffile_there: bool) {
        self.files.retain(|file| file != path);
        let lost = self.conffiles.iter_mut().find(|conffile| conffile.path == *path);
        if let Some(Conffile { shipped: shipped @ Shipped::Md5(_), .. }) = lost {
            *shipped = Shipped::TakenOver { obsolete: is_conffile_there };
        }
    }

    /// Whether the package ships `path` as a conffile.
    pub(super) fn has_conffile(&self, path: &TreePath) -> bool {
        self.conffiles.iter().any(|conffile| conffile.path == *path && matches!(conffile.shipped, Shipped::Md5(_)))
    }

    fn read_conffiles(&self, entries: &[DataEntry]) -> Result<Vec<Conffile>, UnpackError> {
        let text = self.control_files.get("conffiles").map(Vec::as_slice).unwrap_or_default();
        let mut conffiles = Vec::new();
        for line in text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            let (flagged, name) = match line.strip_prefix(REMOVE_ON_UPGRADE) {
                Some(name) => (true, name.trim_ascii_start()),
                None => (false, line),
            };
            let path =
                TreePath::new(name).map_err(|source| UnpackError::Path { package: self.name().to_owned(), source })?;
            if flagged {
                conffiles.push(Conffile { path, shipped: Shipped::RemoveOnUpgrade });
                continue;
            }
            let shipped = entries.iter().rposition(|entry| entry.path == path);
            let origin = shipped.and_then(|index| entry::origin(entries, index));
            let Some(content) = origin.and_then(|index| entries[index].node.content()) else {
                return Err(UnpackError::Conffile { package: self.name().to_owned(), path });
            };
            let content =
                content.bytes().map_err(|source| UnpackError::Archive { package: self.name().to_owned(), source })?;
            let md5 = hex::encode(Md5::digest(content));
            conffiles.push(Conffile { path, shipped: Shipped::Md5(md5) });
        }
        Ok(conffiles)
    }
}
