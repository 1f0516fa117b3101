//! The Linux kernel's modules: what they say of themselves, which of them a board needs and in what order they load,
//! the index files that `modprobe` works from, and the initramfs that carries the first of them.
//!
//! All of it is read from the kernel package's files in the tree; nothing of the target runs. What depmod(8) would
//! write is written here byte for byte (kmod 34, as in Debian trixie).

mod builtin;
mod depends;
mod elf;
mod error;
mod hash_order;
mod index;
mod initramfs;
mod modinfo;
mod modules;
mod nearest;
mod trie;

pub use error::KernelError;
pub use index::index;
pub use initramfs::initramfs;
pub use modules::Modules;

use crate::tree::{Tree, TreePath};

/// Where kernel packages put their modules, a directory for each release.
const MODULES: &str = "usr/lib/modules";

/// The release of the one kernel in the tree: "6.12.107+deb13-armmp".
pub fn release(tree: &Tree) -> Result<String, KernelError> {
    let directory = TreePath::new(MODULES)?;
    let holders = tree.children(&directory).filter(|(_, node)| node.is_directory());
    let names: Vec<String> = holders.filter_map(|(path, _)| Some(text(path.name()?))).collect();
    match <[String; 1]>::try_from(names) {
        Ok([release]) => Ok(release),
        Err(names) if names.is_empty() => Err(KernelError::NoKernel),
        Err(names) => Err(KernelError::ManyKernels { releases: names.join(", ") }),
    }
}

/// The directory of one kernel's modules.
fn directory(release: &str) -> Result<TreePath, KernelError> {
    Ok(TreePath::new(format!("{MODULES}/{release}"))?)
}

/// Names of modules and symbols are ASCII; what is not shows as U+FFFD and then matches nothing.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
