//! Debian control data (deb822): paragraphs of `Name: value` fields, as in a package's `control`, the archive's
//! `Packages` and dpkg's `status`.
//!
//! A field's text is kept exactly as it was read, so that what dpkg would write down can be written from what a
//! package said. Not here: what a field means (relations are in `depends`, versions in `version`).

use std::fmt;

/// One paragraph: its fields in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paragraph {
    fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    /// Everything after the colon without the last newline: leading blank, continuation lines and all.
    text: String,
}

/// A line that is no control data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    #[error("line {line}: `{text}` is neither a field (`Name: value`) nor the continuation of one")]
    NotAField { line: usize, text: String },
    #[error("line {line}: field `{name}` stands twice in one paragraph")]
    Duplicate { line: usize, name: String },
    #[error("expected one paragraph, found {found}")]
    NotOne { found: usize },
}

impl Paragraph {
    /// Reads a text that holds exactly one paragraph, as a package's `control` does.
    pub fn parse(text: &str) -> Result<Self, ControlError> {
        let mut all = paragraphs(text).collect::<Result<Vec<_>, _>>()?;
        match all.pop() {
            Some(only) if all.is_empty() => Ok(only),
            last => Err(ControlError::NotOne { found: all.len() + usize::from(last.is_some()) }),
        }
    }

    /// The value of a field without the blanks around it; continuation lines keep their newlines and indentation.
    /// Names compare without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(field.text.trim_matches([' ', '\t']))
    }

    /// The lines of a multi-line value without indentation and empty lines: `Conffiles`, `SHA256`.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty())
    }

    /// Names and values in order, values as `get` gives them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (field.name.as_str(), field.text.trim_matches([' ', '\t'])))
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Gives a field a value: in its place if it is there already, otherwise at the end. A multi-line value brings its
    /// own indentation.
    pub fn set(&mut self, name: &str, value: &str) {
        let text = if value.is_empty() || value.starts_with('\n') { value.to_owned() } else { format!(" {value}") };
        match self.fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(name)) {
            Some(field) => field.text = text,
            None => self.fields.push(Field { name: name.to_owned(), text }),
        }
    }
}

/// The paragraph as control data, each line ended, no empty line after it.
impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.iter().try_for_each(|field| writeln!(f, "{}:{}", field.name, field.text))
    }
}

/// The paragraphs of a text one after another. They are separated by lines without anything but blanks; lines that
/// begin with `#` are comments.
pub fn paragraphs(text: &str) -> Paragraphs<'_> {
    Paragraphs { rest: text, line: 0 }
}

/// Iterator of [`paragraphs`]. It ends after the first error.
#[derive(Debug, Clone)]
pub struct Paragraphs<'a> {
    rest: &'a str,
    line: usize,
}

impl Iterator for Paragraphs<'_> {
    type Item = Result<Paragraph, ControlError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut paragraph = Paragraph::default();
        while !self.rest.is_empty() {
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            self.line += 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.starts_with('#') {
                continue;
            }
            if line.trim_matches([' ', '\t']).is_empty() {
                if paragraph.is_empty() {
                    continue;
                }
                break;
            }
            if let Err(error) = paragraph.take_line(line, self.line) {
                self.rest = "";
                return Some(Err(error));
            }
        }
        (!paragraph.is_empty()).then_some(Ok(paragraph))
    }
}

impl Paragraph {
    fn take_line(&mut self, text: &str, line: usize) -> Result<(), ControlError> {
        let not_a_field = || ControlError::NotAField { line, text: text.to_owned() };
        if text.starts_with([' ', '\t']) {
            let field = self.fields.last_mut().ok_or_else(not_a_field)?;
            field.text.push('\n');
            field.text.push_str(text);
            return Ok(());
        }
        let (name, value) = text.split_once(':').ok_or_else(not_a_field)?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(not_a_field());
        }
        if self.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
            return Err(ControlError::Duplicate { line, name: name.to_owned() });
        }
        self.fields.push(Field { name: name.to_owned(), text: value.to_owned() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "Package: hello\nVersion:2.10-3\nConffiles:\n /etc/hello 0123\n /etc/hola 4567\n\
                         Description: says hello\n Long text,\n .\n  indented.\n";

    #[test]
    fn text_comes_back_exactly() {
        let paragraph = Paragraph::parse(HELLO).expect("valid");
        assert_eq!(paragraph.to_string(), HELLO);
    }

    #[test]
    fn fields_are_found_whatever_their_case() {
        let paragraph = Paragraph::parse(HELLO).expect("valid");
        assert_eq!(paragraph.get("package"), Some("hello"));
        assert_eq!(paragraph.get("Version"), Some("2.10-3"));
        assert_eq!(paragraph.get("Description"), Some("says hello\n Long text,\n .\n  indented."));
        assert_eq!(paragraph.lines("Conffiles").collect::<Vec<_>>(), ["/etc/hello 0123", "/etc/hola 4567"]);
        assert_eq!(paragraph.get("Depends"), None);
        assert_eq!(paragraph.iter().map(|(name, _)| name).last(), Some("Description"));
    }

    #[test]
    fn fields_are_set_in_their_place() {
        let mut paragraph = Paragraph::parse("Package: a\nVersion: 1\n").expect("valid");
        paragraph.set("Status", "install ok installed");
        paragraph.set("package", "b");
        paragraph.set("Conffiles", "\n /etc/b 00");
        assert_eq!(
            paragraph.to_string(),
            "Package: b\nVersion: 1\nStatus: install ok installed\nConffiles:\n /etc/b 00\n"
        );
    }

    #[test]
    fn paragraphs_are_split_at_blank_lines_and_comments_are_skipped() {
        let text = "\n# head\nPackage: a\n#inside\nVersion: 1\n\n \nPackage: b";
        let all = paragraphs(text).collect::<Result<Vec<_>, _>>().expect("valid");
        let names: Vec<_> = all.iter().map(|paragraph| paragraph.get("Package")).collect();
        assert_eq!(names, [Some("a"), Some("b")]);
        assert_eq!(Paragraph::parse(text).expect_err("two").to_string(), "expected one paragraph, found 2");
        assert_eq!(Paragraph::parse("").expect_err("none").to_string(), "expected one paragraph, found 0");
    }

    #[test]
    fn faults_name_their_line() {
        let message = |text: &str| Paragraph::parse(text).expect_err("not control data").to_string();
        let neither = "is neither a field (`Name: value`) nor the continuation of one";
        assert_eq!(message("Package: a\nnonsense\n"), format!("line 2: `nonsense` {neither}"));
        assert_eq!(message(" dangling\n"), format!("line 1: ` dangling` {neither}"));
        assert_eq!(message("A: 1\n\na b: 2\n"), format!("line 3: `a b: 2` {neither}"));
        assert_eq!(message("A: 1\nB: 2\na: 3\n"), "line 3: field `a` stands twice in one paragraph");
    }
}
