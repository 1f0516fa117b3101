//! What the tools of a Debian system do to it while its packages are configured, done to the tree: accounts, units, alternatives,
//! debconf's and dpkg's records, one file per concern. No instruction of the target runs.
//!
//! What a tool makes and an image has no need of is left out, as the node does well without it or it is made elsewhere:
//! `/etc/ld.so.cache` ([`ld_so_cache`], once roles have laid down their libraries too), `/usr/lib/udev/hwdb.bin` and the
//! journal's catalog (databases of descriptions), initramfs images and the links to them (kernel), modules.dep and its kin
//! (kernel), SSH host keys (first boot), backups of tables (`passwd-`, `status-old`, …) and empty lock files, which their
//! tools make when they need them. Accounts get ids in the order given here; dpkg, whose order is apt's, may number system
//! users otherwise.

pub mod accounts;
pub mod alternatives;
pub mod certificates;
mod context;
pub mod debconf;
mod diversion;
pub mod dpkg;
mod error;
mod fields;
pub mod first_boot;
pub mod ld_so_cache;
pub mod pam;
pub mod rc;
#[cfg(test)]
pub(crate) mod testing;
pub mod tmpfiles;
pub mod ucf;
pub mod units;

use std::collections::BTreeMap;

use crate::config::Architecture;

pub use context::Context;
pub use diversion::Diversion;
pub use error::ConfigureError;

/// The inputs of the configuration besides the packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureOptions {
    pub architecture: Architecture,
    /// Modification time of everything that is written, in seconds since 1970-01-01 UTC.
    pub epoch: i64,
    /// Answers to debconf questions ("package/question" to value) in place of the packages' defaults.
    pub debconf: BTreeMap<String, debconf::Answer>,
    /// Packages that the node is to configure, each with the file that says so.
    pub second_stage: Vec<(String, String)>,
}
