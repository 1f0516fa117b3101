//! `extra`: lines of config.txt as the user wrote them, checked as far as they can be.

use std::ops::Range;

use serde_spanned::Spanned;

use super::BootMenu;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::lookup::list;
use super::nearest::{meant, nearest};
use super::settings::{Asked, Context, check as check_bounds, missing, own_key, reserved};
use super::source::Place;
use crate::config_txt::{Filter, Model, RawLine, RawLineError, repeats};

/// The lines, as they go onto the card.
#[derive(Debug, Default)]
pub(super) struct Extra {
    /// Ends with `[all]` when there are sections.
    pub(super) lines: Vec<String>,
    /// Keys that nobody knows, ready to print.
    pub(super) unknown: Vec<String>,
}

/// Checks all lines of one entry. The numbers among them are added to `asked`, which holds those of the other keys.
pub(super) fn check(
    context: Context<'_>,
    typed: &[Spanned<String>],
    asked: &mut Vec<Asked>,
    found: &mut Diagnostics,
) -> Extra {
    let mut extra = Extra::default();
    if let Some(first) = typed.first()
        && context.board.firmware.menu != BootMenu::ConfigTxt
    {
        found.push(
            Diagnostic::new(format!("{} has no config.txt", context.board.name))
                .at(&Place::of(context.source, first), "")
                .help("take `extra` out: its firmware reads another file"),
        );
        return extra;
    }
    let mut sections = Sections::default();
    // Key, section and place of what was there before.
    let mut lines: Vec<(String, Option<usize>, Place)> =
        asked.iter().map(|asked| (asked.key.clone(), None, asked.place.clone())).collect();
    for line in typed {
        let whole = Place::of(context.source, line);
        let text = line.get_ref();
        extra.lines.push(text.trim_matches(' ').to_owned());
        match RawLine::parse(text) {
            Err(reason) => found.push(unreadable(reason, &whole)),
            Ok(RawLine::Blank | RawLine::Comment(_)) => {}
            Ok(RawLine::Section(filter)) => sections.open(context, filter, &whole, found),
            Ok(RawLine::Directive(key)) => {
                let instead = context.keys.reserved.get(&key).map_or("", String::as_str);
                found.push(reserved(&key, &part(&whole, text, &key), instead));
            }
            Ok(RawLine::Setting { key, value }) => {
                // `hdmi_mode:1` is `hdmi_mode` for the second socket.
                let plain = key.split(':').next().unwrap_or_default();
                let place = part(&whole, text, &key);
                if judge(context, plain, &place, &mut extra, found) {
                    let place_of_value = whole.inside(text, value_range(text, &value));
                    if let Some(limits) = context.board.settings.get(plain) {
                        match value.parse() {
                            Ok(value) => {
                                if check_bounds(context, plain, value, &place_of_value, found) {
                                    let section = sections.number();
                                    asked.push(Asked { key: plain.to_owned(), value, place: place_of_value, section });
                                }
                            }
                            Err(_) => found.push(
                                Diagnostic::new(format!("`{plain}` takes a whole number"))
                                    .at(&place_of_value, "")
                                    .help(context.keys.range(plain, limits)),
                            ),
                        }
                    }
                    let same = |other: &&(String, Option<usize>, Place)| other.0 == key && other.1 == sections.number();
                    match lines.iter().find(same) {
                        Some((_, _, first)) if !repeats(plain) => found.push(
                            Diagnostic::new(format!("`{key}` is set twice"))
                                .at(&place, "a second time")
                                .at(first, "first here")
                                .help("keep one of them; the board would take the last"),
                        ),
                        _ => lines.push((key, sections.number(), place)),
                    }
                }
            }
        }
    }
    if sections.opened > 0 {
        extra.lines.push(Filter::All.to_string());
    }
    extra
}

/// Whether this key may stand in a line; why not, and what is not known, is noted.
fn judge(context: Context<'_>, key: &str, place: &Place, extra: &mut Extra, found: &mut Diagnostics) -> bool {
    let Context { board, keys, .. } = context;
    if let Some(instead) = keys.reserved.get(key) {
        found.push(reserved(key, place, instead));
    } else if board.why_not(key).is_some() || keys.settings.contains_key(key) && !board.settings.contains_key(key) {
        found.push(missing(context, key, place));
    } else if key == "gpu_mem" {
        // Which files the card carries depends on it.
        found.push(own_key(place, "extra"));
    } else {
        if !board.settings.contains_key(key) && !keys.lines.contains_key(key) {
            let known = board.settings.keys().chain(keys.lines.keys()).map(String::as_str);
            let meant = nearest(key, known).map_or_else(String::new, |name| format!("; {}", meant(name)));
            extra.unknown.push(format!("`{key}` of `extra` is no key that bramble knows{meant}"));
        }
        return true;
    }
    false
}

fn unreadable(reason: RawLineError, place: &Place) -> Diagnostic {
    let help = match reason {
        RawLineError::TooLong(_) => "shorten it",
        RawLineError::Control => "write one line in each string",
        RawLineError::Open => "close it",
        RawLineError::BehindSection => "write what follows as a line of its own",
        RawLineError::NoEquals | RawLineError::NoKey | RawLineError::NoValue | RawLineError::Key => "write `key=value`",
        RawLineError::Space => "write `key=value`, without spaces",
    };
    Diagnostic::new("the board would not read this line as it stands").at(place, reason.to_string()).help(help)
}

/// The place of `needle`, which is the first in the line.
fn part(whole: &Place, text: &str, needle: &str) -> Place {
    let start = text.find(needle).unwrap_or(0);
    whole.inside(text, start..start + needle.len())
}

fn value_range(text: &str, value: &str) -> Range<usize> {
    let end = text.trim_end_matches(' ').len();
    end - value.len()..end
}

/// Which `[…]` the lines stand below.
#[derive(Debug, Default)]
struct Sections {
    model: Option<Filter>,
    board_type: Option<Filter>,
    /// Whether lines are held back at all.
    inside: bool,
    /// How many sections there were.
    opened: usize,
}

impl Sections {
    /// The section's number; none outside of all sections.
    fn number(&self) -> Option<usize> {
        self.inside.then_some(self.opened)
    }

    fn open(&mut self, context: Context<'_>, filter: Filter, place: &Place, found: &mut Diagnostics) {
        self.opened += 1;
        self.inside = true;
        match &filter {
            Filter::All => {
                *self = Self { opened: self.opened, ..Self::default() };
                return;
            }
            Filter::None => {
                found.push(
                    Diagnostic::new("nothing below `[none]` ever holds")
                        .at(place, "")
                        .help("take these lines out, or put `#` before each"),
                );
                return;
            }
            Filter::Model(name) if !Model::is_filter(name) => {
                let here: Vec<&str> = filters(context).collect();
                let help = nearest(name, here).map_or_else(|| holding(context), |name| meant(&format!("[{name}]")));
                found.push(
                    Diagnostic::new(format!("`{filter}` is no section that the firmware knows"))
                        .at(place, "")
                        .help(help),
                );
                return;
            }
            Filter::Model(_) => self.model = Some(filter.clone()),
            Filter::BoardType(_) => self.board_type = Some(filter.clone()),
            _ => return,
        }
        let holds = |filter: &Option<Filter>, model: &Model| filter.as_ref().is_none_or(|filter| filter.suits(model));
        if !context.board.models().any(|model| filter.suits(&model)) {
            found.push(
                Diagnostic::new(format!("`{filter}` never holds on {}", context.board.name))
                    .at(place, "")
                    .help(holding(context)),
            );
        } else if !context.board.models().any(|model| holds(&self.model, &model) && holds(&self.board_type, &model)) {
            let other = if matches!(filter, Filter::Model(_)) { &self.board_type } else { &self.model };
            let other = other.as_ref().map_or_else(String::new, ToString::to_string);
            found.push(
                Diagnostic::new(format!("`{filter}` never holds together with `{other}`"))
                    .at(place, "")
                    .help("sections of different kinds must hold both; `[all]` between them ends the first"),
            );
        }
    }
}

/// The firmware's names for the models of this board.
fn filters(context: Context<'_>) -> impl Iterator<Item = &'static str> {
    context.board.models().flat_map(|model| model.filters.iter().copied())
}

/// The sections that may hold on this board.
fn holding(context: Context<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in filters(context) {
        let section = format!("[{name}]");
        if !names.contains(&section) {
            names.push(section);
        }
    }
    format!("on {} there may hold {}", context.board.name, list(names.iter().map(String::as_str), "and"))
}
