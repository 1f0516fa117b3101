//! `cluster.toml` as it is typed: every value with its place, nothing checked yet.
//!
//! One `[[nodes]]` entry is one node, or with a range in `name` and `address` many like nodes. What an entry leaves out
//! comes from `[defaults]`: it is added to the parsed TOML, so that a key of a node is listed once, in [`NodeTable`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::document::{form, parse_as};
use super::source::{Place, SourceFile};
use super::typed::{Mistake, MistakeKind};
use super::{Architecture, Console, Pins};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: Spanned<String>,
    /// A file of `rootfs/`, without `.toml`.
    pub(super) system: Spanned<String>,
    pub(super) network: NetworkTable,
    #[serde(default)]
    pub(super) defaults: NodeTable,
    #[serde(default)]
    pub(super) ssh: SshTable,
    #[serde(default)]
    pub(super) identity: IdentityTable,
    #[serde(default)]
    pub(super) nodes: Vec<Spanned<NodeTable>>,
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

/// One entry of `[[nodes]]`, completed from `[defaults]`; or `[defaults]` itself.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeTable {
    /// "node5" or "node[1-4]". Every entry has one, and `[defaults]` has none.
    pub(super) name: Option<Spanned<String>>,
    /// "192.168.1.15" or "192.168.1.[11-14]". Every entry has one, and `[defaults]` has none.
    pub(super) address: Option<Spanned<String>>,
    pub(super) board: Option<Spanned<String>>,
    /// Of those that the system has; without it the first one that the board can run.
    pub(super) architecture: Option<Spanned<Architecture>>,
    pub(super) role: Option<Spanned<String>>,
    /// Packages that come from a suite on request: the suite's name, then packages.
    #[serde(default)]
    pub(super) from: Pins,
    /// In MB.
    pub(super) gpu_mem: Option<Spanned<i64>>,
    pub(super) overclock: Option<Spanned<String>>,
    /// Further keys of config.txt, by the names that the board file lists.
    #[serde(default)]
    pub(super) settings: BTreeMap<Spanned<String>, Spanned<i64>>,
    /// Lines of config.txt as the user wants them.
    #[serde(default)]
    pub(super) extra: Vec<Spanned<String>>,
    /// Leave to set what ends the warranty.
    #[serde(default)]
    pub(super) i_accept_the_warranty_bit: bool,
    /// Leave to write to the processor's one-time programmable memory.
    #[serde(default)]
    pub(super) i_accept_one_time_programming: bool,
    pub(super) site: Option<Spanned<String>>,
    /// Answers to debconf's questions, before those of the role and the system.
    #[serde(default)]
    pub(super) debconf: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) console: Console,
}

impl Cluster {
    /// Reads the cluster file, with every mistake of form.
    pub(super) fn parse(source: &Arc<SourceFile>) -> (Option<Self>, Vec<Diagnostic>) {
        let (cluster, mut mistakes) = parse_as::<Self>(source, merge_defaults);
        // What another mistake took out is not missing too.
        if let (Some(cluster), true) = (&cluster, mistakes.is_empty()) {
            mistakes.extend(cluster.check_identity(source));
        }
        (cluster, mistakes)
    }

    /// Every node has a name and an address, and nodes do not share them.
    fn check_identity(&self, source: &Arc<SourceFile>) -> impl Iterator<Item = Diagnostic> {
        type Value = fn(&NodeTable) -> Option<&Spanned<String>>;
        let name: Value = |node| node.name.as_ref();
        let address: Value = |node| node.address.as_ref();
        [("name", name), ("address", address)].into_iter().flat_map(move |(key, of)| {
            let shared = of(&self.defaults).map(|typed| {
                Diagnostic::new(format!("`{key}` is not for all nodes at once"))
                    .at(&Place::of(source, typed), "")
                    .help("write it in each `[[nodes]]`")
            });
            let lacking = self.nodes.iter().filter(move |node| of(node.get_ref()).is_none());
            let lacking = lacking.map(move |node| {
                form(source, &Mistake { kind: MistakeKind::MissingKey(key), span: Some(node.span()) })
            });
            shared.into_iter().chain(lacking)
        })
    }
}

/// Adds what `[defaults]` says to each entry of `[[nodes]]` that does not say it. Tables (`settings`) are merged key by
/// key.
fn merge_defaults(document: &mut DeTable<'_>) {
    let Some(DeValue::Table(mut defaults)) = document.get("defaults").map(|value| value.get_ref().clone()) else {
        return;
    };
    defaults.remove("name");
    defaults.remove("address");
    let Some(DeValue::Array(nodes)) = document.get_mut("nodes").map(Spanned::get_mut) else { return };
    for node in nodes.iter_mut() {
        if let DeValue::Table(node) = node.get_mut() {
            merge(node, &defaults);
        }
    }
}

fn merge<'de>(table: &mut DeTable<'de>, defaults: &DeTable<'de>) {
    for (key, value) in defaults {
        match (table.get_mut(key).map(Spanned::get_mut), value.get_ref()) {
            (None, _) => {
                table.insert(key.clone(), value.clone());
            }
            (Some(DeValue::Table(own)), DeValue::Table(defaults)) => merge(own, defaults),
            (Some(_), _) => {}
        }
    }
}
