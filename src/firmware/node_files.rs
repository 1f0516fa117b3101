//! What on the node keeps Debian's own hook off the boot partition.
//!
//! `/etc/kernel/postinst.d/z50-raspi-firmware` (package `raspi-firmware`) truncates `config.txt` and `cmdline.txt`, writes
//! the kernel's files over those that start the board, takes the old ones away, and waits for none of it: a power cut
//! leaves a board that does not start. Our hook (`overlays/common`, `zz-bramble-boot`) does its work. Debian's can be
//! neither changed nor taken away, as the next version of its package brings it and calls it by name; it reads this file.

use crate::config::{Board, BootMenu};

const SETTINGS: &str = "\
# Read by /etc/kernel/postinst.d/z50-raspi-firmware, which ends here: it would write over what starts the board, and a power
# cut would leave nothing that does. /etc/kernel/postinst.d/zz-bramble-boot brings the kernel to the boot partition, and
# config.txt there is this node's own.
exit 0
";

/// Absolute path and content of each file; owner root, mode 0644.
pub fn node_files(board: &Board) -> &'static [(&'static str, &'static str)] {
    match board.firmware.menu {
        BootMenu::ConfigTxt => &[("/etc/default/raspi-firmware", SETTINGS)],
        BootMenu::Extlinux => &[],
    }
}
