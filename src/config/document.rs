//! TOML text to typed values, with every mistake of form at once.
//!
//! serde stops at the first mistake. Here the offending key is noted, taken out of the parsed document and the document
//! is read again, until it fits or what is missing cannot be passed over.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Error};

use super::diagnostic::Diagnostic;
use super::nearest::{meant, suggestion};
use super::source::{Place, SourceFile};
use super::typed::{Mistake, MistakeKind, Value};

/// Reads `T` from the source. The value is there when enough of the text had the right form to go on checking; it may
/// come together with mistakes.
pub(super) fn parse<T: DeserializeOwned>(source: &Arc<SourceFile>) -> (Option<T>, Vec<Diagnostic>) {
    parse_as(source, |_| {})
}

/// As [`parse`], of a document that `complete` adds to before it is read. What it adds keeps the place where it was typed.
pub(super) fn parse_as<T: DeserializeOwned>(
    source: &Arc<SourceFile>,
    complete: impl Fn(&mut DeTable<'_>),
) -> (Option<T>, Vec<Diagnostic>) {
    let (mut table, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        return (None, errors.iter().map(|error| syntax(source, error)).collect());
    }
    let mut found = Vec::new();
    let mut value_removed = false;
    loop {
        let mut whole = table.clone();
        complete(whole.get_mut());
        let mistake = match T::deserialize(Value::document(whole)) {
            Ok(value) => return (Some(value), found),
            Err(mistake) => mistake,
        };
        let missing = if let MistakeKind::MissingKey(key) = mistake.kind { Some(key) } else { None };
        // A key that was mistyped, or taken out because of its value, is not missing too.
        let told = missing.is_some_and(|key| value_removed || found.iter().any(|other| other.advises(&meant(key))));
        if !told {
            found.push(form(source, &mistake));
        }
        let removed = missing.is_none() && mistake.span.as_ref().is_some_and(|span| remove(table.get_mut(), span));
        if !removed {
            return (None, found);
        }
        value_removed |= !matches!(mistake.kind, MistakeKind::UnknownKey { .. });
    }
}

/// The place of a value, by the keys and list positions that lead to it; as far as they lead.
pub(super) fn locate(source: &Arc<SourceFile>, keys: &[&str]) -> Place {
    let start = Place::new(source, 0..0);
    let Ok(table) = DeTable::parse(&source.text) else { return start };
    let mut here = toml::Spanned::new(0..0, DeValue::Table(table.into_inner()));
    for key in keys {
        let inner = match here.get_ref() {
            DeValue::Table(table) => table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value),
            DeValue::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        let Some(inner) = inner else { break };
        here = inner.clone();
    }
    Place::new(source, here.span())
}

/// Takes out the entry whose key, value or list member stands at `span`.
fn remove(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let hit = table.iter().find(|(key, value)| {
        let members = value.get_ref().as_array();
        key.span() == *span
            || value.span() == *span
            || members.is_some_and(|members| members.iter().any(|member| member.span() == *span))
    });
    if let Some(key) = hit.map(|(key, _)| key.clone()) {
        return table.remove(&key).is_some();
    }
    table.iter_mut().any(|(_, value)| match value.get_mut() {
        DeValue::Table(inner) => remove(inner, span),
        DeValue::Array(members) => members.iter_mut().any(|member| match member.get_mut() {
            DeValue::Table(inner) => remove(inner, span),
            _ => false,
        }),
        _ => false,
    })
}

fn syntax(source: &Arc<SourceFile>, error: &Error) -> Diagnostic {
    let message = error.message().replace('\n', ", ");
    Diagnostic::new("this is not TOML").at(&Place::new(source, error.span().unwrap_or(0..0)), message)
}

/// What is to be said of a mistake.
pub(super) fn form(source: &Arc<SourceFile>, mistake: &Mistake) -> Diagnostic {
    let place = Place::new(source, mistake.span.clone().unwrap_or(0..0));
    let diagnostic = Diagnostic::new(mistake.to_string().replace('\n', ", "));
    match &mistake.kind {
        MistakeKind::UnknownKey { key: typed, known } | MistakeKind::UnknownValue { value: typed, known } => {
            diagnostic.at(&place, "").help(suggestion(typed, known.iter().copied()))
        }
        MistakeKind::MissingKey(_) => diagnostic.at(&place, "it belongs here"),
        MistakeKind::Form { found, .. } => diagnostic.at(&place, format!("this is {found}")),
        MistakeKind::Other(_) => diagnostic.at(&place, ""),
    }
}
