//! The initramfs from the modules of the tree.

use crate::tree::{Tree, TreePath};

use super::{KernelError, modinfo};

/// The archive with `init` as first process and the files `modules` of `tree`, in load order. Modules are unpacked, so
/// that the kernel need not be able to. `epoch` is the time of everything in it.
pub fn initramfs(tree: &Tree, modules: &[TreePath], init: &[u8], epoch: i64) -> Result<Vec<u8>, KernelError> {
    let mtime = u32::try_from(epoch).map_err(|_| KernelError::TooLarge { what: format!("the time {epoch}") })?;
    let mut unpacked = Vec::new();
    for path in modules {
        let Some(name) = modinfo::module_name(path) else {
            return Err(KernelError::Elf { path: path.clone(), what: "its name does not end like a module's" });
        };
        unpacked.push((format!("{name}.ko"), modinfo::unpacked(path, tree.read(path)?)?));
    }
    Ok(bramble_init::initramfs(init, unpacked, mtime)?)
}
