//! The FAT partition as the board's own boot code wants it: `config.txt`, `cmdline.txt` and the files beside them, and
//! what on the node keeps them so.

mod boot_files;
mod boot_loader;
mod boot_texts;
mod cmdline_txt;
mod extlinux_conf;
mod kernel_image;
mod node_files;
mod other_boards;
#[cfg(test)]
mod tests;

pub use boot_files::{FirmwareError, boot_files};
pub use boot_loader::boot_loader;
pub use cmdline_txt::{CmdlineError, CmdlineTxt};
pub use extlinux_conf::{EXTLINUX_PLACES, ExtlinuxConf, ExtlinuxError};
pub use kernel_image::{KernelImage, KernelImageError};
pub use node_files::node_files;
pub use other_boards::of_other_boards;
