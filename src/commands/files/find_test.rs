//! What find(1) asks of each file: its expression, read and judged.

use crate::commands::answer::{refused, shown};
use crate::commands::session::Session;
use crate::shell::{FileKind, Status, Text, WorldError};
use crate::tree::pattern::{Backslash, matches};

use super::attributes::{group_id, user_id};
use super::last_part;

/// An expression: what must be so, and what is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    True,
    Kind(Vec<FileKind>),
    /// The last part of the name; letters in any case.
    Name(Text, bool),
    Path(Text),
    Permissions(Permissions, u16),
    User(u32),
    Group(u32),
    NoUser,
    NoGroup,
    Empty,
    /// In units of bytes, rounded up; compared as find's numbers are.
    Size(u64, std::cmp::Ordering, u64),
    LinkTo(Text),
    Newer(i64),
    Prune,
    Print(&'static [u8]),
    Formatted(Text),
    Delete,
    /// For each file, `{}` in its place, or for all together.
    Run(Vec<Text>, bool),
    Quit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permissions {
    Exactly,
    AllOf,
    AnyOf,
}

impl Test {
    pub(super) fn acts(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::acts),
            Self::Not(test) => test.acts(),
            Self::Print(_) | Self::Formatted(_) | Self::Delete | Self::Run(..) | Self::Quit => true,
            _ => false,
        }
    }

    pub(super) fn deletes(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::deletes),
            Self::Not(test) => test.deletes(),
            other => *other == Self::Delete,
        }
    }
}

/// How deep find goes, and where it begins to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Depths {
    pub(super) least: usize,
    pub(super) most: usize,
    /// What is in a folder comes before the folder.
    pub(super) first_below: bool,
}

pub(super) struct Reader<'r, 'c, 'a> {
    pub(super) session: &'r Session<'c, 'a>,
    pub(super) folder: &'r [u8],
    pub(super) words: std::slice::Iter<'r, Text>,
    pub(super) depths: Depths,
}

impl Reader<'_, '_, '_> {
    /// Tests joined by `-o`, up to a closing parenthesis.
    pub(super) fn any(&mut self) -> Result<Test, WorldError> {
        let mut choices = Vec::new();
        let mut all = Vec::new();
        loop {
            match self.words.clone().next().map(Vec::as_slice) {
                None | Some(b")") => break,
                Some(b"-o" | b"-or") => {
                    self.words.next();
                    choices.push(Test::All(std::mem::take(&mut all)));
                }
                Some(b"-a" | b"-and") => {
                    self.words.next();
                }
                Some(_) => all.push(self.one()?),
            }
        }
        choices.push(Test::All(all));
        Ok(Test::Any(choices))
    }

    fn one(&mut self) -> Result<Test, WorldError> {
        let word = self.words.next().cloned().unwrap_or_default();
        Ok(match word.as_slice() {
            b"!" | b"-not" => Test::Not(Box::new(self.one()?)),
            b"(" => {
                let inner = self.any()?;
                if self.words.next().map(Vec::as_slice) != Some(b")") {
                    return refused("`find` lacks a `)`");
                }
                inner
            }
            b"-true" => Test::True,
            b"-false" => Test::Not(Box::new(Test::True)),
            b"-maxdepth" => {
                self.depths.most = self.number(&word)?;
                Test::True
            }
            b"-mindepth" => {
                self.depths.least = self.number(&word)?;
                Test::True
            }
            b"-depth" | b"-d" => {
                self.depths.first_below = true;
                Test::True
            }
            // `-follow` counts for the whole walk, and is seen before. All is one file system, and what a shell's parser does not tell apart here is not needed.
            b"-follow" | b"-xdev" | b"-mount" | b"-noleaf" | b"-ignore_readdir_race" => Test::True,
            b"-type" => {
                let kinds = self.value(&word)?;
                let kind = |letter: &[u8]| match letter {
                    b"f" => Ok(FileKind::File),
                    b"d" => Ok(FileKind::Folder),
                    b"l" => Ok(FileKind::Link),
                    b"c" => Ok(FileKind::CharDevice),
                    b"b" => Ok(FileKind::BlockDevice),
                    b"p" => Ok(FileKind::Fifo),
                    b"s" => Ok(FileKind::Socket),
                    other => refused(format!("`find -type {}` is not known here", shown(other))),
                };
                Test::Kind(kinds.split(|byte| *byte == b',').map(kind).collect::<Result<_, _>>()?)
            }
            b"-name" => Test::Name(self.value(&word)?, false),
            b"-iname" => Test::Name(self.value(&word)?.to_ascii_lowercase(), true),
            b"-path" | b"-wholename" => Test::Path(self.value(&word)?),
            b"-lname" => Test::LinkTo(self.value(&word)?),
            b"-perm" => self.permissions()?,
            b"-user" | b"-uid" => Test::User(user_id(self.session, &self.text(&word)?)?),
            b"-group" | b"-gid" => Test::Group(group_id(self.session, &self.text(&word)?)?),
            b"-nouser" => Test::NoUser,
            b"-nogroup" => Test::NoGroup,
            b"-empty" => Test::Empty,
            b"-size" => self.size()?,
            b"-newer" => {
                let path = Session::absolute(self.folder, &self.value(&word)?);
                let place = self.session.place(&path, true)?;
                Test::Newer(self.session.node(&place)?.meta.mtime)
            }
            b"-prune" => Test::Prune,
            b"-print" => Test::Print(b"\n"),
            b"-print0" => Test::Print(b"\0"),
            b"-printf" => Test::Formatted(self.value(&word)?),
            b"-delete" => {
                self.depths.first_below = true;
                Test::Delete
            }
            b"-exec" => self.run()?,
            b"-quit" => Test::Quit,
            other => return refused(format!("`find` has no `{}` here", shown(other))),
        })
    }

    fn run(&mut self) -> Result<Test, WorldError> {
        let mut words = Vec::new();
        loop {
            match self.words.next() {
                None => return refused("`find -exec` lacks its `;`"),
                Some(word) if word == b";" => return Ok(Test::Run(words, false)),
                Some(word) if word == b"+" && words.last().is_some_and(|last| last == b"{}") => {
                    words.pop();
                    return Ok(Test::Run(words, true));
                }
                Some(word) => words.push(word.clone()),
            }
        }
    }

    fn permissions(&mut self) -> Result<Test, WorldError> {
        let value = self.value(b"-perm")?;
        let (how, digits) = match value.split_first() {
            Some((b'-', rest)) => (Permissions::AllOf, rest),
            Some((b'/', rest)) => (Permissions::AnyOf, rest),
            _ => (Permissions::Exactly, value.as_slice()),
        };
        match super::mode::Mode::parse(digits) {
            // Clauses count from nothing, as in chmod for a file without any permission.
            Some(mode) => Ok(Test::Permissions(how, mode.applied(0, false, 0))),
            None => refused(format!("`find -perm {}` is no mode", shown(&value))),
        }
    }

    fn size(&mut self) -> Result<Test, WorldError> {
        let value = self.text(b"-size")?;
        let (order, rest) = match value.as_bytes().first() {
            Some(b'+') => (std::cmp::Ordering::Greater, &value[1..]),
            Some(b'-') => (std::cmp::Ordering::Less, &value[1..]),
            _ => (std::cmp::Ordering::Equal, value.as_str()),
        };
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match &rest[end..] {
            "" | "b" => 512,
            "c" => 1,
            "w" => 2,
            "k" => 1 << 10,
            "M" => 1 << 20,
            "G" => 1 << 30,
            _ => return refused(format!("`find -size {value}` is no size")),
        };
        match rest[..end].parse() {
            Ok(number) => Ok(Test::Size(unit, order, number)),
            Err(_) => refused(format!("`find -size {value}` is no size")),
        }
    }

    fn value(&mut self, word: &[u8]) -> Result<Text, WorldError> {
        match self.words.next() {
            Some(value) => Ok(value.clone()),
            None => refused(format!("`find {}` lacks its value", shown(word))),
        }
    }

    fn text(&mut self, word: &[u8]) -> Result<String, WorldError> {
        crate::commands::arguments::text(&self.value(word)?)
    }

    fn number(&mut self, word: &[u8]) -> Result<usize, WorldError> {
        let value = self.text(word)?;
        value.parse().or_else(|_| refused(format!("`find {} {value}` is no number", shown(word))))
    }
}

/// Whether a test that only looks is met by a file.
pub(super) fn is_met(
    session: &Session<'_, '_>,
    test: &Test,
    path: &[u8],
    absolute: &[u8],
    status: &Status,
) -> Result<bool, WorldError> {
    Ok(match test {
        Test::Kind(kinds) => kinds.contains(&status.kind),
        Test::Name(pattern, any_case) => {
            let name = last_part(path);
            let name = if *any_case { name.to_ascii_lowercase() } else { name.to_vec() };
            matches(pattern, &name, Backslash::Escapes)
        }
        Test::Path(pattern) => matches(pattern, path, Backslash::Escapes),
        Test::LinkTo(pattern) => {
            let place = session.place(absolute, false)?;
            session.node(&place)?.target().is_some_and(|target| matches(pattern, target, Backslash::Escapes))
        }
        Test::Permissions(Permissions::Exactly, bits) => status.mode == *bits,
        Test::Permissions(Permissions::AllOf, bits) => status.mode & bits == *bits,
        Test::Permissions(Permissions::AnyOf, bits) => *bits == 0 || status.mode & bits != 0,
        Test::User(uid) => status.uid == *uid,
        Test::Group(gid) => status.gid == *gid,
        Test::NoUser => super::look::named(session, "/etc/passwd", status.uid)? == "UNKNOWN",
        Test::NoGroup => super::look::named(session, "/etc/group", status.gid)? == "UNKNOWN",
        Test::Empty => match status.kind {
            FileKind::Folder => session.names_in(absolute)?.is_empty(),
            kind => kind == FileKind::File && status.size == 0,
        },
        Test::Size(unit, order, number) => status.size.div_ceil(*unit).cmp(number) == *order,
        Test::Newer(time) => status.modified > *time,
        _ => true,
    })
}
