//! What the builder and the first process have in common: the form of the initramfs, and how its modules are named.

mod cpio;
mod layout;
mod wanted;

pub use cpio::{Cpio, CpioError};
pub use layout::initramfs;
pub use wanted::wanted_module;
