//! Scripts that nobody knows by hash or form, run by our own shell over the tree.
//!
//! A script either runs to its end with status 0 or ends the build: nothing of a tree that a script left half-changed is
//! ever written anywhere.

use crate::commands::{Script, Session};
use crate::unpack::Package;

use super::{ScriptKind, ScriptsError};

/// Runs `text`, the script `kind` of `package`, as dpkg does in a fresh installation.
pub(super) fn run<'a>(
    session: &mut Session<'_, 'a>,
    package: &'a Package,
    kind: ScriptKind,
    text: &[u8],
) -> Result<(), ScriptsError> {
    // Of a fresh installation there is no earlier version, which `config` and `postinst` are told as an empty text.
    let arguments: &[&str] = match kind {
        ScriptKind::Preinst => &["install"],
        ScriptKind::Config | ScriptKind::Postinst => &["configure", ""],
    };
    interpreted(session, package, kind, text, arguments)
}

/// Runs the `postinst` of a package for triggers that were activated after it was configured.
pub(super) fn triggered<'a>(
    session: &mut Session<'_, 'a>,
    package: &'a Package,
    text: &[u8],
    triggers: &[String],
) -> Result<(), ScriptsError> {
    interpreted(session, package, ScriptKind::Postinst, text, &["triggered", &triggers.join(" ")])
}

fn interpreted<'a>(
    session: &mut Session<'_, 'a>,
    package: &'a Package,
    kind: ScriptKind,
    text: &[u8],
    arguments: &[&str],
) -> Result<(), ScriptsError> {
    let outcome = session.run_script(package, Script { name: kind.name(), text, arguments });
    let name = package.name().to_owned();
    let outcome = outcome.map_err(|stop| {
        let lines = String::from_utf8_lossy(text);
        let index = usize::try_from(stop.line).unwrap_or_default().saturating_sub(1);
        let words = lines.lines().nth(index).unwrap_or_default().trim().to_owned();
        ScriptsError::Stopped { package: name.clone(), script: kind, line: stop.line, words, reason: stop.reason }
    })?;
    if outcome.status == 0 {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&outcome.errors);
    // What a script says last is why it ends.
    let last: Vec<&str> = errors.trim_end().lines().rev().take(5).collect();
    let said = last.into_iter().rev().collect::<Vec<_>>().join("\n    ");
    Err(ScriptsError::Failed { package: name, script: kind, status: outcome.status, said })
}
