//! `gpu_mem`, `overclock`, `settings` and `extra` of a node, resolved for its board.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster::Choices;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::Keys;
use super::lookup::list;
use super::nearest::suggestion;
use super::source::{Place, Source};
use super::{Board, BootMenu, Settings, extra, warranty};

/// raspi-config's names of overclocks, from least to most. A board has those that its file lists; asking for another of
/// these is no mistake, because a default is written for boards of different kinds, but it is said.
pub(super) const PRESETS: [&str; 5] = ["none", "modest", "medium", "high", "turbo"];

/// A preset that changes nothing on a board, to be told once for all its nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdlePreset {
    pub(super) board: String,
    pub(super) preset: String,
    pub(super) reason: String,
}

/// What a node's choices come to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) settings: Settings,
    pub(super) idle: Option<IdlePreset>,
    /// Keys of `extra` that nobody knows, and what was probably meant.
    pub(super) unknown: Vec<String>,
    /// What sets the warranty bit, when that was accepted.
    pub(super) warranty: Option<String>,
}

/// A number that somebody asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) value: i64,
    pub(super) place: Place,
    /// The section of `extra` that it stands in, counted; none when it holds whatever may be.
    pub(super) section: Option<usize>,
}

/// What is needed to judge one entry of the cluster file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) board: &'a Board,
    pub(super) keys: &'a Keys,
}

/// The settings that these choices mean on this board, and what is to be said about them.
pub(super) fn resolve(context: Context<'_>, choices: &Choices, found: &mut Diagnostics) -> Resolved {
    let Context { source, board, .. } = context;
    let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
    let mut ask = |key: &str, value: i64, place: Place| {
        asked.insert(key.to_owned(), Asked { key: key.to_owned(), value, place, section: None });
    };
    let (preset, idle) = preset(context, choices, found);
    if let Some(typed) = &choices.overclock {
        for (key, value) in preset {
            ask(key, *value, Place::of(source, typed));
        }
    }
    for (key, value) in &choices.settings {
        if known(context, key.get_ref(), &Place::of(source, key), found) {
            let place = Place::of(source, value);
            if check(context, key.get_ref(), *value.get_ref(), &place, found) {
                ask(key.get_ref(), *value.get_ref(), place);
            }
        }
    }
    if let Some(typed) = &choices.gpu_mem {
        let place = Place::of(source, typed);
        if board.settings.contains_key("gpu_mem") {
            check(context, "gpu_mem", *typed.get_ref(), &place, found);
        } else {
            found.push(missing(context, "gpu_mem", &place));
        }
    }
    let mut all: Vec<Asked> = asked.into_values().collect();
    let keys = all.iter().map(|asked| (asked.key.clone(), asked.value)).collect();
    let extra = extra::check(context, choices.extra.as_deref().unwrap_or_default(), &mut all, found);
    let accepted = choices.i_accept_the_warranty_bit == Some(true);
    let warranty = warranty::check(context, &all, accepted, found);
    let gpu_mem = choices.gpu_mem.as_ref().map(|typed| *typed.get_ref());
    Resolved { settings: Settings { gpu_mem, keys, extra: extra.lines }, idle, unknown: extra.unknown, warranty }
}

/// What the named overclock sets, or why it does nothing.
fn preset<'a>(
    context: Context<'a>,
    choices: &Choices,
    found: &mut Diagnostics,
) -> (Vec<(&'a str, &'a i64)>, Option<IdlePreset>) {
    let Context { source, board, .. } = context;
    let Some(typed) = &choices.overclock else { return (Vec::new(), None) };
    let preset = typed.get_ref();
    if let Some(values) = board.overclock.get(preset) {
        return (values.iter().map(|(key, value)| (key.as_str(), value)).collect(), None);
    }
    let common = PRESETS.contains(&preset.as_str());
    match &board.no_overclock {
        _ if preset == "none" => {}
        Some(reason) if common => {
            let idle =
                IdlePreset { board: board.name.clone(), preset: preset.clone(), reason: reason.trim().to_owned() };
            return (Vec::new(), Some(idle));
        }
        None if common => found.push(
            Diagnostic::new(format!("{} has no overclock `{preset}`", board.name))
                .at(&Place::of(source, typed), "")
                .help(format!("it has {}", list(board.overclock.keys().map(String::as_str), "and"))),
        ),
        _ => {
            let own = board.overclock.keys().map(String::as_str).filter(|name| !PRESETS.contains(name));
            found.push(
                Diagnostic::new(format!("unknown overclock `{preset}`"))
                    .at(&Place::of(source, typed), "")
                    .help(suggestion(preset, PRESETS.into_iter().chain(own))),
            );
        }
    }
    (Vec::new(), None)
}

/// Whether `settings` may hold this key; where not, why and what to do instead was noted.
fn known(context: Context<'_>, key: &str, place: &Place, found: &mut Diagnostics) -> bool {
    let Context { board, keys, .. } = context;
    if key == "gpu_mem" {
        found.push(own_key(place, "settings"));
        return false;
    }
    if board.settings.contains_key(key) {
        return true;
    }
    found.push(if let Some(instead) = keys.reserved.get(key) {
        reserved(key, place, instead)
    } else if keys.lines.contains_key(key) && board.why_not(key).is_none() {
        Diagnostic::new(format!("`{key}` is not among the settings that are checked"))
            .at(place, "")
            .help(format!("write it as a line of its own: `extra = [\"{key}=…\"]`"))
    } else {
        missing(context, key, place)
    });
    false
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
