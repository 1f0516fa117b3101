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

use crate::unpack::Package;

use super::debhelper::{self, Action};
use super::{ConfigureError, Context, Counterpart, ScriptKind, scripts};

/// Lines of a script that set the scene and do nothing by themselves.
const SCENERY: [&str; 5] = ["set -e", "set -u", "set -eu", "set +eu", ". /usr/share/debconf/confmodule"];

/// What the scripts of all packages do.
#[derive(Debug)]
pub(super) struct Recognised(BTreeMap<(String, ScriptKind), Script>);

/// What one script does.
#[derive(Debug, Default)]
struct Script {
    blocks: Vec<Action>,
    residue: Option<&'static Counterpart>,
}

/// A script, or a part of one, that nobody has read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    pub package: String,
    pub version: String,
    pub script: ScriptKind,
    pub part: Part,
    /// SHA-256 of `text`, lower-case hexadecimal, by which a counterpart knows it.
    pub sha256: String,
    /// The residue or the block, normalised, as it was hashed. Empty when the script is a binary.
    pub text: String,
}

/// Which part of a script is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The rest of it without generated blocks.
    Residue,
    /// A block of this debhelper tool.
    Block(String),
    /// The whole, a program and no text.
    Binary,
}

/// Recognises every script of every package.
///
/// # Errors
///
/// [`ConfigureError::Unrecognised`] with all that are unknown.
pub(super) fn recognise(packages: &[Package]) -> Result<Recognised, ConfigureError> {
    let mut recognised = BTreeMap::new();
    let mut unknown = Vec::new();
    for package in packages {
        for script in ScriptKind::ALL {
            let Some(content) = package.control_files.get(script.name()) else { continue };
            let read = read(package, script, content, &mut unknown);
            recognised.insert((package.name().to_owned(), script), read);
        }
    }
    if unknown.is_empty() { Ok(Recognised(recognised)) } else { Err(ConfigureError::Unrecognised(unknown)) }
}

impl Recognised {
    /// Does what `package`'s `script` does, if it has one.
    ///
    /// Accounts come first: what a maintainer wrote may name the users that a generated block makes.
    pub(super) fn run(
        &self,
        context: &mut Context<'_>,
        package: &Package,
        script: ScriptKind,
    ) -> Result<(), ConfigureError> {
        let Some(read) = self.0.get(&(package.name().to_owned(), script)) else { return Ok(()) };
        let in_package =
            |source| ConfigureError::Package { package: package.name().to_owned(), source: Box::new(source) };
        let (accounts, others): (Vec<_>, Vec<_>) =
            read.blocks.iter().partition(|action| matches!(action, Action::Sysusers(_)));
        for action in accounts {
            action.run(context).map_err(in_package)?;
        }
        if let Some(counterpart) = read.residue {
            (counterpart.action)(context, package).map_err(in_package)?;
        }
        others.into_iter().try_for_each(|action| action.run(context)).map_err(in_package)
    }
}

/// Takes one script apart; what is unknown goes to `unknown`.
fn read(package: &Package, script: ScriptKind, content: &[u8], unknown: &mut Vec<Unrecognised>) -> Script {
    let mut found = Script::default();
    let missing = |part, sha256, text| Unrecognised {
        package: package.name().to_owned(),
        version: package.version().to_owned(),
        script,
        part,
        sha256,
        text,
    };
    let Some(text) = str::from_utf8(content).ok().filter(|text| text.starts_with("#!")) else {
        let sha256 = hash(content);
        found.residue = counterpart(package.name(), script, &sha256);
        if found.residue.is_none() {
            unknown.push(missing(Part::Binary, sha256, String::new()));
        }
        return found;
    };
    let (blocks, rest) = debhelper::split(text);
    for block in blocks {
        match block.actions() {
            Some(actions) => found.blocks.extend(actions),
            None => unknown.push(missing(Part::Block(block.tool), hash(block.text.as_bytes()), block.text)),
        }
    }
    let residue = normalise(&residue(&rest), package);
    if !residue.is_empty() {
        let sha256 = hash(residue.as_bytes());
        found.residue = counterpart(package.name(), script, &sha256);
        if found.residue.is_none() {
            unknown.push(missing(Part::Residue, sha256, residue));
        }
    }
    found
}

fn counterpart(package: &str, script: ScriptKind, sha256: &str) -> Option<&'static Counterpart> {
    scripts::counterparts().find(|counterpart| counterpart.matches(package, script, sha256))
}

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// The lines of a script that do something: without comments, blank lines, indentation, scenery and the `exit 0` at
/// its end. Here-documents keep their lines as they are; what looks like a comment there is content.
pub fn residue(script: &str) -> String {
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
    if let Some(release) =
        package.name().strip_prefix("linux-image-").filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
    {
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

/// The message for scripts nobody has read: all of them, with their text and what can be done.
pub(super) fn report(unknown: &[Unrecognised]) -> String {
    let mut text =
        format!("{} maintainer script(s) have no counterpart, and no target code runs in a build", unknown.len());
    for one in unknown {
        let part = match &one.part {
            Part::Residue => "hand-written part".to_owned(),
            Part::Block(tool) => format!("block of {tool} in a form that is not known"),
            Part::Binary => "a program".to_owned(),
        };
        let _ = write!(text, "\n\n{} {} {}: {part}, sha256 {}", one.package, one.version, one.script, one.sha256);
        for line in one.text.lines() {
            let _ = write!(text, "\n    | {line}");
        }
    }
    text.push_str(
        "\n\nread each and then: add its hash to a counterpart in src/configure/scripts if it does what that one does; \
         write a counterpart; leave the package out; or file an issue with this text",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::package;
    use super::*;

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
    fn everything_unknown_is_reported_at_once_with_the_choices() {
        let a = package(
            "Package: a\nVersion: 1.0-1\nArchitecture: all\n",
            &[
                ("preinst", "#!/bin/sh\nset -e\nrun 1.0-1\n"),
                ("postinst", "#!/bin/sh\n# Automatically added by dh_new/1\nbrew\n# End automatically added section\n"),
                ("prerm", "#!/bin/sh\nnever read\n"),
            ],
        );
        let b = package("Package: b\nVersion: 2\nArchitecture: all\n", &[("config", "\u{7f}ELF")]);
        let error = recognise(&[a, b]).expect_err("unknown").to_string();
        assert_eq!(
            error,
            "3 maintainer script(s) have no counterpart, and no target code runs in a build\n\n\
             a 1.0-1 preinst: hand-written part, sha256 \
             0710973db7b3b85d0f79912e24414dfabf4e0b12ab4e0a8f0ebe5e7b00c45639\n    | run @version@\n\n\
             a 1.0-1 postinst: block of dh_new in a form that is not known, sha256 \
             e2c2147b9b1c54022e28d40e6bdc3185b031068b1bcf60500594517125b45a5c\n    | brew\n\n\
             b 2 config: a program, sha256 3bdbb4fe8397cd2b842430b39ccff01a8663c751945ef5e9a09e267fb8b1d359\n\n\
             read each and then: add its hash to a counterpart in src/configure/scripts if it does what that one does; \
             write a counterpart; leave the package out; or file an issue with this text"
        );
    }
}
