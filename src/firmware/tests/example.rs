//! A base of few lines for tests of single files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::{
    Architecture, BaseSpec, Board, BootMenu, Console, Cpu, DeviceTrees, FirmwareFiles, KernelModules,
    PartitionTableType, Serial, Settings, System,
};

/// A Pi 2 with two settings besides the GPU's memory.
pub(in crate::firmware) fn base() -> BaseSpec {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    BaseSpec {
        name: "worker-pi2".into(),
        board: Board {
            name: "pi2".into(),
            description: "Raspberry Pi 2 Model B".into(),
            also: vec![],
            cpu: Cpu::Armv7,
            memory: vec![1024],
            partitions: PartitionTableType::Mbr,
            kernels: BTreeMap::new(),
            refuses: BTreeMap::new(),
            packages: names(&["raspi-firmware"]),
            from: crate::config::Pins::default(),
            exclude: vec![],
            include: vec![],
            firmware: FirmwareFiles {
                menu: BootMenu::ConfigTxt,
                loader: None,
                files: names(&["bootcode.bin", "start.elf", "fixup.dat"]),
                cut_down: names(&["start_cd.elf", "fixup_cd.dat"]),
                kernel: "vmlinuz".into(),
                device_trees: names(&["bcm2836-rpi-2-b.dtb"]),
                config: BTreeMap::new(),
            },
            serial: Serial { device: "ttyAMA0".into(), baud: 115_200 },
            modules: KernelModules { init: vec![], keep: vec![] },
            settings: BTreeMap::new(),
            not_here: vec![],
            overclock: BTreeMap::new(),
            no_overclock: None,
            emulation: None,
            no_emulation: None,
        },
        system: System {
            name: "trixie".into(),
            description: String::new(),
            mirror: String::new(),
            snapshot: None,
            keyring: PathBuf::new(),
            keyring_help: None,
            node_keyring: None,
            architectures: vec![],
            cpu: BTreeMap::new(),
            kernels: BTreeMap::new(),
            device_trees: DeviceTrees::Upstream,
            suites: vec![],
            components: vec![],
            packages: vec![],
            exclude: vec![],
            include: vec![],
            debconf: BTreeMap::new(),
        },
        architecture: Architecture::Armhf,
        kernel: "linux-image-armmp".into(),
        roles: vec![],
        from: crate::config::Pins::default(),
        settings: Settings {
            gpu_mem: Some(16),
            keys: vec![("arm_freq".into(), 1000), ("over_voltage".into(), 2)],
            extra: vec![],
        },
        authorized_keys: vec![],
        console: Console::Login,
        debconf: BTreeMap::new(),
        site: None,
    }
}
