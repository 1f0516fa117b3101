//! Who may log in, and by which way: accounts, ssh, consoles.

use std::fmt;

use serde::Serialize;

use super::{Boot, InspectError, Volume};

/// Ways into the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Accounts with a shell to log in to.
    pub accounts: Vec<Account>,
    /// None when no ssh server is installed.
    pub ssh: Option<Ssh>,
    pub consoles: Vec<Console>,
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
}

/// The ssh server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ssh {
    /// Started at boot, by its unit or socket, or by a file `ssh` on the boot partition (Raspberry Pi OS).
    pub enabled: bool,
    /// Whether a password lets anybody in.
    pub passwords: bool,
    /// `PermitRootLogin` of sshd_config(5).
    pub root: String,
    pub keys: Vec<Key>,
}

/// A key that lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    pub account: String,
    /// `ssh-ed25519` and the like.
    pub kind: String,
    pub comment: String,
}

/// A terminal that a login is offered on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Console {
    pub device: String,
    /// Who is logged in without being asked.
    pub autologin: Option<String>,
}

impl Access {
    pub(super) fn of(root: &Volume, boot: Option<(&Volume, &Boot)>) -> Result<Self, InspectError> {
        let (accounts, homes) = accounts(root)?;
        let ssh = match root.find("usr/sbin/sshd") {
            Some(_) => Some(ssh(root, boot.map(|(volume, _)| volume), &homes)?),
            None => None,
        };
        let consoles = consoles(root, boot.map(|(_, boot)| boot))?;
        Ok(Self { accounts, ssh, consoles })
    }
}

/// Accounts with a shell, and every account's home.
type Accounts = (Vec<Account>, Vec<(String, String)>);

/// `passwd(5)` and `shadow(5)`
fn accounts(root: &Volume) -> Result<Accounts, InspectError> {
    let (passwd, shadow) = (root.text("etc/passwd")?.unwrap_or_default(), root.text("etc/shadow")?.unwrap_or_default());
    let (mut accounts, mut homes) = (Vec::new(), Vec::new());
    for line in passwd.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, inline, .., home, shell] = fields.as_slice() else { continue };
        homes.push(((*name).to_owned(), (*home).to_owned()));
        if shell.ends_with("/nologin") || shell.ends_with("/false") || shell.ends_with("/sync") {
            continue;
        }
        let of = |line: &str| line.strip_prefix(name)?.strip_prefix(':')?.split(':').next().map(str::to_owned);
        let hidden = if *inline == "x" { shadow.lines().find_map(of) } else { Some((*inline).to_owned()) };
        let password = match hidden.as_deref() {
            Some("") => Password::Empty,
            Some(hash) if !hash.starts_with(['*', '!']) => Password::Set,
            _ => Password::Locked,
        };
        accounts.push(Account { name: (*name).to_owned(), password });
    }
    Ok((accounts, homes))
}

fn ssh(root: &Volume, boot: Option<&Volume>, homes: &[(String, String)]) -> Result<Ssh, InspectError> {
    let settings = sshd_settings(root)?;
    let setting = |key: &str| settings.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str());
    let yes = |key: &str| setting(key).is_none_or(|value| value != "no");
    let asked = boot.is_some_and(|boot| ["ssh", "ssh.txt"].iter().any(|name| boot.find(name).is_some()));
    let units = ["ssh.service", "sshd.service", "ssh.socket"];
    let mut keys = Vec::new();
    for (account, home) in homes {
        let text = root.text(&format!("{home}/.ssh/authorized_keys"))?.unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            // Options may stand before the kind.
            let mut words = line.split_whitespace().skip_while(|word| !is_key_kind(word));
            let (Some(kind), Some(_)) = (words.next(), words.next()) else { continue };
            let comment = words.collect::<Vec<_>>().join(" ");
            keys.push(Key { account: account.clone(), kind: kind.to_owned(), comment });
        }
    }
    Ok(Ssh {
        enabled: asked || units.iter().any(|unit| root.is_enabled(unit)),
        passwords: yes("passwordauthentication") || yes("kbdinteractiveauthentication"),
        root: setting("permitrootlogin").unwrap_or("prohibit-password").to_owned(),
        keys,
    })
}

fn is_key_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

/// Settings of the server by key in small letters, in the order in which they are read; the first value of a key
/// counts.
fn sshd_settings(root: &Volume) -> Result<Vec<(String, String)>, InspectError> {
    let mut settings = Vec::new();
    for (key, value) in lines(&root.text("etc/ssh/sshd_config")?.unwrap_or_default()) {
        if key != "include" {
            settings.push((key, value));
            continue;
        }
        for pattern in value.split_whitespace() {
            let path = if pattern.starts_with('/') { pattern.to_owned() } else { format!("etc/ssh/{pattern}") };
            for included in matching(root, &path) {
                settings.extend(lines(&root.text(&included)?.unwrap_or_default()));
            }
        }
    }
    Ok(settings)
}

/// Keys and values of a file for sshd. What stands below `Match` is for some connections only, and left out.
fn lines(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let settings = lines.filter_map(|line| line.split_once(|c: char| c.is_whitespace() || c == '='));
    let settings = settings.map(|(key, value)| (key.to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()));
    settings.take_while(|(key, _)| key != "match").collect()
}

/// Files whose path is `pattern`, with one `*` in its last component.
fn matching(root: &Volume, pattern: &str) -> Vec<String> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let Some((start, end)) = name.split_once('*') else { return vec![pattern.to_owned()] };
    let names = root.names(folder).into_iter().filter(|name| name.starts_with(start) && name.ends_with(end));
    names.map(|name| format!("{folder}/{name}")).collect()
}

/// The terminals of the kernel's command line, where systemd-getty-generator(8) starts a login, and those of units.
fn consoles(root: &Volume, boot: Option<&Boot>) -> Result<Vec<Console>, InspectError> {
    let words = boot.into_iter().flat_map(|boot| boot.words("console"));
    let mut devices: Vec<(String, String)> = words
        .filter_map(|word| word.split(',').next())
        .filter(|device| !device.starts_with("tty") || !device[3..].starts_with(|c: char| c.is_ascii_digit()))
        .map(|device| (device.to_owned(), format!("serial-getty@{device}.service")))
        .collect();
    // The firmware calls the header's serial port by this name and puts the right one in its place.
    for (device, unit) in &mut devices {
        if device == "serial0" {
            "ttyAMA0 or ttyS0".clone_into(device);
            "serial-getty@ttyS0.service".clone_into(unit);
        }
    }
    for unit in root.names("etc/systemd/system/getty.target.wants") {
        if let Some(device) = unit.split_once('@').and_then(|(_, rest)| rest.strip_suffix(".service")) {
            devices.push((device.to_owned(), unit.clone()));
        }
    }
    devices.sort();
    devices.dedup();
    let mut consoles = Vec::new();
    for (device, unit) in devices {
        let template = unit.split_once('@').map(|(template, _)| format!("{template}@.service"));
        let mut autologin = None;
        for unit in template.into_iter().chain([unit]) {
            let folder = format!("etc/systemd/system/{unit}.d");
            for name in root.names(&folder) {
                let text = root.text(&format!("{folder}/{name}"))?.unwrap_or_default();
                let mut words = text.split_whitespace().skip_while(|word| *word != "--autologin" && *word != "-a");
                autologin = words.nth(1).map(str::to_owned).or(autologin);
            }
        }
        consoles.push(Console { device, autologin });
    }
    Ok(consoles)
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.iter().map(|account| {
            let password = match account.password {
                Password::Set => "with a password",
                Password::Locked => "no password fits",
                Password::Empty => "no password asked for",
            };
            format!("{} ({password})", account.name)
        });
        writeln!(f, "accounts: {}", accounts.collect::<Vec<_>>().join(", "))?;
        match &self.ssh {
            None => writeln!(f, "ssh: no server")?,
            Some(ssh) => {
                let enabled = if ssh.enabled { "enabled" } else { "not enabled" };
                let passwords = if ssh.passwords { "passwords taken" } else { "no passwords" };
                writeln!(f, "ssh: {enabled}, {passwords}, root login {}", ssh.root)?;
                for key in &ssh.keys {
                    writeln!(f, "  key of {}: {} {}", key.account, key.kind, key.comment)?;
                }
            }
        }
        for console in &self.consoles {
            match &console.autologin {
                Some(account) => writeln!(f, "console {}: {account} is logged in unasked", console.device)?,
                None => writeln!(f, "console {}: login", console.device)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_some_connections_only_is_left_out() {
        let read = lines("# no\nPasswordAuthentication no\nPort=22\nMatch User git\nPasswordAuthentication yes\n");
        assert_eq!(read, [("passwordauthentication".into(), "no".into()), ("port".into(), "22".to_owned())]);
    }
}
