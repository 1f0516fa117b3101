//! The script of sed(1), read.

use crate::commands::answer::{refused, shown};
use crate::shell::{Text, WorldError};

use super::pattern::{Form, Pattern};

pub(super) enum Address {
    Line(usize),
    Last,
    /// None is the pattern that was used last.
    Match(Option<Box<Pattern>>),
    Step(usize, usize),
    /// As an end: so many lines more, or up to a multiple.
    More(usize),
}

pub(super) struct Command {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
}

pub(super) enum Action {
    /// With the place of the command behind its end.
    Begin(usize),
    Nothing,
    Append(Text),
    Insert(Text),
    Change(Text),
    Branch(Jump, Text, usize),
    Delete,
    DeleteFirst,
    Hold {
        append: bool,
    },
    Get {
        append: bool,
    },
    Exchange,
    Next {
        append: bool,
    },
    Print {
        first: bool,
    },
    Quit {
        print: bool,
        status: i32,
    },
    Read(Text),
    LineNumber,
    Substitute {
        pattern: Option<Box<Pattern>>,
        with: Vec<Piece>,
        number: usize,
        all: bool,
        print: bool,
    },
    Translate(Box<[u8; 256]>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Jump {
    Always,
    IfReplaced,
    IfNotReplaced,
}

/// A part of what stands in a match's place.
pub(super) enum Piece {
    Text(Text),
    Group(usize),
}

pub(super) fn read(script: &[u8], extended: bool) -> Result<Vec<Command>, WorldError> {
    let mut reader = Reader { script, at: 0, extended };
    let mut commands = Vec::new();
    let mut blocks: Vec<usize> = Vec::new();
    let mut labels: Vec<(Text, usize)> = Vec::new();
    loop {
        reader.skip(b" \t\n;");
        if reader.at >= script.len() {
            break;
        }
        if reader.peek() == Some(b'#') {
            reader.line();
            continue;
        }
        let from = reader.address()?;
        reader.skip(b" \t");
        let to = match (&from, reader.peek()) {
            (Some(_), Some(b',')) => {
                reader.at += 1;
                reader.skip(b" \t");
                let to = reader.address()?;
                if to.is_none() {
                    return reader.wrong("has a range without its end");
                }
                to
            }
            _ => None,
        };
        reader.skip(b" \t");
        let negated = reader.peek() == Some(b'!');
        reader.at += usize::from(negated);
        reader.skip(b" \t!");
        let Some(letter) = reader.peek() else { return reader.wrong("lacks a command") };
        reader.at += 1;
        let action = match letter {
            b'{' => {
                blocks.push(commands.len());
                Action::Begin(0)
            }
            b'}' => {
                let Some(begin) = blocks.pop() else { return reader.wrong("has a `}` too many") };
                let end = commands.len();
                if let Some(Command { action: Action::Begin(at), .. }) = commands.get_mut(begin) {
                    *at = end;
                }
                Action::Nothing
            }
            b':' => {
                reader.skip(b" \t");
                labels.push((reader.word(b" \t;\n"), commands.len()));
                Action::Nothing
            }
            letter => reader.action(letter)?,
        };
        commands.push(Command { from, to, negated, action });
    }
    if !blocks.is_empty() {
        return reader.wrong("has a `{` without its end");
    }
    let end = commands.len();
    for command in &mut commands {
        if let Action::Branch(_, label, to) = &mut command.action {
            *to = match labels.iter().find(|(name, _)| name == label) {
                Some((_, at)) => *at,
                None if label.is_empty() => end,
                None => return refused(format!("`sed` has no label `{}`", shown(label))),
            };
        }
    }
    Ok(commands)
}

struct Reader<'s> {
    script: &'s [u8],
    at: usize,
    extended: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.script.get(self.at).copied()
    }

    fn skip(&mut self, letters: &[u8]) {
        while self.peek().is_some_and(|byte| letters.contains(&byte)) {
            self.at += 1;
        }
    }

    fn wrong<T>(&self, what: &str) -> Result<T, WorldError> {
        refused(format!("the script of sed `{}` {what}", shown(self.script)))
    }

    fn line(&mut self) -> Text {
        let word = self.word(b"\n");
        self.at += usize::from(self.peek().is_some());
        word
    }

    fn word(&mut self, ends: &[u8]) -> Text {
        let start = self.at;
        while self.peek().is_some_and(|byte| !ends.contains(&byte)) {
            self.at += 1;
        }
        self.script[start..self.at].to_vec()
    }

    fn number(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.script[start..self.at]).parse().unwrap_or(usize::MAX)
    }

    fn address(&mut self) -> Result<Option<Address>, WorldError> {
        let address = match self.peek() {
            Some(b'0'..=b'9') => {
                let first = self.number();
                if self.peek() == Some(b'~') {
                    self.at += 1;
                    Address::Step(first, self.number())
                } else {
                    Address::Line(first)
                }
            }
            Some(b'+') => {
                self.at += 1;
                Address::More(self.number())
            }
            Some(b'$') => {
                self.at += 1;
                Address::Last
            }
            Some(delimiter @ (b'/' | b'\\')) => {
                self.at += 1;
                let delimiter = if delimiter == b'\\' {
                    let Some(own) = self.peek() else { return self.wrong("ends with a backslash") };
                    self.at += 1;
                    own
                } else {
                    delimiter
                };
                let pattern = self.delimited(delimiter, true)?;
                let any_case = self.peek() == Some(b'I');
                self.at += usize::from(any_case);
                Address::Match(self.pattern(&pattern, any_case)?)
            }
            _ => return Ok(None),
        };
        Ok(Some(address))
    }

    fn pattern(&self, pattern: &[u8], any_case: bool) -> Result<Option<Box<Pattern>>, WorldError> {
        if pattern.is_empty() {
            return Ok(None);
        }
        let form = Form { extended: self.extended, any_case, ..Form::default() };
        Pattern::new(pattern, form).map(|pattern| Some(Box::new(pattern)))
    }

    /// Up to the delimiter, which stands for itself behind a backslash, and in a set of a pattern.
    fn delimited(&mut self, delimiter: u8, is_pattern: bool) -> Result<Text, WorldError> {
        let mut text = Text::new();
        let mut in_set = false;
        loop {
            let Some(byte) = self.peek() else { return self.wrong("has an expression without its end") };
            self.at += 1;
            match byte {
                b'\\' if !in_set => {
                    let Some(next) = self.peek() else { return self.wrong("ends with a backslash") };
                    self.at += 1;
                    if next == delimiter {
                        // Of a letter that means something else behind a backslash nobody can say what is meant.
                        if is_pattern && b"(){}|+?<>".contains(&next) {
                            return self.wrong("has a delimiter that means something in patterns");
                        }
                        if is_pattern && b".*[]^$".contains(&next) {
                            text.push(b'\\');
                        }
                        text.push(next);
                    } else if is_pattern && next == b'\n' {
                        text.push(b'\n');
                    } else if is_pattern && next == b'r' {
                        text.push(b'\r');
                    } else {
                        text.extend([b'\\', next]);
                    }
                }
                byte if byte == delimiter && !in_set => return Ok(text),
                byte => {
                    if is_pattern && byte == b'[' && !in_set {
                        in_set = true;
                        text.push(byte);
                        // A `]` that comes first is a member.
                        for member in [b'^', b']'] {
                            if self.peek() == Some(member) {
                                text.push(member);
                                self.at += 1;
                            }
                        }
                        continue;
                    }
                    if in_set && byte == b'[' && matches!(self.peek(), Some(b':' | b'.' | b'=')) {
                        let kind = self.peek().unwrap_or_default();
                        let end = self.script[self.at..].windows(2).position(|pair| pair == [kind, b']']);
                        let Some(end) = end else { return self.wrong("has a class without its end") };
                        text.push(byte);
                        text.extend_from_slice(&self.script[self.at..self.at + end + 2]);
                        self.at += end + 2;
                        continue;
                    }
                    if in_set && byte == b']' {
                        in_set = false;
                    }
                    if in_set && byte == b'\\' && self.peek() == Some(b'n') {
                        self.at += 1;
                        text.push(b'\n');
                        continue;
                    }
                    if in_set && byte == b'\\' && self.peek() == Some(b't') {
                        self.at += 1;
                        text.push(b'\t');
                        continue;
                    }
                    text.push(byte);
                }
            }
        }
    }

    fn action(&mut self, letter: u8) -> Result<Action, WorldError> {
        let action = match letter {
            b'a' => Action::Append(self.text()?),
            b'i' => Action::Insert(self.text()?),
            b'c' => Action::Change(self.text()?),
            b'b' | b't' | b'T' => {
                let jump = match letter {
                    b'b' => Jump::Always,
                    b't' => Jump::IfReplaced,
                    _ => Jump::IfNotReplaced,
                };
                self.skip(b" \t");
                Action::Branch(jump, self.word(b" \t;\n}"), 0)
            }
            b'd' => Action::Delete,
            b'D' => Action::DeleteFirst,
            b'h' | b'H' => Action::Hold { append: letter == b'H' },
            b'g' | b'G' => Action::Get { append: letter == b'G' },
            b'x' => Action::Exchange,
            b'n' | b'N' => Action::Next { append: letter == b'N' },
            b'p' | b'P' => Action::Print { first: letter == b'P' },
            b'q' | b'Q' => {
                self.skip(b" \t");
                let status = if self.peek().is_some_and(|byte| byte.is_ascii_digit()) { self.number() } else { 0 };
                Action::Quit { print: letter == b'q', status: i32::try_from(status).unwrap_or(255) & 255 }
            }
            b'r' => {
                self.skip(b" \t");
                Action::Read(self.line())
            }
            b'=' => Action::LineNumber,
            b's' => return self.substitute(),
            b'y' => return self.translate(),
            other => return self.wrong(&format!("has the command `{}`, which is not known here", char::from(other))),
        };
        if !matches!(action, Action::Append(_) | Action::Insert(_) | Action::Change(_) | Action::Read(_)) {
            self.end()?;
        }
        Ok(action)
    }

    /// What may stand behind a command.
    fn end(&mut self) -> Result<(), WorldError> {
        self.skip(b" \t");
        match self.peek() {
            None | Some(b';' | b'\n' | b'}' | b'#') => Ok(()),
            Some(_) => self.wrong("has letters behind a command"),
        }
    }

    /// The text of `a`, `i` and `c`: behind a backslash and a line end, or on the same line.
    fn text(&mut self) -> Result<Text, WorldError> {
        self.skip(b" \t");
        if self.peek() == Some(b'\\') {
            self.at += 1;
            self.skip(b" \t");
            if self.peek() == Some(b'\n') {
                self.at += 1;
            }
        }
        let mut text = Text::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => {
                    // A backslash goes, and keeps what is behind it, a line end too.
                    text.extend(self.peek());
                    self.at += 1;
                }
                b'\n' => break,
                byte => text.push(byte),
            }
        }
        text.push(b'\n');
        Ok(text)
    }

    fn substitute(&mut self) -> Result<Action, WorldError> {
        let Some(delimiter) = self.peek() else { return self.wrong("lacks what is to be replaced") };
        self.at += 1;
        let pattern = self.delimited(delimiter, true)?;
        let replacement = self.delimited(delimiter, false)?;
        let (mut number, mut all, mut print, mut any_case) = (1, false, false, false);
        loop {
            match self.peek() {
                Some(b'g') => all = true,
                Some(b'p') => print = true,
                Some(b'i' | b'I') => any_case = true,
                Some(b'0'..=b'9') => {
                    number = self.number();
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        self.end()?;
        let pattern = self.pattern(&pattern, any_case)?;
        let with = self.pieces(&replacement)?;
        Ok(Action::Substitute { pattern, with, number, all, print })
    }

    fn pieces(&self, replacement: &[u8]) -> Result<Vec<Piece>, WorldError> {
        let mut pieces = Vec::new();
        let mut text = Text::new();
        let mut bytes = replacement.iter().copied();
        while let Some(byte) = bytes.next() {
            let group = match byte {
                b'&' => 0,
                b'\\' => match bytes.next() {
                    Some(digit @ b'0'..=b'9') => usize::from(digit - b'0'),
                    Some(b'n') => {
                        text.push(b'\n');
                        continue;
                    }
                    Some(b't') => {
                        text.push(b'\t');
                        continue;
                    }
                    Some(letter) if letter.is_ascii_alphabetic() => {
                        return self.wrong(&format!(
                            "has `\\{}` in a replacement, which is not known here",
                            char::from(letter)
                        ));
                    }
                    Some(other) => {
                        text.push(other);
                        continue;
                    }
                    None => return self.wrong("ends with a backslash"),
                },
                byte => {
                    text.push(byte);
                    continue;
                }
            };
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Group(group));
        }
        pieces.push(Piece::Text(text));
        Ok(pieces)
    }

    fn translate(&mut self) -> Result<Action, WorldError> {
        let Some(delimiter) = self.peek() else { return self.wrong("lacks what is to be replaced") };
        self.at += 1;
        let plain = |text: Text| -> Text {
            let mut plain = Text::new();
            let mut bytes = text.into_iter();
            while let Some(byte) = bytes.next() {
                match byte {
                    b'\\' => plain.push(match bytes.next() {
                        Some(b'n') => b'\n',
                        Some(other) => other,
                        None => b'\\',
                    }),
                    byte => plain.push(byte),
                }
            }
            plain
        };
        let from = plain(self.delimited(delimiter, false)?);
        let to = plain(self.delimited(delimiter, false)?);
        if from.len() != to.len() {
            return self.wrong("translates sets of different lengths");
        }
        let mut table = Box::new([0_u8; 256]);
        for byte in 0..=255_u8 {
            let place = from.iter().position(|one| *one == byte);
            table[usize::from(byte)] = place.map_or(byte, |at| to[at]);
        }
        self.end()?;
        Ok(Action::Translate(table))
    }
}
