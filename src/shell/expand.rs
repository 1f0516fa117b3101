//! Expansions (POSIX.1-2024, XCU 2.6): from words to fields, texts and patterns.

use std::rc::Rc;

use super::arithmetic::{self, Numbers};
use super::fields::{Field, Piece, split};
use super::flow::Flow;
use super::interpreter::Shell;
use super::state::State;
use super::streams;
use super::syntax::{IfUnset, List, Operation, Parameter, Part, Text, Word};
use crate::tree::pattern::{Backslash, matches};

/// What a parameter stands for.
enum Value {
    Unset,
    One(Text),
    /// The positional parameters; with `@` each is a field of its own.
    All {
        apart: bool,
    },
}

/// How a word is expanded.
#[derive(Clone, Copy)]
struct Manner {
    quoted: bool,
    /// Whether what comes from expansions is split.
    split: bool,
    /// Whether what stands there is too: it is the word of a parameter that is split.
    inside: bool,
}

impl Manner {
    const SPLIT: Self = Self { quoted: false, split: true, inside: false };
    const WHOLE: Self = Self { quoted: false, split: false, inside: false };
}

impl Shell<'_> {
    /// The fields that words come to, names of files put in for patterns.
    pub(super) fn fields(&mut self, words: &[Word]) -> Result<Vec<Text>, Flow> {
        let mut texts = Vec::new();
        for word in words {
            let mut pieces = Vec::new();
            self.pieces(&word.parts, Manner::SPLIT, &mut pieces)?;
            for field in split(&pieces, &self.state.separators()) {
                let names = if field.is_pattern && !self.state.options.noglob {
                    self.pathnames(&field.pattern)?
                } else {
                    Vec::new()
                };
                if names.is_empty() { texts.push(field.text) } else { texts.extend(names) }
            }
        }
        Ok(texts)
    }

    /// What parts come to as one text, without splitting.
    pub(super) fn text(&mut self, parts: &[Part]) -> Result<Text, Flow> {
        Ok(self.field(parts)?.text)
    }

    /// What parts come to as a pattern: what is quoted means itself.
    pub(super) fn pattern(&mut self, parts: &[Part]) -> Result<Text, Flow> {
        Ok(self.field(parts)?.pattern)
    }

    fn field(&mut self, parts: &[Part]) -> Result<Field, Flow> {
        let mut pieces = Vec::new();
        self.pieces(parts, Manner::WHOLE, &mut pieces)?;
        Ok(Field::whole(&pieces))
    }

    fn pieces(&mut self, parts: &[Part], manner: Manner, pieces: &mut Vec<Piece>) -> Result<(), Flow> {
        for part in parts {
            match part {
                Part::Literal(text) => {
                    let split = manner.inside && manner.split && !manner.quoted;
                    pieces.push(Piece::Text { bytes: text.clone(), quoted: manner.quoted, split });
                }
                Part::Quoted(text) => pieces.push(Piece::Text { bytes: text.clone(), quoted: true, split: false }),
                Part::Double(inner) => {
                    let before = pieces.len();
                    self.pieces(inner, Manner { quoted: true, ..manner }, pieces)?;
                    // `"$@"` without parameters is no field, `""` is an empty one.
                    let positional = |part: &Part| matches!(part, Part::Parameter(one) if one.name == b"@");
                    if pieces.len() == before && !inner.iter().any(positional) {
                        pieces.push(Piece::Text { bytes: Text::new(), quoted: true, split: false });
                    }
                }
                Part::Tilde => {
                    let home = self.state.value(b"HOME").cloned().unwrap_or_else(|| b"~".to_vec());
                    pieces.push(Piece::Text { bytes: home, quoted: true, split: false });
                }
                Part::Parameter(parameter) => self.parameter(parameter, manner, pieces)?,
                Part::Substitution(list) => {
                    let output = self.substitution(list)?;
                    self.add(output, manner, pieces)?;
                }
                Part::Arithmetic(inner) => {
                    let expression = self.text(inner)?;
                    let value = arithmetic::evaluate(&expression, &mut self.state);
                    let value = value.or_else(|reason| self.fails(&reason))?;
                    self.add(value.to_string().into_bytes(), manner, pieces)?;
                }
            }
        }
        Ok(())
    }

    /// Adds what an expansion gave.
    fn add(&mut self, bytes: Text, manner: Manner, pieces: &mut Vec<Piece>) -> Result<(), Flow> {
        self.spend_bytes(bytes.len())?;
        pieces.push(Piece::Text { bytes, quoted: manner.quoted, split: manner.split && !manner.quoted });
        Ok(())
    }

    /// What the commands write, without the newlines at its end.
    fn substitution(&mut self, list: &Rc<List>) -> Result<Text, Flow> {
        let stream = streams::stream(streams::Open::Output(Text::new()));
        let status = self.subshell(|shell| {
            shell.state.streams.0.insert(1, Rc::clone(&stream));
            shell.list(list, false)
        })?;
        self.substituted = Some(status);
        let mut output = streams::taken(&stream);
        output.retain(|byte| *byte != 0);
        while output.last() == Some(&b'\n') {
            output.pop();
        }
        Ok(output)
    }

    fn parameter(&mut self, parameter: &Parameter, manner: Manner, pieces: &mut Vec<Piece>) -> Result<(), Flow> {
        let value = self.value(&parameter.name);
        match &parameter.operation {
            Operation::Value => {
                if matches!(value, Value::Unset) {
                    self.refuse_unset(&parameter.name)?;
                }
                self.put(value, manner, pieces)
            }
            Operation::Length => {
                let length = match value {
                    Value::Unset => {
                        self.refuse_unset(&parameter.name)?;
                        0
                    }
                    Value::One(text) => text.len(),
                    Value::All { .. } => self.state.arguments.len(),
                };
                self.add(length.to_string().into_bytes(), manner, pieces)
            }
            Operation::IfUnset { kind, colon, word } => {
                let is_there = match &value {
                    Value::Unset => false,
                    Value::One(text) => !colon || !text.is_empty(),
                    Value::All { .. } => match self.state.arguments.as_slice() {
                        [] => false,
                        [only] => !colon || !only.is_empty(),
                        _ => true,
                    },
                };
                match (kind, is_there) {
                    (IfUnset::Alternative, true) | (IfUnset::Default, false) => {
                        self.pieces(word, Manner { inside: true, ..manner }, pieces)
                    }
                    (IfUnset::Alternative, false) => Ok(()),
                    (_, true) => self.put(value, manner, pieces),
                    (IfUnset::Assign, false) => {
                        let text = self.text(word)?;
                        self.assign(&parameter.name, text.clone())?;
                        self.add(text, manner, pieces)
                    }
                    (IfUnset::Error, false) => {
                        let text = self.text(word)?;
                        let reason = if text.is_empty() { b"parameter not set".to_vec() } else { text };
                        let name = String::from_utf8_lossy(&parameter.name).into_owned();
                        self.fails(&format!("{name}: {}", String::from_utf8_lossy(&reason)))
                    }
                }
            }
            Operation::Trim { suffix, longest, pattern } => {
                let text = match value {
                    Value::Unset => {
                        self.refuse_unset(&parameter.name)?;
                        Text::new()
                    }
                    Value::One(text) => text,
                    Value::All { .. } => self.state.arguments.join(&b' '),
                };
                let pattern = self.pattern(pattern)?;
                let text = self.trimmed(&text, &pattern, *suffix, *longest)?;
                self.add(text, manner, pieces)
            }
            Operation::Bad => self.fails("Bad substitution"),
        }
    }

    fn refuse_unset(&mut self, name: &[u8]) -> Result<(), Flow> {
        if !self.state.options.nounset || matches!(name, b"@" | b"*") {
            return Ok(());
        }
        self.fails(&format!("{}: parameter not set", String::from_utf8_lossy(name)))
    }

    fn value(&self, name: &[u8]) -> Value {
        let state = &self.state;
        let number = |number: usize| Value::One(number.to_string().into_bytes());
        match name {
            b"@" => Value::All { apart: true },
            b"*" => Value::All { apart: false },
            b"#" => number(state.arguments.len()),
            b"?" => Value::One(state.status.to_string().into_bytes()),
            b"-" => Value::One(state.letters()),
            // No process has another number, and none runs beside it.
            b"$" => number(1),
            b"!" => Value::Unset,
            b"0" => Value::One(state.name.clone()),
            b"LINENO" => Value::One(state.line.to_string().into_bytes()),
            [digit, ..] if digit.is_ascii_digit() => {
                let index = std::str::from_utf8(name).ok().and_then(|digits| digits.parse::<usize>().ok());
                let argument = index.and_then(|index| state.arguments.get(index.checked_sub(1)?));
                argument.map_or(Value::Unset, |text| Value::One(text.clone()))
            }
            _ => state.value(name).map_or(Value::Unset, |text| Value::One(text.clone())),
        }
    }

    fn put(&mut self, value: Value, manner: Manner, pieces: &mut Vec<Piece>) -> Result<(), Flow> {
        match value {
            Value::Unset => {
                // Nothing in quotes is an empty text all the same.
                if manner.quoted { self.add(Text::new(), manner, pieces) } else { Ok(()) }
            }
            Value::One(text) => self.add(text, manner, pieces),
            Value::All { apart } if manner.split && (apart || !manner.quoted) => {
                for (index, argument) in self.state.arguments.clone().into_iter().enumerate() {
                    if index > 0 {
                        pieces.push(Piece::Break);
                    }
                    self.add(argument, manner, pieces)?;
                }
                Ok(())
            }
            Value::All { .. } => {
                let separator: Text = match self.state.value(b"IFS") {
                    None => b" ".to_vec(),
                    Some(separators) => separators.iter().take(1).copied().collect(),
                };
                let joined = self.state.arguments.join(separator.as_slice());
                self.add(joined, manner, pieces)
            }
        }
    }

    /// `text` without the part at one end that matches.
    fn trimmed(&mut self, text: &[u8], pattern: &[u8], suffix: bool, longest: bool) -> Result<Text, Flow> {
        let lengths: Box<dyn Iterator<Item = usize>> =
            if longest { Box::new((0..=text.len()).rev()) } else { Box::new(0..=text.len()) };
        for length in lengths {
            self.spend_bytes(length)?;
            let (part, rest) = if suffix {
                let (rest, part) = text.split_at(text.len() - length);
                (part, rest)
            } else {
                text.split_at(length)
            };
            if matches(pattern, part, Backslash::Escapes) {
                return Ok(rest.to_vec());
            }
        }
        Ok(text.to_vec())
    }
}

impl Numbers for State {
    fn get(&self, name: &[u8]) -> Option<Text> {
        self.value(name).cloned()
    }

    fn set(&mut self, name: &[u8], value: i64) -> Result<(), String> {
        let variable = self.variables.entry(name.to_vec()).or_default();
        if variable.readonly {
            return Err(format!("{}: is read only", String::from_utf8_lossy(name)));
        }
        variable.value = Some(value.to_string().into_bytes());
        Ok(())
    }
}
