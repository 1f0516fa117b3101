//! The counterparts of what maintainers wrote by hand, one file for each concern.
//!
//! Every entry was written after reading the script it stands for, and names the hashes of the texts that were read.
//! A new text has a new hash and stops the build until somebody has read it too: add its hash here when it still does
//! the same, or change the action. Code for upgrades is never run, because nothing is upgraded in an image; entries
//! whose action is `nothing` say why.

mod base;
mod boot;
mod files;
mod libraries;
mod login;
mod network;
mod offers;
mod services;
mod trust;
mod upgrades;

use super::Counterpart;

/// Every counterpart that is known.
pub(super) fn all() -> impl Iterator<Item = &'static Counterpart> {
    let concerns: [&'static [Counterpart]; 9] = [
        base::COUNTERPARTS,
        boot::COUNTERPARTS,
        libraries::COUNTERPARTS,
        login::COUNTERPARTS,
        network::COUNTERPARTS,
        offers::COUNTERPARTS,
        services::COUNTERPARTS,
        trust::COUNTERPARTS,
        upgrades::COUNTERPARTS,
    ];
    concerns.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_is_pinned_and_explained_and_none_stands_twice() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            let name = format!("{} {}", entry.package, entry.script);
            assert!(!entry.sha256.is_empty(), "{name} names no text that was read");
            assert!(!entry.reason.is_empty(), "{name} gives no reason");
            for hash in entry.sha256 {
                let digits = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                assert!(hash.len() == 64 && digits, "{name}: `{hash}` is no SHA-256");
                assert!(seen.insert((entry.package, entry.script, *hash)), "{name}: {hash} stands twice");
            }
        }
    }
}
