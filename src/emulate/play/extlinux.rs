//! What U-Boot starts by a menu, for machines whose firmware is not on the card.

use bytes::Bytes;

use super::{Boot, BootFiles, PlayError, demand, missing, unpacked};
use crate::firmware::{EXTLINUX_PLACES, ExtlinuxConf};

/// Boots what `extlinux.conf` starts by itself. `device_tree` is the machine's name of its own, U-Boot's `fdtfile`.
pub(super) fn play(files: &dyn BootFiles, device_tree: Option<&str>) -> Result<Boot, PlayError> {
    let menu = EXTLINUX_PLACES.into_iter().find(|place| files.contains(place));
    let menu =
        menu.ok_or_else(|| missing(EXTLINUX_PLACES[0], "a board without Raspberry Pi's firmware starts by it"))?;
    let folder = menu.trim_end_matches("/extlinux.conf");
    let conf = ExtlinuxConf::parse(&String::from_utf8_lossy(&files.read(menu)?), folder)?;

    let read = |path: &str, key: &str| -> Result<Bytes, PlayError> {
        let file = path.trim_start_matches('/');
        demand(files, file, &format!("`{key}` of extlinux.conf names it"))?;
        Ok(files.read(file)?.into())
    };
    let (_, kernel) = unpacked(&conf.kernel, &read(&conf.kernel, "kernel")?)?;
    let in_folder = |folder: &String| Some(format!("{}/{}", folder.trim_end_matches('/'), device_tree?));
    let tree_name = conf.device_tree.or_else(|| conf.device_tree_folder.as_ref().and_then(in_folder));
    Ok(Boot {
        kernel,
        initramfs: conf.initramfs.map(|path| read(&path, "initrd")).transpose()?,
        device_tree: tree_name.as_ref().map(|path| read(path, "fdt")).transpose()?,
        device_tree_name: tree_name,
        cmdline: conf.cmdline,
        warnings: Vec::new(),
    })
}
