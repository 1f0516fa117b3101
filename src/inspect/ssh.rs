//! The ssh server: whether it runs, what it takes, and which keys let somebody in.

use serde::Serialize;

use super::Volume;
use super::units::Units;

/// The ssh server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ssh {
    /// Started at boot, by its unit or socket, or by a file `ssh` on the boot partition (Raspberry Pi OS).
    pub enabled: bool,
    /// Whether a password lets anybody in.
    pub passwords: bool,
    /// Whether an account without a password is let in so.
    pub empty_passwords: bool,
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

/// How deep files may include each other (sshd, `SERVCONF_MAX_DEPTH`), and how many are read at all.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 256;

/// The settings that are told.
const KEYS: [&str; 4] =
    ["passwordauthentication", "kbdinteractiveauthentication", "permitemptypasswords", "permitrootlogin"];

/// Most keys that are told.
const MOST_KEYS: usize = 10_000;

/// The server's settings, and the keys in the homes of accounts.
pub(super) fn ssh(root: &Volume, boot: Option<&Volume>, units: &Units<'_>, homes: &[(String, String)]) -> Ssh {
    let mut settings = Settings::default();
    settings.read(&|path| root.text(path), &|folder| root.names(folder), "etc/ssh/sshd_config", 0, true);
    let yes = |key: &str| settings.first(key).is_none_or(|value| !value.eq_ignore_ascii_case("no"));
    let asked = boot.is_some_and(|boot| ["ssh", "ssh.txt"].iter().any(|name| boot.find(name).is_some()));
    let mut keys = Vec::new();
    for (account, home) in homes {
        let text = root.text(&format!("{home}/.ssh/authorized_keys")).unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            // Options may stand before the kind.
            let mut words = line.split_whitespace().skip_while(|word| !is_key_kind(word));
            let (Some(kind), Some(_)) = (words.next(), words.next()) else { continue };
            let comment = words.collect::<Vec<_>>().join(" ");
            if keys.len() == MOST_KEYS {
                break;
            }
            keys.push(Key { account: account.clone(), kind: kind.to_owned(), comment });
        }
    }
    let is_masked = units.is_masked("ssh.service") || units.is_masked("sshd.service");
    Ssh {
        enabled: (asked && !is_masked)
            || ["ssh.service", "sshd.service", "ssh.socket"].iter().any(|unit| units.is_enabled(unit)),
        passwords: yes("passwordauthentication") || yes("kbdinteractiveauthentication"),
        empty_passwords: yes("passwordauthentication")
            && settings.first("permitemptypasswords").is_some_and(|value| value.eq_ignore_ascii_case("yes")),
        root: settings.first("permitrootlogin").unwrap_or("prohibit-password").to_owned(),
        keys,
    }
}

fn is_key_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

/// Settings of the server that hold for every connection, by key in small letters: of each the first value.
#[derive(Debug, Default)]
struct Settings {
    entries: Vec<(String, String)>,
    files: usize,
}

impl Settings {
    fn first(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }

    /// Takes the file at `path` and what it includes. What stands below `Match` is for some connections only, unless
    /// everything matches; a block ends with its file. `holds`: what includes the file holds for everybody.
    fn read(
        &mut self,
        text: &dyn Fn(&str) -> Option<String>,
        names: &dyn Fn(&str) -> Vec<String>,
        path: &str,
        depth: usize,
        holds: bool,
    ) {
        self.files += 1;
        if depth > DEEPEST || self.files > MOST_FILES {
            return;
        }
        let mut active = holds;
        for line in text(path).unwrap_or_default().lines() {
            let Some((key, value)) = setting(line) else { continue };
            match key.as_str() {
                "match" => active = holds && value.eq_ignore_ascii_case("all"),
                _ if !active => {}
                "include" => {
                    for pattern in value.split_whitespace().map(|word| word.trim_matches('"')) {
                        let pattern =
                            if pattern.starts_with('/') { pattern.to_owned() } else { format!("etc/ssh/{pattern}") };
                        for file in matching(names, &pattern) {
                            self.read(text, names, &file, depth + 1, active);
                        }
                    }
                }
                _ if KEYS.contains(&key.as_str()) && self.first(&key).is_none() => self.entries.push((key, value)),
                _ => {}
            }
        }
    }
}

/// Key and value of a line; none of a comment. An older name of a key stands for the newer one.
fn setting(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (key, rest) = line.split_once(|c: char| c.is_whitespace() || c == '=')?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
    // A comment may stand behind the value.
    let value = rest.split_once(" #").map_or(rest, |(value, _)| value).trim().trim_matches('"');
    let key = match key.to_ascii_lowercase().as_str() {
        "challengeresponseauthentication" | "skeyauthentication" => "kbdinteractiveauthentication".to_owned(),
        other => other.to_owned(),
    };
    Some((key, value.to_owned()))
}

/// Files whose path is `pattern`, with one `*` in its last component, in order.
fn matching(names: &dyn Fn(&str) -> Vec<String>, pattern: &str) -> Vec<String> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let Some((start, end)) = name.split_once('*') else { return vec![pattern.to_owned()] };
    let fits = |name: &String| {
        name.len() >= start.len() + end.len()
            && name.starts_with(start)
            && name.ends_with(end)
            && !name.starts_with('.')
    };
    names(folder).into_iter().filter(fits).map(|name| format!("{folder}/{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `passwordauthentication` and `permitrootlogin` that come of some files, of which the first is the server's own.
    fn read(files: &[(&str, &str)]) -> [Option<String>; 2] {
        let mut settings = Settings::default();
        let text = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
        let names = |folder: &str| {
            let mut names: Vec<String> = files
                .iter()
                .filter_map(|(name, _)| Some(name.strip_prefix(folder)?.strip_prefix('/')?.to_owned()))
                .collect();
            names.sort();
            names
        };
        settings.read(&text, &names, files[0].0, 0, true);
        ["passwordauthentication", "permitrootlogin"].map(|key| settings.first(key).map(str::to_owned))
    }

    #[test]
    fn what_is_for_some_connections_only_is_left_out() {
        let text =
            "# no\nPasswordAuthentication no\nPermitRootLogin=22 # ssh\nMatch User git\nPasswordAuthentication yes\n";
        assert_eq!(read(&[("main", text)]), [Some("no".into()), Some("22".into())]);
        assert_eq!(read(&[("main", "Match User git\nPasswordAuthentication yes\n")]), [None, None]);
    }

    #[test]
    fn what_is_below_match_all_holds_for_everybody() {
        let text = "Match User git\nPermitRootLogin 1\nMatch all\nPasswordAuthentication no\nPermitRootLogin 2\n";
        assert_eq!(read(&[("main", text)]), [Some("no".into()), Some("2".into())]);
        assert_eq!(read(&[("main", "PermitRootLogin 3\nMatch All\nPermitRootLogin 4\n")])[1].as_deref(), Some("3"));
    }

    #[test]
    fn included_files_stand_where_they_are_included_and_end_their_blocks() {
        let files = [
            ("main", "Include /d/*.conf\nPasswordAuthentication yes\nPermitRootLogin 9\n"),
            ("/d/10.conf", "Match User git\nPermitRootLogin 1\n"),
            ("/d/20.conf", "PasswordAuthentication no\nInclude /d/20.conf\n"),
        ];
        assert_eq!(read(&files), [Some("no".into()), Some("9".into())]);
        let below = [
            ("main", "Match User git\nInclude /d/10.conf\nMatch all\nPermitRootLogin 5\n"),
            ("/d/10.conf", "PermitRootLogin 1\n"),
        ];
        assert_eq!(read(&below)[1].as_deref(), Some("5"));
    }
}
