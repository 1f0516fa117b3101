//! pam-auth-update(8): `/etc/pam.d/common-*` from the profiles in `/usr/share/pam-configs`.
//!
//! Each profile offers lines for the stacks auth, account, password and session, in a primary block (the first success
//! ends it) or in the additional block behind it. The enabled profiles are put together by priority into the templates
//! of `/usr/share/pam`. What was generated is kept in `/var/lib/pam`, where the program later finds out what an
//! administrator changed. Here every common file is written anew, as `pam-auth-update --force` in a fresh installation;
//! nothing is merged.

use std::collections::BTreeMap;

use super::{ConfigureError, Context};

const PROFILES: &str = "usr/share/pam-configs";

/// The stacks in the order the program writes them.
const STACKS: [&str; 5] = ["auth", "account", "password", "session", "session-noninteractive"];

const PRIMARY: &str = "# here are the per-package modules (the \"Primary\" block)";
const FALLBACK: &str = "# here's the fallback if no module succeeds";
const ADDITIONAL: &str = "# and here are more per-package modules (the \"Additional\" block)";
const END: &str = "# end of pam-auth-update config";

/// A file of `/usr/share/pam-configs`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Profile {
    /// The file's name.
    name: String,
    fields: BTreeMap<String, String>,
}

/// The two places of a stack that profiles fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Primary,
    Additional,
}

/// `pam-auth-update --package`: writes the common files for the profiles that are enabled by default.
pub fn update(context: &mut Context<'_>) -> Result<(), ConfigureError> {
    let mut profiles = Vec::new();
    for path in context.files_in(PROFILES)? {
        let name = String::from_utf8_lossy(path.name().unwrap_or_default()).into_owned();
        if !name.ends_with('~') {
            profiles.push(Profile::parse(&name, &context.read(&path.to_string())?));
        }
    }
    profiles.sort_by(|one, other| other.priority().cmp(&one.priority()).then_with(|| other.name.cmp(&one.name)));
    let seen: String = profiles.iter().map(|profile| format!("{}\n", profile.name)).collect();
    let enabled = enabled(profiles);
    context.write("var/lib/pam/seen", seen, context.file())?;
    for stack in STACKS {
        let template = format!("usr/share/pam/common-{stack}");
        let common = common(&context.read(&template)?, stack, &enabled).ok_or_else(|| ConfigureError::Malformed {
            path: format!("/{template}"),
            what: "lacks one of the comments that mark the generated blocks".to_owned(),
        })?;
        context.write(&format!("etc/pam.d/common-{stack}"), common, context.file())?;
        context.write(&format!("var/lib/pam/{stack}"), saved(stack, &enabled), context.file())?;
    }
    Ok(())
}

/// The profiles that are on by default, without those that one of higher priority conflicts with.
fn enabled(profiles: Vec<Profile>) -> Vec<Profile> {
    let mut enabled: Vec<Profile> = Vec::new();
    for profile in profiles {
        let is_default = profile.field("Default") == Some("yes");
        if is_default && !enabled.iter().any(|higher| higher.conflicts(&profile) || profile.conflicts(higher)) {
            enabled.push(profile);
        }
    }
    enabled
}

impl Profile {
    /// Reads `Field: value` lines; other lines go on with the value of the field above.
    fn parse(name: &str, text: &str) -> Self {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            let field = line.split_once(':').filter(|(field, value)| {
                !field.is_empty() && !field.contains(char::is_whitespace) && (value.starts_with([' ', '\t']))
            });
            let header =
                field.or_else(|| line.strip_suffix(':').filter(|field| is_word(field)).map(|field| (field, "")));
            match header {
                Some((field, value)) => {
                    // The first version of the format called the lines of a later place `-Final`.
                    current = field.strip_suffix("-Final").unwrap_or(field).to_owned();
                    fields.insert(current.clone(), value.trim().to_owned());
                }
                None if line.trim().is_empty() => {}
                None => {
                    let value = fields.entry(current.clone()).or_default();
                    if !value.is_empty() {
                        value.push('\n');
                    }
                    value.push_str(line.trim());
                }
            }
        }
        if fields.get("Session-Interactive-Only").map(String::as_str) != Some("yes") {
            for suffix in ["-Type", "", "-Initial"] {
                if let Some(value) = fields.get(&format!("Session{suffix}")).cloned() {
                    fields.insert(format!("Session-noninteractive{suffix}"), value);
                }
            }
        }
        Self { name: name.to_owned(), fields }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    fn priority(&self) -> i64 {
        self.field("Priority").and_then(|priority| priority.parse().ok()).unwrap_or(0)
    }

    fn conflicts(&self, other: &Self) -> bool {
        self.field("Conflicts").is_some_and(|names| names.split(',').any(|name| name.trim() == other.name))
    }

    /// This profile's lines for a stack when it is the `index`th of its block, if it has any there.
    fn lines(&self, stack: &str, block: Block, index: usize) -> Option<&str> {
        let field = capitalised(stack);
        let place = self.field(&format!("{field}-Type"))?;
        // The program asks what a type is not when it saves, and what it is when it generates; only these two exist.
        let wanted = match block {
            Block::Primary => "Primary",
            Block::Additional => "Additional",
        };
        if place != wanted {
            return None;
        }
        let initial = if index == 0 { self.field(&format!("{field}-Initial")) } else { None };
        initial.or_else(|| self.field(&field)).or(Some(""))
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

fn capitalised(stack: &str) -> String {
    let (first, rest) = stack.split_at(stack.len().min(1));
    first.to_uppercase() + rest
}

/// Each enabled profile with its lines for one block.
fn block_lines<'a>(stack: &str, block: Block, enabled: &'a [Profile]) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for profile in enabled {
        if let Some(lines) = profile.lines(stack, block, found.len()) {
            found.push((profile.name.as_str(), lines));
        }
    }
    found
}

/// The common file of a stack from its template; none when the template lacks a mark.
fn common(template: &str, stack: &str, enabled: &[Profile]) -> Option<String> {
    let mut text = String::new();
    let mut lines = template.lines();
    for (mark, block, end) in [(PRIMARY, Block::Primary, FALLBACK), (ADDITIONAL, Block::Additional, END)] {
        loop {
            let line = lines.next()?;
            push_line(&mut text, line);
            if line.starts_with(mark) {
                break;
            }
        }
        text.push_str(&generated(stack, block, enabled));
        let line = lines.find(|line| line.starts_with(end))?;
        push_line(&mut text, line);
    }
    lines.for_each(|line| push_line(&mut text, line));
    Some(text)
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// The lines of one block: `end` becomes the number of lines to jump over.
fn generated(stack: &str, block: Block, enabled: &[Profile]) -> String {
    let kind = stack.trim_end_matches("-noninteractive");
    let lines: Vec<&str> = block_lines(stack, block, enabled).iter().flat_map(|(_, lines)| lines.lines()).collect();
    if lines.is_empty() && block == Block::Primary {
        return format!("{kind}\t[default=1]\t\t\tpam_permit.so\n");
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let behind = lines.len() - index;
        // Behind the additional block is nothing to jump to but its last line's end.
        let jump = if block == Block::Primary { behind } else { behind - 1 };
        let (module, options) = module_and_options(line);
        let module = module.replace("end", &jump.to_string());
        let options: Vec<&str> = options.split_whitespace().collect();
        push_line(&mut text, &format!("{kind}\t{module} {}", options.join(" ")));
    }
    text
}

/// Parts a line behind its control and module: `[success=end default=ignore] pam_unix.so` and the options.
fn module_and_options(line: &str) -> (&str, &str) {
    let control = if line.starts_with('[') {
        line.find(']').map_or(line.len(), |at| at + 1)
    } else {
        line.find(char::is_whitespace).unwrap_or(line.len())
    };
    let blanks = line[control..].len() - line[control..].trim_start().len();
    let module = control + blanks;
    let end = line[module..].find(char::is_whitespace).map_or(line.len(), |at| module + at);
    (&line[..end], line[end..].trim())
}

/// The record of what was generated for a stack.
fn saved(stack: &str, enabled: &[Profile]) -> String {
    let mut text = String::new();
    for block in [Block::Primary, Block::Additional] {
        let modules = block_lines(stack, block, enabled);
        if modules.is_empty() && block == Block::Primary {
            text.push_str("Module: null\n[default=1]\t\t\tpam_permit.so\n");
        }
        for (name, lines) in modules.iter().filter(|(_, lines)| !lines.is_empty()) {
            text.push_str(&format!("Module: {name}\n{lines}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: &str = "Name: Unix authentication
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_unix.so nullok try_first_pass
Auth-Initial:
	[success=end default=ignore]	pam_unix.so nullok
Session-Type: Additional
Session:
	required	pam_unix.so
Session-Initial:
	required	pam_unix.so
";
    const LDAP: &str = "Name: LDAP Authentication
Default: yes
Priority: 128
Conflicts: krb5, sss
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_ldap.so use_first_pass   minimum_uid=1000
Session-Type: Additional
Session:
	[success=ok default=ignore]	pam_ldap.so
";
    const SYSTEMD: &str = "Name: Register user sessions
Default: yes
Priority: 0
Session-Interactive-Only: yes
Session-Type: Additional
Session:
	optional	pam_systemd.so
";
    const TEMPLATE: &str = "#\n# /etc/pam.d/common-x\n
# here are the per-package modules (the \"Primary\" block)
$x_primary
# here's the fallback if no module succeeds
x	requisite			pam_deny.so
# and here are more per-package modules (the \"Additional\" block)
$x_additional
# end of pam-auth-update config
";

    fn profiles() -> Vec<Profile> {
        [("unix", UNIX), ("ldap", LDAP), ("systemd", SYSTEMD)].map(|(name, text)| Profile::parse(name, text)).to_vec()
    }

    #[test]
    fn the_first_of_a_block_is_initial_and_jumps_count_down() {
        let auth = common(TEMPLATE, "auth", &enabled(profiles())).expect("all marks");
        let expected = "#\n# /etc/pam.d/common-x\n
# here are the per-package modules (the \"Primary\" block)
auth	[success=2 default=ignore]	pam_unix.so nullok
auth	[success=1 default=ignore]	pam_ldap.so use_first_pass minimum_uid=1000
# here's the fallback if no module succeeds
x	requisite			pam_deny.so
# and here are more per-package modules (the \"Additional\" block)
# end of pam-auth-update config
";
        assert_eq!(auth, expected);
    }

    #[test]
    fn an_empty_primary_block_permits() {
        let session = common(TEMPLATE, "session", &enabled(profiles())).expect("all marks");
        let expected = "#\n# /etc/pam.d/common-x\n
# here are the per-package modules (the \"Primary\" block)
session	[default=1]			pam_permit.so
# here's the fallback if no module succeeds
x	requisite			pam_deny.so
# and here are more per-package modules (the \"Additional\" block)
session	required	pam_unix.so 
session	[success=ok default=ignore]	pam_ldap.so 
session	optional	pam_systemd.so 
# end of pam-auth-update config
";
        assert_eq!(session, expected);
        let saved_session = "Module: null\n[default=1]\t\t\tpam_permit.so\n\
                             Module: unix\nrequired\tpam_unix.so\n\
                             Module: ldap\n[success=ok default=ignore]\tpam_ldap.so\n\
                             Module: systemd\noptional\tpam_systemd.so\n";
        assert_eq!(saved("session", &enabled(profiles())), saved_session);
    }

    #[test]
    fn interactive_profiles_stay_out_of_the_other_sessions() {
        let session = generated("session-noninteractive", Block::Additional, &enabled(profiles()));
        assert_eq!(session, "session\trequired\tpam_unix.so \nsession\t[success=ok default=ignore]\tpam_ldap.so \n");
    }

    #[test]
    fn conflicting_profiles_give_way_to_the_higher() {
        let sss =
            Profile::parse("sss", "Default: yes\nPriority: 120\nAuth-Type: Primary\nAuth:\n\trequired pam_sss.so\n");
        let names: Vec<String> = enabled([profiles(), vec![sss]].concat()).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["unix", "ldap", "systemd"]);
    }

    #[test]
    fn a_template_without_marks_is_refused() {
        assert_eq!(common("# nothing\n", "auth", &[]), None);
    }
}
