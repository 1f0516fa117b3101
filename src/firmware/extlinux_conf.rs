//! `extlinux/extlinux.conf`: the boot menu of boards whose firmware is U-Boot.
//!
//! Source: "Generic Distro Configuration Concept" (`doc/develop/distro.rst`) and `boot/pxe_utils.c` of U-Boot. Only what
//! tells a kernel from the next one is read; pictures, prompts and network boot are passed over as U-Boot does without a
//! console.

use std::collections::BTreeMap;
use std::fmt;

use super::CmdlineTxt;

/// Where U-Boot looks for the menu, in this order.
pub const EXTLINUX_PLACES: [&str; 2] = ["extlinux/extlinux.conf", "boot/extlinux/extlinux.conf"];

/// The label of the one entry that is written here.
const LABEL: &str = "bramble";

/// One entry of the menu: the one that starts without anybody choosing. Files are absolute paths of the partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtlinuxConf {
    pub kernel: String,
    pub initramfs: Option<String>,
    /// Without it U-Boot hands on the device tree that it has itself, or takes one from `device_tree_folder`.
    pub device_tree: Option<String>,
    /// Folder where U-Boot looks for the device tree that its variable `fdtfile` names.
    pub device_tree_folder: Option<String>,
    pub cmdline: CmdlineTxt,
}

/// Why U-Boot would find nothing to start in a menu.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtlinuxError {
    #[error("extlinux.conf has no `label`, so there is nothing to start")]
    NoLabel,
    #[error("extlinux.conf: `{0}` has no `kernel`")]
    NoKernel(String),
}

impl ExtlinuxConf {
    /// Reads the entry that starts by itself: the one `default` names if there is such a one, else the first. Relative
    /// paths are below `folder`, the menu's own.
    pub fn parse(text: &str, folder: &str) -> Result<Self, ExtlinuxError> {
        let mut default = None;
        let mut labels: Vec<(&str, BTreeMap<&str, &str>)> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let value = value.trim();
            match (key, labels.last_mut()) {
                ("default", _) => default = Some(value),
                ("label", _) => labels.push((value, BTreeMap::new())),
                (_, Some((_, fields))) => {
                    fields.insert(canonical(key), value);
                }
                _ => {}
            }
        }
        let chosen = labels.iter().find(|(label, _)| Some(*label) == default).or(labels.first());
        let (label, fields) = chosen.ok_or(ExtlinuxError::NoLabel)?;
        let path = |key: &str| fields.get(key).map(|path| absolute(path, folder));
        Ok(Self {
            kernel: path("kernel").ok_or_else(|| ExtlinuxError::NoKernel((*label).to_owned()))?,
            initramfs: path("initrd"),
            device_tree: path("fdt"),
            device_tree_folder: path("fdtdir"),
            cmdline: CmdlineTxt::parse(fields.get("append").copied().unwrap_or_default()),
        })
    }
}

/// One word for what U-Boot knows by several.
fn canonical(key: &str) -> &str {
    match key {
        "linux" => "kernel",
        "devicetree" => "fdt",
        "devicetreedir" => "fdtdir",
        _ => key,
    }
}

fn absolute(path: &str, folder: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{folder}/{path}") }
}

impl fmt::Display for ExtlinuxConf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "default {LABEL}\n\nlabel {LABEL}\n  kernel {}", self.kernel)?;
        for (key, value) in
            [("initrd", &self.initramfs), ("fdt", &self.device_tree), ("fdtdir", &self.device_tree_folder)]
        {
            if let Some(value) = value {
                writeln!(f, "  {key} {value}")?;
            }
        }
        writeln!(f, "  append {}", self.cmdline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let conf = ExtlinuxConf {
            kernel: "/vmlinuz".into(),
            initramfs: Some("/initramfs.img".into()),
            device_tree: Some("/sun7i-a20-bananapi.dtb".into()),
            device_tree_folder: None,
            cmdline: CmdlineTxt::parse("console=ttyS0,115200 root=PARTUUID=1234abcd-02 rw"),
        };
        let text = conf.to_string();
        assert_eq!(
            text,
            "default bramble\n\nlabel bramble\n  kernel /vmlinuz\n  initrd /initramfs.img\n  \
             fdt /sun7i-a20-bananapi.dtb\n  append console=ttyS0,115200 root=PARTUUID=1234abcd-02 rw\n"
        );
        assert_eq!(ExtlinuxConf::parse(&text, "extlinux"), Ok(conf));
    }

    #[test]
    fn the_default_starts_and_without_one_the_first() {
        let menu = "TIMEOUT 10\n# two kernels\nlabel a\n\tlinux a\nlabel b\n kernel /b\n devicetreedir dtbs\n";
        let first = ExtlinuxConf::parse(menu, "extlinux").expect("an entry");
        assert_eq!((first.kernel.as_str(), first.device_tree_folder), ("/extlinux/a", None));
        let second = ExtlinuxConf::parse(&format!("default b\n{menu}"), "extlinux").expect("an entry");
        assert_eq!((second.kernel.as_str(), second.device_tree_folder.as_deref()), ("/b", Some("/extlinux/dtbs")));
    }

    #[test]
    fn a_menu_that_starts_nothing_says_why() {
        let told = |text| ExtlinuxConf::parse(text, "extlinux").expect_err("nothing to start").to_string();
        assert_eq!(told("timeout 5\n"), "extlinux.conf has no `label`, so there is nothing to start");
        assert_eq!(told("label a\n append quiet\n"), "extlinux.conf: `a` has no `kernel`");
    }
}
