//! The terminals that a login is offered on, and who is let in there unasked.
//!
//! Source: `systemd-getty-generator` (a login on each console of the kernel that is no virtual one), `systemd-debug-generator`,
//! agetty(8) of util-linux with its credentials, and what Linux starts for `init=`.

use std::fmt;

use serde::Serialize;

use super::units::Units;
use super::{Boot, Volume};

/// A terminal that a login is offered on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Console {
    pub device: String,
    /// Who is logged in without being asked.
    pub autologin: Option<String>,
}

/// What `console=` and the device tree may call the header's serial port; the firmware puts the right one in its place.
const SERIAL: &str = "serial0";

/// Programs that give a shell to whoever sits at the terminal.
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "ash", "zsh"];

pub(super) fn consoles(root: &Volume, boot: Option<&Boot>) -> Vec<Console> {
    let units = Units::of(root, boot);
    let words = |key| boot.into_iter().flat_map(move |boot: &Boot| boot.words(key));
    let mut found = Vec::new();
    for (device, unit) in logins(&units, boot) {
        if !units.is_masked(&unit) {
            let autologin = units.command(&unit).and_then(|command| unasked(&command)).or_else(|| credential(boot));
            found.push(Console { device, autologin });
        }
    }

    // Logins on the other screens begin when somebody switches to one (`systemd-logind`, NAutoVTs=).
    if let Some(account) = units.command("getty@tty2.service").and_then(|command| unasked(&command))
        && !units.is_masked("getty@tty2.service")
    {
        let device = "tty2 and further ones, once somebody switches there".to_owned();
        found.push(Console { device, autologin: Some(account) });
    }

    // A shell for those who look for a fault, by default on the ninth terminal.
    let asked = words("systemd.debug_shell").chain(words("systemd.debug-shell")).last();
    let bare = boot.is_some_and(|boot| {
        boot.cmdline.iter().any(|word| matches!(word.as_str(), "systemd.debug_shell" | "systemd.debug-shell"))
    });
    let by_word = bare || asked.is_some_and(|value| !is_off(value));
    if (by_word || units.is_enabled("debug-shell.service")) && !units.is_masked("debug-shell.service") {
        let named = asked.map(|device| device.trim_start_matches("/dev/")).filter(|device| device.starts_with("tty"));
        let device = named.unwrap_or("tty9").to_owned();
        found.push(Console { device, autologin: Some("root".to_owned()) });
    }
    if let Some(init) = words("init").last()
        && is_shell(init)
    {
        let device = words("console").last().and_then(|word| word.split(',').next()).unwrap_or("tty0");
        found.push(Console { device: shown(device), autologin: Some("root".to_owned()) });
    }
    found.sort();
    found.dedup();
    found
}

/// Devices with the units that offer a login there.
fn logins(units: &Units<'_>, boot: Option<&Boot>) -> Vec<(String, String)> {
    let mut logins = Vec::new();
    let automatic = boot.and_then(|boot| boot.words("systemd.getty_auto").last()).is_none_or(|value| !is_off(value));
    if let Some(boot) = boot.filter(|_| automatic) {
        let mut devices: Vec<&str> = boot.words("console").filter_map(|word| word.split(',').next()).collect();
        if devices.is_empty() {
            // Linux takes what the device tree names (`stdout-path`).
            logins.push(("that the device tree names".to_owned(), "serial-getty@.service".to_owned()));
        }
        devices.retain(|device| !is_virtual(device) && !matches!(*device, "null" | "" | "ttynull"));
        for device in devices {
            let name = if device == SERIAL { "ttyS0" } else { device };
            logins.push((shown(device), format!("serial-getty@{name}.service")));
        }
    }
    for unit in units.enabled() {
        let instance = unit.split_once('@').and_then(|(_, rest)| rest.strip_suffix(".service"));
        let is_known = ["getty@", "autovt@", "serial-getty@"].iter().any(|template| unit.starts_with(template));
        if is_known || units.command(unit).is_some_and(|command| is_getty(&command)) {
            let device = instance.filter(|instance| !instance.is_empty()).unwrap_or(unit);
            logins.push((device.to_owned(), unit.to_owned()));
        }
    }
    logins.sort();
    logins.dedup();
    if units.is_masked("getty.target") {
        logins.clear();
    }
    logins
}

/// Whether systemd takes it for a no (`parse_boolean`).
fn is_off(value: &str) -> bool {
    matches!(value, "0" | "no" | "n" | "f" | "false" | "off")
}

/// What a person calls the device.
fn shown(device: &str) -> String {
    if device == SERIAL { "ttyAMA0 or ttyS0".to_owned() } else { device.to_owned() }
}

/// Whether it is a terminal of screen and keyboard, for which no login is made by itself.
fn is_virtual(device: &str) -> bool {
    device
        .strip_prefix("tty")
        .is_some_and(|number| number.is_empty() || number.starts_with(|c: char| c.is_ascii_digit()))
}

/// Who `command`, an agetty or a shell, lets in without a question.
fn unasked(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let program = words.first()?.trim_start_matches(['-', '+', '!', ':', '@']);
    if is_shell(program) {
        return Some("root".to_owned());
    }
    let value = |long: &str, short: char| {
        words.iter().enumerate().skip(1).find_map(|(index, word)| {
            if *word == long {
                return words.get(index + 1).copied();
            }
            if let Some(value) = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value);
            }
            let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'))?;
            let value = letters.strip_prefix(short)?;
            if value.is_empty() { words.get(index + 1).copied() } else { Some(value) }
        })
    };
    if let Some(account) = value("--autologin", 'a') {
        return Some(account.trim_matches(['"', '\'']).to_owned());
    }
    let skips = words.iter().any(|word| matches!(*word, "-n" | "--skip-login"));
    value("--login-program", 'l').filter(|program| skips && is_shell(program)).map(|_| "root".to_owned())
}

/// Whom agetty takes from the kernel's command line: `systemd.set_credential=agetty.autologin:root`.
fn credential(boot: Option<&Boot>) -> Option<String> {
    let mut words = boot?.words("systemd.set_credential");
    words.find_map(|word| word.strip_prefix("agetty.autologin:")).map(str::to_owned)
}

/// Whether `command` is one of the programs that offer a login on a terminal.
fn is_getty(command: &str) -> bool {
    command.split_whitespace().next().is_some_and(|program| program.ends_with("getty"))
}

fn is_shell(program: &str) -> bool {
    SHELLS.contains(&program.rsplit('/').next().unwrap_or_default())
}

impl fmt::Display for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.autologin {
            Some(account) => write!(f, "console {}: {account} is logged in unasked", self.device),
            None => write!(f, "console {}: login", self.device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_let_in_stands_in_the_command() {
        for command in [
            "-/sbin/agetty --autologin root --noclear --keep-baud 115200 - $TERM",
            "-/sbin/agetty --autologin=root -o '-p -- \\\\u' %I $TERM",
            "/sbin/agetty -a root tty1",
            "/sbin/agetty -aroot tty1",
            "-/bin/bash",
            "/sbin/agetty -n -l /bin/sh ttyS0",
        ] {
            assert_eq!(unasked(command).as_deref(), Some("root"), "{command}");
        }
        for command in ["-/sbin/agetty -o '-p -- \\\\u' --keep-baud 115200 - $TERM", "/sbin/agetty -n ttyS0", ""] {
            assert_eq!(unasked(command), None, "{command}");
        }
    }

    #[test]
    fn screens_are_told_from_ports() {
        assert_eq!(
            ["tty1", "tty0", "tty", "ttyS0", "ttyAMA0", "hvc0"].map(is_virtual),
            [true, true, true, false, false, false]
        );
    }
}
