//! The `Replaces` field: whose files a package may take over (Debian Policy 7.6.1).

use crate::archive::depends;

use super::{Package, UnpackError};

/// Whether `package` says that its files may take the place of `other`'s. As in dpkg, only the real name counts, not
/// what `other` provides.
pub(super) fn replaces(package: &Package, other: &Package) -> Result<bool, UnpackError> {
    let field = package.control.get("Replaces").unwrap_or_default();
    let clauses =
        depends::parse(field).map_err(|source| UnpackError::Replaces { package: package.name().to_owned(), source })?;
    Ok(clauses.iter().flatten().any(|relation| relation.name == other.name() && relation.met_by(other.version())))
}
