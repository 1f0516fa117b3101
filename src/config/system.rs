//! Systems: `rootfs/<name>.toml`, the distribution that nodes run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{locate, parse};
use super::shelf::Named;
use super::source::SourceFile;
use super::{Architecture, Board, BootMenu, Cpu};

/// A distribution release with the packages every node gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The name in `cluster.toml`; taken from the file name.
    #[serde(skip_deserializing)]
    pub name: String,
    /// "Debian 13 (trixie)"
    pub description: String,
    /// Where packages come from when neither an option, nor the environment, nor the host's own apt sources say.
    pub mirror: String,
    /// An archive of past states to look for packages that left the mirror. `{time}` stands for the lock's time as
    /// `20260912T075541Z`.
    pub snapshot: Option<String>,
    /// OpenPGP certificates that may sign the indices, relative to the system file.
    pub keyring: PathBuf,
    /// How a user gets the keyring, where the repository does not bring it.
    pub keyring_help: Option<String>,
    /// Path of the same certificates on the node. Without it apt has no sources there.
    #[serde(default)]
    pub node_keyring: Option<String>,
    /// The first one that a board can run is the one it gets.
    pub architectures: Vec<Architecture>,
    /// The processor that an architecture is compiled for, where it is another one than Debian's.
    #[serde(default)]
    pub cpu: BTreeMap<Architecture, Cpu>,
    /// Packages that bring this system's own kernels, by the board's processor, where they are not Debian's. They are
    /// for boards with Raspberry Pi's firmware, whatever their files name for Debian.
    #[serde(default)]
    pub kernels: BTreeMap<Cpu, String>,
    /// Whose names the device trees of its kernels have.
    #[serde(default)]
    pub device_trees: DeviceTrees,
    pub suites: Vec<Suite>,
    pub components: Vec<String>,
    /// Packages of every node, besides those marked Essential and the board's kernel.
    pub packages: Vec<String>,
    /// Paths of packages that do not reach the image: shell patterns as in dpkg's `path-exclude`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Exceptions to `exclude`, as in dpkg's `path-include`.
    #[serde(default)]
    pub include: Vec<String>,
    /// Questions of debconf that are answered otherwise than by the package's default: "package/question" to value.
    #[serde(default)]
    pub debconf: BTreeMap<String, String>,
}

/// The two families of names that Raspberry Pi's device trees have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceTrees {
    /// Mainline Linux', as board files have them: bcm2835-rpi-b-plus.dtb.
    #[default]
    Upstream,
    /// Those of Raspberry Pi's own kernels, which the firmware looks for by itself: bcm2708-rpi-b-plus.dtb.
    Downstream,
}

/// One suite of the archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// "trixie", "trixie-updates"
    pub name: String,
    /// Its name in its own archive, where two archives of the system have a suite of one name.
    pub dist: Option<String>,
    /// Its own mirror path when it is not below the system's mirror ("debian-security").
    pub mirror: Option<String>,
    /// Where that path is when the system file's mirror is used, and for apt on the node; beside the mirror when it is
    /// not said.
    #[serde(default)]
    pub url: Option<String>,
    /// Whether a lock may go on without this suite when its indices are inconsistent and `--without-suite` says so.
    #[serde(default)]
    pub optional: bool,
    /// Whether packages come from it only where `[from]` of a board, a role or a node names them, and what they need that
    /// the other suites do not have. apt on such a node does the same, and on others does not know the suite.
    #[serde(default)]
    pub on_request: bool,
}

impl Named for System {
    const KIND: &'static str = "system";
    const FOLDER: &'static str = "rootfs";
    const TAIL: &'static str = ".toml";

    fn read(name: &str, source: &Arc<SourceFile>, folder: &Path, found: &mut Diagnostics) -> Option<Self> {
        let (system, mistakes) = parse::<Self>(source);
        found.extend(mistakes);
        let mut system = system?;
        name.clone_into(&mut system.name);
        system.check(source, folder, found);
        Some(system)
    }
}

impl Suite {
    /// Its name in its own archive: the folder below `dists`.
    pub fn dist(&self) -> &str {
        self.dist.as_deref().unwrap_or(&self.name)
    }
}

impl System {
    /// The processor that packages of `architecture` are compiled for.
    pub fn cpu(&self, architecture: Architecture) -> Cpu {
        self.cpu.get(&architecture).copied().unwrap_or(architecture.cpu())
    }

    /// Whether it has a suite of this name from which packages come on request.
    pub fn on_request(&self, suite: &str) -> bool {
        self.suites.iter().any(|own| own.on_request && own.name == suite)
    }

    /// The package that brings the kernel of `board`, if the board can run `architecture` of this system.
    pub fn kernel<'a>(&'a self, board: &'a Board, architecture: Architecture) -> Option<&'a str> {
        if !self.architectures.contains(&architecture) || self.cpu(architecture) > board.cpu {
            return None;
        }
        let kernel = match board.firmware.menu {
            _ if self.kernels.is_empty() => board.kernels.get(&architecture),
            BootMenu::ConfigTxt => self.kernels.get(&board.cpu),
            BootMenu::Extlinux => None,
        };
        kernel.map(String::as_str)
    }

    /// What a system file can get wrong that its form does not show.
    fn check(&self, source: &Arc<SourceFile>, folder: &Path, found: &mut Diagnostics) {
        if !folder.join(&self.keyring).is_file() {
            let diagnostic = Diagnostic::new(format!("there is no keyring `{}`", self.keyring.display()))
                .at(&locate(source, &["keyring"]), "relative to this file's folder");
            found.push(match &self.keyring_help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
        if let Some(snapshot) = &self.snapshot
            && !snapshot.contains("{time}")
        {
            found.push(
                Diagnostic::new("the snapshot archive's address does not say where the time goes")
                    .at(&locate(source, &["snapshot"]), "")
                    .help("write `{time}` there, like `http://snapshot.debian.org/archive/debian/{time}`"),
            );
        }
        // apt's pin knows a suite by its name in its archive.
        for (index, suite) in self.suites.iter().enumerate().filter(|(_, suite)| suite.on_request) {
            if self.suites.iter().enumerate().any(|(other, its)| other != index && its.dist() == suite.dist()) {
                found.push(
                    Diagnostic::new(format!("apt could not tell the suite `{}` from another one", suite.name))
                        .at(&locate(source, &["suites", &index.to_string(), "on_request"]), "")
                        .help("only a suite whose name no other one has can be on request"),
                );
            }
        }
        for (key, is_empty) in [
            ("architectures", self.architectures.is_empty()),
            ("suites", self.suites.iter().all(|suite| suite.on_request)),
            ("components", self.components.is_empty()),
        ] {
            if is_empty {
                let title = format!("a system without {key} has no packages");
                found.push(Diagnostic::new(title).at(&locate(source, &[key]), "this list is empty"));
            }
        }
    }
}
