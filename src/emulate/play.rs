//! The board's boot code, as far as QEMU does not play it: from the files of a FAT partition to what the kernel is
//! started with.
//!
//! Source: "Boot GuestOptions" in the Raspberry Pi documentation. Where a board would stay dark, this says why. Overlays are
//! not applied, memory is not split, clocks are not set: QEMU's boards have none of that.

mod extlinux;

use bytes::Bytes;

use crate::config_txt::{BoardIdentity, BootConfig, Model, Soc, WHOLE_FIRMWARE_GPU_MEM, read_config};
use crate::disk::BootPartition;
use crate::disk::boot_partition::BootPartitionError;
use crate::firmware::{CmdlineTxt, ExtlinuxError, KernelImage, KernelImageError};

/// The files of a FAT partition, by path, without regard to capitals.
pub trait BootFiles {
    fn contains(&self, file: &str) -> bool;
    fn read(&self, file: &str) -> Result<Vec<u8>, BootPartitionError>;
}

impl BootFiles for BootPartition {
    fn contains(&self, file: &str) -> bool {
        Self::contains(self, file)
    }

    fn read(&self, file: &str) -> Result<Vec<u8>, BootPartitionError> {
        Self::read(self, file)
    }
}

/// What the kernel is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Without gzip around it.
    pub kernel: Bytes,
    pub initramfs: Option<Bytes>,
    /// None: the firmware hands on its own.
    pub device_tree: Option<Bytes>,
    /// Name of the device tree on the partition.
    pub device_tree_name: Option<String>,
    pub cmdline: CmdlineTxt,
    /// What the board would have passed over in silence, and what is not played here.
    pub warnings: Vec<String>,
}

/// Why the board would not start.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error("`{file}` is not on the FAT partition, and {reason}")]
    Missing { file: String, reason: String },
    #[error(transparent)]
    Read(#[from] BootPartitionError),
    #[error(transparent)]
    Menu(#[from] ExtlinuxError),
    #[error("kernel `{file}` is {source}")]
    Kernel { file: String, source: KernelImageError },
    #[error("kernel `{file}` is for {form} bits, and config.txt starts the processor in {mode}: {mend}")]
    Width { file: String, form: u8, mode: u8, mend: &'static str },
}

/// Boots from `files` up to the kernel. `device_tree` is the one that the emulated machine is, by Linux' name; where it
/// is no Raspberry Pi's, U-Boot is played.
pub fn play(files: &dyn BootFiles, device_tree: Option<&str>) -> Result<Boot, PlayError> {
    let board = BoardIdentity::of_device_tree(device_tree.unwrap_or_default());
    match device_tree {
        Some(name) if board.model.is_some() => play_as(files, &board, name),
        _ => extlinux::play(files, device_tree),
    }
}

/// Plays Raspberry Pi's firmware on `board`.
fn play_as(files: &dyn BootFiles, board: &BoardIdentity, device_tree: &str) -> Result<Boot, PlayError> {
    let mut warnings = Vec::new();
    let soc = board.model.map(|model| model.soc);
    if matches!(soc, Some(Soc::Bcm2835 | Soc::Bcm2836 | Soc::Bcm2837)) {
        demand(files, "bootcode.bin", "the processor's own boot code starts nothing else")?;
    }
    let text = if files.contains("config.txt") {
        String::from_utf8_lossy(&files.read("config.txt")?).into_owned()
    } else if soc == Some(Soc::Bcm2712) {
        return Err(missing("config.txt", "a Pi 5 takes no partition without it for bootable"));
    } else {
        String::new()
    };
    let include = |file: &str| files.read(file).ok().map(|content| String::from_utf8_lossy(&content).into_owned());
    let (config, config_warnings) = read_config(&text, board, &include);
    warnings.extend(config_warnings.iter().map(ToString::to_string));
    if let Some(soc) = soc {
        start_file(files, &config, soc)?;
    }

    let is_64_bit = config.number("arm_64bit").map_or(matches!(soc, Some(Soc::Bcm2711 | Soc::Bcm2712)), |bit| bit != 0);
    let kernel_names = kernel_names(&config, soc, is_64_bit);
    let tree_names = tree_names(&config, board.model, device_tree);
    let prefix = prefix(files, &config, &kernel_names, &tree_names);

    let found = kernel_names.iter().map(|name| prefixed(&prefix, name)).find(|name| files.contains(name));
    let kernel_name = found
        .ok_or_else(|| missing(&kernel_names[0], "the firmware finds no kernel; `kernel=` in config.txt names it"))?;
    let (form, kernel) = unpacked(&kernel_name, &files.read(&kernel_name)?.into())?;
    check_width(&kernel_name, form, is_64_bit)?;

    let found = tree_names.iter().map(|name| prefixed(&prefix, name)).find(|name| files.contains(name));
    let device_tree_name = found.ok_or_else(|| {
        missing(
            &tree_names[0],
            "the kernel does not start without its device tree; `upstream_kernel=1` looks for Linux' names",
        )
    })?;
    if upstream(&config)
        && board
            .model
            .is_some_and(|model| device_tree_name.ends_with(model.downstream) && model.downstream != model.upstream)
    {
        warnings.push(format!(
            "the firmware would apply the overlay `upstream` to `{device_tree_name}`; emulation does not"
        ));
    }
    for (key, value) in config.entries().iter().filter(|(key, _)| key == "dtoverlay" || key == "dtparam") {
        warnings.push(format!("`{key}={value}` has no effect in emulation: overlays are not applied"));
    }

    let cmdline_name = prefixed(&prefix, config.get("cmdline").unwrap_or("cmdline.txt"));
    demand(files, &cmdline_name, "the kernel would not know its root file system")?;
    Ok(Boot {
        kernel,
        initramfs: initramfs(files, &config, &prefix)?,
        device_tree: Some(files.read(&device_tree_name)?.into()),
        device_tree_name: Some(device_tree_name),
        cmdline: CmdlineTxt::parse(&String::from_utf8_lossy(&files.read(&cmdline_name)?)),
        warnings,
    })
}

fn missing(file: &str, reason: &str) -> PlayError {
    PlayError::Missing { file: file.to_owned(), reason: reason.to_owned() }
}

/// The kernel without gzip around it, and what it is for.
fn unpacked(file: &str, content: &Bytes) -> Result<(KernelImage, Bytes), PlayError> {
    KernelImage::unpack(content).map_err(|source| PlayError::Kernel { file: file.to_owned(), source })
}

fn demand(files: &dyn BootFiles, file: &str, reason: &str) -> Result<(), PlayError> {
    if files.contains(file) { Ok(()) } else { Err(missing(file, reason)) }
}

/// Whether Linux' names of device trees go before Raspberry Pi's.
fn upstream(config: &BootConfig) -> bool {
    config.number("upstream_kernel").is_some_and(|value| value != 0)
}

/// Checks that the firmware proper and its fix-up file are there.
fn start_file(files: &dyn BootFiles, config: &BootConfig, soc: Soc) -> Result<(), PlayError> {
    let number = match soc {
        Soc::Bcm2712 => return Ok(()), // it is in the EEPROM
        Soc::Bcm2711 => "4",
        _ => "",
    };
    let set = |key: &str| config.number(key).is_some_and(|value| value != 0);
    // The Pi 4's names run together: start.elf, start_x.elf; start4.elf, start4x.elf.
    let joint = if number.is_empty() { "_" } else { "" };
    let (variant, reason) = if config.number("gpu_mem").is_some_and(|memory| memory < WHOLE_FIRMWARE_GPU_MEM) {
        (format!("{joint}cd"), "a gpu_mem below 32 makes the boot code load this form of the firmware")
    } else if let (Some(start), Some(fixup)) = (config.get("start_file"), config.get("fixup_file")) {
        demand(files, start, "`start_file=` names it")?;
        return demand(files, fixup, "`fixup_file=` names it");
    } else if set("start_debug") {
        (format!("{joint}db"), "`start_debug=1` wants it")
    } else if set("start_x") {
        (format!("{joint}x"), "`start_x=1` wants it")
    } else {
        (String::new(), "the boot code loads it")
    };
    demand(files, &format!("start{number}{variant}.elf"), reason)?;
    demand(files, &format!("fixup{number}{variant}.dat"), reason)
}

/// The names under which the firmware looks for a kernel, in its order.
fn kernel_names(config: &BootConfig, soc: Option<Soc>, is_64_bit: bool) -> Vec<String> {
    if let Some(name) = config.get("kernel") {
        return vec![name.to_owned()];
    }
    let names: &[&str] = match (is_64_bit, soc) {
        (true, Some(Soc::Bcm2712)) => &["kernel_2712.img", "kernel8.img"],
        (true, _) => &["kernel8.img"],
        (false, Some(Soc::Bcm2711)) => &["kernel7l.img", "kernel7.img", "kernel.img"],
        (false, Some(Soc::Bcm2835)) => &["kernel.img"],
        (false, _) => &["kernel7.img", "kernel.img"],
    };
    names.iter().map(ToString::to_string).collect()
}

/// The names under which the firmware looks for the device tree, in its order.
fn tree_names(config: &BootConfig, model: Option<Model>, device_tree: &str) -> Vec<String> {
    if let Some(name) = config.get("device_tree") {
        return vec![name.to_owned()];
    }
    match model {
        None => vec![device_tree.to_owned()],
        Some(model) if upstream(config) => vec![model.upstream.to_owned(), model.downstream.to_owned()],
        Some(model) => vec![model.downstream.to_owned()],
    }
}

/// `os_prefix` when a kernel and a device tree are there with it, else nothing, as the firmware falls back.
fn prefix(files: &dyn BootFiles, config: &BootConfig, kernels: &[String], trees: &[String]) -> String {
    let wanted = config.get("os_prefix").or_else(|| upstream(config).then_some("upstream/")).unwrap_or_default();
    let there = |names: &[String]| names.iter().any(|name| files.contains(&prefixed(wanted, name)));
    if there(kernels) && there(trees) { wanted.to_owned() } else { String::new() }
}

/// A name with the prefix before it; a leading `/` goes round the prefix.
fn prefixed(prefix: &str, name: &str) -> String {
    name.strip_prefix('/').map_or_else(|| format!("{prefix}{name}"), ToOwned::to_owned)
}

fn check_width(file: &str, form: KernelImage, is_64_bit: bool) -> Result<(), PlayError> {
    let file = file.to_owned();
    match (form, is_64_bit) {
        (KernelImage::Image, false) => Err(PlayError::Width { file, form: 64, mode: 32, mend: "set arm_64bit=1" }),
        (KernelImage::ZImage, true) => Err(PlayError::Width { file, form: 32, mode: 64, mend: "set arm_64bit=0" }),
        _ => Ok(()),
    }
}

/// The files of `initramfs`, one after the other.
fn initramfs(files: &dyn BootFiles, config: &BootConfig, prefix: &str) -> Result<Option<Bytes>, PlayError> {
    let Some((names, _)) = config.initramfs() else { return Ok(None) };
    let mut content = Vec::new();
    for name in names.split(',') {
        let name = prefixed(prefix, name);
        demand(files, &name, "the firmware would start the kernel without an initramfs")?;
        content.extend(files.read(&name)?);
    }
    Ok(Some(content.into()))
}

#[cfg(test)]
mod tests;
