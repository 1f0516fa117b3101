//! Public SSH keys for `authorized_keys`: from files or as they are, and whether they are keys at all.
//!
//! A line that sshd would not understand is refused here: on the node it would only mean that nobody gets in. Format:
//! sshd(8), "AUTHORIZED_KEYS FILE FORMAT"; the blob: RFC 4253, section 6.6.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_spanned::Spanned;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::source::{Place, SourceFile};

/// Key types that Debian 13's sshd takes.
const TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// The lines for `authorized_keys`, each once, in order. A file name is relative to the cluster file; `~` is `home`.
pub(super) fn read(
    source: &Arc<SourceFile>,
    typed: &[Spanned<String>],
    directory: &Path,
    home: Option<&Path>,
    found: &mut Diagnostics,
) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for entry in typed {
        let place = Place::of(source, entry);
        match lines(entry.get_ref(), directory, home) {
            Ok(lines) => {
                for line in lines {
                    if !keys.contains(&line) {
                        keys.push(line);
                    }
                }
            }
            Err((title, help)) => found.push(Diagnostic::new(title).at(&place, "").help(help)),
        }
    }
    keys
}

/// The key lines that one entry stands for; otherwise what is wrong and how to mend it.
fn lines(entry: &str, directory: &Path, home: Option<&Path>) -> Result<Vec<String>, (String, String)> {
    if entry.contains(' ') && entry.split_whitespace().any(looks_like_type) {
        let help = || "copy the whole line of the `.pub` file".to_owned();
        return key_lines(entry).map(|(_, line)| line).try_fold(Vec::new(), |mut keys, line| {
            check_line(line).map_err(|reason| (format!("this is not a public SSH key: {reason}"), help()))?;
            keys.push(line.to_owned());
            Ok(keys)
        });
    }
    if entry.starts_with("https://") || entry.starts_with("http://") {
        let help = format!("keep it as a file, and name that: `curl {entry} >keys.pub`");
        return Err((format!("`{entry}` is no file, and nothing is fetched while a cluster is read"), help));
    }
    let path = resolve(entry, directory, home)?;
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let help = "`ssh-keygen -t ed25519` makes a key; name its `.pub` file here, or put its line".to_owned();
        match error.kind() {
            std::io::ErrorKind::NotFound => (format!("there is no key file `{}`", path.display()), help),
            std::io::ErrorKind::InvalidData => {
                (format!("`{}` is not a key file: it is not text", path.display()), help)
            }
            _ => (format!("cannot read the key file `{}`: {error}", path.display()), help),
        }
    })?;
    if text.contains("PRIVATE KEY-----") || text.starts_with("PuTTY-User-Key-File") {
        let help = format!("never give it away; name the public one, mostly `{entry}.pub`");
        return Err((format!("`{entry}` is a private key"), help));
    }
    let mut keys = Vec::new();
    for (number, line) in key_lines(&text) {
        check_line(line).map_err(|reason| {
            let title = format!("line {number} of `{entry}` is not a public SSH key: {reason}");
            (title, "name a file that `ssh-keygen` wrote, ending in `.pub`".to_owned())
        })?;
        keys.push(line.to_owned());
    }
    if keys.is_empty() {
        return Err((
            format!("`{entry}` holds no key"),
            "name a file that `ssh-keygen` wrote, ending in `.pub`".to_owned(),
        ));
    }
    Ok(keys)
}

/// The file that a typed name stands for.
pub(super) fn resolve(entry: &str, directory: &Path, home: Option<&Path>) -> Result<PathBuf, (String, String)> {
    match (entry.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Ok(home.join(rest)),
        (Some(_), None) => {
            let title = "`~` stands for the home folder, but HOME is not set".to_owned();
            Err((title, "name the file with its whole path".to_owned()))
        }
        (None, _) => Ok(directory.join(entry)),
    }
}

/// The lines that hold a key, with their numbers from 1.
fn key_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn looks_like_type(word: &str) -> bool {
    TYPES.contains(&word) || word == "ssh-dss"
}

/// Options of a line that take no value, and those that take one in quotes (sshd(8), "AUTHORIZED_KEYS FILE FORMAT";
/// OpenSSH, `auth-options.c`). Small letters; sshd takes any.
const SWITCHES: [&str; 16] = [
    "agent-forwarding",
    "cert-authority",
    "no-agent-forwarding",
    "no-port-forwarding",
    "no-pty",
    "no-touch-required",
    "no-user-rc",
    "no-verify-required",
    "no-x11-forwarding",
    "port-forwarding",
    "pty",
    "restrict",
    "touch-required",
    "user-rc",
    "verify-required",
    "x11-forwarding",
];
const VALUES: [&str; 8] =
    ["command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals", "tunnel"];

/// Splits off the options before a key: they end at the first blank outside of quotes.
fn split_options(line: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    let end = line.char_indices().find(|&(_, letter)| {
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        !quoted && letter.is_whitespace()
    });
    line.split_at(end.map_or(line.len(), |(at, _)| at))
}

/// Checks options separated by commas, as sshd would: with one that it does not know, the line lets nobody in.
fn check_options(options: &str) -> Result<(), String> {
    let mut rest = options;
    loop {
        let end = rest.find([',', '=']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let small = name.to_ascii_lowercase();
        rest = if let Some(value) = behind.strip_prefix('=') {
            let closing = value.strip_prefix('"').and_then(|inner| {
                let mut escaped = false;
                inner.find(|letter| {
                    let ends = letter == '"' && !escaped;
                    escaped = letter == '\\' && !escaped;
                    ends
                })
            });
            match closing {
                Some(_) if !VALUES.contains(&small.as_str()) => return Err(format!("sshd knows no option `{name}=`")),
                Some(length) => &value[length + 2..],
                None => return Err(format!("the value of `{name}=` wants quotes around it")),
            }
        } else if SWITCHES.contains(&small.as_str()) {
            behind
        } else {
            return Err(format!("sshd knows no option `{name}`"));
        };
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None if rest.is_empty() => return Ok(()),
            None => return Err(format!("a comma is missing behind `{name}`")),
        }
    }
}

/// Checks `[options] type blob [comment]`.
fn check_line(line: &str) -> Result<(), String> {
    let first = line.split_whitespace().next().unwrap_or_default();
    let (options, key) = if looks_like_type(first) { ("", line) } else { split_options(line) };
    let mut words = key.split_whitespace();
    let Some(kind) = words.next().filter(|word| looks_like_type(word)) else {
        return Err("it names no type like `ssh-ed25519`".to_owned());
    };
    if !options.is_empty() {
        check_options(options)?;
    }
    if kind == "ssh-dss" {
        return Err("OpenSSH does not take DSA keys any more".to_owned());
    }
    let Some(blob) = words.next().and_then(|blob| BASE64_STANDARD.decode(blob).ok()) else {
        return Err(format!("what follows `{kind}` is not base64"));
    };
    let fields = fields(&blob).ok_or_else(|| "its end is missing".to_owned())?;
    match fields.first() {
        Some(name) if *name == kind.as_bytes() => {}
        _ => return Err(format!("it says `{kind}`, but its data is of another type")),
    }
    // The fewest fields are ed25519's: the type and the point.
    if fields.len() < 2 { Err("its end is missing".to_owned()) } else { Ok(()) }
}

/// The length-prefixed fields that fill a blob exactly.
fn fields(mut blob: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Vec::new();
    while !blob.is_empty() {
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        fields.push(field);
        blob = rest;
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::check_line;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f someone@example";

    #[test]
    fn keys_are_told_from_what_looks_like_them() {
        assert_eq!(check_line(KEY), Ok(()));
        assert_eq!(check_line(&format!("from=\"192.168.1.*\",no-pty {KEY}")), Ok(()));
        assert_eq!(check_line(&format!("command=\"echo ssh-rsa \\\"x\\\", y\",Restrict,pty {KEY}")), Ok(()));
        let refused = |line: &str| check_line(line).expect_err("not a key");
        assert_eq!(refused(&format!("no_such_option {KEY}")), "sshd knows no option `no_such_option`");
        assert_eq!(refused(&format!("pty,form=\"10.0.0.*\" {KEY}")), "sshd knows no option `form=`");
        assert_eq!(refused(&format!("from=10.0.0.* {KEY}")), "the value of `from=` wants quotes around it");
        assert_eq!(refused(&format!("from=\"*\"pty {KEY}")), "a comma is missing behind `from`");
        assert_eq!(refused(&format!("no-pty, {KEY}")), "sshd knows no option ``");
        assert_eq!(refused(&format!("command=\"never closed {KEY}")), "it names no type like `ssh-ed25519`");
        assert_eq!(refused("hello"), "it names no type like `ssh-ed25519`");
        assert_eq!(refused("ssh-ed25519"), "what follows `ssh-ed25519` is not base64");
        // Without padding, with another letter, padding alone, padding inside, bits after the end.
        for broken in ["Zm9vYg", "Zm9v!mFy", "====", "Zm=vYmFy", "Zm9vYh=="] {
            assert_eq!(refused(&format!("ssh-rsa {broken}")), "what follows `ssh-rsa` is not base64", "{broken}");
        }
        assert_eq!(refused("ssh-dss AAAA"), "OpenSSH does not take DSA keys any more");
        assert_eq!(refused("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME"), "its end is missing");
        assert_eq!(refused("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"), "its end is missing");
        assert_eq!(
            refused(&KEY.replace("ssh-ed25519", "ssh-rsa")),
            "it says `ssh-rsa`, but its data is of another type"
        );
    }
}
