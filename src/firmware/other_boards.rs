//! What packages bring for other boards than the one at hand, and the image does without: a kernel's package has the device
//! trees of every board it runs on (56 MB on arm64), raspi-firmware the forms of Raspberry Pi's firmware for other
//! generations, for cameras and for its authors.
//!
//! A kernel update brings new ones of the device trees that are on the card (`zz-bramble-boot`), and a board starts from the
//! firmware's files on its card, so nothing misses the rest. The next version of a kernel's package brings all of it.

use crate::config::Board;
use crate::unpack::Rule;

/// Rules for unpacking, dpkg's `path-exclude` and `path-include`.
pub fn of_other_boards(board: &Board) -> Vec<Rule> {
    let firmware = &board.firmware;
    let exclude = [
        "/usr/lib/linux-image-*.dtb",
        "/usr/lib/modules/*/dtb/*.dtb",
        "/usr/lib/modules/*/dtb/*.dtbo",
        "/usr/lib/raspi-firmware/start*",
        "/usr/lib/raspi-firmware/fixup*",
    ];
    // A `*` stands for any number of folders, but for one at least.
    let folders = ["/usr/lib/linux-image-*", "/usr/lib/modules/*/dtb", "/usr/lib/modules/*/dtb/*"];
    let trees = firmware.device_trees.iter().flat_map(|name| folders.map(|folder| format!("{folder}/{name}")));
    let loaded = firmware.files.iter().chain(&firmware.cut_down);
    let include = trees.chain(loaded.map(|name| format!("/usr/lib/raspi-firmware/{name}")));
    exclude.map(|pattern| Rule::Exclude(pattern.into())).into_iter().chain(include.map(Rule::Include)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::tests::example::base;
    use crate::tree::TreePath;
    use crate::unpack::ExcludeRules;

    #[test]
    fn what_the_board_loads_stays() {
        let rules = ExcludeRules::new(of_other_boards(&base().board)).expect("rules that can match");
        let left_out = |path: &str| rules.excludes(&TreePath::new(path).expect("a path"), false);
        for kept in [
            "usr/lib/raspi-firmware/start.elf",
            "usr/lib/raspi-firmware/bootcode.bin",
            "usr/lib/linux-image-6.12/README",
            "usr/lib/linux-image-6.12/bcm2836-rpi-2-b.dtb",
            "usr/lib/modules/7.3/dtb/broadcom/bcm2836-rpi-2-b.dtb",
            "usr/lib/modules/7.3/vmlinuz",
        ] {
            assert!(!left_out(kept), "{kept}");
        }
        for other in [
            "usr/lib/raspi-firmware/start_x.elf",
            "usr/lib/linux-image-6.12/amlogic/meson.dtb",
            "usr/lib/modules/7.3/dtb/amlogic/meson.dtb",
            "usr/lib/modules/7.3/dtb/freescale/imx8-panel.dtbo",
        ] {
            assert!(left_out(other), "{other}");
        }
    }
}
