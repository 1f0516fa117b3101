//! What can be wrong with a kernel and its modules.

use std::io;

use crate::tree::{PathError, TreeError, TreePath};

/// What can be wrong with a kernel and its modules.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    #[error("no kernel is in the tree: add the board's kernel package, which brings a directory in /usr/lib/modules")]
    NoKernel,
    #[error("more than one kernel is in the tree ({releases}): leave all but one kernel package out")]
    ManyKernels { releases: String },
    #[error("kernel {release} has no module `{name}`{}", suggestion(.near))]
    Unknown { release: String, name: String, near: Vec<String> },
    #[error("module `/{path}` cannot be unpacked: {source}")]
    Compression { path: TreePath, source: io::Error },
    #[error("module `/{path}` is no 32- or 64-bit little-endian ELF file: {what}")]
    Elf { path: TreePath, what: &'static str },
    #[error("module `{module}` depends on `{name}`, which kernel {release} does not have: its package is incomplete")]
    Dependency { release: String, module: String, name: String },
    #[error("modules {names} of kernel {release} need each other in a circle and can never load")]
    Cycle { release: String, names: String },
    #[error("`{0}` cannot be put into a module index, which takes 7-bit ASCII alone")]
    NotAscii(String),
    #[error("`{what}` is too large for a newc archive, which counts to 4294967295")]
    TooLarge { what: String },
    #[error(transparent)]
    Cpio(#[from] bramble_init::CpioError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Path(#[from] PathError),
}

fn suggestion(near: &[String]) -> String {
    match near {
        [] => ": name one that it has, or leave it out".to_owned(),
        near => format!(": did you mean `{}`?", near.join("` or `")),
    }
}
