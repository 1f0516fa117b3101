//! The initramfs: the first process, the kernel modules it loads, and nothing else.
//!
//! It is not compressed: on a card it is a few megabytes that the firmware reads in a fraction of a second, unpacking
//! them costs the board's processor as long, and its bytes do not hang on a codec's version. Modules are unpacked, so
//! that the kernel need not be able to.

use crate::tree::{Tree, TreePath};

use super::cpio::Cpio;
use super::{KernelError, modinfo};

/// Empty directories for the first process: to mount on, and `newroot` to move to.
const DIRECTORIES: [&str; 6] = ["dev", "modules", "newroot", "proc", "run", "sys"];

/// The archive with `init` as `/init`, the files `modules` of `tree` as `/modules/<name>.ko`, and `/modules.list`, which
/// names them by their paths in the archive, one a line, in the given order. `epoch` is the time of everything in it.
pub fn initramfs(tree: &Tree, modules: &[TreePath], init: &[u8], epoch: i64) -> Result<Vec<u8>, KernelError> {
    let mtime = u32::try_from(epoch).map_err(|_| KernelError::TooLarge { what: format!("the time {epoch}") })?;
    let mut cpio = Cpio::new(mtime);
    for directory in DIRECTORIES {
        cpio.directory(directory, 0o755)?;
    }
    cpio.char_device("dev/console", 0o600, 5, 1)?;
    cpio.char_device("dev/null", 0o666, 1, 3)?;
    cpio.file("init", 0o755, init)?;
    let mut list = String::new();
    for path in modules {
        let Some(name) = modinfo::module_name(path) else {
            return Err(KernelError::Elf { path: path.clone(), what: "its name does not end like a module's" });
        };
        let file = format!("modules/{name}.ko");
        cpio.file(&file, 0o644, &modinfo::unpacked(path, tree.read(path)?)?)?;
        list.push('/');
        list.push_str(&file);
        list.push('\n');
    }
    cpio.file("modules.list", 0o644, list.as_bytes())?;
    cpio.finish()
}
