//! How far downloads are, for whoever shows it.

/// Is told of a stretch of work. Called from several threads at once.
pub trait Progress: Sync + std::fmt::Debug {
    /// Work on `what` begins; `total_bytes` of it are to come.
    fn begin(&self, what: &str, total_bytes: u64);
    /// So many bytes more have come.
    fn advance(&self, bytes: u64);
    /// The work begun last is over, well or not.
    fn done(&self);
}
