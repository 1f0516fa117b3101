//! Every file of the FAT partition, from the packages in the tree.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::boot_texts::{INITRAMFS_NAME, KERNEL_FOLDER, NEXT_KERNEL, cmdline_txt, config_txt, extlinux_conf};
use super::{CmdlineError, EXTLINUX_PLACES, KernelImage, KernelImageError};
use crate::config::{BaseSpec, Board, BootMenu, DeviceTrees};
use crate::config_txt::{ConfigTxtError, Model, WHOLE_FIRMWARE_GPU_MEM};
use crate::tree::{Tree, TreeError, TreePath};

/// Where Debian's `raspi-firmware` keeps the firmware.
const FIRMWARE_FOLDER: &str = "usr/lib/raspi-firmware";

/// The firmware's licence. It wants its text and copyright notice beside every binary that is passed on; the name is
/// the one Raspberry Pi uses for it.
const LICENCE: (&str, &str) = ("usr/share/doc/raspi-firmware/copyright", "LICENCE.broadcom");

/// Why the FAT partition cannot be filled.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FirmwareError {
    #[error("`/{path}` is not in the system: board `{board}` wants it from package `{package}`")]
    Missing { board: String, path: String, package: String },
    #[error(
        "device tree `{name}` of board `{board}` is neither below `/usr/lib/linux-image-{release}` nor below \
         `/usr/lib/modules/{release}/dtb`: correct `firmware.device_trees` of the board or choose another kernel"
    )]
    NoDeviceTree { board: String, name: String, release: String },
    #[error("`/{path}` is {source}")]
    Kernel { path: String, source: KernelImageError },
    #[error(
        "gpu_mem={gpu_mem} makes the firmware load its cut-down form, and board `{board}` names no files for that in \
         `firmware.cut_down`: name them or give the GPU {WHOLE_FIRMWARE_GPU_MEM} MB or more"
    )]
    NoCutDown { board: String, gpu_mem: i64 },
    #[error("board `{board}` wants two files as `{name}` on the FAT partition: rename one in its `firmware`")]
    Twice { board: String, name: String },
    #[error("board `{board}` cannot be configured: {source}")]
    Config { board: String, source: ConfigTxtError },
    #[error("board `{board}` cannot be configured: {source}")]
    Cmdline { board: String, source: CmdlineError },
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The FAT partition of every node of `base`: path on it, with `/` between folders, to content.
///
/// `release` is the kernel's (`uname -r`), `root_partuuid` what the kernel calls the root partition
/// (`1234abcd-02` for the second of an MBR).
pub fn boot_files(
    tree: &Tree,
    base: &BaseSpec,
    release: &str,
    initramfs: Bytes,
    root_partuuid: &str,
) -> Result<BTreeMap<String, Bytes>, FirmwareError> {
    let board = &base.board;
    let mut files = BTreeMap::new();
    let mut add = |name: &str, content: Bytes| match files.insert(name.to_owned(), content) {
        None => Ok(()),
        Some(_) => Err(FirmwareError::Twice { board: board.name.clone(), name: name.to_owned() }),
    };
    let read = |path: &str, package: &str| packaged(tree, board, path, package);

    let firmware = &board.firmware;
    let cut_down = match base.settings.gpu_mem {
        Some(gpu_mem) if gpu_mem < WHOLE_FIRMWARE_GPU_MEM && !firmware.files.is_empty() => {
            if firmware.cut_down.is_empty() {
                return Err(FirmwareError::NoCutDown { board: board.name.clone(), gpu_mem });
            }
            firmware.cut_down.as_slice()
        }
        _ => &[],
    };
    for name in firmware.files.iter().chain(cut_down) {
        add(name, read(&format!("{FIRMWARE_FOLDER}/{name}"), "raspi-firmware")?)?;
    }
    if !firmware.files.is_empty() {
        add(LICENCE.1, read(LICENCE.0, "raspi-firmware")?)?;
    }

    let path = format!("boot/vmlinuz-{release}");
    let kernel = read(&path, &base.kernel)?;
    KernelImage::recognise(&kernel).map_err(|source| FirmwareError::Kernel { path, source })?;
    add(&format!("{KERNEL_FOLDER}{}", firmware.kernel), kernel)?;
    for name in &device_trees(base) {
        add(
            &format!("{KERNEL_FOLDER}{name}"),
            device_tree(tree, release, name)?.ok_or_else(|| FirmwareError::NoDeviceTree {
                board: board.name.clone(),
                name: name.clone(),
                release: release.to_owned(),
            })?,
        )?;
    }
    add(&format!("{KERNEL_FOLDER}{INITRAMFS_NAME}"), initramfs)?;
    add(NEXT_KERNEL.0, NEXT_KERNEL.1.into())?;

    let cmdline = cmdline_txt(base, root_partuuid)
        .map_err(|source| FirmwareError::Cmdline { board: board.name.clone(), source })?;
    match firmware.menu {
        BootMenu::ConfigTxt => {
            let config =
                config_txt(base).map_err(|source| FirmwareError::Config { board: board.name.clone(), source })?;
            add("config.txt", config.to_string().into())?;
            add(&format!("{KERNEL_FOLDER}cmdline.txt"), format!("{cmdline}\n").into())?;
        }
        BootMenu::Extlinux => add(EXTLINUX_PLACES[0], extlinux_conf(base, cmdline).to_string().into())?,
    }
    Ok(files)
}

/// A file that `package` brings and `board` cannot do without.
pub(super) fn packaged(tree: &Tree, board: &Board, path: &str, package: &str) -> Result<Bytes, FirmwareError> {
    let content = tree.read_if_there(&TreePath::new(path).map_err(TreeError::from)?)?;
    content.ok_or_else(|| FirmwareError::Missing {
        board: board.name.clone(),
        path: path.to_owned(),
        package: package.to_owned(),
    })
}

/// The names of the board's device trees in the system's kernel. Raspberry Pi's own kernels have one for some models that
/// mainline tells apart.
fn device_trees(base: &BaseSpec) -> BTreeSet<String> {
    let named = |name: &String| match (base.system.device_trees, Model::of_device_tree(name)) {
        (DeviceTrees::Downstream, Some(model)) => model.downstream.to_owned(),
        _ => name.clone(),
    };
    base.board.firmware.device_trees.iter().map(named).collect()
}

/// A device tree by its file name, of a kernel in one package or in parts. Those for arm64 keep them in a folder for each
/// maker.
fn device_tree(tree: &Tree, release: &str, name: &str) -> Result<Option<Bytes>, FirmwareError> {
    for folder in [format!("usr/lib/linux-image-{release}"), format!("usr/lib/modules/{release}/dtb")] {
        let folder = TreePath::new(folder).map_err(TreeError::from)?;
        let found = tree.below(&folder).find(|(path, _)| path.name() == Some(name.as_bytes()));
        if let Some((path, _)) = found {
            return Ok(tree.read_if_there(path)?);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Architecture, FirmwareFiles, Settings};
    use crate::config_txt::{BoardIdentity, read_config};
    use crate::firmware::kernel_image::tests::{image, zimage};
    use crate::firmware::tests::example::base;
    use crate::tree::Meta;

    const RELEASE: &str = "6.12-armmp";

    fn tree() -> Tree {
        let mut tree = Tree::new(Meta::directory(0));
        let mut write = |path: String, content: Bytes| {
            let path = TreePath::new(path).expect("a valid path");
            tree.make_directories(&path.parent().expect("not the root"), Meta::directory(0)).expect("directories");
            tree.write(&path, content, Meta::file(0)).expect("a fresh file");
        };
        for name in ["bootcode.bin", "start.elf", "fixup.dat", "start_cd.elf", "fixup_cd.dat", "start4.elf"] {
            write(format!("{FIRMWARE_FOLDER}/{name}"), name.into());
        }
        write(LICENCE.0.into(), "licence".into());
        write(format!("boot/vmlinuz-{RELEASE}"), zimage());
        write(format!("usr/lib/linux-image-{RELEASE}/bcm2836-rpi-2-b.dtb"), "pi 2".into());
        write(format!("usr/lib/linux-image-{RELEASE}/broadcom/bcm2837-rpi-3-b.dtb"), "pi 3".into());
        tree
    }

    fn files(base: &BaseSpec) -> Result<BTreeMap<String, Bytes>, FirmwareError> {
        boot_files(&tree(), base, RELEASE, "initramfs".into(), "1234abcd-02")
    }

    #[test]
    fn a_pi_2_gets_its_files() {
        let files = files(&base()).expect("all files are there");
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "LICENCE.broadcom",
                "a/bcm2836-rpi-2-b.dtb",
                "a/cmdline.txt",
                "a/initramfs.img",
                "a/vmlinuz",
                "b/README",
                "bootcode.bin",
                "config.txt",
                "fixup.dat",
                "fixup_cd.dat",
                "start.elf",
                "start_cd.elf",
            ]
        );
        assert_eq!(
            files["a/cmdline.txt"],
            "console=tty0 console=ttyAMA0,115200 root=PARTUUID=1234abcd-02 rw fsck.repair=yes net.ifnames=0 rootwait \
             ro rootfstype=ext4 panic=10 oops=panic\n"
        );
        assert_eq!(
            files["config.txt"],
            "# Written by bramble. A kernel update on the node changes one letter, that of os_prefix, so what\n\
             # is changed here by hand stays.\n\
             \n\
             # Serial console on the header; also keeps the clock of its port steady.\n\
             enable_uart=1\n\
             # Device trees by the names Linux gives them.\n\
             upstream_kernel=1\n\
             \n\
             # The folder of the kernel, and of what belongs to it.\n\
             os_prefix=a/\n\
             kernel=vmlinuz\n\
             initramfs initramfs.img followkernel\n\
             \n\
             # From cluster.toml.\n\
             gpu_mem=16\n\
             arm_freq=1000\n\
             over_voltage=2\n"
        );
    }

    #[test]
    fn the_board_reads_what_was_set() {
        let files = files(&base()).expect("all files are there");
        let text = String::from_utf8_lossy(&files["config.txt"]);
        let board = BoardIdentity::of_device_tree("bcm2836-rpi-2-b.dtb");
        let (config, warnings) = read_config(&text, &board, &|_| None);
        assert_eq!(warnings, []);
        let settings = ["gpu_mem", "arm_freq", "over_voltage"].map(|key| config.number(key));
        assert_eq!(settings, [Some(16), Some(1000), Some(2)]);
    }

    #[test]
    fn a_64_bit_board_is_told_so_and_its_own_lines_come_after() {
        let mut base = base();
        base.architecture = Architecture::Arm64;
        base.board.firmware.device_trees = vec!["bcm2837-rpi-3-b.dtb".into()];
        base.board.firmware.config.insert("dtparam".into(), "watchdog=on".into());
        base.settings.gpu_mem = None;
        base.settings.keys.clear();
        let files = files(&base).expect("the kernel's form is not tied to the board");
        let text = String::from_utf8_lossy(&files["config.txt"]);
        assert!(text.contains("\narm_64bit=1\n"));
        assert!(text.ends_with("followkernel\n\n# What every pi2 needs.\ndtparam=watchdog=on\n"), "{text}");
        assert_eq!(files["a/bcm2837-rpi-3-b.dtb"], "pi 3");
        assert!(!files.contains_key("start_cd.elf"), "without gpu_mem nobody asks for it");
    }

    #[test]
    fn little_memory_for_the_gpu_takes_the_cut_down_firmware() {
        let mut base = base();
        for (gpu_mem, cut_down) in [(16, true), (24, true), (31, true), (32, false), (64, false)] {
            base.settings.gpu_mem = Some(gpu_mem);
            let files = files(&base).expect("all files are there");
            assert_eq!(files.contains_key("start_cd.elf"), cut_down, "gpu_mem={gpu_mem}");
            assert_eq!(files.contains_key("fixup_cd.dat"), cut_down, "gpu_mem={gpu_mem}");
        }
    }

    #[test]
    fn raspberry_pi_s_own_kernels_have_device_trees_of_other_names() {
        let mut base = base();
        base.system.device_trees = DeviceTrees::Downstream;
        // Mainline tells the two apart, Raspberry Pi's kernels do not.
        base.board.firmware.device_trees = vec!["bcm2835-rpi-a-plus.dtb".into(), "bcm2835-rpi-b-plus.dtb".into()];
        let mut tree = tree();
        let path = TreePath::new(format!("usr/lib/linux-image-{RELEASE}/bcm2708-rpi-b-plus.dtb")).expect("a path");
        tree.write(&path, "plus", Meta::file(0)).expect("a fresh file");
        let files = boot_files(&tree, &base, RELEASE, "initramfs".into(), "1234abcd-02").expect("all files are there");
        assert_eq!(files["a/bcm2708-rpi-b-plus.dtb"], "plus");
        let text = String::from_utf8_lossy(&files["config.txt"]);
        assert!(!text.contains("upstream_kernel"), "{text}");
    }

    #[test]
    fn a_kernel_in_parts_has_its_device_trees_beside_its_modules() {
        let mut base = base();
        base.board.firmware.device_trees = vec!["bcm2712-rpi-5-b.dtb".into()];
        let mut tree = tree();
        let path =
            TreePath::new(format!("usr/lib/modules/{RELEASE}/dtb/broadcom/bcm2712-rpi-5-b.dtb")).expect("a path");
        tree.make_directories(&path.parent().expect("a folder"), Meta::directory(0)).expect("fresh folders");
        tree.write(&path, "pi 5", Meta::file(0)).expect("a fresh file");
        let files = boot_files(&tree, &base, RELEASE, "initramfs".into(), "1234abcd-02").expect("all files are there");
        assert_eq!(files["a/bcm2712-rpi-5-b.dtb"], "pi 5");
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut wrong = base();
        wrong.board.firmware.files.push("start9.elf".into());
        assert_eq!(
            files(&wrong).expect_err("no such file").to_string(),
            "`/usr/lib/raspi-firmware/start9.elf` is not in the system: board `pi2` wants it from package `raspi-firmware`"
        );
        let mut wrong = base();
        wrong.board.firmware.device_trees = vec!["bcm2712-rpi-5-b.dtb".into()];
        assert_eq!(
            files(&wrong).expect_err("no such device tree").to_string(),
            "device tree `bcm2712-rpi-5-b.dtb` of board `pi2` is neither below `/usr/lib/linux-image-6.12-armmp` nor \
             below `/usr/lib/modules/6.12-armmp/dtb`: correct `firmware.device_trees` of the board or choose another kernel"
        );
        let mut wrong = base();
        wrong.board.firmware.cut_down.clear();
        assert!(matches!(files(&wrong), Err(FirmwareError::NoCutDown { gpu_mem: 16, .. })));
        let mut wrong = base();
        wrong.board.firmware.kernel = "bcm2836-rpi-2-b.dtb".into();
        assert!(matches!(files(&wrong), Err(FirmwareError::Twice { name, .. }) if name == "a/bcm2836-rpi-2-b.dtb"));
    }

    #[test]
    fn a_kernel_that_the_firmware_cannot_start_is_refused() {
        let mut tree = tree();
        let path = TreePath::new(format!("boot/vmlinuz-{RELEASE}")).expect("a valid path");
        for (content, good) in [(image(), true), (Bytes::from_static(b"MZ\0\0zimg"), false)] {
            tree.write(&path, content, Meta::file(0)).expect("the folder is there");
            assert_eq!(boot_files(&tree, &base(), RELEASE, Bytes::new(), "1-02").is_ok(), good);
        }
        let error = boot_files(&tree, &base(), RELEASE, Bytes::new(), "1-02").expect_err("zboot");
        assert_eq!(
            error.to_string(),
            "`/boot/vmlinuz-6.12-armmp` is an EFI zboot image, which only UEFI firmware can start; use the kernel's \
             plain Image"
        );
    }

    #[test]
    fn a_board_with_u_boot_gets_a_menu() {
        let mut base = base();
        base.board.firmware =
            FirmwareFiles { menu: BootMenu::Extlinux, files: vec![], cut_down: vec![], ..base.board.firmware };
        base.settings = Settings::default();
        let files = files(&base).expect("all files are there");
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["a/bcm2836-rpi-2-b.dtb", "a/initramfs.img", "a/vmlinuz", "b/README", "extlinux/extlinux.conf"]
        );
        assert_eq!(
            files["extlinux/extlinux.conf"],
            "default bramble\n\nlabel bramble\n  kernel /a/vmlinuz\n  initrd /a/initramfs.img\n  \
             fdt /a/bcm2836-rpi-2-b.dtb\n  append console=tty0 console=ttyAMA0,115200 root=PARTUUID=1234abcd-02 rw \
             fsck.repair=yes net.ifnames=0 rootwait ro rootfstype=ext4 panic=10 oops=panic\n"
        );
    }
}
