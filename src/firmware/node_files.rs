//! The files on the node that make Debian's own update of the FAT partition come to the same settings.
//!
//! `/etc/kernel/postinst.d/z50-raspi-firmware` (package `raspi-firmware`) writes `config.txt` and `cmdline.txt` anew at
//! every kernel or firmware update. Left alone it guesses the root file system and the consoles; it reads these files
//! first. All are shell or plain text that the hook copies or sources.

use super::FirmwareError;
use super::boot_texts::{EXTRA_CMDLINE, consoles, custom_config};
use crate::config::{BaseSpec, BootMenu};

/// Absolute path and content of each file; owner root, mode 0644.
pub fn node_files(base: &BaseSpec, root_partuuid: &str) -> Result<Vec<(String, String)>, FirmwareError> {
    if base.board.firmware.menu != BootMenu::ConfigTxt {
        return Ok(Vec::new());
    }
    let custom =
        custom_config(base).map_err(|source| FirmwareError::Config { board: base.board.name.clone(), source })?;
    let settings = format!(
        "# Read by /etc/kernel/postinst.d/z50-raspi-firmware when it writes config.txt and cmdline.txt anew.\n\
         ROOTPART=\"PARTUUID={root_partuuid}\"\n\
         CONSOLES=\"{}\"\n\
         # No memory set aside for pictures: nothing here draws any.\n\
         CMA=0\n\
         KERNEL=\"auto\"\n\
         INITRAMFS=\"auto\"\n",
        consoles(base).join(" ")
    );
    Ok(vec![
        ("/etc/default/raspi-firmware".into(), settings),
        ("/etc/default/raspi-firmware-custom".into(), custom.to_string().trim_start().to_owned()),
        ("/etc/default/raspi-extra-cmdline".into(), format!("{}\n", EXTRA_CMDLINE.join(" "))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::tests::example::base;

    #[test]
    fn the_hook_is_told_what_the_image_was_built_with() {
        let files = node_files(&base(), "1234abcd-02").expect("good settings");
        let shown: Vec<String> = files.iter().map(|(path, content)| format!("{path}\n{content}")).collect();
        assert_eq!(
            shown,
            [
                "/etc/default/raspi-firmware\n\
             # Read by /etc/kernel/postinst.d/z50-raspi-firmware when it writes config.txt and cmdline.txt anew.\n\
             ROOTPART=\"PARTUUID=1234abcd-02\"\n\
             CONSOLES=\"tty0 ttyAMA0,115200\"\n\
             # No memory set aside for pictures: nothing here draws any.\n\
             CMA=0\n\
             KERNEL=\"auto\"\n\
             INITRAMFS=\"auto\"\n",
                "/etc/default/raspi-firmware-custom\n# From cluster.toml.\ngpu_mem=16\narm_freq=1000\nover_voltage=2\n",
                "/etc/default/raspi-extra-cmdline\nro rootfstype=ext4 panic=10 oops=panic\n",
            ]
        );
    }

    #[test]
    fn lines_of_the_user_survive_an_update() {
        let mut base = base();
        base.settings.extra = vec!["disable_splash=1".into()];
        let files = node_files(&base, "1234abcd-02").expect("good settings");
        assert!(files[1].1.ends_with("over_voltage=2\n\n# From `extra` of cluster.toml.\ndisable_splash=1\n"));
    }
}
