//! Why a lock cannot be read, written or used.

use std::io;
use std::path::PathBuf;

use crate::config::Architecture;

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("lock {}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("lock {} is missing; write it with `bramble lock`", .path.display())]
    NoLock { path: PathBuf },
    #[error("lock {} cannot be read: {reason}; write it anew with `bramble lock`", .path.display())]
    Broken { path: PathBuf, reason: String },
    #[error("the lock for {architecture} has no package `{package}`; add it with `bramble lock`")]
    Missing { package: String, architecture: Architecture },
    #[error(
        "the lock for {architecture} has no set of packages with {} together: it was written for other roles and boards; write \
         it anew with `bramble lock`", quoted(.roots)
    )]
    Apart { roots: Vec<String>, architecture: Architecture },
    #[error(
        "the lock for {architecture} has no packages with what a board, role or node wants from suite `{suite}` now; write it \
         anew with `bramble lock`"
    )]
    NotFrom { suite: String, architecture: Architecture },
}

/// "`a`, `b` and `c`"
fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
