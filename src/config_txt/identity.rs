//! Which board reads the file: what makes the filters of `config.txt` true.
//!
//! The models are those that the firmware has names for; they are its vocabulary and not a list of boards to build for,
//! which is in `board-configs/`.

use std::collections::BTreeSet;

/// A family of chips, which decides how the first steps of the boot go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soc {
    /// ARMv6.
    Bcm2835,
    /// ARMv7.
    Bcm2836,
    /// ARMv8, started in 32 bits unless `arm_64bit` says otherwise.
    Bcm2837,
    /// ARMv8 with its first boot stages in an EEPROM, started in 64 bits unless `arm_64bit` says otherwise.
    Bcm2711,
    /// ARMv8 with all of the firmware in an EEPROM.
    Bcm2712,
}

/// A model by the firmware's knowledge of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    pub soc: Soc,
    /// Device tree by Linux' name, looked for first with `upstream_kernel=1`.
    pub upstream: &'static str,
    /// Device tree by the name in Raspberry Pi's own kernels, looked for otherwise.
    pub downstream: &'static str,
    /// Model filters that hold on it.
    pub filters: &'static [&'static str],
    /// `[board-type=…]`; the TT byte of the revision code.
    pub board_type: u32,
}

/// Shortens the table below.
const fn model(
    soc: Soc,
    upstream: &'static str,
    downstream: &'static str,
    filters: &'static [&'static str],
    board_type: u32,
) -> Model {
    Model { soc, upstream, downstream, filters, board_type }
}

/// Sources: "Model Filters" and "Raspberry Pi Revision Codes" in the Raspberry Pi documentation; device tree names from
/// `linux-image-*` and from the strings of start.elf (`bcm%d-rpi-%s.dtb`).
const MODELS: &[Model] = &[
    model(Soc::Bcm2835, "bcm2835-rpi-a.dtb", "bcm2708-rpi-b-rev1.dtb", &["pi1"], 0x00),
    model(Soc::Bcm2835, "bcm2835-rpi-b.dtb", "bcm2708-rpi-b-rev1.dtb", &["pi1"], 0x01),
    model(Soc::Bcm2835, "bcm2835-rpi-b-rev2.dtb", "bcm2708-rpi-b.dtb", &["pi1"], 0x01),
    model(Soc::Bcm2835, "bcm2835-rpi-a-plus.dtb", "bcm2708-rpi-b-plus.dtb", &["pi1"], 0x02),
    model(Soc::Bcm2835, "bcm2835-rpi-b-plus.dtb", "bcm2708-rpi-b-plus.dtb", &["pi1"], 0x03),
    model(Soc::Bcm2835, "bcm2835-rpi-cm1-io1.dtb", "bcm2708-rpi-cm.dtb", &["pi1", "cm1"], 0x06),
    model(Soc::Bcm2835, "bcm2835-rpi-zero.dtb", "bcm2708-rpi-zero.dtb", &["pi0"], 0x09),
    model(Soc::Bcm2835, "bcm2835-rpi-zero-w.dtb", "bcm2708-rpi-zero-w.dtb", &["pi0w", "pi0"], 0x0c),
    model(Soc::Bcm2836, "bcm2836-rpi-2-b.dtb", "bcm2709-rpi-2-b.dtb", &["pi2"], 0x04),
    model(Soc::Bcm2837, "bcm2837-rpi-3-b.dtb", "bcm2710-rpi-3-b.dtb", &["pi3"], 0x08),
    model(Soc::Bcm2837, "bcm2837-rpi-cm3-io3.dtb", "bcm2710-rpi-cm3.dtb", &["pi3", "cm3"], 0x0a),
    model(Soc::Bcm2837, "bcm2837-rpi-3-b-plus.dtb", "bcm2710-rpi-3-b-plus.dtb", &["pi3+", "pi3"], 0x0d),
    model(Soc::Bcm2837, "bcm2837-rpi-3-a-plus.dtb", "bcm2710-rpi-3-a-plus.dtb", &["pi3+", "pi3"], 0x0e),
    model(Soc::Bcm2837, "bcm2837-rpi-zero-2-w.dtb", "bcm2710-rpi-zero-2-w.dtb", &["pi02", "pi0w", "pi0"], 0x12),
    model(Soc::Bcm2711, "bcm2711-rpi-4-b.dtb", "bcm2711-rpi-4-b.dtb", &["pi4"], 0x11),
    model(Soc::Bcm2711, "bcm2711-rpi-400.dtb", "bcm2711-rpi-400.dtb", &["pi400", "pi4"], 0x13),
    model(Soc::Bcm2711, "bcm2711-rpi-cm4-io.dtb", "bcm2711-rpi-cm4.dtb", &["cm4", "pi4"], 0x14),
    model(Soc::Bcm2712, "bcm2712-rpi-5-b.dtb", "bcm2712-rpi-5-b.dtb", &["pi5"], 0x17),
    // The same model with the processor's D0 stepping, of which no filter and no revision code tells.
    model(Soc::Bcm2712, "bcm2712-d-rpi-5-b.dtb", "bcm2712d0-rpi-5-b.dtb", &["pi5"], 0x17),
];

impl Model {
    /// Every model that the firmware has names for, the oldest first.
    pub fn all() -> &'static [Self] {
        MODELS
    }

    /// The model whose device tree, by either name, is `name`.
    pub fn of_device_tree(name: &str) -> Option<Self> {
        let upstream = MODELS.iter().find(|model| model.upstream == name);
        upstream.or_else(|| MODELS.iter().find(|model| model.downstream == name)).copied()
    }

    /// Whether the model filter `name` holds on it.
    pub fn sees(&self, name: &str) -> bool {
        self.filters.contains(&name)
    }

    /// Whether the firmware has a model filter of that name at all.
    pub fn is_filter(name: &str) -> bool {
        name == "cm4s" || name == "cm5" || MODELS.iter().any(|model| model.sees(name))
    }
}

/// One board in one situation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardIdentity {
    /// None: a board that no model filter holds on.
    pub model: Option<Model>,
    pub serial: Option<u64>,
    /// Whether this is the one boot after `reboot "0 tryboot"`.
    pub tryboot: bool,
    /// GPIO pins that read as high.
    pub high_pins: BTreeSet<u8>,
    /// EDID names of the monitors.
    pub monitors: BTreeSet<String>,
}

impl BoardIdentity {
    /// A headless board with nothing on its pins, of the model that this device tree describes.
    pub fn of_device_tree(name: &str) -> Self {
        Self { model: Model::of_device_tree(name), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_by_both_names_of_its_device_tree() {
        let upstream = Model::of_device_tree("bcm2836-rpi-2-b.dtb").expect("the Pi 2");
        assert_eq!(Model::of_device_tree("bcm2709-rpi-2-b.dtb"), Some(upstream));
        assert_eq!(Model::of_device_tree("sun7i-a20-bananapi.dtb"), None);
    }

    #[test]
    fn every_board_with_this_firmware_is_a_model_of_it() {
        let boards = crate::config::Board::all(env!("CARGO_MANIFEST_DIR").as_ref()).expect("the board files are right");
        let served = |board: &&crate::config::Board| board.firmware.menu == crate::config::BootMenu::ConfigTxt;
        let trees: Vec<&String> = boards.iter().filter(served).flat_map(|board| &board.firmware.device_trees).collect();
        assert!(trees.len() > 10, "{trees:?}");
        for name in trees {
            assert!(Model::all().iter().any(|model| model.upstream == name), "no model has the device tree {name}");
        }
    }

    #[test]
    fn later_models_of_a_family_see_the_filters_of_the_earlier() {
        let zero = Model::of_device_tree("bcm2837-rpi-zero-2-w.dtb").expect("the Zero 2 W");
        assert!(zero.sees("pi02") && zero.sees("pi0w") && zero.sees("pi0") && !zero.sees("pi3"));
        assert!(Model::is_filter("pi400") && !Model::is_filter("pi6"));
    }
}
