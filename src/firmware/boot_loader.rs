//! The boot loader before the first partition, on boards whose processor looks for one there.

use bytes::Bytes;

use super::FirmwareError;
use super::boot_files::packaged;
use crate::config::BaseSpec;
use crate::tree::Tree;

/// The boot loader that the board wants, if it wants one: where, in bytes from the start of the card, and what.
pub fn boot_loader(tree: &Tree, base: &BaseSpec) -> Result<Option<(u64, Bytes)>, FirmwareError> {
    let Some(loader) = &base.board.firmware.loader else { return Ok(None) };
    let packages = base.board.packages.join("` or `");
    Ok(Some((loader.offset, packaged(tree, &base.board, &loader.path, &packages)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BootLoader;
    use crate::firmware::tests::example::base;
    use crate::tree::{Meta, TreePath};

    #[test]
    fn it_is_read_from_the_system() {
        let mut tree = Tree::new(Meta::directory(0));
        let path = TreePath::new("u-boot.bin").expect("a valid path");
        tree.write(&path, "u-boot", Meta::file(0)).expect("a fresh file");
        let mut base = base();
        assert_eq!(boot_loader(&tree, &base), Ok(None));
        base.board.firmware.loader = Some(BootLoader { path: "u-boot.bin".into(), offset: 8192 });
        assert_eq!(boot_loader(&tree, &base), Ok(Some((8192, "u-boot".into()))));
        base.board.firmware.loader = Some(BootLoader { path: "usr/lib/u-boot/none.bin".into(), offset: 8192 });
        let error = boot_loader(&tree, &base).expect_err("no such file");
        assert_eq!(
            error.to_string(),
            "`/usr/lib/u-boot/none.bin` is not in the system: board `pi2` wants it from package `raspi-firmware`"
        );
    }
}
