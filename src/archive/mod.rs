//! Debian's archive: indices, versions, dependencies, the lock, the download cache, and `.deb` files.

pub mod ar;
pub mod compression;
pub mod control;
pub mod deb;

pub use control::Paragraph;
pub use deb::{Deb, DebError};
