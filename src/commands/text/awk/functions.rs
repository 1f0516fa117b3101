//! The functions that awk has for texts and numbers.

use crate::commands::answer::refused;
use crate::commands::text::pattern::Pattern as Regex;
use crate::shell::{Text, WorldError};

use super::expression::{count_number, whole};
use super::run::Run;
use super::syntax::Expression;
use super::value::{Value, general};

impl<'p> Run<'p> {
    pub(super) fn call(&mut self, name: &str, arguments: &'p [Expression]) -> Result<Value, WorldError> {
        let text = |run: &mut Self, index: usize| match arguments.get(index) {
            Some(argument) => run.value(argument).map(|value| value.text()),
            None => Ok(String::new()),
        };
        Ok(match (name, arguments) {
            ("length", []) => Value::Number(count_number(self.fields[0].len())),
            ("length", [Expression::Variable(array)]) if self.arrays.contains_key(array) => {
                Value::Number(count_number(self.arrays[array].len()))
            }
            ("length", [_]) => Value::Number(count_number(text(self, 0)?.len())),
            ("tolower", [_]) => Value::Text(text(self, 0)?.to_ascii_lowercase()),
            ("toupper", [_]) => Value::Text(text(self, 0)?.to_ascii_uppercase()),
            ("int", [value]) => Value::Number(self.value(value)?.number().trunc()),
            ("index", [_, _]) => {
                let (whole, part) = (text(self, 0)?, text(self, 1)?);
                Value::Number(whole.find(&part).map_or(0.0, |at| count_number(at + 1)))
            }
            ("substr", [_, start, rest @ ..]) => {
                let whole_text = text(self, 0)?;
                let start = self.value(start)?.number().round();
                let length = match rest.first() {
                    Some(length) => self.value(length)?.number().round(),
                    None => f64::INFINITY,
                };
                let kept = whole_text.bytes().enumerate().filter(|(at, _)| {
                    let place = count_number(at + 1);
                    place >= start && place < start + length
                });
                let bytes: Vec<u8> = kept.map(|(_, byte)| byte).collect();
                Value::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
            ("split", [_, Expression::Variable(array), rest @ ..]) => {
                let whole_text = text(self, 0)?;
                let separator = match rest.first() {
                    Some(Expression::Pattern(pattern)) => Some(pattern.clone()),
                    Some(separator) => Some(self.value(separator)?.text()),
                    None => None,
                };
                let parts = self.split(&whole_text, separator.as_deref())?;
                let count = parts.len();
                let elements =
                    parts.into_iter().enumerate().map(|(at, part)| ((at + 1).to_string(), Value::Input(part)));
                self.arrays.insert(array.clone(), elements.collect());
                Value::Number(count_number(count))
            }
            ("sprintf", _) => Value::Text(self.formatted(arguments)?),
            ("match", [_, pattern]) => {
                let whole_text = text(self, 0)?;
                let pattern = self.pattern_of(pattern)?;
                let found =
                    pattern.find(whole_text.as_bytes(), 0)?.and_then(|groups| groups.first().copied().flatten());
                let (start, length) =
                    found.map_or((0.0, -1.0), |(from, to)| (count_number(from + 1), count_number(to - from)));
                self.variables.insert("RSTART".to_owned(), Value::Number(start));
                self.variables.insert("RLENGTH".to_owned(), Value::Number(length));
                Value::Number(start)
            }
            ("sub" | "gsub", [pattern, with, rest @ ..]) => {
                let pattern = self.pattern_of(pattern)?;
                let with = self.value(with)?.text();
                let old = match rest.first() {
                    Some(place) => self.value(place)?.text(),
                    None => self.fields[0].clone(),
                };
                let (new, count) = replaced(&pattern, &with, &old, name == "gsub")?;
                if count > 0 {
                    match rest.first() {
                        Some(place) => self.put(place, Value::Text(new))?,
                        None => self.set_record(new)?,
                    }
                }
                Value::Number(count_number(count))
            }
            _ => return refused(format!("`{name}` of awk is not done here")),
        })
    }

    pub(super) fn formatted(&mut self, values: &'p [Expression]) -> Result<String, WorldError> {
        let values = values.iter().map(|value| self.value(value)).collect::<Result<Vec<_>, _>>()?;
        let Some((format, values)) = values.split_first() else { return refused("`printf` of awk lacks its format") };
        let format = format.text();
        let mut values = values.iter();
        let mut output = String::new();
        let mut letters = format.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                output.push(letter);
                continue;
            }
            let mut form = String::new();
            while let Some(next) = letters.next_if(|next| "-+ 0#.123456789".contains(*next)) {
                form.push(next);
            }
            let left = form.contains('-');
            let zero = form.trim_start_matches(['-', '+', ' ', '#']).starts_with('0') && !left;
            let body = form.trim_start_matches(['-', '+', ' ', '#', '0']);
            let (width, precision) =
                body.split_once('.').map_or((body, None), |(width, precision)| (width, Some(precision)));
            let width: usize = width.parse().unwrap_or(0).min(10_000);
            let precision: Option<usize> = precision.map(|digits| digits.parse().unwrap_or(0).min(1000));
            let mut value = || values.next().cloned().unwrap_or(Value::None);
            let text = match letters.next() {
                Some('%') => {
                    output.push('%');
                    continue;
                }
                Some('d' | 'i') => {
                    let number = value().number().trunc();
                    format!("{:.0}", if number == 0.0 { 0.0 } else { number })
                }
                Some('s') => {
                    let text = value().text();
                    match precision {
                        Some(most) => text.chars().take(most).collect(),
                        None => text,
                    }
                }
                Some('c') => match value() {
                    Value::Number(number) => char::from(u8::try_from(whole(number)).unwrap_or(0)).to_string(),
                    other => other.text().chars().take(1).collect(),
                },
                Some('f') => format!("{:.*}", precision.unwrap_or(6), value().number()),
                Some('g') => general(value().number(), precision.unwrap_or(6)),
                Some('x') => format!("{:x}", whole(value().number())),
                Some('X') => format!("{:X}", whole(value().number())),
                Some('o') => format!("{:o}", whole(value().number())),
                other => return refused(format!("`%{}` of awk is not done here", other.unwrap_or_default())),
            };
            output.push_str(&match (left, zero) {
                (true, _) => format!("{text:<width$}"),
                (false, true) if text.starts_with('-') => format!("-{:0>1$}", &text[1..], width.saturating_sub(1)),
                (false, true) => format!("{text:0>width$}"),
                (false, false) => format!("{text:>width$}"),
            });
        }
        Ok(output)
    }
}

/// `sub` and `gsub`: `&` is the match, `\&` a plain `&`.
pub(super) fn replaced(pattern: &Regex, with: &str, old: &str, all: bool) -> Result<(String, usize), WorldError> {
    let bytes = old.as_bytes();
    let (mut output, mut at, mut count, mut behind) = (Text::new(), 0, 0, None);
    while at <= bytes.len() {
        let Some((from, to)) = pattern.find(bytes, at)?.and_then(|groups| groups.first().copied().flatten()) else {
            break;
        };
        output.extend_from_slice(&bytes[at..from]);
        if !(from == to && behind == Some(from)) {
            count += 1;
            let mut letters = with.bytes().peekable();
            while let Some(letter) = letters.next() {
                match letter {
                    b'\\' if matches!(letters.peek(), Some(b'&' | b'\\')) => output.extend(letters.next()),
                    b'&' => output.extend_from_slice(&bytes[from..to]),
                    letter => output.push(letter),
                }
            }
        }
        behind = Some(to);
        at = to;
        if from == to {
            output.extend(bytes.get(from));
            at += 1;
        }
        if !all {
            break;
        }
    }
    output.extend_from_slice(bytes.get(at..).unwrap_or_default());
    Ok((String::from_utf8_lossy(&output).into_owned(), count))
}
