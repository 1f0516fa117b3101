//! Letters to tokens and words (POSIX.1-2024, XCU 2.2, 2.3, 2.6 and 2.7.4). What is quoted and what is expanded is settled
//! here once and for all.

use std::rc::Rc;

use super::parser::{Awaited, Parser, SyntaxError, Token, parse_at};
use super::syntax::{IfUnset, Operation, Parameter, Part, Text, Word};

/// Operators, the longest first.
const OPERATORS: [&str; 16] =
    ["<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&", "|", ";", "<", ">", "("];

/// Where a word's letters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In no quotes.
    Bare,
    /// In `"…"`.
    Double,
    /// In the text of a here-document: as `"…"`, but `"` is a letter.
    Document,
    /// In `$((…))`, and in the braces of a parameter that is quoted itself, where `"` is passed over.
    Inner,
}

impl Parser<'_> {
    /// The next token and the line where it begins.
    pub(super) fn token(&mut self) -> Result<(Token, u32), SyntaxError> {
        loop {
            self.join_lines();
            match self.letter() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'#') => {
                    while self.letter().is_some_and(|letter| letter != b'\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let line = self.line;
        let Some(letter) = self.letter() else {
            self.documents()?;
            return Ok((Token::End, line));
        };
        if letter == b'\n' {
            self.at += 1;
            self.line += 1;
            self.documents()?;
            return Ok((Token::Newline, line));
        }
        if letter == b')' {
            self.at += 1;
            return Ok((Token::Operator(")"), line));
        }
        // A line may go on in the middle of an operator, but no script has that.
        if let Some(operator) = OPERATORS.iter().find(|operator| self.rest().starts_with(operator.as_bytes())) {
            self.at += operator.len();
            return Ok((Token::Operator(operator), line));
        }
        if let Some(number) = self.descriptor() {
            return Ok((Token::Descriptor(number), line));
        }
        Ok((Token::Word(self.word()?), line))
    }

    fn letter(&self) -> Option<u8> {
        self.script.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.script.get(self.at..).unwrap_or_default()
    }

    /// Passes over each backslash at the end of a line, and the end.
    fn join_lines(&mut self) {
        while self.rest().starts_with(b"\\\n") {
            self.at += 2;
            self.line += 1;
        }
    }

    /// Digits right before `<` or `>`.
    fn descriptor(&mut self) -> Option<u32> {
        let digits = self.rest().iter().take_while(|letter| letter.is_ascii_digit()).count();
        let follows = self.rest().get(digits).is_some_and(|letter| matches!(letter, b'<' | b'>'));
        if digits == 0 || !follows {
            return None;
        }
        let number = std::str::from_utf8(&self.rest()[..digits]).ok()?.parse().ok()?;
        self.at += digits;
        Some(number)
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        let start = self.at;
        let mut parts = Vec::new();
        if self.letter() == Some(b'~')
            && matches!(self.script.get(self.at + 1), None | Some(b'/' | b' ' | b'\t' | b'\n' | b';' | b')'))
        {
            self.at += 1;
            parts.push(Part::Tilde);
        }
        loop {
            self.join_lines();
            match self.letter() {
                None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => break,
                Some(_) => self.part(Place::Bare, &mut parts)?,
            }
        }
        Ok(Word { parts, source: self.script[start..self.at].to_vec() })
    }

    /// Adds the next letter, or what stands in quotes or is expanded there.
    fn part(&mut self, place: Place, parts: &mut Vec<Part>) -> Result<(), SyntaxError> {
        let Some(letter) = self.letter() else { return Err(self.error("the script ends too early")) };
        match (letter, place) {
            (b'$', _) => self.dollar(place, parts),
            (b'`', _) => {
                let list = self.backquotes(place)?;
                parts.push(Part::Substitution(Rc::new(list)));
                Ok(())
            }
            (b'\\', _) => {
                self.backslash(place, parts);
                Ok(())
            }
            (b'\'', Place::Bare) => {
                self.at += 1;
                let end = self.rest().iter().position(|letter| *letter == b'\'');
                let Some(length) = end else { return Err(self.error("this `'` is not closed")) };
                let text = self.rest()[..length].to_vec();
                self.line += lines(&text);
                self.at += length + 1;
                parts.push(Part::Quoted(text));
                Ok(())
            }
            (b'"', Place::Bare) => {
                self.at += 1;
                let inner = self.deeper(|parser| parser.until(b'"', Place::Double))?;
                parts.push(Part::Double(inner));
                Ok(())
            }
            (b'"', Place::Inner) => {
                self.at += 1;
                Ok(())
            }
            _ => {
                self.at += 1;
                self.line += u32::from(letter == b'\n');
                literal(parts, letter);
                Ok(())
            }
        }
    }

    /// Parts up to the letter `end`, which is passed over.
    fn until(&mut self, end: u8, place: Place) -> Result<Vec<Part>, SyntaxError> {
        let (mut parts, began) = (Vec::new(), self.line);
        loop {
            if place == Place::Bare {
                self.join_lines();
            }
            match self.letter() {
                None => {
                    self.line = began;
                    return Err(self.error(format!("the `{}` that belongs here is missing", char::from(end))));
                }
                Some(letter) if letter == end => {
                    self.at += 1;
                    return Ok(parts);
                }
                Some(_) => self.part(place, &mut parts)?,
            }
        }
    }

    fn backslash(&mut self, place: Place, parts: &mut Vec<Part>) {
        let next = self.script.get(self.at + 1).copied();
        let quotes = match (next, place) {
            (None, _) => false,
            (Some(b'\n'), _) => {
                self.join_lines();
                return;
            }
            (Some(_), Place::Bare) => true,
            (Some(b'$' | b'`' | b'\\'), _) => true,
            (Some(b'"'), Place::Double | Place::Inner) | (Some(b'}'), Place::Inner) => true,
            (Some(_), _) => false,
        };
        self.at += 1;
        if let (true, Some(next)) = (quotes, next) {
            self.at += 1;
            parts.push(Part::Quoted(vec![next]));
        } else {
            literal(parts, b'\\');
        }
    }

    fn dollar(&mut self, place: Place, parts: &mut Vec<Part>) -> Result<(), SyntaxError> {
        self.at += 1;
        self.join_lines();
        let value = |name: Text| Part::Parameter(Box::new(Parameter { name, operation: Operation::Value }));
        match self.letter() {
            Some(b'(') if self.rest().starts_with(b"((") => {
                self.at += 2;
                let inner = self.deeper(Self::arithmetic)?;
                parts.push(Part::Arithmetic(inner));
            }
            Some(b'(') => {
                self.at += 1;
                let list = self.deeper(Self::substitution)?;
                parts.push(Part::Substitution(Rc::new(list)));
            }
            Some(b'{') => {
                self.at += 1;
                let parameter = self.deeper(|parser| parser.braces(place))?;
                parts.push(Part::Parameter(Box::new(parameter)));
            }
            Some(letter) if letter.is_ascii_digit() || is_special(letter) => {
                self.at += 1;
                parts.push(value(vec![letter]));
            }
            Some(letter) if letter.is_ascii_alphabetic() || letter == b'_' => {
                let name = self.name();
                parts.push(value(name));
            }
            _ => literal(parts, b'$'),
        }
        Ok(())
    }

    fn name(&mut self) -> Text {
        let length = self.rest().iter().take_while(|letter| letter.is_ascii_alphanumeric() || **letter == b'_').count();
        let name = self.rest()[..length].to_vec();
        self.at += length;
        name
    }

    /// The commands behind `$(`, and the `)`.
    fn substitution(&mut self) -> Result<super::syntax::List, SyntaxError> {
        // Documents that were announced before it have their text behind it.
        let outer = std::mem::take(&mut self.awaited);
        let list = self.list()?;
        match self.next()? {
            Token::Operator(")") => {}
            _ => return Err(self.error("the `)` of `$(` is missing")),
        }
        let inner = std::mem::replace(&mut self.awaited, outer);
        self.awaited.extend(inner);
        Ok(list)
    }

    /// What stands behind `$((`, up to `))`.
    fn arithmetic(&mut self) -> Result<Vec<Part>, SyntaxError> {
        let (mut parts, mut open) = (Vec::new(), 0);
        loop {
            match self.letter() {
                None => return Err(self.error("the `))` of `$((` is missing")),
                Some(b')') if open == 0 => {
                    if !self.rest().starts_with(b"))") {
                        return Err(self.error("the `))` of `$((` is missing"));
                    }
                    self.at += 2;
                    return Ok(parts);
                }
                Some(letter) => {
                    match letter {
                        b'(' => open += 1,
                        b')' => open -= 1,
                        _ => {}
                    }
                    self.part(Place::Inner, &mut parts)?;
                }
            }
        }
    }

    /// What stands behind `${`, up to `}`.
    fn braces(&mut self, place: Place) -> Result<Parameter, SyntaxError> {
        self.join_lines();
        let length =
            self.letter() == Some(b'#') && self.script.get(self.at + 1).is_some_and(|next| !b"}:-=?+%#".contains(next));
        if length {
            self.at += 1;
        }
        let name = match self.letter() {
            Some(letter) if is_special(letter) => {
                self.at += 1;
                vec![letter]
            }
            Some(letter) if letter.is_ascii_digit() => {
                let digits = self.rest().iter().take_while(|letter| letter.is_ascii_digit()).count();
                let number = self.rest()[..digits].to_vec();
                self.at += digits;
                number
            }
            _ => self.name(),
        };
        let operation = self.operation(place)?;
        let operation = match operation {
            Operation::Value if length => Operation::Length,
            _ if length || name.is_empty() => Operation::Bad,
            operation => operation,
        };
        Ok(Parameter { name, operation })
    }

    fn operation(&mut self, place: Place) -> Result<Operation, SyntaxError> {
        self.join_lines();
        let place = if place == Place::Bare { Place::Bare } else { Place::Inner };
        let colon = self.letter() == Some(b':');
        if colon {
            self.at += 1;
        }
        let kind = match self.letter() {
            Some(b'}') if !colon => {
                self.at += 1;
                return Ok(Operation::Value);
            }
            Some(b'-') => IfUnset::Default,
            Some(b'=') => IfUnset::Assign,
            Some(b'?') => IfUnset::Error,
            Some(b'+') => IfUnset::Alternative,
            Some(letter @ (b'%' | b'#')) if !colon => {
                self.at += 1;
                let longest = self.letter() == Some(letter);
                self.at += usize::from(longest);
                // A pattern has its own quotes, wherever it stands.
                let pattern = self.until(b'}', Place::Bare)?;
                return Ok(Operation::Trim { suffix: letter == b'%', longest, pattern });
            }
            _ => {
                self.until(b'}', place)?;
                return Ok(Operation::Bad);
            }
        };
        self.at += 1;
        let word = self.until(b'}', place)?;
        Ok(Operation::IfUnset { kind, colon, word })
    }

    /// The commands between backquotes.
    fn backquotes(&mut self, place: Place) -> Result<super::syntax::List, SyntaxError> {
        self.at += 1;
        let line = self.line;
        let mut inner = Text::new();
        loop {
            match self.letter() {
                None => return Err(self.error("this backquote is not closed")),
                Some(b'`') => break,
                Some(b'\\') => {
                    self.at += 1;
                    match self.letter() {
                        Some(b'\n') => {
                            self.line += 1;
                            self.at += 1;
                            continue;
                        }
                        Some(b'$' | b'`' | b'\\') => {}
                        Some(b'"') if place == Place::Double => {}
                        _ => inner.push(b'\\'),
                    }
                    if let Some(letter) = self.letter() {
                        inner.push(letter);
                        self.line += u32::from(letter == b'\n');
                        self.at += 1;
                    }
                }
                Some(letter) => {
                    inner.push(letter);
                    self.line += u32::from(letter == b'\n');
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.deeper(|_| parse_at(&inner, line))
    }

    /// Reads the texts of the here-documents that were announced on the line before.
    fn documents(&mut self) -> Result<(), SyntaxError> {
        for awaited in std::mem::take(&mut self.awaited) {
            let word = self.document(&awaited)?;
            // Each is announced once.
            let _ = awaited.body.set(word);
        }
        Ok(())
    }

    /// The lines up to the delimiter, or to the end of the script. A line inside of an expansion is none of them.
    fn document(&mut self, awaited: &Awaited) -> Result<Word, SyntaxError> {
        let mut word = Word::default();
        while self.letter().is_some() {
            if awaited.strip {
                self.at += self.rest().iter().take_while(|letter| **letter == b'\t').count();
            }
            let length = self.rest().iter().position(|letter| *letter == b'\n').unwrap_or(self.rest().len());
            if self.rest()[..length] == awaited.delimiter {
                self.at = (self.at + length + 1).min(self.script.len());
                self.line += 1;
                break;
            }
            let start = self.at;
            loop {
                let last = self.letter();
                if last.is_some() && awaited.quoted {
                    self.line += u32::from(last == Some(b'\n'));
                    self.at += 1;
                } else if last.is_some() {
                    self.part(Place::Document, &mut word.parts)?;
                }
                if matches!(last, None | Some(b'\n')) {
                    break;
                }
            }
            word.source.extend_from_slice(&self.script[start..self.at]);
        }
        if awaited.quoted {
            word.parts = vec![Part::Quoted(word.source.clone())];
        }
        Ok(word)
    }
}

fn is_special(letter: u8) -> bool {
    b"@*#?-$!".contains(&letter)
}

fn literal(parts: &mut Vec<Part>, letter: u8) {
    if let Some(Part::Literal(text)) = parts.last_mut() {
        text.push(letter);
    } else {
        parts.push(Part::Literal(vec![letter]));
    }
}

fn lines(text: &[u8]) -> u32 {
    u32::try_from(text.iter().filter(|letter| **letter == b'\n').count()).unwrap_or(u32::MAX)
}
