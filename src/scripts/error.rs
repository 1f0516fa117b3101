//! Why the scripts of the packages could not be run.

use crate::configure::ConfigureError;
use crate::unpack::RelationsError;

use super::ScriptKind;
use super::recognise::{self, Unrecognised};

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScriptsError {
    #[error("{}", recognise::report(.0))]
    Unrecognised(Vec<Unrecognised>),
    /// Our shell came to something in a script that it has no answer for.
    #[error(
        "the {script} of `{package}` cannot be run, at line {line}: {reason}\n    | {words}\nleave the package out, \
         have the node configure it at its first boot (`second_stage = [\"{package}\"]` in role.toml), or file an issue with this \
         text"
    )]
    Stopped { package: String, script: ScriptKind, line: u32, words: String, reason: String },
    /// A script ran to its end and says that it could not do its work.
    #[error(
        "the {script} of `{package}` failed with status {status}, and no package is left half-configured; it said:\n    {said}\n\
         leave the package out, have the node configure it at its first boot (`second_stage = [\"{package}\"]` in role.toml), or file \
         an issue with this text"
    )]
    Failed { package: String, script: ScriptKind, status: i32, said: String },
    #[error(
        "{file} leaves `{package}` to the second stage, and no node of the role has that package; mend the name, or add it to \
         `packages`"
    )]
    NoSuchPackage { package: String, file: String },
    #[error(
        "`{package}` needs `{needed}` configured before it can be unpacked, so `{needed}` cannot be left to the second stage"
    )]
    NeededAtOnce { package: String, needed: String },
    #[error("packages activate each other's triggers in a circle; leave one of them out")]
    TriggerCircle,
    #[error("while configuring {package}: {source}")]
    Package { package: String, source: ConfigureError },
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    #[error(transparent)]
    Relations(#[from] RelationsError),
}
