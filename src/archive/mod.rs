//! Debian's archive: indices, versions, dependencies, the lock, the download cache, and `.deb` files.

pub mod ar;
pub mod closure;
pub mod compression;
pub mod control;
pub mod deb;
pub mod depends;
pub mod hash;
pub mod packages;
pub mod release;
pub mod signature;
pub mod time;
pub mod version;

pub use control::Paragraph;
pub use deb::{Deb, DebError};
pub use hash::Sha256;
