use std::collections::BTreeMap;

use super::*;

/// A FAT partition in memory.
#[derive(Clone)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl BootFiles for Memory {
    fn contains(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    fn read(&self, file: &str) -> Result<Vec<u8>, BootPartitionError> {
        let missing = || BootPartitionError::Missing { path: "memory".into(), file: file.to_owned() };
        self.0.get(file).cloned().ok_or_else(missing)
    }
}

impl Memory {
    fn with(mut self, file: &str, content: impl Into<Vec<u8>>) -> Self {
        self.0.insert(file.to_owned(), content.into());
        self
    }

    fn without(mut self, file: &str) -> Self {
        self.0.remove(file).expect("the file was there");
        self
    }
}

fn zimage() -> Vec<u8> {
    let mut image = vec![0; 0x28];
    image[0x24..].copy_from_slice(&0x016f_2818_u32.to_le_bytes());
    image
}

fn image() -> Vec<u8> {
    let mut image = vec![0; 0x3c];
    image[0x38..].copy_from_slice(b"ARM\x64");
    image
}

const CONFIG: &str = "upstream_kernel=1\nkernel=vmlinuz\ninitramfs initramfs.img followkernel\ngpu_mem=16\n";

fn partition() -> Memory {
    Memory(BTreeMap::new())
        .with("bootcode.bin", "")
        .with("start_cd.elf", "")
        .with("fixup_cd.dat", "")
        .with("config.txt", CONFIG)
        .with("cmdline.txt", "console=ttyAMA0 rootwait\n")
        .with("vmlinuz", zimage())
        .with("initramfs.img", "initramfs")
        .with("bcm2836-rpi-2-b.dtb", "pi 2")
}

fn play_pi2(files: &Memory) -> Result<Boot, PlayError> {
    let name = "bcm2836-rpi-2-b.dtb";
    play(files, Some(name))
}

fn complaint(files: &Memory) -> String {
    play_pi2(files).expect_err("the board would not start").to_string()
}

#[test]
fn everything_comes_from_the_partition() {
    let boot = play_pi2(&partition()).expect("a bootable card");
    assert_eq!(boot.kernel, zimage());
    assert_eq!(boot.initramfs.as_deref(), Some(b"initramfs".as_slice()));
    assert_eq!(
        (boot.device_tree.as_deref().unwrap_or_default(), boot.device_tree_name.as_deref().unwrap_or_default()),
        (b"pi 2".as_slice(), "bcm2836-rpi-2-b.dtb")
    );
    assert_eq!(boot.cmdline.to_string(), "console=ttyAMA0 rootwait");
    assert_eq!(boot.warnings, Vec::<String>::new());
}

#[test]
fn a_dark_screen_has_words_here() {
    let cases = [
        (
            "bootcode.bin",
            "`bootcode.bin` is not on the FAT partition, and the processor's own boot code starts nothing else",
        ),
        (
            "start_cd.elf",
            "`start_cd.elf` is not on the FAT partition, and a gpu_mem below 32 makes the boot code load this form of the firmware",
        ),
        (
            "vmlinuz",
            "`vmlinuz` is not on the FAT partition, and the firmware finds no kernel; `kernel=` in config.txt names it",
        ),
        (
            "bcm2836-rpi-2-b.dtb",
            "`bcm2836-rpi-2-b.dtb` is not on the FAT partition, and the kernel does not start without its device tree; \
             `upstream_kernel=1` looks for Linux' names",
        ),
        (
            "initramfs.img",
            "`initramfs.img` is not on the FAT partition, and the firmware would start the kernel without an initramfs",
        ),
        (
            "cmdline.txt",
            "`cmdline.txt` is not on the FAT partition, and the kernel would not know its root file system",
        ),
    ];
    for (file, words) in cases {
        assert_eq!(complaint(&partition().without(file)), words);
    }
}

#[test]
fn a_kernel_of_the_wrong_width_is_told() {
    assert_eq!(
        complaint(&partition().with("vmlinuz", image())),
        "kernel `vmlinuz` is for 64 bits, and config.txt starts the processor in 32: set arm_64bit=1"
    );
    let files = partition().with("vmlinuz", "\x7fELF");
    assert_eq!(complaint(&files), "kernel `vmlinuz` is neither an ARM zImage, an arm64 Image nor gzip");
}

#[test]
fn a_prefix_counts_when_kernel_and_device_tree_are_there() {
    let files = partition().with("config.txt", format!("{CONFIG}os_prefix=new/\n")).with("new/vmlinuz", zimage());
    assert_eq!(play_pi2(&files).expect("falls back").device_tree, Some("pi 2".into()));
    let files =
        files.with("new/bcm2836-rpi-2-b.dtb", "new").with("new/initramfs.img", "new").with("new/cmdline.txt", "new");
    let boot = play_pi2(&files).expect("a bootable card");
    assert_eq!((boot.device_tree, boot.cmdline.to_string().as_str()), (Some("new".into()), "new"));
    assert_eq!(boot.initramfs.as_deref(), Some(b"new".as_slice()));
    let files = files.with("config.txt", format!("{CONFIG}os_prefix=new/\ncmdline=/cmdline.txt\n"));
    assert_eq!(play_pi2(&files).expect("a bootable card").cmdline.to_string(), "console=ttyAMA0 rootwait");
}

#[test]
fn without_settings_the_firmwares_own_names_are_looked_for() {
    let files = Memory(BTreeMap::new())
        .with("bootcode.bin", "")
        .with("start.elf", "")
        .with("fixup.dat", "")
        .with("cmdline.txt", "rw")
        .with("kernel7.img", zimage())
        .with("bcm2709-rpi-2-b.dtb", "downstream");
    let boot = play_pi2(&files).expect("a bootable card");
    assert_eq!((boot.device_tree, boot.initramfs), (Some("downstream".into()), None));
    let boot = play_pi2(&files.with("config.txt", "upstream_kernel=1\ndtparam=watchdog=on")).expect("a bootable card");
    assert_eq!(
        boot.warnings,
        [
            "the firmware would apply the overlay `upstream` to `bcm2709-rpi-2-b.dtb`; emulation does not",
            "`dtparam=watchdog=on` has no effect in emulation: overlays are not applied",
        ]
    );
}

#[test]
fn a_pi_4_has_other_names_and_starts_in_64_bits() {
    let name = "bcm2711-rpi-4-b.dtb";
    let files = Memory(BTreeMap::new())
        .with("start4.elf", "")
        .with("fixup4.dat", "")
        .with("cmdline.txt", "rw")
        .with("kernel8.img", image())
        .with(name, "pi 4");
    let board = BoardIdentity::of_device_tree(name);
    assert!(play_as(&files, &board, name).is_ok());
    let error = play_as(&files.with("config.txt", "gpu_mem=16"), &board, name).expect_err("no cut-down firmware");
    assert!(matches!(error, PlayError::Missing { file, .. } if file == "start4cd.elf"));
}

const MENU: &str = "default bramble\nlabel bramble\n kernel /vmlinuz\n initrd /initramfs.img\n append root=x rw\n";

#[test]
fn u_boot_starts_what_its_menu_says() {
    let files = partition().with("extlinux/extlinux.conf", MENU);
    let boot = play(&files, None).expect("all files are there");
    assert_eq!(boot.cmdline.to_string(), "root=x rw");
    assert_eq!((boot.initramfs, boot.device_tree), (Some("initramfs".into()), None));
    let files = files.with("extlinux/extlinux.conf", format!("{MENU} fdtdir /trees/\n"));
    let files = files.with("trees/sun8i-r40-bananapi-m2-ultra.dtb", "banana");
    let boot = play(&files, Some("sun8i-r40-bananapi-m2-ultra.dtb")).expect("all files are there");
    assert_eq!(boot.device_tree, Some("banana".into()));
}

#[test]
fn u_boot_says_what_is_missing() {
    let told = |files: &Memory| play(files, None).expect_err("nothing to start").to_string();
    assert_eq!(
        told(&partition()),
        "`extlinux/extlinux.conf` is not on the FAT partition, and a board without Raspberry Pi's firmware starts by it"
    );
    let files = partition().with("extlinux/extlinux.conf", MENU);
    assert_eq!(
        told(&files.without("initramfs.img")),
        "`initramfs.img` is not on the FAT partition, and `initrd` of extlinux.conf names it"
    );
}
