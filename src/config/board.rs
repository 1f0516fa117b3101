//! Boards: `board-configs/<name>.toml`, everything that differs from one model to the next.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{locate, parse};
use super::shelf::{Named, Shelf};
use super::source::SourceFile;
use super::{Architecture, Cpu, Limits, NotHere, Pins};

/// A model of Raspberry Pi, or a family whose cards are the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The name in `cluster.toml`; taken from the file name.
    #[serde(skip_deserializing)]
    pub name: String,
    /// What people call it: "Raspberry Pi 2 Model B".
    pub description: String,
    /// Names that people have for it, in small letters: "3b+". Whoever writes one is told the board's.
    #[serde(default)]
    pub also: Vec<String>,
    pub cpu: Cpu,
    /// MB of memory that its models have, the least first.
    pub memory: Vec<u32>,
    /// What its boot code finds the boot partition by.
    pub partitions: PartitionTableType,
    /// Debian package that brings the kernel ("linux-image-armmp"), for each architecture that the board can run.
    pub kernels: BTreeMap<Architecture, String>,
    /// Systems whose kernel does not drive what the board needs: the system's name, then the reason and which one does.
    #[serde(default)]
    pub refuses: BTreeMap<String, String>,
    /// Packages that the board needs besides its kernel: the one that brings its firmware or boot loader.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Packages that come from a suite on request, where its system has that suite: the suite's name, then packages.
    #[serde(default)]
    pub from: Pins,
    /// Paths of those packages that do not reach the image, besides the system's own `exclude`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Exceptions to `exclude`.
    #[serde(default)]
    pub include: Vec<String>,
    pub firmware: FirmwareFiles,
    pub serial: Serial,
    pub modules: KernelModules,
    /// What may be set in config.txt through `cluster.toml`, by key, with the bounds the board has.
    #[serde(default)]
    pub settings: BTreeMap<String, Limits>,
    /// Settings that a person may look for here in vain.
    #[serde(default)]
    pub not_here: Vec<NotHere>,
    /// Named overclocks: preset, then key and value.
    #[serde(default)]
    pub overclock: BTreeMap<String, BTreeMap<String, i64>>,
    /// Why presets that other boards have (`overclock = "modest"`) do nothing here; said whenever one is asked for.
    pub no_overclock: Option<String>,
    /// How QEMU plays this board.
    pub emulation: Option<Emulation>,
    /// Why it does not ("QEMU has no machine with the BCM2712"). One of the two must be said.
    pub no_emulation: Option<String>,
}

/// The kinds of partition tables that images are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartitionTableType {
    /// Four primary partitions; read by the boot code of every Raspberry Pi of any date.
    Mbr,
}

/// The file that tells a board's firmware which kernel to start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BootMenu {
    /// Raspberry Pi's own firmware.
    #[default]
    #[serde(rename = "config.txt")]
    ConfigTxt,
    /// U-Boot, and whatever else reads `extlinux/extlinux.conf`.
    #[serde(rename = "extlinux.conf")]
    Extlinux,
}

/// A boot loader in the space before the first partition, where the processor's own boot code looks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootLoader {
    /// Path in the system: "usr/lib/u-boot/Bananapi/u-boot-sunxi-with-spl.bin".
    pub path: String,
    /// Bytes from the start of the card.
    pub offset: u64,
}

/// What the board's own boot code wants on the FAT partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareFiles {
    #[serde(default)]
    pub menu: BootMenu,
    pub loader: Option<BootLoader>,
    /// Files of Debian's raspi-firmware (`/usr/lib/raspi-firmware`) that every card for this board carries.
    #[serde(default)]
    pub files: Vec<String>,
    /// The files that a `gpu_mem` below 32 makes the boot code load instead (start_cd.elf and its fixup file).
    #[serde(default)]
    pub cut_down: Vec<String>,
    /// Name the kernel gets on the FAT partition, given to the firmware as `kernel=`.
    pub kernel: String,
    /// Device trees to bring, by file name as the kernel package has them. None where the firmware has its own.
    pub device_trees: Vec<String>,
    /// Further lines of config.txt that the board always needs, as key and value (`arm_64bit = "1"`).
    #[serde(default)]
    pub config: BTreeMap<String, String>,
}

/// The serial console on the board's header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serial {
    /// Linux device name: "ttyAMA0".
    pub device: String,
    /// Bits per second.
    pub baud: u32,
}

/// Kernel modules by name, with `-` and `_` as modinfo writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelModules {
    /// Loaded by init before the root file system is mounted, in this order; their dependencies come by themselves.
    /// A name that is built into the kernel is fine; one that the kernel does not know at all is an error, unless a `?`
    /// behind it says that some kernels do without.
    pub init: Vec<String>,
    /// Kept in `/usr/lib/modules` beside those of init (with dependencies); all others are left out of the image.
    /// Empty: every module of the package is kept.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// The QEMU machine that plays the board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emulation {
    /// "qemu-system-arm" or "qemu-system-aarch64".
    pub program: String,
    /// `-machine`
    pub machine: String,
    /// The device tree among `firmware.device_trees` that this machine is. None where the machine makes its own, or its
    /// boot loader chooses.
    pub device_tree: Option<String>,
    /// The machine is another one than the board, which QEMU does not have: the board's firmware is played as that of the
    /// model with `device_tree`, and then the kernel gets the machine's own device tree and, of consoles, those of `cmdline` alone. So the card's kernel, initramfs and
    /// root are seen running, and nothing of what drives the board's own parts.
    #[serde(default)]
    pub stands_in: bool,
    /// Nodes of that device tree for parts which the machine lacks or plays wrongly, by path ("/soc/hdmi@7ef00700"), each
    /// with its reason in the board file. Emulation takes them out before the kernel sees them.
    #[serde(default)]
    pub missing: Vec<String>,
    /// The machine runs the boot loader that is on the card, from the processor's boot code on. Otherwise its firmware
    /// is played: what it would read is read for it.
    #[serde(default)]
    pub boots_card: bool,
    /// QEMU's device for the card: "virtio-blk-device". None where the machine has a slot for SD cards.
    pub card_device: Option<String>,
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
    /// The machine has a watchdog that counts down as the board's does. Without it the guest is told to leave the watchdog
    /// alone: QEMU's Raspberry Pis restart as soon as it is started (`hw/misc/bcm2835_powermgt.c`).
    #[serde(default)]
    pub watchdog: bool,
    /// QEMU's device for the network: "usb-net". None where the machine has a network card of its own (`-nic`).
    pub network_device: Option<String>,
    /// The machine cannot switch itself off, though Linux believes that it can: it is down once Linux has said so. The
    /// reason stands in the board file.
    #[serde(default)]
    pub stays_on: bool,
    /// Usual seconds to the first HTTP answer, unloaded; tests wait five times as long.
    pub boot_seconds: u32,
}

impl Named for Board {
    const KIND: &'static str = "board";
    const FOLDER: &'static str = "board-configs";
    const TAIL: &'static str = ".toml";

    fn also(&self) -> &[String] {
        &self.also
    }

    fn read(name: &str, source: &Arc<SourceFile>, _folder: &Path, found: &mut Diagnostics) -> Option<Self> {
        let (board, mistakes) = parse::<Self>(source);
        found.extend(mistakes);
        let mut board = board?;
        name.clone_into(&mut board.name);
        board.check(source, found);
        Some(board)
    }
}

impl Board {
    /// Every board there is a file for in `board-configs` of the project folder `root`, by name.
    pub fn all(root: &Path) -> Result<Vec<Self>, Diagnostics> {
        let mut found = Diagnostics::default();
        let boards = Shelf::open(root, &mut found).all(&mut found);
        if found.is_empty() { Ok(boards) } else { Err(found) }
    }

    /// What a board file can get wrong that its form does not show.
    fn check(&self, source: &Arc<SourceFile>, found: &mut Diagnostics) {
        self.check_settings(source, found);
        let least = self.memory.first().copied().unwrap_or_default();
        if least < 64 || !self.memory.is_sorted() {
            found.push(
                Diagnostic::new("no board has this memory")
                    .at(&locate(source, &["memory"]), "")
                    .help("list the MB of all models, the least first, like `[256, 512]`"),
            );
        }
        self.check_emulation(source, found);
    }

    /// That it is either said how QEMU plays the board, or why it does not.
    fn check_emulation(&self, source: &Arc<SourceFile>, found: &mut Diagnostics) {
        match (&self.emulation, &self.no_emulation) {
            (None, None) => found.push(
                Diagnostic::new("nothing says how this board is emulated, or why it is not")
                    .at(&locate(source, &["description"]), "")
                    .help("add `[emulation]` with QEMU's machine, or `no_emulation` with the reason why there is none"),
            ),
            (Some(_), Some(_)) => found.push(
                Diagnostic::new("this board is emulated and says why it is not")
                    .at(&locate(source, &["no_emulation"]), "")
                    .at(&locate(source, &["emulation", "machine"]), "this is how")
                    .help("take one of the two out"),
            ),
            _ => {}
        }
        if let Some(emulation) = &self.emulation
            && emulation.boots_card
            && !emulation.cmdline.is_empty()
        {
            found.push(
                Diagnostic::new("nobody adds words to the command line of a machine that boots the card by itself")
                    .at(&locate(source, &["emulation", "cmdline"]), "")
                    .help("take `cmdline` or `boots_card` out"),
            );
        }
        if let Some(Emulation { device_tree: None, missing, .. } | Emulation { stands_in: true, missing, .. }) =
            &self.emulation
            && !missing.is_empty()
        {
            found.push(
                Diagnostic::new("there is no device tree to take nodes out of")
                    .at(&locate(source, &["emulation", "missing"]), "")
                    .help("`device_tree` names it; where the machine makes its own, it knows what it lacks"),
            );
        }
        if let Some(Emulation { device_tree: None, stands_in: true, .. }) = &self.emulation {
            found.push(
                Diagnostic::new("nothing says as which model the board's firmware is played")
                    .at(&locate(source, &["emulation", "stands_in"]), "")
                    .help("`device_tree` names that model's, among those of `[firmware]`"),
            );
        }
        if let Some(Emulation { device_tree: Some(device_tree), .. }) = &self.emulation
            && !self.firmware.device_trees.contains(device_tree)
        {
            found.push(
                Diagnostic::new("the emulated board's device tree is not on the card")
                    .at(&locate(source, &["emulation", "device_tree"]), "")
                    .at(&locate(source, &["firmware", "device_trees"]), "these are"),
            );
        }
    }
}
