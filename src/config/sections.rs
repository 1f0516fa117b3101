//! The `[…]` lines of `extra`: those that never hold on the board are errors.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::lookup::list;
use super::nearest::{meant, nearest};
use super::setting::Context;
use super::source::Place;
use crate::config_txt::{Filter, Model};

/// Which sections the lines stand below.
#[derive(Debug, Default)]
pub(super) struct Sections {
    model: Option<Filter>,
    board_type: Option<Filter>,
    /// Whether lines depend on anything at all.
    inside: bool,
    /// How many there were so far.
    opened: usize,
}

impl Sections {
    /// The section's number, counted from 1; none outside of all sections.
    pub(super) fn number(&self) -> Option<usize> {
        self.inside.then_some(self.opened)
    }

    /// Whether there was one.
    pub(super) fn any(&self) -> bool {
        self.opened > 0
    }

    /// Takes the next `[…]` line into account.
    pub(super) fn open(&mut self, context: Context<'_>, filter: &Filter, place: &Place, found: &mut Diagnostics) {
        self.opened += 1;
        if *filter == Filter::All {
            *self = Self { opened: self.opened, ..Self::default() };
            return;
        }
        self.inside = true;
        let wrong = match filter {
            Filter::None => Some(
                Diagnostic::new("nothing below `[none]` ever holds")
                    .help("take these lines out, or put `#` before each"),
            ),
            Filter::Model(name) if !Model::is_filter(name) => {
                let help = nearest(name, filters(context))
                    .map_or_else(|| holding(context), |name| meant(&format!("[{name}]")));
                Some(Diagnostic::new(format!("`{filter}` is no section that the firmware knows")).help(help))
            }
            Filter::Model(_) => {
                self.model = Some(filter.clone());
                Self::never(context, filter, self.board_type.as_ref())
            }
            Filter::BoardType(_) => {
                self.board_type = Some(filter.clone());
                Self::never(context, filter, self.model.as_ref())
            }
            // These depend on the moment, or on one board of many.
            _ => None,
        };
        found.extend(wrong.map(|wrong| wrong.at(place, "")));
    }

    /// What is wrong with a filter that holds on no model of the board, alone or with the other one in force.
    fn never(context: Context<'_>, filter: &Filter, other: Option<&Filter>) -> Option<Diagnostic> {
        let alone: Vec<Model> = context.board.models().filter(|model| filter.suits(model)).collect();
        if alone.is_empty() {
            let title = format!("`{filter}` never holds on {}", context.board.name);
            return Some(Diagnostic::new(title).help(holding(context)));
        }
        let other = other.filter(|other| !alone.iter().any(|model| other.suits(model)))?;
        Some(
            Diagnostic::new(format!("`{filter}` never holds together with `{other}`"))
                .help("sections of different kinds must hold both; `[all]` between them ends the first"),
        )
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
