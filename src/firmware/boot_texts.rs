//! What stands in the boot partition's texts: `config.txt` and `cmdline.txt`, or U-Boot's menu.
//!
//! `config.txt` and `cmdline.txt` say what Debian's own hook (`/etc/kernel/postinst.d/z50-raspi-firmware`) would write
//! with the files of [`node_files`](super::node_files), so a kernel update on the node changes names and no settings.

use super::{CmdlineError, CmdlineTxt, ExtlinuxConf};
use crate::config::{Architecture, BaseSpec, DeviceTrees, Settings};
use crate::config_txt::{ConfigTxt, ConfigTxtError, Initramfs};

/// Name of the initramfs on the FAT partition.
pub(super) const INITRAMFS_NAME: &str = "initramfs.img";

/// Folder of the FAT partition for the kernel, its initramfs and device trees, where U-Boot's menu names them. The hook of
/// a kernel update (`overlays/common`, `zz-bramble-u-boot`) fills `b/` and then changes one letter of each path: a menu
/// keeps its length, and changes within one sector of the card.
pub(super) const KERNEL_FOLDER: &str = "a/";

/// The whole of config.txt, in the order of Debian's hook.
pub(super) fn config_txt(base: &BaseSpec) -> Result<ConfigTxt, ConfigTxtError> {
    let mut config = ConfigTxt::new();
    config.comment(
        "Written by bramble. A kernel or firmware update on the node writes this file anew, with the\n\
         settings in /etc/default/raspi-firmware and /etc/default/raspi-firmware-custom.",
    )?;
    config.blank();
    if base.architecture == Architecture::Arm64 {
        config.comment("Start the processor in 64 bits.")?.set("arm_64bit", 1)?;
    }
    config.comment("Serial console on the header; also keeps the clock of its port steady.")?.set("enable_uart", 1)?;
    if base.system.device_trees == DeviceTrees::Upstream {
        config.comment("Device trees by the names Linux gives them.")?.set("upstream_kernel", 1)?;
    }
    config.blank().set("kernel", &base.board.firmware.kernel)?;
    config.initramfs(INITRAMFS_NAME, Initramfs::FollowKernel)?;
    config.append(custom_config(base)?);
    Ok(config)
}

/// What Debian's hook does not write by itself: the board's own lines and the cluster's settings. Empty when there
/// are none.
pub(super) fn custom_config(base: &BaseSpec) -> Result<ConfigTxt, ConfigTxtError> {
    let mut config = ConfigTxt::new();
    if !base.board.firmware.config.is_empty() {
        config.blank().comment(&format!("What every {} needs.", base.board.name))?;
        for (key, value) in &base.board.firmware.config {
            config.set(key, value)?;
        }
    }
    let Settings { gpu_mem, keys, extra } = &base.settings;
    if gpu_mem.is_some() || !keys.is_empty() {
        config.blank().comment("From cluster.toml.")?;
        if let Some(gpu_mem) = gpu_mem {
            config.set("gpu_mem", gpu_mem)?;
        }
        for (key, value) in keys {
            config.set(key, value)?;
        }
    }
    // Behind all others, so that a section of theirs holds back nothing else.
    if !extra.is_empty() {
        config.blank().comment("From `extra` of cluster.toml.")?;
        for line in extra {
            config.raw(line)?;
        }
    }
    Ok(config)
}

/// The consoles in the kernel's order: the screen, then the serial port, which as the last one is `/dev/console`.
pub(super) fn consoles(base: &BaseSpec) -> [String; 2] {
    ["tty0".to_owned(), format!("{},{}", base.board.serial.device, base.board.serial.baud)]
}

/// Words of ours behind those of Debian's hook, which says `rw`; the last one counts.
///
/// - `ro`: systemd checks the root file system only while nobody can write to it, and mounts it anew after.
/// - `rootfstype`: without it the kernel's choice depends on its modules.
/// - `panic`, `oops`: a kernel that cannot go on restarts the node, which serves again within a minute. A kernel that
///   goes on after an error of its own may write anything to the card.
pub(super) const EXTRA_CMDLINE: &[&str] = &["ro", "rootfstype=ext4", "panic=10", "oops=panic"];

/// The command line, word for word as Debian's hook puts it together. It has no `cma=`: nothing here draws a picture,
/// and a Pi 4 does not start with one.
pub(super) fn cmdline_txt(base: &BaseSpec, root_partuuid: &str) -> Result<CmdlineTxt, CmdlineError> {
    let mut cmdline = CmdlineTxt::new();
    for console in consoles(base) {
        cmdline.push(format!("console={console}"))?;
    }
    cmdline.push(format!("root=PARTUUID={root_partuuid}"))?;
    for word in ["rw", "fsck.repair=yes", "net.ifnames=0", "rootwait"].iter().chain(EXTRA_CMDLINE) {
        cmdline.push(*word)?;
    }
    Ok(cmdline)
}

/// The menu with the one entry. Of several device trees the boot loader takes the one it knows itself to be.
pub(super) fn extlinux_conf(base: &BaseSpec, cmdline: CmdlineTxt) -> ExtlinuxConf {
    let firmware = &base.board.firmware;
    let (device_tree, device_tree_folder) = match firmware.device_trees.as_slice() {
        [] => (None, None),
        [name] => (Some(format!("/{KERNEL_FOLDER}{name}")), None),
        _ => (None, Some(format!("/{KERNEL_FOLDER}"))),
    };
    ExtlinuxConf {
        kernel: format!("/{KERNEL_FOLDER}{}", firmware.kernel),
        initramfs: Some(format!("/{KERNEL_FOLDER}{INITRAMFS_NAME}")),
        device_tree,
        device_tree_folder,
        cmdline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::tests::example::base;

    #[test]
    fn lines_of_the_user_come_last() {
        let mut base = base();
        base.settings.extra = ["disable_splash=1", "[0x1234]", "arm_freq=900", "[all]"].map(str::to_owned).to_vec();
        let config = config_txt(&base).expect("good lines").to_string();
        let (_, extra) = config.split_once("over_voltage=2\n").expect("the settings");
        assert_eq!(extra, "\n# From `extra` of cluster.toml.\ndisable_splash=1\n[0x1234]\narm_freq=900\n[all]\n");
        base.settings.extra = vec!["disable_splash".into()];
        assert_eq!(
            config_txt(&base).map(|_| ()).expect_err("no value").to_string(),
            "config.txt line `disable_splash` would be passed over: it has no `=`"
        );
    }
}
