//! `gpu_mem`, `overclock` and `settings` of a node, resolved for its board.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster::Choices;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::lookup::list;
use super::nearest::suggestion;
use super::source::{Place, Source};
use super::{Board, Limits, Settings};

/// raspi-config's names of overclocks, from least to most. A board has those that its file lists; asking for another of
/// these is no mistake, because a default is written for boards of different kinds, but it is said.
const PRESETS: [&str; 5] = ["none", "modest", "medium", "high", "turbo"];

/// A preset that changes nothing on a board, to be told once for all its nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdlePreset {
    pub(super) board: String,
    pub(super) preset: String,
    pub(super) reason: String,
}

/// The settings that these choices mean on this board, and the preset that meant nothing.
pub(super) fn resolve(
    source: &Arc<Source>,
    choices: &Choices,
    board: &Board,
    found: &mut Diagnostics,
) -> (Settings, Option<IdlePreset>) {
    let mut idle = None;
    let mut keys: BTreeMap<String, i64> = BTreeMap::new();
    if let Some(typed) = &choices.overclock {
        let preset = typed.get_ref();
        match (board.overclock.get(preset), &board.no_overclock) {
            (Some(values), _) => keys.extend(values.iter().map(|(key, value)| (key.clone(), *value))),
            (None, _) if preset == "none" => {}
            (None, Some(reason)) if PRESETS.contains(&preset.as_str()) => {
                idle = Some(IdlePreset { board: board.name.clone(), preset: preset.clone(), reason: reason.clone() });
            }
            (None, None) if PRESETS.contains(&preset.as_str()) => found.push(
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
    }
    for (key, value) in &choices.settings {
        let place = Place::of(source, key);
        if key.get_ref() == "gpu_mem" {
            found.push(
                Diagnostic::new("`gpu_mem` has a key of its own")
                    .at(&place, "")
                    .help("write it beside `settings`, not in it"),
            );
            continue;
        }
        let known = board.settings.keys().map(String::as_str).filter(|name| *name != "gpu_mem");
        match board.settings.get(key.get_ref()) {
            None => found.push(
                Diagnostic::new(format!("{} has no setting `{key}`", board.name))
                    .at(&place, "")
                    .help(suggestion(key.get_ref(), known)),
            ),
            Some(limits) => {
                check(board, key.get_ref(), *value.get_ref(), limits, &Place::of(source, value), found);
                keys.insert(key.get_ref().clone(), *value.get_ref());
            }
        }
    }
    let gpu_mem = choices.gpu_mem.as_ref().map(|typed| {
        let place = Place::of(source, typed);
        match board.settings.get("gpu_mem") {
            Some(limits) => check(board, "gpu_mem", *typed.get_ref(), limits, &place, found),
            None => found.push(Diagnostic::new(format!("{} has no setting `gpu_mem`", board.name)).at(&place, "")),
        }
        *typed.get_ref()
    });
    (Settings { gpu_mem, keys: keys.into_iter().collect() }, idle)
}

fn check(board: &Board, key: &str, value: i64, limits: &Limits, place: &Place, found: &mut Diagnostics) {
    let Limits { min, max, unit, default } = limits;
    if (*min..=*max).contains(&value) {
        return;
    }
    let default = default.map_or_else(String::new, |default| format!(", without the key it is {default}"));
    found.push(
        Diagnostic::new(format!("`{key}` is out of bounds for {}", board.name))
            .at(place, "")
            .help(format!("from {min} to {max} {unit}{default}")),
    );
}
