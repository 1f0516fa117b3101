//! A script's tokens, one ahead, and the ways to read a script: as a whole or line by line.

use std::cell::OnceCell;
use std::rc::Rc;

use super::syntax::{List, Text, Word};

/// Commands and words inside of each other; dash has no such limit, and no script comes near it.
const DEEPEST: usize = 100;

/// Why a text is no script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: u32,
    pub reason: String,
}

/// Reads a whole script.
pub fn parse(script: &[u8]) -> Result<List, SyntaxError> {
    parse_at(script, 1)
}

/// The commands of a script, line by line, as a shell reads them.
#[derive(Debug)]
pub(super) struct Lines<'a>(Parser<'a>);

impl<'a> Lines<'a> {
    /// `line` is the number of the first line.
    pub(super) fn new(script: &'a [u8], line: u32) -> Self {
        Self(Parser::new(script, line))
    }

    /// The commands up to the end of the next line that has any; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<List>, SyntaxError> {
        self.0.newlines()?;
        let mut items = Vec::new();
        loop {
            match self.0.peek()? {
                Token::End if items.is_empty() => return Ok(None),
                Token::End => return Ok(Some(List(items))),
                Token::Newline => {
                    self.0.next()?;
                    return Ok(Some(List(items)));
                }
                _ => {}
            }
            let mut item = self.0.item()?;
            item.background = self.0.take("&")?;
            let ended = item.background || self.0.take(";")?;
            items.push(item);
            if !ended && !matches!(self.0.peek()?, Token::Newline | Token::End) {
                let found = self.0.next()?;
                return Err(self.0.unexpected(&found));
            }
        }
    }
}

/// As [`parse`], for a script whose first line has this number.
pub(super) fn parse_at(script: &[u8], line: u32) -> Result<List, SyntaxError> {
    let mut parser = Parser::new(script, line);
    let list = parser.list()?;
    match parser.next()? {
        Token::End => Ok(list),
        other => Err(parser.unexpected(&other)),
    }
}

/// What a script is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// Digits before `<` or `>`.
    Descriptor(u32),
    Operator(&'static str),
    Newline,
    End,
}

/// A here-document whose text has not come yet.
#[derive(Debug)]
pub(super) struct Awaited {
    pub(super) delimiter: Text,
    pub(super) quoted: bool,
    pub(super) strip: bool,
    pub(super) body: Rc<OnceCell<Word>>,
}

#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) script: &'a [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) awaited: Vec<Awaited>,
    pub(super) depth: usize,
    /// The token that was looked at, and the line where it begins.
    peeked: Option<(Token, u32)>,
}

const RESERVED: [&[u8]; 16] = [
    b"!", b"{", b"}", b"case", b"do", b"done", b"elif", b"else", b"esac", b"fi", b"for", b"if", b"in", b"then",
    b"until", b"while",
];

impl<'a> Parser<'a> {
    pub(super) fn new(script: &'a [u8], line: u32) -> Self {
        Self { script, at: 0, line, awaited: Vec::new(), depth: 0, peeked: None }
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> SyntaxError {
        SyntaxError { line: self.line, reason: reason.into() }
    }

    pub(super) fn unexpected(&self, token: &Token) -> SyntaxError {
        self.error(match token {
            Token::Word(word) => format!("`{}` is not expected here", String::from_utf8_lossy(&word.source)),
            Token::Descriptor(number) => format!("`{number}` is not expected here"),
            Token::Operator(operator) => format!("`{operator}` is not expected here"),
            Token::Newline => "the line ends too early".to_owned(),
            Token::End => "the script ends too early".to_owned(),
        })
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(format!("more than {DEEPEST} commands and words inside of each other")));
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    pub(super) fn peek(&mut self) -> Result<&Token, SyntaxError> {
        if self.peeked.is_none() {
            let token = self.token()?;
            self.peeked = Some(token);
        }
        Ok(self.peeked.as_ref().map_or(&Token::End, |(token, _)| token))
    }

    /// The line where the next token begins.
    pub(super) fn line_of_next(&mut self) -> Result<u32, SyntaxError> {
        self.peek()?;
        Ok(self.peeked.as_ref().map_or(self.line, |(_, line)| *line))
    }

    pub(super) fn next(&mut self) -> Result<Token, SyntaxError> {
        match self.peeked.take() {
            Some((token, _)) => Ok(token),
            None => Ok(self.token()?.0),
        }
    }

    pub(super) fn next_is(&mut self, operator: &str) -> Result<bool, SyntaxError> {
        Ok(matches!(self.peek()?, Token::Operator(found) if *found == operator))
    }

    /// Takes the operator if it comes next.
    pub(super) fn take(&mut self, operator: &str) -> Result<bool, SyntaxError> {
        let found = self.next_is(operator)?;
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// The reserved word that comes next, if it is one.
    pub(super) fn reserved(&mut self) -> Result<Option<&'static [u8]>, SyntaxError> {
        let Token::Word(word) = self.peek()? else { return Ok(None) };
        Ok(word.plain().and_then(|text| RESERVED.into_iter().find(|known| *known == text)))
    }

    pub(super) fn take_reserved(&mut self, wanted: &[u8]) -> Result<bool, SyntaxError> {
        let found = self.reserved()? == Some(wanted);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    pub(super) fn expect_reserved(&mut self, wanted: &[u8]) -> Result<(), SyntaxError> {
        if self.take_reserved(wanted)? {
            return Ok(());
        }
        let found = self.next()?;
        let found = self.unexpected(&found).reason;
        Err(self.error(format!("{found}; `{}` is", String::from_utf8_lossy(wanted))))
    }

    pub(super) fn newlines(&mut self) -> Result<(), SyntaxError> {
        while *self.peek()? == Token::Newline {
            self.next()?;
        }
        Ok(())
    }
}
