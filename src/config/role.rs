//! Roles: `overlays/<name>/role.toml` with a `files/` tree beside it, what a node is for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Pins;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{locate, parse};
use super::shelf::{Named, Shelf};
use super::source::{Place, SourceFile};

/// What is laid over the configured system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The name in `cluster.toml`; taken from the folder's name.
    #[serde(skip_deserializing)]
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
    /// Packages that come from a suite on request, where the system has that suite: the suite's name, then packages.
    #[serde(default)]
    pub from: Pins,
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
    /// Questions of debconf that are answered otherwise than by the package's default: "package/question" to value.
    #[serde(default)]
    pub debconf: BTreeMap<String, String>,
    /// Packages that only the node can configure, at its first boot: they make a secret or a database.
    #[serde(default)]
    pub second_stage: Vec<String>,
}

/// A system account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleUser {
    pub name: String,
    /// User and group id; below 1000 and free in the system.
    pub id: u32,
    pub home: String,
}

/// Units to switch on and off, as `systemctl enable`, `disable` and `mask` would.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnabledUnits {
    pub enable: Vec<String>,
    pub disable: Vec<String>,
    pub mask: Vec<String>,
}

/// Owner and mode of one path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

impl ModeRule {
    /// The permission bits, if they are three or four octal digits.
    pub fn bits(&self) -> Option<u16> {
        let octal = self.mode.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
        let fits = octal && matches!(self.mode.len(), 3 | 4);
        u16::from_str_radix(&self.mode, 8).ok().filter(|_| fits)
    }
}

impl Named for Role {
    const KIND: &'static str = "role";
    const FOLDER: &'static str = "overlays";
    const TAIL: &'static str = "/role.toml";

    fn read(name: &str, source: &Arc<SourceFile>, folder: &Path, found: &mut Diagnostics) -> Option<Self> {
        let (role, mistakes) = parse::<Self>(source);
        found.extend(mistakes);
        let mut role = role?;
        name.clone_into(&mut role.name);
        role.directory = folder.join(name);
        role.check(source, found);
        Some(role)
    }
}

impl Role {
    /// What a role file can get wrong that its form does not show.
    fn check(&self, source: &Arc<SourceFile>, found: &mut Diagnostics) {
        for (index, rule) in self.modes.iter().enumerate() {
            if rule.bits().is_none() {
                found.push(
                    Diagnostic::new(format!("`{}` is not a file mode", rule.mode))
                        .at(&locate(source, &["modes", &index.to_string(), "mode"]), "")
                        .help("write it in octal digits, like `0600`"),
                );
            }
        }
        for (index, user) in self.users.iter().enumerate() {
            // Debian policy, section 9.2.2: 100 to 999 are for system accounts made on the machine.
            if !(100..1000).contains(&user.id) {
                found.push(
                    Diagnostic::new(format!("the user `{}` has the id {}", user.name, user.id))
                        .at(&locate(source, &["users", &index.to_string(), "id"]), "")
                        .help("system accounts have 100 to 999"),
                );
            }
        }
    }
}

/// The role that brings what configures packages on the node.
const SECOND_STAGE: &str = "second-stage";

/// A role with all it extends, from the bottom up, each once.
pub(super) fn layers(name: &str, place: &Place, shelf: &mut Shelf<Role>, found: &mut Diagnostics) -> Option<Vec<Role>> {
    let mut layers = Vec::new();
    if !lay(name, place, shelf, &mut Vec::new(), &mut layers, found) {
        return None;
    }
    if layers.iter().all(|role| role.second_stage.is_empty()) {
        return Some(layers);
    }
    // What runs the second stage on the node lies below the role that needs it.
    let mut with_stage = Vec::new();
    lay(SECOND_STAGE, place, shelf, &mut Vec::new(), &mut with_stage, found).then_some(())?;
    lay(name, place, shelf, &mut Vec::new(), &mut with_stage, found).then_some(with_stage)
}

/// Lays one role onto `layers` after those it extends. `above` are the roles that led here.
fn lay(
    name: &str,
    place: &Place,
    shelf: &mut Shelf<Role>,
    above: &mut Vec<String>,
    layers: &mut Vec<Role>,
    found: &mut Diagnostics,
) -> bool {
    if above.iter().any(|role| role == name) {
        let way: Vec<String> = above.iter().map(String::as_str).chain([name]).map(|role| format!("`{role}`")).collect();
        found.push(
            Diagnostic::new(format!("the role `{name}` extends itself"))
                .at(place, "")
                .help(format!("the way is {}; take one step out", way.join(" → "))),
        );
        return false;
    }
    if layers.iter().any(|role| role.name == name) {
        return true;
    }
    let Some((role, source)) = shelf.get(name, place, found).cloned() else { return false };
    above.push(name.to_owned());
    let mut complete = true;
    for (index, below) in role.extends.iter().enumerate() {
        let place = locate(&source, &["extends", &index.to_string()]);
        complete &= lay(below, &place, shelf, above, layers, found);
    }
    above.pop();
    layers.push(role);
    complete
}
