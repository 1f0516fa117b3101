//! The grammar of commands (POSIX.1-2024, XCU 2.10).

use std::cell::OnceCell;
use std::rc::Rc;

use super::parser::{Awaited, Parser, SyntaxError, Token};
use super::syntax::{
    Assignment, Command, CommandKind, Connector, Item, List, Part, Pipeline, Redirection, RedirectionKind, Target,
    Text, Word, is_name,
};

/// Reserved words that end a list.
const CLOSING: [&[u8]; 8] = [b"}", b"do", b"done", b"elif", b"else", b"esac", b"fi", b"then"];

impl Parser<'_> {
    /// Commands up to something that is none.
    pub(super) fn list(&mut self) -> Result<List, SyntaxError> {
        let mut items = Vec::new();
        loop {
            self.newlines()?;
            if self.reserved()?.is_some_and(|word| CLOSING.contains(&word)) {
                break;
            }
            if matches!(self.peek()?, Token::End | Token::Operator(")" | ";;")) {
                break;
            }
            let mut item = self.item()?;
            item.background = self.take("&")?;
            let ended = item.background || self.take(";")? || *self.peek()? == Token::Newline;
            items.push(item);
            if !ended {
                break;
            }
        }
        Ok(List(items))
    }

    /// As [`Parser::list`], with a command at least.
    fn commands(&mut self) -> Result<List, SyntaxError> {
        let list = self.deeper(Self::list)?;
        if list.0.is_empty() {
            let found = self.next()?;
            return Err(self.unexpected(&found));
        }
        Ok(list)
    }

    pub(super) fn item(&mut self) -> Result<Item, SyntaxError> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let connector = if self.take("&&")? {
                Connector::And
            } else if self.take("||")? {
                Connector::Or
            } else {
                return Ok(Item { first, rest, background: false });
            };
            self.newlines()?;
            rest.push((connector, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        let negated = self.take_reserved(b"!")?;
        let mut commands = vec![self.command()?];
        while self.take("|")? {
            self.newlines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { negated, commands })
    }

    fn command(&mut self) -> Result<Command, SyntaxError> {
        self.deeper(|parser| {
            let line = parser.line_of_next()?;
            let kind = match parser.reserved()? {
                Some(b"{") => parser.group()?,
                Some(b"if") => parser.conditional()?,
                Some(b"for") => parser.for_loop()?,
                Some(b"while") => parser.while_loop(false)?,
                Some(b"until") => parser.while_loop(true)?,
                Some(b"case") => parser.case()?,
                Some(_) => {
                    let found = parser.next()?;
                    return Err(parser.unexpected(&found));
                }
                None if parser.next_is("(")? => parser.subshell()?,
                None => return parser.simple(line),
            };
            let mut redirections = Vec::new();
            while let Some(redirection) = parser.redirection()? {
                redirections.push(redirection);
            }
            Ok(Command { line, kind, redirections })
        })
    }

    fn group(&mut self) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let list = self.commands()?;
        self.expect_reserved(b"}")?;
        Ok(CommandKind::Group(list))
    }

    fn subshell(&mut self) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let list = self.commands()?;
        match self.next()? {
            Token::Operator(")") => Ok(CommandKind::Subshell(list)),
            other => Err(self.unexpected(&other)),
        }
    }

    fn conditional(&mut self) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let mut branches = Vec::new();
        loop {
            let condition = self.commands()?;
            self.expect_reserved(b"then")?;
            branches.push((condition, self.commands()?));
            if !self.take_reserved(b"elif")? {
                break;
            }
        }
        let otherwise = if self.take_reserved(b"else")? { Some(self.commands()?) } else { None };
        self.expect_reserved(b"fi")?;
        Ok(CommandKind::If { branches, otherwise })
    }

    fn for_loop(&mut self) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let name = match self.next()? {
            Token::Word(word) if word.plain().is_some_and(is_name) => word.source,
            _ => return Err(self.error("the variable of `for` is no name")),
        };
        self.newlines()?;
        let words = if self.take_reserved(b"in")? {
            let mut words = Vec::new();
            loop {
                match self.next()? {
                    Token::Word(word) => words.push(word),
                    Token::Newline | Token::Operator(";") => break,
                    other => return Err(self.unexpected(&other)),
                }
            }
            Some(words)
        } else {
            self.take(";")?;
            None
        };
        self.newlines()?;
        Ok(CommandKind::For { name, words, body: self.body()? })
    }

    fn while_loop(&mut self, until: bool) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let condition = self.commands()?;
        Ok(CommandKind::While { until, condition, body: self.body()? })
    }

    /// `do …; done`
    fn body(&mut self) -> Result<List, SyntaxError> {
        self.expect_reserved(b"do")?;
        let body = self.commands()?;
        self.expect_reserved(b"done")?;
        Ok(body)
    }

    fn case(&mut self) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        let word = match self.next()? {
            Token::Word(word) => word,
            other => return Err(self.unexpected(&other)),
        };
        self.newlines()?;
        self.expect_reserved(b"in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.take_reserved(b"esac")? {
                return Ok(CommandKind::Case { word, arms });
            }
            self.take("(")?;
            let mut patterns = Vec::new();
            loop {
                match self.next()? {
                    Token::Word(pattern) => patterns.push(pattern),
                    other => return Err(self.unexpected(&other)),
                }
                match self.next()? {
                    Token::Operator("|") => {}
                    Token::Operator(")") => break,
                    other => return Err(self.unexpected(&other)),
                }
            }
            let body = self.deeper(Self::list)?;
            arms.push((patterns, body));
            if !self.take(";;")? {
                self.newlines()?;
                self.expect_reserved(b"esac")?;
                return Ok(CommandKind::Case { word, arms });
            }
        }
    }

    fn simple(&mut self, line: u32) -> Result<Command, SyntaxError> {
        let (mut assignments, mut words, mut redirections) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            if let Some(redirection) = self.redirection()? {
                redirections.push(redirection);
                continue;
            }
            match self.peek()? {
                Token::Word(_) => {
                    let Token::Word(word) = self.next()? else { continue };
                    if words.is_empty()
                        && let Some(assignment) = assignment(&word)
                    {
                        assignments.push(assignment);
                    } else {
                        words.push(word);
                    }
                }
                Token::Operator("(") if assignments.is_empty() && redirections.is_empty() && words.len() == 1 => {
                    return self.function(line, &words[0]);
                }
                _ if assignments.is_empty() && words.is_empty() && redirections.is_empty() => {
                    let found = self.next()?;
                    return Err(self.unexpected(&found));
                }
                _ => return Ok(Command { line, kind: CommandKind::Simple { assignments, words }, redirections }),
            }
        }
    }

    fn function(&mut self, line: u32, name: &Word) -> Result<Command, SyntaxError> {
        self.next()?;
        if !self.take(")")? {
            let found = self.next()?;
            return Err(self.unexpected(&found));
        }
        if !name.plain().is_some_and(is_name) {
            let name = String::from_utf8_lossy(&name.source).into_owned();
            return Err(self.error(format!("`{name}` cannot be a function's name")));
        }
        self.newlines()?;
        let body = Rc::new(self.command()?);
        let kind = CommandKind::Function { name: name.source.clone(), body };
        Ok(Command { line, kind, redirections: Vec::new() })
    }

    fn redirection(&mut self) -> Result<Option<Redirection>, SyntaxError> {
        let given = match self.peek()? {
            Token::Descriptor(number) => Some(*number),
            Token::Operator("<" | ">" | ">|" | ">>" | "<>" | "<&" | ">&" | "<<" | "<<-") => None,
            _ => return Ok(None),
        };
        if given.is_some() {
            self.next()?;
        }
        let operator = match self.next()? {
            Token::Operator(operator) => operator,
            other => return Err(self.unexpected(&other)),
        };
        let (kind, usual) = match operator {
            "<" => (RedirectionKind::Read, 0),
            ">" => (RedirectionKind::Write { clobber: false }, 1),
            ">|" => (RedirectionKind::Write { clobber: true }, 1),
            ">>" => (RedirectionKind::Append, 1),
            "<>" => (RedirectionKind::ReadWrite, 0),
            "<&" => (RedirectionKind::Duplicate { output: false }, 0),
            ">&" => (RedirectionKind::Duplicate { output: true }, 1),
            "<<" => (RedirectionKind::HereDocument { strip: false }, 0),
            "<<-" => (RedirectionKind::HereDocument { strip: true }, 0),
            other => return Err(self.unexpected(&Token::Operator(other))),
        };
        let word = match self.next()? {
            Token::Word(word) => word,
            other => return Err(self.unexpected(&other)),
        };
        let target = match kind {
            RedirectionKind::HereDocument { strip } => {
                let (delimiter, quoted) = delimiter(&word);
                let body = Rc::new(OnceCell::new());
                self.awaited.push(Awaited { delimiter, quoted, strip, body: Rc::clone(&body) });
                Target::HereDocument { delimiter: word.source, body }
            }
            _ => Target::Word(word),
        };
        Ok(Some(Redirection { descriptor: given.unwrap_or(usual), kind, target }))
    }
}

/// The assignment that a word is where a command may begin.
fn assignment(word: &Word) -> Option<Assignment> {
    let Part::Literal(first) = word.parts.first()? else { return None };
    let equals = first.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&first[..equals], &first[equals + 1..]);
    if !is_name(name) {
        return None;
    }
    let mut parts = Vec::new();
    if let Some(rest) = value.strip_prefix(b"~").filter(|rest| rest.is_empty() || rest.starts_with(b"/")) {
        parts.push(Part::Tilde);
        parts.push(Part::Literal(rest.to_vec()));
    } else if !value.is_empty() {
        parts.push(Part::Literal(value.to_vec()));
    }
    parts.extend(word.parts[1..].iter().cloned());
    let source = word.source[equals + 1..].to_vec();
    Some(Assignment { name: name.to_vec(), value: Word { parts, source } })
}

/// The text that ends a here-document, and whether its letters stand for themselves.
fn delimiter(word: &Word) -> (Text, bool) {
    fn add(parts: &[Part], text: &mut Text) -> bool {
        let mut quoted = false;
        for part in parts {
            match part {
                Part::Literal(literal) => text.extend_from_slice(literal),
                Part::Quoted(literal) => {
                    text.extend_from_slice(literal);
                    quoted = true;
                }
                Part::Double(parts) => {
                    add(parts, text);
                    quoted = true;
                }
                Part::Tilde => text.push(b'~'),
                Part::Parameter(_) | Part::Substitution(_) | Part::Arithmetic(_) => {}
            }
        }
        quoted
    }
    let mut text = Text::new();
    let quoted = add(&word.parts, &mut text);
    (text, quoted)
}
