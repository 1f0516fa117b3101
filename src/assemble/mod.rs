//! The way through the house: from a plan to images, each room called once.
//!
//! A base is built only when no base of the same [`Recipe`] lies in the output folder; a node is its base with the
//! identity stamped in. No privilege and no other program is needed for any of it.

mod apt_pins;
mod apt_sources;
mod base;
mod debs;
mod error;
mod known_hosts;
mod node;
mod packages;
mod programs;
mod ready;
mod recipe;
mod root;
mod verify;

pub use base::{BuiltBase, base};
pub use debs::{PackageError, PackageFile};
pub use error::BuildError;
pub use known_hosts::known_hosts;
pub use node::{nodes, patches};
pub use packages::{PackageSource, requests, roots};
pub use ready::{clean, prune};
pub use recipe::Recipe;
pub use root::{configured, root};
pub use verify::{Verdict, verify};

use std::path::PathBuf;

/// The folders a build works with.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Holds board-configs, rootfs and overlays.
    pub project: PathBuf,
    /// Receives the images.
    pub out: PathBuf,
    /// Holds the compiled worker and init, in a folder for each Rust target.
    pub payload: PathBuf,
}

impl Workspace {
    /// The lock of `system` for one architecture, which lies beside the system file.
    pub fn lock(&self, system: &str, architecture: crate::config::Architecture) -> PathBuf {
        self.project.join("rootfs").join(format!("{system}.{architecture}.lock"))
    }

    /// The folder where base images wait for their nodes.
    fn bases(&self) -> PathBuf {
        self.out.join(".bases")
    }

    /// The image of one node.
    pub fn image(&self, hostname: &str) -> PathBuf {
        self.out.join(format!("{hostname}.img"))
    }

    /// The patch that turns the base's image into the node's.
    pub fn patch(&self, hostname: &str) -> PathBuf {
        self.out.join(format!("{hostname}.patch"))
    }
}
