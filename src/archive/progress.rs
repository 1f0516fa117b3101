//! How far downloads are, for whoever shows it.

/// A listener to stretches of work. Several threads call it at once.
pub trait Progress: Sync + std::fmt::Debug {
    /// Work on `what` begins; it has `total_bytes`.
    fn begin(&self, what: &str, total_bytes: u64);
    /// `bytes` more have come.
    fn advance(&self, bytes: u64);
    /// The work begun last is over, done or failed.
    fn done(&self);
}
