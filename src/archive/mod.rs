//! Debian's archive: indices, versions, dependencies, the lock, the download cache, and `.deb` files.
//!
//! Two ways lead through this room. Locking reads signed indices, chooses packages and writes them down; a build reads
//! the lock, fetches what it names and opens it. Only the second is needed for an image.

pub mod ar;
pub mod cache;
pub mod closure;
pub mod compression;
pub mod control;
pub mod data_tar;
pub mod deb;
pub mod depends;
pub mod download;
pub mod fetch;
pub mod hash;
pub mod indices;
pub mod lock;
pub mod mirror;
pub mod packages;
pub mod pinned;
pub mod progress;
pub mod release;
pub mod relock;
pub mod sets;
pub mod signature;
pub mod time;
pub mod version;

#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use control::Paragraph;
pub use data_tar::DataTar;
pub use deb::{Deb, DebError};
pub use download::Downloader;
pub use fetch::{FetchError, Obtained, Policy, fetch, obtain};
pub use hash::Sha256;
pub use indices::{IndexError, Wishes};
pub use lock::{Lock, LockError, LockedPackage, LockedSet, LockedSuite};
pub use mirror::Mirrors;
pub use progress::Progress;
pub use relock::{Change, lock, relock};
pub use sets::Request;

/// What every walk to the archive needs.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    pub mirrors: &'a Mirrors,
    pub download: &'a Downloader,
    pub cache: &'a Cache,
    pub progress: &'a dyn Progress,
    /// Seconds since 1970, to judge by what the archive says of its own time.
    pub now: i64,
}

/// Why the archive could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Closure(#[from] closure::ClosureError),
    #[error(transparent)]
    Pin(#[from] pinned::PinError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Lock(#[from] LockError),
}
