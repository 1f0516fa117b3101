//! What `dpkg --configure -a` of a fresh installation does, done natively: no instruction of the target runs.
//!
//! A maintainer script is taken apart. The blocks that debhelper wrote are understood by their form ([`debhelper`]);
//! what its maintainer wrote by hand, the residue, is known by its hash and has a hand-written counterpart here
//! ([`scripts`]). A script that is neither stops the build ([`recognise`]), so nothing is silently left undone.
//! Only `preinst install`, `config configure` and `postinst configure` run in a fresh installation; `prerm` and
//! `postrm` do not, so they are carried along for the node and never read.
//!
//! Scripts make some files that are left out here, because the node does well without them or they are made elsewhere:
//! `/etc/ld.so.cache` ([`ld_so_cache`], once roles have laid down their libraries too),
//! `/usr/lib/udev/hwdb.bin` and the journal's catalog (databases of descriptions), initramfs images and the links to
//! them (kernel), modules.dep and its kin (kernel), SSH host keys (first boot), backups of tables (`passwd-`,
//! `status-old`, …) and empty lock files, which their tools make when they need them. Accounts get ids in the order
//! given here; dpkg, whose order is apt's, may number system users otherwise.
//!
//! Work goes in this order: all scripts are recognised; every `preinst` in name order; every `postinst` in the
//! order of dependencies ([`order`]); then the records of dpkg and debconf, which tell what the steps before did.

pub mod accounts;
mod alternatives;
mod certificates;
mod context;
mod counterpart;
pub mod debconf;
pub mod debhelper;
mod diversion;
pub mod dpkg;
mod error;
mod fields;
mod first_boot;
pub mod ld_so_cache;
pub mod order;
mod pam;
mod rc;
pub mod recognise;
mod scripts;
#[cfg(test)]
mod testing;
pub mod tmpfiles;
mod ucf;
pub mod units;

use std::collections::BTreeMap;

use crate::config::Architecture;
use crate::tree::Tree;
use crate::unpack::Package;

pub use context::Context;
pub use counterpart::{Counterpart, ScriptKind};
pub use diversion::Diversion;
pub use error::ConfigureError;
pub use recognise::Unrecognised;

/// The inputs of the configuration besides the packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureOptions {
    pub architecture: Architecture,
    /// Modification time of everything that is written, in seconds since 1970-01-01 UTC.
    pub epoch: i64,
    /// Answers to debconf questions ("package/question" to value) in place of the packages' defaults.
    pub debconf: BTreeMap<String, String>,
}

/// Configures the unpacked `packages` of `tree`.
///
/// # Errors
///
/// Every script that is not recognised is reported at once, before anything is changed; see [`ConfigureError`].
pub fn configure(tree: &mut Tree, packages: &[Package], options: &ConfigureOptions) -> Result<(), ConfigureError> {
    let recognised = recognise::recognise(packages)?;
    let mut context = Context::new(tree, packages, options);
    for package in packages {
        recognised.run(&mut context, package, ScriptKind::Preinst)?;
    }
    for package in order::order(packages)? {
        recognised.run(&mut context, package, ScriptKind::Config)?;
        recognised.run(&mut context, package, ScriptKind::Postinst)?;
    }
    first_boot::settle(&mut context)?;
    debconf::write(&mut context)?;
    dpkg::write(&mut context)
}
