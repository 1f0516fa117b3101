//! `config.txt`, written: the settings of the board's firmware.
//!
//! Source: "What is config.txt?" and "Boot Options" in the Raspberry Pi documentation. The board skips what it does not
//! understand and cuts long lines without a word, so both are errors here. Reading is in `reader`. Which keys
//! exist and which values they take is the board files' business.

use std::fmt;

use super::raw::{LINE_LIMIT, is_key};
use super::{Filter, RawLine, RawLineError};

/// Where the firmware puts the initramfs in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initramfs {
    /// Behind the kernel.
    FollowKernel,
    /// At a physical address.
    Address(u32),
}

/// The file as a list of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigTxt {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Blank,
    Comment(String),
    Section(Filter),
    Setting(String, String),
    Initramfs(String, Initramfs),
}

/// A line that the board would not read as it was meant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigTxtError {
    #[error(
        "config.txt line `{line}` has {length} bytes and the firmware reads only the first {LINE_LIMIT}: shorten it"
    )]
    TooLong { line: String, length: usize },
    #[error("config.txt key `{0}` is not a word of letters, digits, `_`, `-` and `:`")]
    Key(String),
    #[error(
        "config.txt value `{value}` of `{key}` is empty, starts or ends with a space, or holds a control character"
    )]
    Value { key: String, value: String },
    #[error("initramfs name `{0}` holds a space or is not 1 to 64 bytes long, which is all the firmware reads of it")]
    InitramfsName(String),
    #[error("config.txt line `{line}` would be passed over: {reason}")]
    Raw { line: String, reason: RawLineError },
    #[error("config.txt line `{0}` is not for a person to write")]
    Directive(String),
}

impl ConfigTxt {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a comment, which may have several lines.
    pub fn comment(&mut self, text: &str) -> Result<&mut Self, ConfigTxtError> {
        for line in text.lines() {
            self.push(Line::Comment(line.trim().to_owned()))?;
        }
        Ok(self)
    }

    pub fn blank(&mut self) -> &mut Self {
        self.lines.push(Line::Blank);
        self
    }

    /// Makes what follows depend on `filter`, and on those before it that have another type.
    pub fn section(&mut self, filter: Filter) -> Result<&mut Self, ConfigTxtError> {
        self.push(Line::Section(filter))
    }

    /// Adds `key=value`.
    pub fn set(&mut self, key: &str, value: impl fmt::Display) -> Result<&mut Self, ConfigTxtError> {
        let value = value.to_string();
        if !is_key(key) {
            return Err(ConfigTxtError::Key(key.to_owned()));
        }
        if value.is_empty() || value.trim() != value || value.chars().any(char::is_control) {
            return Err(ConfigTxtError::Value { key: key.to_owned(), value });
        }
        self.push(Line::Setting(key.to_owned(), value))
    }

    /// Adds `initramfs file place`, the one setting without `=`.
    pub fn initramfs(&mut self, file: &str, place: Initramfs) -> Result<&mut Self, ConfigTxtError> {
        // start.elf reads the name with `%64s`.
        if file.is_empty() || file.len() > 64 || file.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ConfigTxtError::InitramfsName(file.to_owned()));
        }
        self.push(Line::Initramfs(file.to_owned(), place))
    }

    /// Adds a line as a person typed it.
    pub fn raw(&mut self, line: &str) -> Result<&mut Self, ConfigTxtError> {
        match RawLine::parse(line).map_err(|reason| ConfigTxtError::Raw { line: line.to_owned(), reason })? {
            RawLine::Blank => Ok(self.blank()),
            RawLine::Comment(text) => self.push(Line::Comment(text)),
            RawLine::Section(filter) => self.section(filter),
            RawLine::Setting { key, value } => self.set(&key, value),
            RawLine::Directive(_) => Err(ConfigTxtError::Directive(line.to_owned())),
        }
    }

    /// Adds every line of `other`.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.lines.extend(other.lines);
        self
    }

    fn push(&mut self, line: Line) -> Result<&mut Self, ConfigTxtError> {
        let text = line.to_string();
        if text.len() > LINE_LIMIT {
            return Err(ConfigTxtError::TooLong { length: text.len(), line: text });
        }
        self.lines.push(line);
        Ok(self)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Comment(text) => write!(formatter, "# {text}"),
            Self::Section(filter) => filter.fmt(formatter),
            Self::Setting(key, value) => write!(formatter, "{key}={value}"),
            Self::Initramfs(file, Initramfs::FollowKernel) => write!(formatter, "initramfs {file} followkernel"),
            Self::Initramfs(file, Initramfs::Address(address)) => write!(formatter, "initramfs {file} {address:#010x}"),
        }
    }
}

impl fmt::Display for ConfigTxt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(formatter, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_kind_of_line() {
        let mut config = ConfigTxt::new();
        config.comment("why\nand how").expect("short").blank();
        config.set("gpu_mem", 16).expect("a good key").section(Filter::Model("pi2".into())).expect("short");
        config.initramfs("a.img", Initramfs::FollowKernel).expect("a good name");
        config.initramfs("b.img", Initramfs::Address(0x80_0000)).expect("a good name");
        assert_eq!(
            config.to_string(),
            "# why\n# and how\n\ngpu_mem=16\n[pi2]\ninitramfs a.img followkernel\ninitramfs b.img 0x00800000\n"
        );
    }

    #[test]
    fn a_line_of_98_bytes_is_the_longest() {
        let mut config = ConfigTxt::new();
        let value = "x".repeat(LINE_LIMIT - "key=".len());
        assert!(config.set("key", &value).is_ok());
        let error = config.set("key", format!("{value}y")).expect_err("99 bytes");
        let shown =
            format!("config.txt line `key={value}y` has 99 bytes and the firmware reads only the first 98: shorten it");
        assert_eq!(error.to_string(), shown);
        assert!(config.comment(&"c".repeat(97)).is_err());
    }

    #[test]
    fn what_would_not_read_back_is_refused() {
        let mut config = ConfigTxt::new();
        assert_eq!(config.set("gpu mem", 1), Err(ConfigTxtError::Key("gpu mem".into())));
        let value = ConfigTxtError::Value { key: "kernel".into(), value: "a\nb".into() };
        assert_eq!(config.set("kernel", "a\nb"), Err(value));
        let name = ConfigTxtError::InitramfsName("a b".into());
        assert_eq!(config.initramfs("a b", Initramfs::FollowKernel), Err(name));
        assert_eq!(config, ConfigTxt::new());
    }
}
