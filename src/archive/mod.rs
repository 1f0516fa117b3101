//! Debian's archive: indices, versions, dependencies, the lock, the download cache, and `.deb` files.
//!
//! Two ways lead through this room. Locking reads signed indices, chooses packages and writes them down; a build reads
//! the lock, fetches what it names and opens it. Only the second is needed for an image.

pub mod ar;
pub mod cache;
pub mod closure;
pub mod compression;
pub mod control;
pub mod deb;
pub mod depends;
pub mod download;
pub mod hash;
pub mod lock;
pub mod mirror;
pub mod packages;
pub mod progress;
pub mod release;
pub mod signature;
pub mod time;
pub mod version;

pub use cache::Cache;
pub use control::Paragraph;
pub use deb::{Deb, DebError};
pub use hash::Sha256;
pub use lock::{Lock, LockError, LockedPackage, LockedSuite};
