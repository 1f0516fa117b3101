//! `gpu_mem`, `overclock`, `settings` and `extra` of a node, resolved for its board.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster::NodeTable;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::Keys;
use super::lookup::list;
use super::nearest::suggestion;
use super::setting::{Asked, Context, check, missing, nobodys, own_key, reserved};
use super::source::{Place, SourceFile};
use super::{Settings, extra, warranty};
use crate::config_txt::Filters;

/// raspi-config's names of overclocks, from least to most. A board has those that its file lists; asking for another of
/// these is no mistake, because a default is written for boards of different kinds, but it is said.
pub(super) const PRESETS: [&str; 5] = ["none", "modest", "medium", "high", "turbo"];

/// MB below which no node comes up: what systemd, the kernel and the web server take when they start.
const LEAST_FOR_LINUX: i64 = 96;

/// A preset that changes nothing on a board, to be told once for all its nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdlePreset {
    pub(super) board: String,
    pub(super) preset: String,
    pub(super) reason: String,
}

/// What a node's keys come to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) settings: Settings,
    pub(super) idle: Option<IdlePreset>,
    /// What is worth saying of single keys, ready to print: those of `extra` that nobody knows, a default for other boards.
    pub(super) notes: Vec<String>,
    /// Lines of `extra` that write to one-time programmable memory, when that was accepted.
    pub(super) once: Vec<String>,
    /// What sets the warranty bit, when that was accepted.
    pub(super) warranty: Option<String>,
}

/// The settings that the keys of this node mean on its board, and what is to be said about them. `defaults` tells
/// which of them the node itself did not ask for.
pub(super) fn resolve(
    context: Context<'_>,
    node: &NodeTable,
    defaults: &NodeTable,
    found: &mut Diagnostics,
) -> Resolved {
    let Context { source, board, .. } = context;
    let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
    let mut ask = |key: &str, value: i64, place: Place| {
        asked.insert(key.to_owned(), Asked { key: key.to_owned(), value, place, filters: Filters::default() });
    };
    let (preset, idle) = preset(context, node, found);
    if let Some(typed) = &node.overclock {
        for (key, value) in preset {
            ask(key, *value, Place::of(source, typed));
        }
    }
    for (key, value) in &node.settings {
        if known(context, key.get_ref(), &Place::of(source, key), found) {
            let place = Place::of(source, value);
            if check(context, key.get_ref(), *value.get_ref(), &place, found) {
                ask(key.get_ref(), *value.get_ref(), place);
            }
        }
    }
    let mut notes = Vec::new();
    let gpu_mem = node.gpu_mem.as_ref().filter(|typed| {
        let place = Place::of(source, typed);
        if board.settings.contains_key("gpu_mem") {
            check(context, "gpu_mem", *typed.get_ref(), &place, found);
            return true;
        }
        if defaults.gpu_mem.as_ref().is_some_and(|default| default.span() == typed.span()) {
            // A default is written for boards of different kinds.
            notes.push(format!("`gpu_mem` of `[defaults]` is nothing for {}", board.name));
        } else {
            found.push(missing(context, "gpu_mem", &place));
        }
        false
    });
    let mut all: Vec<Asked> = asked.into_values().collect();
    let keys = all.iter().map(|asked| (asked.key.clone(), asked.value)).collect();
    let extra = extra::check(context, &node.extra, node.i_accept_one_time_programming, &mut all, found);
    let accepted = node.i_accept_the_warranty_bit;
    let warranty = warranty::check(context, &all, accepted, found);
    let gpu_mem = gpu_mem.map(|typed| *typed.get_ref());
    leaves_linux_enough(context, gpu_mem, &all, found);
    let settings = Settings { gpu_mem, keys, extra: extra.lines };
    notes.extend(extra.unknown);
    Resolved { settings, idle, notes, once: extra.once, warranty }
}

/// Notes names of settings that no board has, where it is not known which board is meant.
pub(super) fn names(source: &Arc<SourceFile>, node: &NodeTable, keys: &Keys, found: &mut Diagnostics) {
    let known = |key: &str| {
        [&keys.lines, &keys.reserved, &keys.once].iter().any(|others| others.contains_key(key))
            || keys.settings.contains_key(key)
    };
    for key in node.settings.keys().filter(|key| !known(key.get_ref())) {
        found.push(nobodys(key.get_ref(), &Place::of(source, key), keys));
    }
}

/// Notes a `total_mem` of which the GPU takes so much that Linux has too little left.
fn leaves_linux_enough(context: Context<'_>, gpu_mem: Option<i64>, asked: &[Asked], found: &mut Diagnostics) {
    let default = context.board.settings.get("gpu_mem").and_then(|limits| limits.default);
    let Some(gpu_mem) = gpu_mem.or(default) else { return };
    for total in asked.iter().filter(|one| one.key == "total_mem" && one.value - gpu_mem < LEAST_FOR_LINUX) {
        let title =
            format!("of {} MB the GPU takes {gpu_mem}, and Linux has {} left", total.value, total.value - gpu_mem);
        found.push(
            Diagnostic::new(title)
                .at(&total.place, "")
                .help(format!("leave it {LEAST_FOR_LINUX} at least: raise `total_mem` or lower `gpu_mem`")),
        );
    }
}

/// What the named overclock sets, or why it does nothing.
fn preset<'a>(
    context: Context<'a>,
    node: &NodeTable,
    found: &mut Diagnostics,
) -> (Vec<(&'a str, &'a i64)>, Option<IdlePreset>) {
    let Context { source, board, .. } = context;
    let Some(typed) = &node.overclock else { return (Vec::new(), None) };
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
    } else if (keys.lines.contains_key(key) || keys.once.contains_key(key)) && board.why_not(key).is_none() {
        Diagnostic::new(format!("`{key}` is not among the settings that are checked"))
            .at(place, "")
            .help(format!("write it as a line of its own: `extra = [\"{key}=…\"]`"))
    } else {
        missing(context, key, place)
    });
    false
}
