//! Why packages could not be unpacked.

use std::io;

use crate::archive::depends::RelationError;
use crate::tree::{PathError, TreeError, TreePath};

/// A field of relations that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the `{field}` field of package `{package}` cannot be read: {source}")]
pub struct RelationsError {
    pub package: String,
    pub field: &'static str,
    pub source: RelationError,
}

/// Why packages could not be unpacked. Each names the package, and the path where there is one.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    #[error("package `{package}` is given twice: give one version of it")]
    Twice { package: String },
    #[error("the data archive of package `{package}` cannot be read: {source}")]
    Archive { package: String, source: io::Error },
    #[error("package `{package}` ships a path that cannot be: {source}")]
    Path { package: String, source: PathError },
    #[error("package `{package}` ships {path:?}, whose name dpkg cannot hold because of its newline")]
    Newline { package: String, path: TreePath },
    #[error("package `{package}` ships `/{path}`, {what}, which is not understood")]
    Entry { package: String, path: TreePath, what: String },
    #[error("package `{package}` ships `/{path}` as a hard link to `/{target}`, which it does not ship")]
    HardLink { package: String, path: TreePath, target: TreePath },
    #[error("package `{package}` names `/{path}` a conffile but does not ship it as a file")]
    Conffile { package: String, path: TreePath },
    #[error(
        "`/{path}` is shipped by both `{first}` and `{second}` and neither replaces the other: leave one of them out"
    )]
    Conflict { path: TreePath, first: String, second: String },
    #[error("`/{path}` is a directory in `{directory}` and none in `{other}`: leave one of them out")]
    DirectoryConflict { path: TreePath, directory: String, other: String },
    #[error(transparent)]
    Relations(#[from] RelationsError),
    #[error("package `{package}` cannot be unpacked: {source}")]
    Tree { package: String, source: TreeError },
    #[error("rule `{0}` names no files: begin it with `/` or `*`")]
    Rule(String),
}

impl UnpackError {
    /// The package whose file is at fault, where it is the file of one alone.
    pub fn package(&self) -> Option<&str> {
        match self {
            Self::Archive { package, .. }
            | Self::Path { package, .. }
            | Self::Newline { package, .. }
            | Self::Entry { package, .. }
            | Self::HardLink { package, .. }
            | Self::Conffile { package, .. }
            | Self::Relations(RelationsError { package, .. }) => Some(package),
            // One that may be right in itself, and several that do not fit together.
            Self::Tree { .. }
            | Self::Twice { .. }
            | Self::Conflict { .. }
            | Self::DirectoryConflict { .. }
            | Self::Rule(_) => None,
        }
    }
}
