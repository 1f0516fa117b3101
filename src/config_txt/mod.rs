//! The language of `config.txt`: written through types ([`ConfigTxt`]) and read the way a board reads it
//! ([`read_config`]).
//!
//! A wrong line does not stop a board, it is skipped in silence; so the writer refuses what the reader would skip, and
//! a property test holds the two together. Nothing here knows which keys there are or what a cluster file says: `config`
//! checks the lines that a person typed with it, `firmware` writes the card's file, emulation and `inspect` read it back.

/// Least `gpu_mem`, in MB, with which the boot code loads the firmware that other keys choose. With less it loads the
/// cut-down form, start_cd.elf, whatever they say. The documentation knows this of 16 alone; Raspberry Pi's engineers say
/// it of all below 32 (raspberrypi/linux, issues 212 and 503).
pub const WHOLE_FIRMWARE_GPU_MEM: i64 = 32;

mod filter;
mod identity;
mod raw;
mod reader;
mod writer;

pub use filter::{Filter, Filters};
pub use identity::{BoardIdentity, Model, Soc};
pub use raw::{LINE_LIMIT, RawLine, RawLineError, repeats};
pub use reader::{BootConfig, ConfigWarning, read_config};
pub use writer::{ConfigTxt, ConfigTxtError, Initramfs};
