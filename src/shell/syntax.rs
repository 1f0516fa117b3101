//! A script as the shell understands it: POSIX.1-2024, XCU chapter 2, and what dash has beyond it.

use std::cell::OnceCell;
use std::rc::Rc;

/// Bytes: a shell knows no encoding.
pub type Text = Vec<u8>;

/// Commands one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List(pub Vec<Item>);

/// Commands joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub first: Pipeline,
    pub rest: Vec<(Connector, Pipeline)>,
    /// Whether `&` follows.
    pub background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    And,
    Or,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Whether `!` stands before it.
    pub negated: bool,
    pub commands: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Counted from 1.
    pub line: u32,
    pub kind: CommandKind,
    pub redirections: Vec<Redirection>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandKind {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    Group(List),
    Subshell(List),
    If {
        branches: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    /// Without words: over the positional parameters.
    For {
        name: Text,
        words: Option<Vec<Word>>,
        body: List,
    },
    /// With `until` it goes on as long as the condition fails.
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
    Function {
        name: Text,
        body: Rc<Command>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: Text,
    pub value: Word,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection {
    /// The descriptor that is meant.
    pub descriptor: u32,
    pub kind: RedirectionKind,
    pub target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectionKind {
    /// `<`
    Read,
    /// `>`, and `>|` where `clobber` is set
    Write { clobber: bool },
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&` and `>&`
    Duplicate { output: bool },
    /// `<<` and `<<-`, with the text's delimiter as it was typed
    HereDocument { strip: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Word(Word),
    /// The text, which is read after the rest of its line.
    HereDocument {
        delimiter: Text,
        body: Rc<OnceCell<Word>>,
    },
}

/// One word before its expansion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    pub parts: Vec<Part>,
    /// As it stands in the script.
    pub source: Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What stands there without quotes; it may have pattern letters in it.
    Literal(Text),
    /// What is quoted by `'…'` or a backslash.
    Quoted(Text),
    /// `"…"`
    Double(Vec<Part>),
    /// `~` at the start of a word
    Tilde,
    Parameter(Box<Parameter>),
    /// `$(…)` and backquotes
    Substitution(Rc<List>),
    /// `$((…))`
    Arithmetic(Vec<Part>),
}

/// `$name`, `${name…}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// A name, a number, or one of the letters `@*#?-$!`.
    pub name: Text,
    pub operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    Value,
    /// `${#name}`
    Length,
    /// `-`, `=`, `?`, `+`; with a colon before it an empty value counts as none
    IfUnset {
        kind: IfUnset,
        colon: bool,
        word: Vec<Part>,
    },
    /// `%`, `#`; doubled it takes the longest match
    Trim {
        suffix: bool,
        longest: bool,
        pattern: Vec<Part>,
    },
    /// What the shell refuses when it comes there.
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfUnset {
    Default,
    Assign,
    Error,
    Alternative,
}

impl Word {
    /// The text of a word that is nothing but unquoted letters.
    pub fn plain(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// Whether it can be the name of a variable or function.
pub(super) fn is_name(text: &[u8]) -> bool {
    let starts = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    starts && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
