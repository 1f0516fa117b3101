//! `cluster.toml` as it is typed: every value with its place, nothing checked yet.
//!
//! One `[[nodes]]` entry is one node, or with a range in `name` and `address` many like nodes. What an entry leaves out
//! comes from `[defaults]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_spanned::Spanned;

use super::{Architecture, Console};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: Spanned<String>,
    /// A file of `rootfs/`, without `.toml`.
    pub(super) system: Spanned<String>,
    pub(super) network: NetworkTable,
    #[serde(default)]
    pub(super) defaults: Choices,
    #[serde(default)]
    pub(super) ssh: SshTable,
    #[serde(default)]
    pub(super) identity: IdentityTable,
    #[serde(default)]
    pub(super) nodes: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkTable {
    /// "192.168.1.0/24"
    pub(super) subnet: Spanned<String>,
    pub(super) gateway: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) dns: Vec<Spanned<String>>,
    pub(super) domain: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SshTable {
    /// Files, or lines as they stand in such a file.
    #[serde(default)]
    pub(super) authorized_keys: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityTable {
    /// File of which ssh host keys and machine ids are made. Without it each node makes its own at its first boot.
    pub(super) secret: Option<Spanned<String>>,
}

/// `[defaults]`: what may be said for all nodes at once.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choices {
    pub(super) board: Option<Spanned<String>>,
    /// Of those that the system has; without it the first one that the board can run.
    pub(super) architecture: Option<Spanned<Architecture>>,
    pub(super) role: Option<Spanned<String>>,
    /// In MB.
    pub(super) gpu_mem: Option<Spanned<i64>>,
    pub(super) overclock: Option<Spanned<String>>,
    /// Further keys of config.txt, by the names that the board file lists.
    #[serde(default)]
    pub(super) settings: BTreeMap<Spanned<String>, Spanned<i64>>,
    /// Lines of config.txt as the user wants them.
    pub(super) extra: Option<Vec<Spanned<String>>>,
    /// Leave to set what ends the warranty.
    pub(super) i_accept_the_warranty_bit: Option<bool>,
    pub(super) site: Option<Spanned<String>>,
    pub(super) console: Option<Console>,
}

/// One entry of `[[nodes]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// "node5" or "node[1-4]"
    pub(super) name: Spanned<String>,
    /// "192.168.1.15" or "192.168.1.[11-14]"
    pub(super) address: Spanned<String>,
    // The same as in `Choices`: serde's `flatten` would lose the places.
    pub(super) board: Option<Spanned<String>>,
    pub(super) architecture: Option<Spanned<Architecture>>,
    pub(super) role: Option<Spanned<String>>,
    pub(super) gpu_mem: Option<Spanned<i64>>,
    pub(super) overclock: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) settings: BTreeMap<Spanned<String>, Spanned<i64>>,
    pub(super) extra: Option<Vec<Spanned<String>>>,
    pub(super) i_accept_the_warranty_bit: Option<bool>,
    pub(super) site: Option<Spanned<String>>,
    pub(super) console: Option<Console>,
}

impl Entry {
    /// What counts for this entry: its own choices, then the defaults. Settings are merged key by key.
    pub(super) fn choices(&self, defaults: &Choices) -> Choices {
        let mut settings = defaults.settings.clone();
        for (key, value) in &self.settings {
            settings.remove(key);
            settings.insert(key.clone(), value.clone());
        }
        Choices {
            board: self.board.clone().or_else(|| defaults.board.clone()),
            architecture: self.architecture.clone().or_else(|| defaults.architecture.clone()),
            role: self.role.clone().or_else(|| defaults.role.clone()),
            gpu_mem: self.gpu_mem.clone().or_else(|| defaults.gpu_mem.clone()),
            overclock: self.overclock.clone().or_else(|| defaults.overclock.clone()),
            settings,
            extra: self.extra.clone().or_else(|| defaults.extra.clone()),
            i_accept_the_warranty_bit: self.i_accept_the_warranty_bit.or(defaults.i_accept_the_warranty_bit),
            site: self.site.clone().or_else(|| defaults.site.clone()),
            console: self.console.or(defaults.console),
        }
    }
}
