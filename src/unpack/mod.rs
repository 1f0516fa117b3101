//! What `dpkg --unpack` does, for a whole set of packages at once into a fresh [`Tree`].
//!
//! dpkg unpacks one package after another and lets the order decide what meets what. Here every package lays its claim
//! to its paths first, conflicts are settled by what the packages say of each other (`Replaces`), and only then
//! is anything put into the tree: the result does not depend on an order, and a conflict names both sides.
//!
//! Owners are the archive's numbers. dpkg looks the names up instead, but every owner other than root is one of Debian's
//! static ids, whose numbers are the same everywhere (Debian Policy 9.2.2).

mod claim;
mod entry;
mod error;
mod exclude;
mod package;
mod replaces;

use rayon::prelude::*;

use crate::archive::Deb;
use crate::tree::Tree;

pub use error::{RelationsError, UnpackError};
pub use exclude::{ExcludeRules, Rule};
pub use package::{Conffile, Package, Script, Shipped};

use claim::{Claims, Loss};
use entry::DataEntry;

/// A package with the entries of its data archive.
struct Unpacked {
    package: Package,
    entries: Vec<DataEntry>,
}

/// Unpacks `debs` into a fresh tree. The packages come back sorted by name, whatever order they were given in.
///
/// Files that `exclude` names stay out of the tree. Conffiles are in their final place, as dpkg has them after
/// configuring a fresh installation. No modification time is later than `epoch`, in seconds since 1970-01-01 UTC.
pub fn unpack(debs: Vec<Deb>, exclude: &ExcludeRules, epoch: i64) -> Result<(Tree, Vec<Package>), UnpackError> {
    let unpacked: Vec<Result<Unpacked, UnpackError>> = debs.into_par_iter().map(|deb| read(deb, epoch)).collect();
    let mut unpacked = unpacked.into_iter().collect::<Result<Vec<Unpacked>, UnpackError>>()?;
    unpacked.sort_by(|a, b| a.package.name().cmp(b.package.name()));
    if let Some(twins) = unpacked.windows(2).find(|pair| pair[0].package.name() == pair[1].package.name()) {
        return Err(UnpackError::Twice { package: twins[0].package.name().to_owned() });
    }
    let claims = Claims::lay(&unpacked)?;
    let tree = claims.settle(&unpacked, exclude, epoch)?;
    let lost = claims.into_lost();
    let mut packages: Vec<Package> = unpacked.into_iter().map(|unpacked| unpacked.package).collect();
    for Loss { loser, path, is_conffile } in lost {
        packages[loser].forget(&path, is_conffile);
    }
    Ok((tree, packages))
}

/// Reads one package: its entries and what is to be remembered of it.
fn read(deb: Deb, epoch: i64) -> Result<Unpacked, UnpackError> {
    let Deb { control, control_files, data_tar } = deb;
    let name = control.get("Package").unwrap_or_default().to_owned();
    let entries = entry::read(&name, &data_tar, epoch)?;
    let package = Package::new(control, control_files, &entries)?;
    Ok(Unpacked { package, entries })
}

#[cfg(test)]
mod tests;
