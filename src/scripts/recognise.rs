//! Reading every maintainer script and refusing those that are not known.
//!
//! A script is its generated blocks ([`debhelper`]) and its residue, the rest without blocks, comments, blank lines and
//! indentation. The residue is normalised so that a mere new version of the package leaves it the same,
//! and its SHA-256 is looked up among the counterparts. An empty residue needs none.
//!
//! `prerm` and `postrm` do not run in an installation; they are not read and reach the node as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::commands::{Session, dialect};
use crate::unpack::Package;

use super::debhelper::{self, Action};
use super::second_stage::Left;
use super::{Counterpart, ScriptKind, ScriptsError, counterparts, interpret};

/// Lines of a script that set the scene and do nothing by themselves.
const SCENERY: [&str; 5] = ["set -e", "set -u", "set -eu", "set +eu", ". /usr/share/debconf/confmodule"];

/// What the scripts of all packages do.
#[derive(Debug)]
pub(super) struct Recognised(BTreeMap<(String, ScriptKind), Known>);

/// What one script does.
#[derive(Debug)]
enum Known {
    /// Every part of it is known here.
    Parts { blocks: Vec<Action>, residue: Option<&'static Counterpart> },
    /// A part is not, and the whole is to be interpreted.
    Text,
}

/// A script that is neither known nor written for a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    pub package: String,
    pub version: String,
    pub script: ScriptKind,
    /// What the script's first line says it is for; empty where it has no such line and is a program itself.
    pub interpreter: String,
    /// SHA-256 of the script, lower-case hexadecimal.
    pub sha256: String,
}

impl Unrecognised {
    fn new(package: &Package, script: ScriptKind, interpreter: String, sha256: String) -> Self {
        let (package, version) = (package.name().to_owned(), package.version().to_owned());
        Self { package, version, script, interpreter, sha256 }
    }
}

/// Recognises every script of every package.
///
/// # Errors
///
/// [`ScriptsError::Unrecognised`] with all that are neither known nor written for a shell.
pub(super) fn recognise(packages: &[Package], left: &Left) -> Result<Recognised, ScriptsError> {
    let mut recognised = BTreeMap::new();
    let mut unknown = Vec::new();
    for package in packages {
        for script in ScriptKind::ALL {
            let Some(content) = package.control_files.get(script.name()) else { continue };
            // What the node runs is not read here.
            if script != ScriptKind::Preinst && left.contains_key(package.name()) {
                continue;
            }
            match read(package, script, content) {
                Ok(known) => recognised.insert((package.name().to_owned(), script), known).map_or((), drop),
                Err(one) => unknown.push(one),
            }
        }
    }
    if unknown.is_empty() { Ok(Recognised(recognised)) } else { Err(ScriptsError::Unrecognised(unknown)) }
}

impl Recognised {
    /// Does what `package`'s `script` does by its text, and by what is known of it where our shell stops at something: that is
    /// told in `stops`, and the tree is what it was before.
    pub(super) fn interpret<'a>(
        &self,
        session: &mut Session<'_, 'a>,
        package: &'a Package,
        script: ScriptKind,
        stops: &mut Vec<String>,
    ) -> Result<(), ScriptsError> {
        let text = package.control_files.get(script.name()).filter(|text| dialect::is_ours(text));
        let Some(text) = text else { return self.run(session, package, script) };
        let before = session.context().tree.clone();
        match interpret::run(session, package, script, text) {
            Err(ScriptsError::Stopped { line, reason, .. }) => {
                stops.push(format!("{} {script}, line {line}: {reason}", package.name()));
                *session.context().tree = before;
                self.run(session, package, script)
            }
            other => other,
        }
    }

    /// Does what `package`'s `script` does, if it has one.
    ///
    /// Accounts come first: what a maintainer wrote may name the users that a generated block makes.
    pub(super) fn run<'a>(
        &self,
        session: &mut Session<'_, 'a>,
        package: &'a Package,
        script: ScriptKind,
    ) -> Result<(), ScriptsError> {
        let (blocks, residue) = match self.0.get(&(package.name().to_owned(), script)) {
            None => return Ok(()),
            Some(Known::Text) => {
                let text = package.control_files.get(script.name()).map(Vec::as_slice).unwrap_or_default();
                return interpret::run(session, package, script, text);
            }
            Some(Known::Parts { blocks, residue }) => (blocks, residue),
        };
        let context = session.context();
        let in_package = |source| ScriptsError::Package { package: package.name().to_owned(), source };
        let (accounts, others): (Vec<_>, Vec<_>) =
            blocks.iter().partition(|action| matches!(action, Action::Sysusers(_)));
        for action in accounts {
            action.run(context).map_err(in_package)?;
        }
        if let Some(counterpart) = residue {
            (counterpart.action)(context, package).map_err(in_package)?;
        }
        others.into_iter().try_for_each(|action| action.run(context)).map_err(in_package)
    }
}

/// Takes one script apart.
fn read(package: &Package, script: ScriptKind, content: &[u8]) -> Result<Known, Unrecognised> {
    let text = str::from_utf8(content).ok().filter(|text| text.starts_with("#!"));
    let Some(text) = text else {
        let sha256 = hash(content);
        return match counterpart(package.name(), script, &sha256) {
            Some(residue) => Ok(Known::Parts { blocks: Vec::new(), residue: Some(residue) }),
            None if dialect::is_ours(content) => Ok(Known::Text),
            None => Err(Unrecognised::new(package, script, String::new(), sha256)),
        };
    };
    let (blocks, rest) = debhelper::split(text);
    let actions: Option<Vec<Vec<Action>>> = blocks.iter().map(debhelper::Block::actions).collect();
    let residue = normalise(&residue(&rest), package);
    let known = counterpart(package.name(), script, &hash(residue.as_bytes()));
    match actions {
        Some(actions) if residue.is_empty() || known.is_some() => {
            Ok(Known::Parts { blocks: actions.into_iter().flatten().collect(), residue: known })
        }
        _ if dialect::is_ours(content) => Ok(Known::Text),
        _ => {
            let interpreter = text.lines().next().unwrap_or_default().trim_start_matches("#!").trim().to_owned();
            Err(Unrecognised::new(package, script, interpreter, hash(content)))
        }
    }
}

fn counterpart(package: &str, script: ScriptKind, sha256: &str) -> Option<&'static Counterpart> {
    counterparts::all().find(|counterpart| counterpart.matches(package, script, sha256))
}

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// The lines of a script that do something: without comments, blank lines, indentation, scenery and the `exit 0` at
/// its end. Here-documents keep their lines as they are; what looks like a comment there is content.
pub(super) fn residue(script: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut document: Option<String> = None;
    for line in script.lines() {
        if let Some(end) = &document {
            kept.push(line);
            if line.trim_start_matches('\t') == end {
                document = None;
            }
            continue;
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || SCENERY.contains(&line) {
            continue;
        }
        document = here_document(line);
        kept.push(line);
    }
    if kept.last() == Some(&"exit 0") {
        kept.pop();
    }
    kept.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// The word that ends the here-document begun in `line`.
fn here_document(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<").filter(|(_, rest)| !rest.starts_with('<'))?;
    let rest = rest.trim_start_matches('-').trim_start();
    let word: String = rest
        .trim_start_matches(['\'', '"', '\\'])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    // `$((1 << 3))` is arithmetic.
    (!word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
}

/// Puts names in the place of what differs from one version or architecture to the next: the package's own version,
/// the kernel release that a kernel package is named after, the multiarch triplet, and lists of certificates.
fn normalise(residue: &str, package: &Package) -> String {
    let mut text: String = residue.lines().flat_map(|line| [without_certificates(line), "\n".to_owned()]).collect();
    text = replace_whole(&text, package.version(), "@version@");
    let of_kernel = ["linux-image-", "linux-modules-"].into_iter().find_map(|kind| package.name().strip_prefix(kind));
    if let Some(release) = of_kernel.filter(|name| name.starts_with(|c: char| c.is_ascii_digit())) {
        text = text.replace(release, "@release@");
    }
    for architecture in
        [crate::config::Architecture::Armhf, crate::config::Architecture::Armel, crate::config::Architecture::Arm64]
    {
        text = text.replace(architecture.multiarch(), "@multiarch@");
    }
    text
}

/// `CERTS_LIST="mozilla/A.crt, mozilla/B.crt"` without the names, which ca-certificates writes in when it is built.
fn without_certificates(line: &str) -> String {
    let list = line.split_once("=\"").and_then(|(name, rest)| Some((name, rest.strip_suffix('"')?)));
    match list {
        Some((name, list))
            if list.split(", ").all(|item| item.ends_with(".crt") && !item.contains(['"', '$', '`'])) =>
        {
            format!("{name}=\"@certificates@\"")
        }
        _ => line.to_owned(),
    }
}

/// Replaces `old` where it stands as a whole word. Versions too short to be told from other numbers stay.
fn replace_whole(text: &str, old: &str, new: &str) -> String {
    let in_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '~' | '-' | ':');
    if !old.contains(['.', '-']) {
        return text.to_owned();
    }
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let whole = !replaced.ends_with(in_version) && !before.ends_with(in_version) && !after.starts_with(in_version);
        replaced.push_str(before);
        replaced.push_str(if whole { new } else { old });
        rest = after;
    }
    replaced + rest
}

/// The message for scripts that cannot be read: all of them, and what can be done.
pub(super) fn report(unknown: &[Unrecognised]) -> String {
    let mut text =
        format!("{} maintainer script(s) are not for a shell, and no target code runs in a build\n", unknown.len());
    for one in unknown {
        let what = match one.interpreter.as_str() {
            "" => "a program".to_owned(),
            interpreter => format!("for `{interpreter}`"),
        };
        let _ = write!(text, "\n{} {} {}: {what}, sha256 {}", one.package, one.version, one.script, one.sha256);
    }
    text.push_str(
        "\n\nleave the package out, have the node configure it at its first boot (`second_stage` in role.toml), or file an issue \
         with this text",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configure::testing::package;

    const HEAD: &str = "Package: linux-image-6.1-x\nVersion: 6.1.2-3\nArchitecture: armhf\n";

    #[test]
    fn a_list_of_certificates_is_no_code() {
        assert_eq!(without_certificates("L=\"m/A.crt, m/B_=C=.crt\""), "L=\"@certificates@\"");
        for code in ["L=\"m/A.crt, $(rm -r /).crt\"", "L=\"$crt\"", "echo \"m/A.crt\" | sed"] {
            assert_eq!(without_certificates(code), code);
        }
    }

    #[test]
    fn the_residue_is_what_does_something() {
        let script = "#!/bin/sh\n# why\nset -e\n\n  run  this\ncat <<EOF >/f\n # kept\nEOF\n# gone\nexit 0\n";
        assert_eq!(residue(script), "run  this\ncat <<EOF >/f\n # kept\nEOF\n");
        assert_eq!(residue("#!/bin/sh\nset -e\n#DEBHELPER#\nexit 0\n"), "");
        // In the middle it decides something.
        assert_eq!(residue("if x; then\nexit 0\nfi\nrun\n"), "if x; then\nexit 0\nfi\nrun\n");
    }

    #[test]
    fn versions_releases_and_triplets_make_no_difference() {
        let text = "v=6.1.2-3\nw=16.1.2-3\nx=6.1.2-3.1\nk=/boot/vmlinuz-6.1-x\nl=/usr/lib/arm-linux-gnueabihf\n";
        assert_eq!(
            normalise(text, &package(HEAD, &[])),
            "v=@version@\nw=16.1.2-3\nx=6.1.2-3.1\nk=/boot/vmlinuz-@release@\nl=/usr/lib/@multiarch@\n"
        );
    }

    #[test]
    fn everything_that_is_for_no_shell_is_reported_at_once() {
        let a = package(
            "Package: a\nVersion: 1.0-1\nArchitecture: all\n",
            &[("preinst", "#!/bin/sh\nset -e\nrun 1.0-1\n"), ("postinst", "#!/usr/bin/perl -w\n1;\n")],
        );
        let b = package("Package: b\nVersion: 2\nArchitecture: all\n", &[("config", "\u{7f}ELF")]);
        let error = recognise(&[a, b], &Left::new()).expect_err("unknown").to_string();
        assert_eq!(
            error,
            "2 maintainer script(s) are not for a shell, and no target code runs in a build\n\n\
             a 1.0-1 postinst: for `/usr/bin/perl -w`, sha256 \
             cba5af60bd81c9d74ed869ffe268ecf28179f9604134f3794fb2c66625525145\n\
             b 2 config: a program, sha256 3bdbb4fe8397cd2b842430b39ccff01a8663c751945ef5e9a09e267fb8b1d359\n\n\
             leave the package out, have the node configure it at its first boot (`second_stage` in role.toml), or file an issue with \
             this text"
        );
    }
}
