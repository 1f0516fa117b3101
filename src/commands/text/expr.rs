//! expr(1).

use std::cmp::Ordering;

use crate::commands::answer::{Answer, failed, refused, shown};
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text, WorldError};

use super::pattern::{Form, Pattern};

/// How deep parentheses may stand in each other.
const DEPTH: usize = 100;

/// `expr EXPRESSION`: status 1 where the value is empty or 0.
pub(super) fn expr(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let mut words = call.arguments;
    if words.first().is_some_and(|word| word == b"--") {
        words = &words[1..];
    }
    let mut reader = Reader { words, at: 0, depth: 0 };
    let value = match reader.any() {
        Ok(value) => value,
        Err(WorldError::Failed(reason)) => {
            return Ok(Outcome { status: 2, errors: format!("expr: {reason}\n").into_bytes(), ..Outcome::default() });
        }
        Err(error) => return Err(error),
    };
    if words.is_empty() || reader.at < words.len() {
        return Ok(Outcome { status: 2, errors: b"expr: syntax error\n".to_vec(), ..Outcome::default() });
    }
    let status = i32::from(is_nothing(&value));
    Ok(Outcome { status, output: [value.as_slice(), b"\n"].concat(), ..Outcome::default() })
}

fn is_nothing(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    value.is_empty() || (!digits.is_empty() && digits.iter().all(|byte| *byte == b'0'))
}

struct Reader<'w> {
    words: &'w [Text],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn taken(&mut self, operators: &[&str]) -> Option<String> {
        let word = self.words.get(self.at)?;
        let found = operators.iter().find(|operator| operator.as_bytes() == word)?;
        self.at += 1;
        Some((*found).to_owned())
    }

    fn any(&mut self) -> Result<Text, WorldError> {
        let mut value = self.all()?;
        while self.taken(&["|"]).is_some() {
            let other = self.all()?;
            if is_nothing(&value) {
                value = if is_nothing(&other) { b"0".to_vec() } else { other };
            }
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<Text, WorldError> {
        let mut value = self.comparison()?;
        while self.taken(&["&"]).is_some() {
            let other = self.comparison()?;
            if is_nothing(&value) || is_nothing(&other) {
                value = b"0".to_vec();
            }
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<Text, WorldError> {
        let mut value = self.sum()?;
        while let Some(operator) = self.taken(&["<", "<=", "=", "==", "!=", ">=", ">"]) {
            let other = self.sum()?;
            let order = match (number(&value), number(&other)) {
                (Some(one), Some(other)) => one.cmp(&other),
                _ => value.cmp(&other),
            };
            let holds = match operator.as_str() {
                "<" => order == Ordering::Less,
                "<=" => order != Ordering::Greater,
                ">=" => order != Ordering::Less,
                ">" => order == Ordering::Greater,
                "!=" => order != Ordering::Equal,
                _ => order == Ordering::Equal,
            };
            value = if holds { b"1".to_vec() } else { b"0".to_vec() };
        }
        Ok(value)
    }

    fn sum(&mut self) -> Result<Text, WorldError> {
        let mut value = self.product()?;
        while let Some(operator) = self.taken(&["+", "-"]) {
            let other = self.product()?;
            value = calculated(&value, &operator, &other)?;
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<Text, WorldError> {
        let mut value = self.matched()?;
        while let Some(operator) = self.taken(&["*", "/", "%"]) {
            let other = self.matched()?;
            value = calculated(&value, &operator, &other)?;
        }
        Ok(value)
    }

    fn matched(&mut self) -> Result<Text, WorldError> {
        let mut value = self.one()?;
        while self.taken(&[":"]).is_some() {
            let pattern = self.one()?;
            value = anchored(&value, &pattern)?;
        }
        Ok(value)
    }

    fn one(&mut self) -> Result<Text, WorldError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return refused("`expr` goes too deep");
        }
        let value = self.value();
        self.depth -= 1;
        value
    }

    fn value(&mut self) -> Result<Text, WorldError> {
        if self.taken(&["("]).is_some() {
            let value = self.any()?;
            return if self.taken(&[")"]).is_some() { Ok(value) } else { failed("syntax error: expecting ')'") };
        }
        if self.taken(&["length"]).is_some() {
            return Ok(self.one()?.len().to_string().into_bytes());
        }
        if self.taken(&["match"]).is_some() {
            let text = self.one()?;
            return anchored(&text, &self.one()?);
        }
        if let Some(word) = self.taken(&["substr", "index"]) {
            return refused(format!("`expr {word}` is not done here"));
        }
        let _ = self.taken(&["+"]);
        let Some(word) = self.words.get(self.at) else { return failed("syntax error: missing argument") };
        self.at += 1;
        Ok(word.clone())
    }
}

fn number(text: &[u8]) -> Option<i64> {
    str::from_utf8(text).ok()?.parse().ok()
}

fn calculated(one: &[u8], operator: &str, other: &[u8]) -> Result<Text, WorldError> {
    let (Some(one), Some(other)) = (number(one), number(other)) else { return failed("non-integer argument") };
    let value = match operator {
        "+" => one.checked_add(other),
        "-" => one.checked_sub(other),
        "*" => one.checked_mul(other),
        _ if other == 0 => return failed("division by zero"),
        "/" => one.checked_div(other),
        _ => one.checked_rem(other),
    };
    value.map_or_else(|| failed("the number is too large"), |value| Ok(value.to_string().into_bytes()))
}

/// A match at the start: what its first group holds, or how long it is where it has none.
fn anchored(text: &[u8], pattern: &[u8]) -> Result<Text, WorldError> {
    let has_group = pattern.windows(2).any(|pair| pair == b"\\(");
    let anchored = if pattern.starts_with(b"^") { pattern.to_vec() } else { [b"^", pattern].concat() };
    let groups = Pattern::new(&anchored, Form::default())
        .or_else(|error| match error {
            WorldError::Refused(reason) => refused(format!("{} of `expr`: {reason}", shown(pattern))),
            error => Err(error),
        })?
        .find(text, 0)?;
    let group = groups.as_ref().and_then(|groups| groups.get(usize::from(has_group)).copied().flatten());
    Ok(match (group, has_group) {
        (Some((from, to)), true) => text[from..to].to_vec(),
        (Some((from, to)), false) => (to - from).to_string().into_bytes(),
        (None, true) => Text::new(),
        (None, false) => b"0".to_vec(),
    })
}
