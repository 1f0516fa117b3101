//! What is to be built: the TOML files, their checks, and the [`Plan`] that everything after works from.
//!
//! Pure data. Nothing here touches the network or any file but the TOML files, the ssh keys and the site that they
//! name; nothing after it asks a TOML file again.

mod architecture;
mod board;
mod board_settings;
mod choice;
mod cluster;
mod diagnostic;
mod document;
mod explain;
mod extra;
mod hostname;
mod keys;
mod lookup;
mod members;
mod nearest;
mod network;
mod pins;
mod plan;
mod range;
mod read;
mod remarks;
mod role;
mod secret;
mod sections;
mod setting;
mod settings;
mod shelf;
mod situations;
mod source;
mod ssh_key;
mod system;
#[cfg(test)]
pub(crate) mod tests;
mod typed;
mod warranty;

pub use architecture::{Architecture, Cpu};
pub use board::{Board, BootLoader, BootMenu, Emulation, FirmwareFiles, KernelModules, PartitionTableType, Serial};
pub use board_settings::{Limits, NotHere};
pub use diagnostic::Diagnostics;
pub use explain::{explain_board, explain_boards};
pub use lookup::NodeError;
pub(crate) use nearest::nearest;
pub use pins::{Pins, unknown_package};
pub use plan::{BaseSpec, Console, Network, Node, Plan, Settings};
pub use role::{EnabledUnits, ModeRule, Role, RoleUser};
pub use secret::Secret;
pub use system::{DeviceTrees, Suite, System};
