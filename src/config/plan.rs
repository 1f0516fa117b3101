//! The plan: `cluster.toml` with everything it names, checked and resolved.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{Architecture, Board, Pins, Role, Secret, System};

/// A whole cluster. Bases hold what nodes have in common, nodes what is theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The cluster's name; every derived id starts from it.
    pub name: String,
    pub network: Network,
    /// Nodes of one board, role and settings share a base.
    pub bases: Vec<BaseSpec>,
    /// In the order of `cluster.toml`.
    pub nodes: Vec<Node>,
    /// Of which ssh host keys and machine ids are made; without it each node makes its own at its first boot.
    pub secret: Option<Secret>,
    /// Remarks for the user that stop nothing ("`overclock` does nothing on pi3: …"), ready to print.
    pub remarks: Vec<String>,
}

/// What every node of a board and role has in common: all that a base image is made of, but for the content of files.
///
/// Nodes whose specifications are equal share a base. Its serialisation is a part of the base's recipe.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaseSpec {
    /// "worker-pi2"; unique in the plan.
    pub name: String,
    pub board: Board,
    pub system: System,
    /// Of the system's, the one that the board runs.
    pub architecture: Architecture,
    /// Package that brings the kernel: "linux-image-armmp".
    pub kernel: String,
    /// The role's layers from the bottom up; the last is the role that `cluster.toml` names.
    pub roles: Vec<Role>,
    /// What its nodes want from suites on request, besides what its board and roles do; see [`BaseSpec::pins`].
    pub from: Pins,
    pub settings: Settings,
    /// Lines for root's `authorized_keys`. Empty: sshd is not enabled.
    pub authorized_keys: Vec<String>,
    pub console: Console,
    /// Answers to debconf's questions that `cluster.toml` gives, before those of roles and system.
    pub debconf: BTreeMap<String, String>,
    /// The folder whose content every node serves. Where it lies is no matter for the base.
    #[serde(skip_serializing)]
    pub site: Option<PathBuf>,
}

/// Firmware settings of config.txt, resolved for the board: presets are spelled out, every value is in bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// In MB.
    pub gpu_mem: Option<i64>,
    /// Other keys with their values, in the order they are to be written.
    pub keys: Vec<(String, i64)>,
    /// Lines that the user wrote, checked; what is written behind them is in no section of theirs.
    pub extra: Vec<String>,
}

/// What the serial console offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Console {
    /// A login prompt.
    #[default]
    Login,
    /// A root shell without a password, for whoever has the board in hand.
    Shell,
}

/// The network that all nodes stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Network address and prefix length.
    pub subnet: Ipv4Net,
    pub gateway: Option<Ipv4Addr>,
    /// At most three (resolv.conf(5), MAXNS).
    pub dns: Vec<Ipv4Addr>,
    /// Domain of the nodes' full names and of the resolver's search list.
    pub domain: Option<String>,
}

/// One node: its identity and the base it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// RFC 1123 label, lower case.
    pub hostname: String,
    pub address: Ipv4Addr,
    /// Index into [`Plan::bases`].
    pub base: usize,
}

impl BaseSpec {
    /// The packages that roles leave to the node, each with the file that says so.
    pub fn second_stage(&self) -> Vec<(String, String)> {
        let of = |role: &Role| format!("overlays/{}/role.toml", role.name);
        let all = self.roles.iter().flat_map(|role| role.second_stage.iter().map(move |name| (name.clone(), of(role))));
        all.collect()
    }

    /// The answers to debconf's questions, each with the file that gives it: the cluster file before the roles, an upper role
    /// before those below it, and all of them before the system.
    pub fn debconf(&self) -> BTreeMap<&str, (&str, String)> {
        let system = (&self.system.debconf, format!("rootfs/{}.toml", self.system.name));
        let roles = self.roles.iter().map(|role| (&role.debconf, format!("overlays/{}/role.toml", role.name)));
        let cluster = (&self.debconf, "the cluster file".to_owned());
        let mut answers = BTreeMap::new();
        for (given, file) in [system].into_iter().chain(roles).chain([cluster]) {
            let given = given.iter().map(|(question, value)| (question.as_str(), (value.as_str(), file.clone())));
            answers.extend(given);
        }
        answers
    }
}

impl Plan {
    /// The nodes that stand on `base`, which is one of the plan's.
    pub fn nodes_of<'a>(&'a self, base: &'a BaseSpec) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| self.bases.get(node.base).is_some_and(|its| its.name == base.name))
    }
}
