//! Roles over the configured system: files, accounts, units, programs, the site, and who may log in.
//!
//! A role is data (`overlays/<name>/`); this room only knows how to lay one down. Owners and modes come from role.toml
//! and never from the checkout, which remembers neither.

mod access;
mod folder;
mod layer;

use std::path::PathBuf;

use bytes::Bytes;

use crate::config::BaseSpec;
use crate::configure::ConfigureError;
use crate::tree::{PathError, Tree, TreeError, TreePath};

/// The programs of ours that roles may install, by file name.
pub type Programs = std::collections::BTreeMap<String, Bytes>;

/// Why a role could not be laid over the system.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    #[error("cannot read `{path}`: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{0}` is neither a file, a folder nor a symbolic link; take it out of the overlay or the site")]
    Special(PathBuf),
    #[error("`{0}` has a name that is not UTF-8, which the node's ext4 writer cannot hold; rename it")]
    Name(PathBuf),
    #[error("role `{role}` wants the program `{program}`, which has not been compiled; `make payload` does that")]
    MissingProgram { role: String, program: String },
    #[error("role `{role}` gives `{path}` the mode `{mode}`, which is not three or four octal digits")]
    Mode { role: String, path: String, mode: String },
    #[error("role `{role}` gives `/` the mode `{mode}`: no program of the node could open a file then")]
    ClosedRoot { role: String, mode: String },
    #[error("role `{role}` sets the mode or owner of `{path}`, which is not there")]
    ModeOfNothing { role: String, path: String },
    #[error("role `{role}` gives `{path}` to `{account}`, which is no account of the system or the role")]
    UnknownAccount { role: String, path: String, account: String },
    #[error("role `{role}`: {source}")]
    Unit { role: String, source: ConfigureError },
    #[error("role `{role}` enables the unit `{unit}`, and disables or masks it too; do one of it")]
    UnitOnAndOff { role: String, unit: String },
    #[error(
        "the cluster file names keys to log in with by ssh, and the system `{system}` has no ssh server: add \
         `openssh-server` to `packages` in rootfs/{system}.toml or in a role, or take the keys out of `[ssh]`"
    )]
    NoSshServer { system: String },
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Lays every role of `base` over the configured `tree`, from the bottom up, then the site, then access.
pub fn apply(tree: &mut Tree, base: &BaseSpec, programs: &Programs, epoch: i64) -> Result<(), OverlayError> {
    for role in &base.roles {
        layer::apply(tree, role, programs, epoch)?;
        if let Some(target) = &role.site {
            // Without a site the web server finds an empty folder: it starts, and answers that nothing is there.
            let target = TreePath::new(target)?;
            tree.make_directories(&target, crate::tree::Meta::directory(epoch))?;
            if let Some(site) = &base.site {
                folder::lay(tree, site, &target, epoch)?;
            }
        }
    }
    access::apply(tree, base, epoch)
}
