//! A node's image on an emulated board: QEMU, with the part of the board's firmware that QEMU does not play.
//!
//! QEMU starts a kernel that it is given and looks at no `config.txt`. So [`play`] reads the FAT partition of the image
//! as the board would, and QEMU gets just what it finds; nothing of the boot comes from beside the image. The card is an
//! overlay that is thrown away, so the image does not change. [`run`] is for a person at a terminal, [`Guest`] for a
//! test.

mod card;
mod child;
mod console;
mod device_tree;
mod error;
mod guest;
mod machine;
mod network;
mod play;
mod prepare;
mod probe;
mod program;

pub use console::{Console, ConsoleError};
pub use error::EmulateError;
pub use guest::Guest;
pub use network::Ports;
pub use play::{Boot, BootFiles, PlayError, play};
pub use prepare::{Beside, GuestOptions, Prepared, run};
