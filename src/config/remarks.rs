//! What is worth saying though nothing is wrong: choices that do nothing, and what is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::lookup::list;
use super::settings::{IdlePreset, Resolved};

/// Collected while reading, so that one remark can name all the nodes it is about.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    no_key: bool,
    idle: BTreeMap<IdlePreset, Vec<String>>,
    /// By what is said of a key.
    notes: BTreeMap<String, Vec<String>>,
    /// By what writes to one-time programmable memory.
    once: BTreeMap<String, Vec<String>>,
    /// By what sets the bit.
    warranty: BTreeMap<String, Vec<String>>,
    without_site: Vec<String>,
    /// The secret's file, when others can read it.
    open_secret: Option<PathBuf>,
}

impl Remarks {
    /// What came up while a node's settings were resolved.
    pub(super) fn settings(&mut self, resolved: &Resolved, hostnames: &[&str]) {
        let names = || hostnames.iter().map(|name| (*name).to_owned());
        if let Some(idle) = &resolved.idle {
            self.idle.entry(idle.clone()).or_default().extend(names());
        }
        for note in &resolved.notes {
            self.notes.entry(note.clone()).or_default().extend(names());
        }
        for line in &resolved.once {
            self.once.entry(line.clone()).or_default().extend(names());
        }
        if let Some(cause) = &resolved.warranty {
            self.warranty.entry(cause.clone()).or_default().extend(names());
        }
    }

    pub(super) fn open_secret(&mut self, file: &Path) {
        self.open_secret = Some(file.to_owned());
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
        for (note, hostnames) in &self.notes {
            lines.push(format!("{note} ({})", names(hostnames)));
        }
        for (line, hostnames) in &self.once {
            lines.push(format!("{line}, for good, as `i_accept_one_time_programming` allows ({})", names(hostnames)));
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
        if let Some(file) = &self.open_secret {
            let file = file.display();
            lines.push(format!("others can read the cluster's secret `{file}`; `chmod 600` keeps it to yourself"));
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
