//! Who may log in, and by which way: accounts, ssh, consoles.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use super::consoles::{Console, consoles};
use super::ssh::{Ssh, ssh};
use super::units::Units;
use super::{Boot, Volume};

/// Ways into the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Accounts with a shell to log in to.
    pub accounts: Vec<Account>,
    /// None when no ssh server is installed.
    pub ssh: Option<Ssh>,
    pub consoles: Vec<Console>,
    /// Whether the kernel's command line was found, which names consoles too.
    pub cmdline: bool,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub name: String,
    pub password: Password,
}

/// What the account's password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Password {
    /// There is one.
    Set,
    /// None fits.
    Locked,
    /// None is asked for.
    Empty,
    /// The file that would tell cannot be read.
    Unknown,
}

impl Access {
    pub(super) fn of(root: &Volume, boot: Option<(&Volume, &Boot)>) -> Self {
        let (accounts, homes) = accounts(root);
        let units = Units::of(root, boot.map(|(_, boot)| boot));
        let server = root.find("usr/sbin/sshd");
        let ssh = server.map(|_| ssh(root, boot.map(|(volume, _)| volume), &units, &homes));
        let consoles = consoles(root, boot.map(|(_, boot)| boot));
        Self { accounts, ssh, consoles, cmdline: boot.is_some() }
    }
}

/// Accounts with a shell, and every account's home.
type Accounts = (Vec<Account>, Vec<(String, String)>);

/// `passwd(5)` and `shadow(5)`
fn accounts(root: &Volume) -> Accounts {
    let (passwd, shadow) = (root.text("etc/passwd").unwrap_or_default(), root.text("etc/shadow").unwrap_or_default());
    let unread = root.is_unread("etc/shadow");
    let (mut accounts, mut homes) = (Vec::new(), Vec::new());
    // The first line of a name counts.
    let mut hashes: HashMap<&str, &str> = HashMap::new();
    for line in shadow.lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(hash)) = (fields.next(), fields.next()) {
            hashes.entry(name).or_insert(hash);
        }
    }
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, inline, .., home, shell] = fields.as_slice() else { continue };
        homes.push(((*name).to_owned(), (*home).to_owned()));
        if shell.ends_with("/nologin") || shell.ends_with("/false") || shell.ends_with("/sync") {
            continue;
        }
        let hidden = if *inline == "x" { hashes.get(name).copied() } else { Some(*inline) };
        let password = match hidden {
            Some("") => Password::Empty,
            Some(hash) if !hash.starts_with(['*', '!']) => Password::Set,
            None if unread => Password::Unknown,
            _ => Password::Locked,
        };
        accounts.push(Account { name: (*name).to_owned(), password });
    }
    (accounts, homes)
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.iter().map(|account| {
            let password = match account.password {
                Password::Set => "with a password",
                Password::Locked => "no password fits",
                Password::Empty => "no password asked for",
                Password::Unknown => "password unknown, as /etc/shadow cannot be read",
            };
            format!("{} ({password})", account.name)
        });
        writeln!(f, "accounts: {}", accounts.collect::<Vec<_>>().join(", "))?;
        match &self.ssh {
            None => writeln!(f, "ssh: no server")?,
            Some(ssh) => {
                let enabled = if ssh.enabled { "enabled" } else { "not enabled" };
                let passwords = if ssh.passwords { "passwords taken" } else { "no passwords" };
                let empty = if ssh.empty_passwords { ", accounts without a password let in" } else { "" };
                writeln!(f, "ssh: {enabled}, {passwords}{empty}, root login {}", ssh.root)?;
                for key in &ssh.keys {
                    writeln!(f, "  key of {}: {} {}", key.account, key.kind, key.comment)?;
                }
            }
        }
        self.consoles.iter().try_for_each(|console| writeln!(f, "{console}"))?;
        if !self.cmdline {
            writeln!(f, "consoles: no kernel command line was found, so those that it names are not told")?;
        }
        Ok(())
    }
}
