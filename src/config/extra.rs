//! `extra`: lines of config.txt as the user wrote them, checked as far as they can be.

use std::ops::Range;

use serde_spanned::Spanned;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::nearest::{meant, nearest};
use super::setting::{Asked, Context, check as check_bounds, missing, own_key, reserved};
use super::source::Place;
use super::{BootMenu, sections};
use crate::config_txt::{Filter, Filters, RawLine, RawLineError, repeats};

/// The lines, as they go onto the card.
#[derive(Debug, Default)]
pub(super) struct Extra {
    /// Ends with `[all]` when there are sections.
    pub(super) lines: Vec<String>,
    /// Keys that nobody knows, ready to print.
    pub(super) unknown: Vec<String>,
    /// Lines that write to one-time programmable memory, ready to print.
    pub(super) once: Vec<String>,
}

/// Checks all lines of one entry. The numbers among them are added to `asked`, which holds those of the other keys.
/// `accepts_once` is leave to write to one-time programmable memory.
pub(super) fn check(
    context: Context<'_>,
    typed: &[Spanned<String>],
    accepts_once: bool,
    asked: &mut Vec<Asked>,
    found: &mut Diagnostics,
) -> Extra {
    let Some(first) = typed.first() else { return Extra::default() };
    if context.board.firmware.menu != BootMenu::ConfigTxt {
        found.push(
            Diagnostic::new(format!("{} has no config.txt", context.board.name))
                .at(&Place::of(context.source, first), "")
                .help("take `extra` out: its firmware reads another file"),
        );
        return Extra::default();
    }
    let before = asked.iter().map(|asked| (asked.key.clone(), Filters::default(), asked.place.clone())).collect();
    let (filters, extra) = (Filters::default(), Extra::default());
    let mut checker = Checker { context, accepts_once, asked, found, before, filters, sections: false, extra };
    for line in typed {
        checker.line(line.get_ref(), &Place::of(context.source, line));
    }
    let Checker { sections, mut extra, .. } = checker;
    if sections {
        extra.lines.push(Filter::All.to_string());
    }
    extra
}

struct Checker<'a> {
    context: Context<'a>,
    /// Leave to write to one-time programmable memory.
    accepts_once: bool,
    asked: &'a mut Vec<Asked>,
    found: &'a mut Diagnostics,
    /// Key, filters and place of what was set so far.
    before: Vec<(String, Filters, Place)>,
    /// Those in force.
    filters: Filters,
    /// Whether there was any `[…]` line.
    sections: bool,
    extra: Extra,
}

impl Checker<'_> {
    fn line(&mut self, text: &str, whole: &Place) {
        self.extra.lines.push(text.trim_matches(' ').to_owned());
        match RawLine::parse(text) {
            Err(reason) => self.found.push(unreadable(reason, whole)),
            Ok(RawLine::Blank | RawLine::Comment(_)) => {}
            Ok(RawLine::Section(filter)) => {
                sections::check(self.context, &filter, &self.filters, whole, self.found);
                self.filters.apply(filter);
                self.sections = true;
            }
            Ok(RawLine::Directive(key)) => {
                let instead = self.context.keys.reserved.get(&key).map_or("", String::as_str);
                self.found.push(reserved(&key, &part(whole, text, &key), instead));
            }
            Ok(RawLine::Setting { key, value }) => {
                let place = part(whole, text, &key);
                // `hdmi_mode:1` is `hdmi_mode` for the second socket.
                let plain = key.split(':').next().unwrap_or_default();
                if self.may_stand(plain, &place) {
                    self.burn(plain, &value, &place);
                    self.number(plain, &value, &whole.inside(text, value_range(text, &value)));
                    self.once(&key, plain, place);
                }
            }
        }
    }

    /// Whether this key may stand in a line; why not, and what is not known, is noted.
    fn may_stand(&mut self, key: &str, place: &Place) -> bool {
        let Context { board, keys, .. } = self.context;
        let has = board.settings.contains_key(key);
        let wrong = if let Some(instead) = keys.reserved.get(key) {
            reserved(key, place, instead)
        } else if board.why_not(key).is_some() || keys.settings.contains_key(key) && !has {
            missing(self.context, key, place)
        } else if key == "gpu_mem" {
            // Which files the card carries depends on it.
            own_key(place, "extra")
        } else {
            if !has && !keys.lines.contains_key(key) && !keys.once.contains_key(key) {
                let known = board.settings.keys().chain(keys.lines.keys()).chain(keys.once.keys()).map(String::as_str);
                let meant = nearest(key, known).map_or_else(String::new, |name| format!("; {}", meant(name)));
                self.extra.unknown.push(format!("`{key}` of `extra` is no key that bramble knows{meant}"));
            }
            return true;
        };
        self.found.push(wrong);
        false
    }

    /// Notes a line that writes to one-time programmable memory.
    fn burn(&mut self, key: &str, value: &str, place: &Place) {
        let Some(does) = self.context.keys.once.get(key).filter(|_| value != "0") else { return };
        if self.accepts_once {
            self.extra.once.push(format!("`{key}={value}` {does}"));
            return;
        }
        self.found.push(Diagnostic::new(format!("`{key}` {does}, for good")).at(place, "").help(
            "it is written to one-time programmable memory, and nothing takes it back: leave it out, or write \
                 `i_accept_one_time_programming = true` for these nodes",
        ));
    }

    /// Checks the value of a key whose limits are known.
    fn number(&mut self, key: &str, value: &str, place: &Place) {
        let Some(limits) = self.context.board.settings.get(key) else { return };
        let Ok(value) = value.parse() else {
            self.found.push(
                Diagnostic::new(format!("`{key}` takes a whole number"))
                    .at(place, "")
                    .help(self.context.keys.range(key, limits)),
            );
            return;
        };
        if check_bounds(self.context, key, value, place, self.found) {
            let filters = self.filters.clone();
            self.asked.push(Asked { key: key.to_owned(), value, place: place.clone(), filters });
        }
    }

    /// Notes a key that was set before below the same filters, or below none by another key of the entry.
    fn once(&mut self, key: &str, plain: &str, place: Place) {
        let same = |(other, filters, _): &&(String, Filters, Place)| other == key && *filters == self.filters;
        match self.before.iter().find(same) {
            Some((_, _, first)) if !repeats(plain) => self.found.push(
                Diagnostic::new(format!("`{key}` is set twice"))
                    .at(&place, "a second time")
                    .at(first, "first here")
                    .help("keep one of them; the board would take the last"),
            ),
            _ => self.before.push((key.to_owned(), self.filters.clone(), place)),
        }
    }
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
