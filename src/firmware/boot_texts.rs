//! What stands in the boot partition's texts: `config.txt` and `cmdline.txt`, or U-Boot's menu.
//!
//! A kernel update on the node changes one letter of `config.txt` or of the menu, and nothing else of them.

use super::{CmdlineError, CmdlineTxt, ExtlinuxConf};
use crate::config::{Architecture, BaseSpec, DeviceTrees, Settings};
use crate::config_txt::{ConfigTxt, ConfigTxtError, Initramfs};

/// Name of the initramfs on the FAT partition.
pub(super) const INITRAMFS_NAME: &str = "initramfs.img";

/// Folder of the FAT partition for the kernel and what belongs to it. The hook of a kernel update (`overlays/common`,
/// `zz-bramble-boot`) fills the next one and then changes one letter, of `os_prefix` or of each path in the menu: either
/// text keeps its length, and changes within one sector of the card.
pub(super) const KERNEL_FOLDER: &str = "a/";

/// The folder for the next kernel. It is there from the first on, with a file that says what it is for, so that no node
/// makes it: see the hook.
pub(super) const NEXT_KERNEL: (&str, &str) = ("b/README", "The next kernel comes into this folder.\n");

/// The whole of config.txt.
pub(super) fn config_txt(base: &BaseSpec) -> Result<ConfigTxt, ConfigTxtError> {
    let mut config = ConfigTxt::new();
    config.comment(
        "Written by bramble. A kernel update on the node changes one letter, that of os_prefix, so what\n\
         is changed here by hand stays.",
    )?;
    config.blank();
    if base.architecture == Architecture::Arm64 {
        config.comment("Start the processor in 64 bits.")?.set("arm_64bit", 1)?;
    }
    config.comment("Serial console on the header; also keeps the clock of its port steady.")?.set("enable_uart", 1)?;
    if base.system.device_trees == DeviceTrees::Upstream {
        config.comment("Device trees by the names Linux gives them.")?.set("upstream_kernel", 1)?;
    }
    config.blank().comment("The folder of the kernel, and of what belongs to it.")?.set("os_prefix", KERNEL_FOLDER)?;
    config.set("kernel", &base.board.firmware.kernel)?;
    config.initramfs(INITRAMFS_NAME, Initramfs::FollowKernel)?;
    config.append(custom_config(base)?);
    Ok(config)
}

/// The board's own lines and the cluster's settings. Empty when there are none.
fn custom_config(base: &BaseSpec) -> Result<ConfigTxt, ConfigTxtError> {
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
fn consoles(base: &BaseSpec) -> [String; 2] {
    ["tty0".to_owned(), format!("{},{}", base.board.serial.device, base.board.serial.baud)]
}

/// Words of ours behind those that Debian has on a Raspberry Pi, which say `rw`; the last one counts.
///
/// - `ro`: systemd checks the root file system only while nobody can write to it, and mounts it anew after.
/// - `rootfstype`: without it the kernel's choice depends on its modules.
/// - `panic`, `oops`: a kernel that cannot go on restarts the node, which serves again within a minute. A kernel that
///   goes on after an error of its own may write anything to the card.
const EXTRA_CMDLINE: &[&str] = &["ro", "rootfstype=ext4", "panic=10", "oops=panic"];

/// The command line, word for word as Debian's hook for a Raspberry Pi would put it together. It has no `cma=`: nothing here draws a picture,
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
