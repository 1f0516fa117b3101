//! One line of `config.txt` as a person typed it, taken apart; anything that the board would pass over is an error.

use super::Filter;

/// Bytes of a line that the firmware looks at; what is beyond is ignored (78 before 2020).
pub const LINE_LIMIT: usize = 98;

/// Keys whose lines add up; of all others the last counts.
const REPEATED: [&str; 3] = ["dtoverlay", "dtparam", "gpio"];

/// Whether every line with this key counts, and not only the last.
pub fn repeats(key: &str) -> bool {
    REPEATED.contains(&key)
}

/// What a line can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawLine {
    Blank,
    /// Without the `#`.
    Comment(String),
    Section(Filter),
    Setting {
        key: String,
        value: String,
    },
    /// `initramfs` and `include`, which have no `=`: the first word.
    Directive(String),
}

/// Why the board would not read the line as it was meant.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum RawLineError {
    #[error("it has {0} bytes, and the firmware reads only the first {LINE_LIMIT}")]
    TooLong(usize),
    #[error("it holds a control character")]
    Control,
    #[error("the section has no `]`")]
    Open,
    #[error("the firmware reads nothing behind the `]`")]
    BehindSection,
    #[error("it has no `=`")]
    NoEquals,
    #[error("it has no key before the `=`")]
    NoKey,
    #[error("it has no value behind the `=`")]
    NoValue,
    #[error("there is a space beside the `=`")]
    Space,
    #[error("a key has only letters, digits, `_`, `-` and `:`")]
    Key,
}

/// Whether all letters may stand in a key.
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':'))
}

impl RawLine {
    /// Takes a line apart. Spaces around it are no part of it.
    pub fn parse(typed: &str) -> Result<Self, RawLineError> {
        let line = typed.trim_matches(' ');
        if line.chars().any(char::is_control) {
            return Err(RawLineError::Control);
        }
        if line.len() > LINE_LIMIT {
            return Err(RawLineError::TooLong(line.len()));
        }
        if line.is_empty() {
            return Ok(Self::Blank);
        }
        if let Some(comment) = line.strip_prefix('#') {
            return Ok(Self::Comment(comment.trim().to_owned()));
        }
        if let Some(section) = line.strip_prefix('[') {
            return match section.split_once(']') {
                None => Err(RawLineError::Open),
                Some((name, "")) => Ok(Self::Section(Filter::parse(name))),
                Some(_) => Err(RawLineError::BehindSection),
            };
        }
        let first = line.split_whitespace().next().unwrap_or_default();
        if matches!(first, "initramfs" | "include") {
            return Ok(Self::Directive(first.to_owned()));
        }
        let (key, value) = line.split_once('=').ok_or(RawLineError::NoEquals)?;
        if key.is_empty() {
            Err(RawLineError::NoKey)
        } else if value.trim().is_empty() {
            Err(RawLineError::NoValue)
        } else if key.trim() != key || value.trim() != value {
            Err(RawLineError::Space)
        } else if is_key(key) {
            Ok(Self::Setting { key: key.to_owned(), value: value.to_owned() })
        } else {
            Err(RawLineError::Key)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let setting = |key: &str, value: &str| Ok(RawLine::Setting { key: key.into(), value: value.into() });
        assert_eq!(RawLine::parse("hdmi_mode:1=82"), setting("hdmi_mode:1", "82"));
        assert_eq!(RawLine::parse("  gpio=4=op,dh "), setting("gpio", "4=op,dh"));
        assert_eq!(RawLine::parse("[pi3+]"), Ok(RawLine::Section(Filter::Model("pi3+".into()))));
        assert_eq!(RawLine::parse("# why"), Ok(RawLine::Comment("why".into())));
        assert_eq!(RawLine::parse("initramfs a followkernel"), Ok(RawLine::Directive("initramfs".into())));
        assert_eq!(RawLine::parse("   "), Ok(RawLine::Blank));
    }

    #[test]
    fn what_the_board_would_skip_is_an_error() {
        assert_eq!(RawLine::parse(&format!("k={}", "v".repeat(96))).map(|_| ()), Ok(()));
        assert_eq!(RawLine::parse(&format!("k={}", "v".repeat(97))), Err(RawLineError::TooLong(99)));
        assert_eq!(RawLine::parse("a=1\nb=2"), Err(RawLineError::Control));
        assert_eq!(RawLine::parse("[pi3"), Err(RawLineError::Open));
        assert_eq!(RawLine::parse("[pi3] a=1"), Err(RawLineError::BehindSection));
        assert_eq!(RawLine::parse("disable_splash"), Err(RawLineError::NoEquals));
        assert_eq!(RawLine::parse("=1"), Err(RawLineError::NoKey));
        assert_eq!(RawLine::parse("a="), Err(RawLineError::NoValue));
        assert_eq!(RawLine::parse("a = 1"), Err(RawLineError::Space));
        assert_eq!(RawLine::parse("a b=1"), Err(RawLineError::Key));
    }
}
