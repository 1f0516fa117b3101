//! Regular expressions of POSIX, basic and extended, with what GNU has beyond (`\+`, `\|`, `\<`, `\w`, …), as regex(7) and the
//! manual of GNU grep tell them. They are translated for the crate `regex-automata`.
//!
//! POSIX takes the longest match, the crate the one that its pattern prefers. Where the two differ for a text, the match is
//! refused, as a script would be done otherwise than on the node. So are references back to a group within a pattern.

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::commands::answer::{refused, shown};
use crate::shell::{Text, WorldError};

/// A compiled pattern.
pub(super) struct Pattern {
    first: Regex,
    longest: DFA,
}

/// The places of a match and of its groups.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) extended: bool,
    pub(super) any_case: bool,
    /// All letters stand for themselves.
    pub(super) fixed: bool,
    /// The whole line, or a whole word, must match.
    pub(super) whole_line: bool,
    pub(super) whole_word: bool,
}

impl Pattern {
    pub(super) fn new(pattern: &[u8], form: Form) -> Result<Self, WorldError> {
        let mut translated =
            if form.fixed { escaped(pattern) } else { Translator::new(pattern, form.extended).all()? };
        if form.whole_word {
            translated = format!(r"\b(?:{translated})\b");
        }
        if form.whole_line {
            translated = format!("^(?:{translated})$");
        }
        let config =
            syntax::Config::new().unicode(false).utf8(false).case_insensitive(form.any_case).dot_matches_new_line(true);
        let wrong = || WorldError::Refused(format!("the pattern `{}` is not understood here", shown(pattern)));
        let first = Regex::builder().syntax(config).configure(Regex::config().utf8_empty(false)).build(&translated);
        let longest = DFA::builder()
            .syntax(config)
            .thompson(thompson::Config::new().utf8(false))
            .configure(DFA::config().match_kind(MatchKind::All).unicode_word_boundary(false))
            .build(&translated);
        Ok(Self { first: first.map_err(|_| wrong())?, longest: longest.map_err(|_| wrong())? })
    }

    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.first.is_match(text)
    }

    /// The first match from `start` on, with its groups.
    pub(super) fn find(&self, text: &[u8], start: usize) -> Result<Option<Groups>, WorldError> {
        let mut captures = self.first.create_captures();
        self.first.captures(Input::new(text).span(start..text.len()), &mut captures);
        let Some(found) = captures.get_match() else { return Ok(None) };
        let mut cache = Cache::new(&self.longest);
        let input = Input::new(text).span(found.start()..text.len()).anchored(Anchored::Yes);
        let longest = self.longest.try_search_fwd(&mut cache, &input);
        match longest {
            Ok(Some(end)) if end.offset() == found.end() => {}
            _ => {
                let text = shown(&text[..text.len().min(80)]);
                return refused(format!("a pattern matches `{text}` in ways that programs take differently"));
            }
        }
        let groups =
            (0..captures.group_len()).map(|index| captures.get_group(index).map(|span| (span.start, span.end)));
        Ok(Some(groups.collect()))
    }
}

/// Letters that mean something to the crate, by a backslash made to mean themselves.
fn escaped(text: &[u8]) -> String {
    text.iter().map(|byte| letter(*byte)).collect()
}

fn letter(byte: u8) -> String {
    match byte {
        b'a'..=b'z'
        | b'A'..=b'Z'
        | b'0'..=b'9'
        | b'_'
        | b' '
        | b'/'
        | b','
        | b':'
        | b';'
        | b'='
        | b'@'
        | b'%'
        | b'"'
        | b'\'' => char::from(byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    }
}

struct Translator<'p> {
    pattern: &'p [u8],
    extended: bool,
    at: usize,
    output: String,
    /// Groups that are open.
    open: usize,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p [u8], extended: bool) -> Self {
        Self { pattern, extended, at: 0, output: String::new(), open: 0 }
    }

    /// Whether an expression begins here, where a repetition has nothing to repeat.
    fn begins(&self) -> bool {
        self.output.is_empty() || self.output.ends_with('(') || self.output.ends_with('|') || self.output.ends_with('^')
    }

    fn all(mut self) -> Result<String, WorldError> {
        while let Some(&byte) = self.pattern.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.escape()?,
                b'[' => self.bracket()?,
                b'.' => self.output.push('.'),
                b'*' if self.begins() && !self.extended => self.output.push_str(&letter(b'*')),
                b'*' => self.repeat("*")?,
                b'^' if self.extended || self.begins_basic() => self.output.push('^'),
                b'$' if self.extended || self.ends_basic() => self.output.push('$'),
                b'+' | b'?' if self.extended => self.repeat(if byte == b'+' { "+" } else { "?" })?,
                b'{' if self.extended => self.bounds(b"}")?,
                b'(' if self.extended => self.group(),
                b')' if self.extended && self.open > 0 => self.close(),
                b'|' if self.extended => self.output.push('|'),
                byte => self.output.push_str(&letter(byte)),
            }
        }
        if self.open > 0 {
            return self.wrong("has a group that does not end");
        }
        Ok(self.output)
    }

    fn wrong<T>(&self, what: &str) -> Result<T, WorldError> {
        refused(format!("the pattern `{}` {what}", shown(self.pattern)))
    }

    fn group(&mut self) {
        self.open += 1;
        self.output.push('(');
    }

    fn close(&mut self) {
        self.open -= 1;
        self.output.push(')');
    }

    fn repeat(&mut self, what: &str) -> Result<(), WorldError> {
        if self.begins() {
            return self.wrong("repeats nothing");
        }
        // `a**` is `a*`, and the crate would take `*?` and `*+` for something else.
        if self.output.ends_with(['*', '+', '?']) && !self.output.ends_with("\\x3f") {
            if what == "*" && self.output.ends_with('*') {
                return Ok(());
            }
            return self.wrong("repeats what is repeated");
        }
        self.output.push_str(what);
        Ok(())
    }

    /// In a basic expression an anchor is one only at the start.
    fn begins_basic(&self) -> bool {
        self.output.is_empty() || self.output.ends_with('(') || self.output.ends_with('|')
    }

    fn ends_basic(&self) -> bool {
        let rest = &self.pattern[self.at..];
        rest.is_empty() || rest.starts_with(b"\\)") || rest.starts_with(b"\\|")
    }

    fn escape(&mut self) -> Result<(), WorldError> {
        let Some(&byte) = self.pattern.get(self.at) else { return self.wrong("ends with a backslash") };
        self.at += 1;
        match byte {
            b'(' if !self.extended => self.group(),
            b')' if !self.extended && self.open > 0 => self.close(),
            b')' if !self.extended => return self.wrong("ends a group that was not begun"),
            b'|' if !self.extended => self.output.push('|'),
            b'{' if !self.extended => self.bounds(b"\\}")?,
            b'+' | b'?' if !self.extended => self.repeat(if byte == b'+' { "+" } else { "?" })?,
            b'1'..=b'9' => return self.wrong("refers back to a group, which is not done here"),
            b'w' => self.output.push_str("[0-9A-Za-z_]"),
            b'W' => self.output.push_str("[^0-9A-Za-z_]"),
            b's' => self.output.push_str("[\\x09-\\x0d ]"),
            b'S' => self.output.push_str("[^\\x09-\\x0d ]"),
            b'b' => self.output.push_str("\\b"),
            b'B' => self.output.push_str("\\B"),
            b'<' => self.output.push_str("\\b{start}"),
            b'>' => self.output.push_str("\\b{end}"),
            b'n' => self.output.push_str("\\n"),
            b't' => self.output.push_str("\\t"),
            b'`' => self.output.push_str("\\A"),
            b'\'' => self.output.push_str("\\z"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0' => {
                return self.wrong("has a backslash before a letter that has no meaning here");
            }
            byte => self.output.push_str(&letter(byte)),
        }
        Ok(())
    }

    /// `{1,2}`
    fn bounds(&mut self, end: &[u8]) -> Result<(), WorldError> {
        let rest = &self.pattern[self.at..];
        let Some(length) = rest.windows(end.len()).position(|part| part == end) else {
            return self.wrong("has a `{` without its end");
        };
        let inner = String::from_utf8_lossy(&rest[..length]).into_owned();
        let (least, most) = inner.split_once(',').map_or((inner.as_str(), None), |(least, most)| (least, Some(most)));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 5;
        if self.begins() || !is_number(least) || !most.is_none_or(is_number) || inner.is_empty() {
            return self.wrong("has a `{` that repeats nothing");
        }
        let least = if least.is_empty() { "0" } else { least };
        match most {
            Some(most) => self.output.push_str(&format!("{{{least},{most}}}")),
            None => self.output.push_str(&format!("{{{least}}}")),
        }
        self.at += length + end.len();
        Ok(())
    }

    /// `[a-z[:digit:]]`, behind its first letter.
    fn bracket(&mut self) -> Result<(), WorldError> {
        let mut set = [false; 256];
        let negated = self.pattern.get(self.at) == Some(&b'^');
        self.at += usize::from(negated);
        let mut first = true;
        loop {
            let rest = &self.pattern[self.at..];
            match rest {
                [] => return self.wrong("has a `[` without its end"),
                [b']', ..] if !first => {
                    self.at += 1;
                    break;
                }
                [b'[', b':', ..] => {
                    let Some(end) = rest.windows(2).position(|pair| pair == b":]") else {
                        return self.wrong("has a class without its end");
                    };
                    let Some(class) = class(&rest[2..end.max(2)]) else {
                        return self.wrong("has a class that is not known");
                    };
                    (0..=255_u8).filter(class).for_each(|byte| set[usize::from(byte)] = true);
                    self.at += end + 2;
                }
                [b'[', b'.' | b'=', ..] => return self.wrong("has a collating element, which is not known here"),
                [low, b'-', high, ..] if *high != b']' => {
                    if low > high {
                        return self.wrong("has a range that ends before it begins");
                    }
                    (*low..=*high).for_each(|byte| set[usize::from(byte)] = true);
                    self.at += 3;
                }
                [byte, ..] => {
                    set[usize::from(*byte)] = true;
                    self.at += 1;
                }
            }
            first = false;
        }
        // A negated set matches no line end in sed's and grep's texts either way, as they have none but in sed's joined lines.
        let members: String = (0..=255_u8)
            .filter(|byte| set[usize::from(*byte)] != negated)
            .map(|byte| format!("\\x{byte:02x}"))
            .collect();
        if members.is_empty() {
            return self.wrong("has a set of no letters");
        }
        self.output.push_str(&format!("[{members}]"));
        Ok(())
    }
}

fn class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alpha" => u8::is_ascii_alphabetic,
        b"digit" => u8::is_ascii_digit,
        b"alnum" => u8::is_ascii_alphanumeric,
        b"upper" => u8::is_ascii_uppercase,
        b"lower" => u8::is_ascii_lowercase,
        b"space" => |byte| matches!(byte, b'\t'..=b'\r' | b' '),
        b"blank" => |byte| matches!(byte, b'\t' | b' '),
        b"punct" => u8::is_ascii_punctuation,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"graph" => u8::is_ascii_graphic,
        b"cntrl" => u8::is_ascii_control,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

/// A text between two others, or its end.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let none = text.is_empty();
    text.split(|byte| *byte == b'\n').filter(move |_| !none)
}

/// A line with its end.
pub(super) fn push_line(output: &mut Text, line: &[u8]) {
    output.extend_from_slice(line);
    output.push(b'\n');
}
