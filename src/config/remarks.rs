//! What is worth saying though nothing is wrong: choices that do nothing, and what is left out.

use std::collections::BTreeMap;

use super::lookup::list;
use super::settings::{IdlePreset, Resolved};

/// Collected while reading, so that one remark can name all the nodes it is about.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    no_key: bool,
    idle: BTreeMap<IdlePreset, Vec<String>>,
    /// By what is not known.
    unknown: BTreeMap<String, Vec<String>>,
    /// By what sets the bit.
    warranty: BTreeMap<String, Vec<String>>,
    without_site: Vec<String>,
}

impl Remarks {
    /// What came up while a node's settings were resolved.
    pub(super) fn settings(&mut self, resolved: &Resolved, hostnames: &[&str]) {
        let names = || hostnames.iter().map(|name| (*name).to_owned());
        if let Some(idle) = &resolved.idle {
            self.idle.entry(idle.clone()).or_default().extend(names());
        }
        for key in &resolved.unknown {
            self.unknown.entry(key.clone()).or_default().extend(names());
        }
        if let Some(cause) = &resolved.warranty {
            self.warranty.entry(cause.clone()).or_default().extend(names());
        }
    }

    pub(super) fn without_key(&mut self) {
        self.no_key = true;
    }

    pub(super) fn without_site(&mut self, hostnames: &[&str]) {
        self.without_site.extend(hostnames.iter().map(|name| (*name).to_owned()));
    }

    /// Ready to print.
    pub(super) fn lines(&self) -> Vec<String> {
        let names = |hostnames: &[String]| list(hostnames.iter().map(String::as_str), "and");
        let mut lines = Vec::new();
        for (idle, hostnames) in &self.idle {
            let IdlePreset { board, preset, reason } = idle;
            lines.push(format!(
                "`overclock = \"{preset}\"` changes nothing on {board} ({}): {reason}",
                names(hostnames)
            ));
        }
        for (key, hostnames) in &self.unknown {
            lines.push(format!("{key} ({})", names(hostnames)));
        }
        for (cause, hostnames) in &self.warranty {
            lines.push(format!(
                "{cause} sets the warranty bit of {} for good, as `i_accept_the_warranty_bit` allows",
                names(hostnames)
            ));
        }
        if !self.without_site.is_empty() {
            let hostnames = names(&self.without_site);
            lines.push(format!("no site for {hostnames}: they serve an empty folder; name one with `site = \"…\"`"));
        }
        if self.no_key {
            lines.push(
                "no SSH key: sshd stays off; to get in, name your public key in cluster.toml: \
                 `[ssh]` `authorized_keys = [\"~/.ssh/id_ed25519.pub\"]`"
                    .to_owned(),
            );
        }
        lines
    }
}
