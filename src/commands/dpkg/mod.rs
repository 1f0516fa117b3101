//! The programs of the package dpkg that scripts call: dpkg, dpkg-query, dpkg-trigger, dpkg-divert and dpkg-statoverride.
//!
//! What they know of packages is the build's own list: those whose scripts ran are installed, the one whose script runs is in
//! the middle of it, and the others are unpacked. Left out: whatever installs, removes or repairs a package.

mod diversions;
mod overrides;
mod query;
mod versions;

use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("dpkg", query::dpkg),
    ("dpkg-divert", diversions::divert),
    ("dpkg-query", query::dpkg_query),
    ("dpkg-realpath", query::dpkg_realpath),
    ("dpkg-statoverride", overrides::statoverride),
    ("dpkg-trigger", query::trigger),
];
