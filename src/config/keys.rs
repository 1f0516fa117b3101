//! The keys of config.txt as all boards share them: `board-configs/shared/config-txt.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Limits;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::parse;
use super::source::SourceFile;

/// Seen from the project's folder.
const FILE: &str = "board-configs/shared/config-txt.toml";

/// What keys mean, who may write them, and which of them the firmware takes only together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// Numbers, each for the boards whose files list it.
    pub(super) settings: BTreeMap<String, Meaning>,
    /// What every board knows and nobody checks, with its meaning.
    pub(super) lines: BTreeMap<String, String>,
    /// What no cluster file sets, with what to do instead.
    pub(super) reserved: BTreeMap<String, String>,
    /// What writes to memory that is written once, with what that does.
    pub(super) once: BTreeMap<String, String>,
    pub(super) requires: Vec<Requires>,
    pub(super) warranty: Vec<Warranty>,
}

/// One setting, on whatever board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meaning {
    /// "MHz", "steps of 25 mV"; none for switches.
    pub(super) unit: Option<String>,
    pub(super) meaning: String,
}

/// Beyond `above` the firmware takes `setting` only when `needs` is `is`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Requires {
    pub(super) setting: String,
    pub(super) above: i64,
    pub(super) needs: String,
    pub(super) is: i64,
}

/// `setting` with the value `is` and any of `above_zero` beyond 0 set the bit that ends the warranty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Warranty {
    pub(super) setting: String,
    pub(super) is: i64,
    pub(super) above_zero: Vec<String>,
}

impl Keys {
    /// Reads the file of the project in `root`; without it nothing is known, and that was noted.
    pub(super) fn read(root: &Path, found: &mut Diagnostics) -> Self {
        match SourceFile::read(&root.join(FILE)) {
            Ok(source) => {
                let (keys, mistakes) = parse::<Self>(&source);
                found.extend(mistakes);
                keys.unwrap_or_default()
            }
            Err(unreadable) => {
                found.push(Diagnostic::from(unreadable).help("the repository has this file; copy it from there"));
                Self::default()
            }
        }
    }

    /// "from 16 to 512 MB", "0 or 1"
    pub(super) fn range(&self, key: &str, limits: &Limits) -> String {
        let Limits { min, max, .. } = limits;
        match self.settings.get(key).and_then(|meaning| meaning.unit.as_deref()) {
            None if min.checked_add(1) == Some(*max) => format!("{min} or {max}"),
            None => format!("from {min} to {max}"),
            Some(unit) => format!("from {min} to {max} {unit}"),
        }
    }
}
