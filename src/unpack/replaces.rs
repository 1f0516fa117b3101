//! The `Replaces` field: whose files a package may take over (Debian Policy 7.6.1).

use super::{Package, RelationsError};

/// Whether `package` says that its files may take the place of `other`'s. As in dpkg, only the real name counts, not
/// what `other` provides.
pub(super) fn replaces(package: &Package, other: &Package) -> Result<bool, RelationsError> {
    let clauses = package.relations("Replaces")?;
    Ok(clauses.iter().flatten().any(|relation| relation.name == other.name() && relation.met_by(other.version())))
}
