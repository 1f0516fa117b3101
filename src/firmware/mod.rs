//! The FAT partition as the board's own boot code wants it: `config.txt`, `cmdline.txt` and the files beside them.
//!
//! `config.txt` is written through types ([`ConfigTxt`]) and read back the way the board reads it ([`read_config`]), by
//! emulation and by whoever looks into an image. A wrong line does not stop a board, it is skipped in silence; so the
//! writer refuses what the reader would skip, and a property test holds the two together.

mod boot_files;
mod cmdline_txt;
mod config_reader;
mod config_txt;
mod extlinux_conf;
mod filter;
mod identity;
mod kernel_image;
mod node_files;

pub use boot_files::{FirmwareError, INITRAMFS_NAME, boot_files, boot_loader};
pub use cmdline_txt::{CmdlineError, CmdlineTxt};
pub use config_reader::{BootConfig, ConfigWarning, read_config};
pub use config_txt::{ConfigTxt, ConfigTxtError, Initramfs, LINE_LIMIT};
pub use extlinux_conf::{EXTLINUX_PLACES, ExtlinuxConf, ExtlinuxError};
pub use filter::Filter;
pub use identity::{BoardIdentity, Model, Soc};
pub use kernel_image::{KernelImage, KernelImageError};
pub use node_files::node_files;
