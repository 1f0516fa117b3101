//! `cmdline.txt`: the kernel's command line, one line of words.
//!
//! Source: "Kernel Command Line" in the Raspberry Pi documentation and `Documentation/admin-guide/kernel-parameters` of
//! Linux. The firmware takes the first line and puts words of its own before it; Linux splits at spaces that are not
//! between double quotes. The words' meaning is not checked here.

use std::fmt;

/// A command line, word by word in the order that Linux sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CmdlineTxt {
    words: Vec<String>,
}

/// A word that would not arrive as one word.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CmdlineError {
    #[error(
        "kernel command line word `{0}` is empty, holds a space outside of double quotes, an odd quote, or a control character"
    )]
    Word(String),
}

impl CmdlineTxt {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the first line of the file; the rest never reaches the kernel.
    pub fn parse(text: &str) -> Self {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in text.lines().next().unwrap_or_default().chars() {
            quoted ^= c == '"';
            match words.last_mut() {
                Some(word) if quoted || !c.is_whitespace() => word.push(c),
                _ => words.push(String::new()),
            }
        }
        words.retain(|word| !word.is_empty());
        Self { words }
    }

    /// Adds `word`, with its value if it has one: `rootwait`, `root=PARTUUID=…`.
    pub fn push(&mut self, word: impl Into<String>) -> Result<&mut Self, CmdlineError> {
        let word = word.into();
        let closed = word.matches('"').count() % 2 == 0;
        if !closed || word.chars().any(char::is_control) || Self::parse(&word).words != [word.as_str()] {
            return Err(CmdlineError::Word(word));
        }
        self.words.push(word);
        Ok(self)
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Every value of `key`, in order. The last `console=` is what `/dev/console` is.
    pub fn values<'a>(&'a self, key: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.words.iter().filter_map(move |word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

impl fmt::Display for CmdlineTxt {
    /// The words without a line end, as for an argument.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts() {
        let cmdline = CmdlineTxt::parse("console=tty0  console=ttyAMA0,115200 dyndbg=\"file a.c +p\" rw\nquiet\n");
        assert_eq!(cmdline.words(), ["console=tty0", "console=ttyAMA0,115200", "dyndbg=\"file a.c +p\"", "rw"]);
        assert_eq!(cmdline.values("console").next_back(), Some("ttyAMA0,115200"));
        assert_eq!(cmdline.values("con").next(), None);
        assert_eq!(CmdlineTxt::parse(&cmdline.to_string()), cmdline);
    }

    #[test]
    fn a_word_is_one_word() {
        let mut cmdline = CmdlineTxt::new();
        cmdline.push("root=PARTUUID=1234abcd-02").expect("one word");
        for bad in ["", "two words", "a\nb", " lead", "a\" b"] {
            assert_eq!(cmdline.push(bad), Err(CmdlineError::Word(bad.into())), "{bad:?}");
        }
        assert_eq!(cmdline.to_string(), "root=PARTUUID=1234abcd-02");
    }
}
