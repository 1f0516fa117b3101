//! What the builder and the first process have in common: the form of the initramfs.

mod cpio;
mod layout;

pub use cpio::{Cpio, CpioError};
pub use layout::initramfs;
