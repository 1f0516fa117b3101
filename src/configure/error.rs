//! Why a system could not be configured.

use crate::tree::{PathError, TreeError};
use crate::unpack::RelationsError;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigureError {
    #[error("user `{0}` is needed and no package made it; add the package that does, or a sysusers.d line")]
    UnknownUser(String),
    #[error("group `{0}` is needed and no package made it; add the package that does, or a sysusers.d line")]
    UnknownGroup(String),
    /// A file of the tree or of a package that does not have the form its reader expects.
    #[error("`{path}` {what}")]
    Malformed { path: String, what: String },
    /// An answer to a question of debconf that is of no use.
    #[error("{file} answers debconf's question `{question}` with `{value}`, {what}")]
    Answer { file: String, question: String, value: String, what: String },
    /// A unit that is to be enabled, disabled or masked and is in none of systemd's folders.
    #[error("unit `{0}` is in none of systemd's folders; add the package that brings it, or mend the name")]
    UnknownUnit(String),
    #[error(transparent)]
    Relations(#[from] RelationsError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Path(#[from] PathError),
}
