//! One setting on one board: whether the board has it, and with this value.

use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::Keys;
use super::nearest::suggestion;
use super::source::{Place, SourceFile};
use super::{Board, BootMenu};
use crate::config_txt::Filters;

/// A number that somebody asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) value: i64,
    pub(super) place: Place,
    /// Those that it stands below; none of them when it holds whatever may be.
    pub(super) filters: Filters,
}

/// What is needed to judge one entry of the cluster file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) board: &'a Board,
    pub(super) keys: &'a Keys,
}

/// `gpu_mem` in another key.
pub(super) fn own_key(place: &Place, key: &str) -> Diagnostic {
    let help = format!("write it beside `{key}`, not in it");
    Diagnostic::new("`gpu_mem` has a key of its own").at(place, "").help(help)
}

/// A key that is not for cluster files, and what to do instead.
pub(super) fn reserved(key: &str, place: &Place, instead: &str) -> Diagnostic {
    Diagnostic::new(format!("`{key}` is not for a cluster file to set")).at(place, "").help(instead)
}

/// A key that no board has.
pub(super) fn nobodys(key: &str, place: &Place, keys: &Keys) -> Diagnostic {
    Diagnostic::new(format!("no setting of config.txt is called `{key}`"))
        .at(place, "")
        .help(suggestion(key, keys.settings.keys().map(String::as_str)))
}

/// A key that this board does not have: why, when it is one of config.txt at all.
pub(super) fn missing(context: Context<'_>, key: &str, place: &Place) -> Diagnostic {
    let Context { board, keys, .. } = context;
    let known = board.settings.keys().map(String::as_str).filter(|name| *name != "gpu_mem");
    let help = match board.why_not(key) {
        Some(reason) => reason.to_owned(),
        None if board.firmware.menu != BootMenu::ConfigTxt => "its firmware reads no config.txt".to_owned(),
        None if keys.settings.contains_key(key) => {
            format!("other boards have it; `bramble explain board {}` tells what this one has", board.name)
        }
        None => suggestion(key, known),
    };
    Diagnostic::new(format!("{} has no setting `{key}`", board.name)).at(place, "").help(help)
}

/// Whether the board takes this value; where not, that was noted.
pub(super) fn check(context: Context<'_>, key: &str, value: i64, place: &Place, found: &mut Diagnostics) -> bool {
    let Context { board, keys, .. } = context;
    let Some(limits) = board.settings.get(key) else { return false };
    if (limits.min..=limits.max).contains(&value) {
        return true;
    }
    let default = limits.default.map_or_else(String::new, |default| format!(", without the key it is {default}"));
    let note = limits.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
    found.push(
        Diagnostic::new(format!("`{key}` is out of bounds for {}", board.name))
            .at(place, "")
            .help(format!("{}{default}{note}", keys.range(key, limits))),
    );
    false
}
