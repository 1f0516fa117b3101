//! Which boards are booted when.

/// Boards that `make test` boots; the others wait for `make test-boards`. With these, 32 and 64 bits and both ways of
/// starting a kernel are there.
pub(crate) const BOOTED_IN_EVERY_RUN: &[&str] = &["pi2", "pi3", "virt-arm64"];
