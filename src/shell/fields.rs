//! From what expansions gave to fields: splitting (POSIX.1-2024, XCU 2.6.5), and text and pattern side by side.

use super::syntax::Text;

/// A part of what a word expanded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text {
        bytes: Text,
        /// Its letters mean themselves in a pattern.
        quoted: bool,
        /// It came from an expansion outside of quotes, and is split.
        split: bool,
    },
    /// The end of one of the positional parameters of `$@`.
    Break,
}

/// A field: its text, and the same as a pattern, in which what was quoted is escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: Text,
    pub(super) pattern: Text,
    /// Whether there are letters of patterns that mean something.
    pub(super) is_pattern: bool,
}

impl Field {
    fn push(&mut self, byte: u8, quoted: bool) {
        self.text.push(byte);
        if quoted && b"\\*?[]!^-".contains(&byte) {
            self.pattern.push(b'\\');
        }
        self.is_pattern |= !quoted && b"*?[".contains(&byte);
        self.pattern.push(byte);
    }

    /// All pieces as one field.
    pub(super) fn whole(pieces: &[Piece]) -> Self {
        let mut field = Self::default();
        for piece in pieces {
            match piece {
                Piece::Text { bytes, quoted, .. } => bytes.iter().for_each(|byte| field.push(*byte, *quoted)),
                Piece::Break => field.push(b' ', true),
            }
        }
        field
    }
}

/// The fields of a word whose expansion gave `pieces`.
pub(super) fn split(pieces: &[Piece], separators: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut field: Option<Field> = None;
    // A separator that is no blank ends the same field as the blanks before it.
    let mut after_blank = false;
    for piece in pieces {
        let Piece::Text { bytes, quoted, split } = piece else {
            fields.extend(field.take());
            after_blank = false;
            continue;
        };
        if !split {
            let field = field.get_or_insert_default();
            bytes.iter().for_each(|byte| field.push(*byte, *quoted));
            after_blank = false;
            continue;
        }
        for byte in bytes {
            if !separators.contains(byte) {
                field.get_or_insert_default().push(*byte, *quoted);
                after_blank = false;
            } else if matches!(byte, b' ' | b'\t' | b'\n') {
                if let Some(field) = field.take() {
                    fields.push(field);
                    after_blank = true;
                }
            } else if let Some(field) = field.take() {
                fields.push(field);
            } else if after_blank {
                after_blank = false;
            } else {
                fields.push(Field::default());
            }
        }
    }
    fields.extend(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, separators: &str) -> Vec<String> {
        let piece = Piece::Text { bytes: text.into(), quoted: false, split: true };
        let fields = split(&[piece], separators.as_bytes());
        fields.into_iter().map(|field| String::from_utf8(field.text).expect("ASCII")).collect()
    }

    #[test]
    fn blanks_are_taken_together_and_other_separators_are_not() {
        assert_eq!(fields("  a  b ", " \t\n"), ["a", "b"]);
        assert_eq!(fields("a::b:", ":"), ["a", "", "b"]);
        assert_eq!(fields(":a", ":"), ["", "a"]);
        assert_eq!(fields("a : b :: c", ": "), ["a", "b", "", "c"]);
        assert_eq!(fields("a: :b", ": "), ["a", "", "b"]);
        assert!(fields("", " ").is_empty() && fields("  ", " ").is_empty());
        assert_eq!(fields("a b", ""), ["a b"]);
    }
}
