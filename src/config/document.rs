//! TOML text to typed values, with every mistake of form at once.
//!
//! serde stops at the first mistake. Here the offending key is noted, taken out of the parsed document and the document
//! is read again, until it fits or what is missing cannot be passed over.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::diagnostic::Diagnostic;
use super::nearest::{meant, suggestion};
use super::source::{Place, Source};

/// Reads `T` from the source. The value is there when enough of the text had the right form to go on checking; it may
/// come together with mistakes.
pub(super) fn parse<T: DeserializeOwned>(source: &Arc<Source>) -> (Option<T>, Vec<Diagnostic>) {
    let (mut table, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        return (None, errors.iter().map(|error| syntax(source, error)).collect());
    }
    let mut found = Vec::new();
    let mut value_removed = false;
    loop {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return (Some(value), found),
            Err(error) => error,
        };
        let missing = error.message().strip_prefix("missing field `").map(|rest| rest.trim_end_matches('`'));
        // A key that was mistyped, or taken out because of its value, is not missing too.
        let told = missing.is_some_and(|key| value_removed || found.iter().any(|other| other.advises(&meant(key))));
        if !told {
            found.push(form(source, &error));
        }
        let removed = missing.is_none() && error.span().is_some_and(|span| remove(table.get_mut(), &span));
        if !removed {
            return (None, found);
        }
        value_removed |= !error.message().starts_with("unknown field");
    }
}

/// The place of a value, by the keys and list positions that lead to it; as far as they lead.
pub(super) fn locate(source: &Arc<Source>, keys: &[&str]) -> Place {
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

fn place(source: &Arc<Source>, error: &Error) -> Place {
    Place::new(source, error.span().unwrap_or(0..0))
}

fn syntax(source: &Arc<Source>, error: &Error) -> Diagnostic {
    let message = error.message().replace('\n', ", ");
    Diagnostic::new("this is not TOML").at(&place(source, error), message)
}

/// Says what serde says, in the words of someone who writes TOML and has never seen the Rust types.
fn form(source: &Arc<Source>, error: &Error) -> Diagnostic {
    let place = place(source, error);
    let message = error.message();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") {
        let key = quoted.first().copied().unwrap_or_default();
        let known = quoted.get(1..).unwrap_or_default().iter().copied();
        return Diagnostic::new(format!("unknown key `{key}`")).at(&place, "").help(suggestion(key, known));
    }
    if message.starts_with("unknown variant") {
        let value = quoted.first().copied().unwrap_or_default();
        let known = quoted.get(1..).unwrap_or_default().iter().copied();
        return Diagnostic::new(format!("`{value}` is none of the values of this key"))
            .at(&place, "")
            .help(suggestion(value, known));
    }
    if message.starts_with("missing field") {
        let key = quoted.first().copied().unwrap_or_default();
        return Diagnostic::new(format!("the key `{key}` is missing")).at(&place, "it belongs here");
    }
    let typed = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = typed.and_then(|rest| rest.split_once(", expected ")) {
        return Diagnostic::new(format!("expected {}", expected_form(expected)))
            .at(&place, format!("this is {}", found_form(found)));
    }
    Diagnostic::new(message.replace('\n', ", ")).at(&place, "")
}

fn expected_form(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        "path string" => "a string",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

fn found_form(found: &str) -> String {
    match found.split_once(' ').map_or(found, |(word, _)| word) {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        "integer" => format!("an {found}"),
        "string" => "a string".to_owned(),
        _ => format!("a {found}"),
    }
}
