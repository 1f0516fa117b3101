//! Roles: `overlays/<name>/role.toml` with a `files/` tree beside it, what a node is for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// What is laid over the configured system.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The name in `cluster.toml`; taken from the folder's name.
    #[serde(skip)]
    pub name: String,
    /// The folder that holds role.toml and `files/`.
    #[serde(skip)]
    pub directory: PathBuf,
    /// "Web server for static sites"
    pub description: String,
    /// Roles that are laid below this one, in order.
    #[serde(default)]
    pub extends: Vec<String>,
    /// Packages besides those of the system.
    #[serde(default)]
    pub packages: Vec<String>,
    #[serde(default)]
    pub users: Vec<RoleUser>,
    #[serde(default)]
    pub units: EnabledUnits,
    /// Our own programs: file name in the payload folder ("bramble-worker") to path on the node, mode 0755.
    #[serde(default)]
    pub programs: BTreeMap<String, String>,
    /// Where the cluster's site folder goes; none when the role serves no site.
    pub site: Option<String>,
    /// Owners and modes of files under `files/` that are not root's 0644 (0755 for directories and scripts).
    #[serde(default)]
    pub modes: Vec<ModeRule>,
    /// Empty directories to make.
    #[serde(default)]
    pub directories: Vec<String>,
    /// Paths to take away.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// A system account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleUser {
    pub name: String,
    /// User and group id; below 1000 and free in the system.
    pub id: u32,
    pub home: String,
}

/// Units to switch on and off, as `systemctl enable`, `disable` and `mask` would.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnabledUnits {
    pub enable: Vec<String>,
    pub disable: Vec<String>,
    pub mask: Vec<String>,
}

/// Owner and mode of one path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeRule {
    pub path: String,
    /// Octal digits: "0600".
    pub mode: String,
    /// User name; root when it is not said.
    pub owner: Option<String>,
    /// Group name; root when it is not said.
    pub group: Option<String>,
}
