//! Boards: `board-configs/<name>.toml`, everything that differs from one model to the next.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Architecture;

/// A model of Raspberry Pi, or a family whose cards are the same.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The name in `cluster.toml`; taken from the file name.
    #[serde(skip)]
    pub name: String,
    /// What people call it: "Raspberry Pi 2 Model B".
    pub description: String,
    pub architecture: Architecture,
    /// Debian package that brings the kernel: "linux-image-armmp".
    pub kernel: String,
    pub firmware: FirmwareFiles,
    pub serial: Serial,
    pub modules: KernelModules,
    /// What may be set in config.txt through `cluster.toml`, by key, with the bounds the board has.
    #[serde(default)]
    pub settings: BTreeMap<String, Limits>,
    /// Named overclocks: preset, then key and value. A board without presets says why in `no_overclock`.
    #[serde(default)]
    pub overclock: BTreeMap<String, BTreeMap<String, i64>>,
    /// Why `overclock = "modest"` does nothing here; shown by the build when it is asked for.
    pub no_overclock: Option<String>,
    /// How QEMU plays this board.
    pub emulation: Option<Emulation>,
}

/// What the board's own boot code wants on the FAT partition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareFiles {
    /// Files of Debian's raspi-firmware (`/usr/lib/raspi-firmware`) that every card for this board carries.
    pub files: Vec<String>,
    /// The files that `gpu_mem=16` makes the firmware load instead (start_cd.elf and its fixup file).
    #[serde(default)]
    pub cut_down: Vec<String>,
    /// Name the kernel gets on the FAT partition, given to the firmware as `kernel=`.
    pub kernel: String,
    /// Device trees to bring, by file name as the kernel package has them.
    pub device_trees: Vec<String>,
    /// Further lines of config.txt that the board always needs, as key and value (`arm_64bit = "1"`).
    #[serde(default)]
    pub config: BTreeMap<String, String>,
}

/// The serial console on the board's header.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serial {
    /// Linux device name: "ttyAMA0".
    pub device: String,
    /// Bits per second.
    pub baud: u32,
}

/// Kernel modules by name, with `-` and `_` as modinfo writes them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelModules {
    /// Loaded by init before the root file system is mounted, in this order; their dependencies come by themselves.
    /// A name that is built into the kernel is fine; one that the kernel does not know at all is an error.
    pub init: Vec<String>,
    /// Kept in `/usr/lib/modules` beside those of init (with dependencies); all others are left out of the image.
    /// Empty: every module of the package is kept.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// The bounds of one setting on one board. Both ends are allowed values.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub min: i64,
    pub max: i64,
    /// "MB", "MHz", "25 mV steps"
    pub unit: String,
    /// What the firmware does without the key.
    pub default: Option<i64>,
}

/// The QEMU machine that plays the board.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emulation {
    /// "qemu-system-arm" or "qemu-system-aarch64".
    pub program: String,
    /// `-machine`
    pub machine: String,
    /// The device tree among `firmware.device_trees` that this machine is.
    pub device_tree: String,
    /// Which of QEMU's serial ports is the console, from 0.
    #[serde(default)]
    pub console: u8,
    /// Further arguments (`-accel tcg,thread=single`), each with its reason in the board file.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Words that are added to the kernel command line in emulation only, each with its reason in the board file
    /// (`nr_cpus=1`).
    #[serde(default)]
    pub cmdline: Vec<String>,
    /// QEMU's device for the network: "usb-net". None where the machine has a network card of its own (`-nic`).
    pub network_device: Option<String>,
    /// Usual seconds to the first HTTP answer, unloaded; tests wait five times as long.
    pub boot_seconds: u32,
}
