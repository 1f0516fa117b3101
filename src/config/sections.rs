//! The `[…]` lines of `extra`: those that never hold on the board are errors.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::lookup::list;
use super::nearest::{meant, nearest};
use super::setting::Context;
use super::source::Place;
use crate::config_txt::{Filter, Filters, Model};

/// Notes what is wrong with a `[…]` line; `before` are the filters in force where it stands.
pub(super) fn check(context: Context<'_>, filter: &Filter, before: &Filters, place: &Place, found: &mut Diagnostics) {
    let wrong = match filter {
        Filter::None => Some(
            Diagnostic::new("nothing below `[none]` ever holds").help("take these lines out, or put `#` before each"),
        ),
        Filter::Model(name) if !Model::is_filter(name) => {
            let help =
                nearest(name, filters(context)).map_or_else(|| holding(context), |name| meant(&format!("[{name}]")));
            Some(Diagnostic::new(format!("`{filter}` is no section that the firmware knows")).help(help))
        }
        Filter::Model(_) | Filter::BoardType(_) => never(context, filter, before),
        // The others depend on the moment, or on one board of many.
        _ => None,
    };
    found.extend(wrong.map(|wrong| wrong.at(place, "")));
}

/// What is wrong with a filter that holds on no model of the board, alone or with another one in force.
fn never(context: Context<'_>, filter: &Filter, before: &Filters) -> Option<Diagnostic> {
    let alone: Vec<Model> = context.board.models().filter(|model| filter.suits(model)).collect();
    if alone.is_empty() {
        let title = format!("`{filter}` never holds on {}", context.board.name);
        return Some(Diagnostic::new(title).help(holding(context)));
    }
    let mut both = before.clone();
    both.apply(filter.clone());
    let other = both.iter().find(|other| !alone.iter().any(|model| other.suits(model)))?;
    Some(
        Diagnostic::new(format!("`{filter}` never holds together with `{other}`"))
            .help("sections of different kinds must hold both; `[all]` between them ends the first"),
    )
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
