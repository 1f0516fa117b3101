//! The registry's entry: which hand-written script a native action stands for.

use std::fmt;

use crate::unpack::Package;

use crate::configure::{ConfigureError, Context};

/// A maintainer script that runs in a fresh installation, by the name of its control file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScriptKind {
    /// `preinst install`, before the package's files are unpacked. Here it runs after, before any `postinst`.
    Preinst,
    /// debconf's questions, asked before `postinst`.
    Config,
    /// `postinst configure` with no earlier version.
    Postinst,
}

impl ScriptKind {
    pub const ALL: [Self; 3] = [Self::Preinst, Self::Config, Self::Postinst];

    /// The name of the control file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preinst => "preinst",
            Self::Config => "config",
            Self::Postinst => "postinst",
        }
    }
}

impl fmt::Display for ScriptKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a script's residue does in a fresh installation, written by hand after reading it.
#[derive(Debug, Clone, Copy)]
pub struct Counterpart {
    /// The package's name; `*` stands for any text (`linux-image-*`).
    pub package: &'static str,
    pub script: ScriptKind,
    /// SHA-256 of every residue that was read and found to do this, in lower-case hexadecimal
    /// (see [`super::recognise::residue`] for what is hashed).
    pub sha256: &'static [&'static str],
    pub action: fn(&mut Context<'_>, &Package) -> Result<(), ConfigureError>,
    /// What the residue does, or why nothing is to be done, in one clause.
    pub reason: &'static str,
}

impl Counterpart {
    /// Whether this is the counterpart of `package`'s `script` when its residue has the hash `sha256`.
    pub fn matches(&self, package: &str, script: ScriptKind, sha256: &str) -> bool {
        self.script == script && matches_name(self.package, package) && self.sha256.contains(&sha256)
    }
}

/// The action of residues that do nothing in a fresh installation.
pub(super) fn nothing(_: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    Ok(())
}

/// Whether `name` is of the form `pattern`, in which one `*` stands for any text.
fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((head, tail)) => name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches_name("linux-image-*", "linux-image-6.12.107+deb13-armmp"));
        assert!(matches_name("lib*t64", "libssl3t64"));
        assert!(!matches_name("aa*aa", "aaa"));
        assert!(!matches_name("dbus", "dbus-daemon"));
    }

    #[test]
    fn a_counterpart_needs_package_script_and_hash() {
        let counterpart = Counterpart {
            package: "dash",
            script: ScriptKind::Postinst,
            sha256: &["aa", "bb"],
            action: nothing,
            reason: "for the test",
        };
        assert!(counterpart.matches("dash", ScriptKind::Postinst, "bb"));
        assert!(!counterpart.matches("dash", ScriptKind::Preinst, "bb"));
        assert!(!counterpart.matches("dash", ScriptKind::Postinst, "cc"));
        assert!(!counterpart.matches("bash", ScriptKind::Postinst, "bb"));
    }
}
