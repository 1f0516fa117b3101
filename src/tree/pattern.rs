//! Shell patterns as fnmatch(3) reads them without `FNM_PATHNAME`: `*` and `?` match `/` too.
//!
//! dpkg's `path-exclude`, systemd's presets and tmpfiles.d are all defined by that function. The crate `globset` is
//! another language: `{a,b}` is a choice there, `/**/` matches a single `/`, and an open `[` is an error.

/// The meaning of a backslash in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backslash {
    /// The byte after it is taken as it is.
    Escapes,
    /// A byte like others (`FNM_NOESCAPE`).
    Plain,
}

/// Whether the whole of `text` is of the form `pattern`: `*`, `?`, and `[…]` with ranges and `!`.
pub fn matches(pattern: &[u8], text: &[u8], backslash: Backslash) -> bool {
    let (mut at, mut from) = (0, 0);
    // After a mismatch the last `*` takes one more byte: where the pattern and the text go on then.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(at) {
            None if from == text.len() => return true,
            None => None,
            Some(b'*') => {
                retry = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(_) => text.get(from).and_then(|&byte| one(&pattern[at..], byte, backslash)),
        };
        match (step, &mut retry) {
            (Some(length), _) => (at, from) = (at + length, from + 1),
            (None, Some((after, next))) if *next < text.len() => {
                *next += 1;
                (at, from) = (*after, *next);
            }
            (None, _) => return false,
        }
    }
}

/// Whether `byte` matches the single-byte item at the start of `pattern`; if so, the item's length.
fn one(pattern: &[u8], byte: u8, backslash: Backslash) -> Option<usize> {
    match *pattern {
        [b'?', ..] => Some(1),
        [b'\\', literal, ..] if backslash == Backslash::Escapes => (literal == byte).then_some(2),
        [b'[', ref set @ ..] => match bracket(set, byte, backslash) {
            Some((true, length)) => Some(1 + length),
            Some((false, _)) => None,
            None => (byte == b'[').then_some(1),
        },
        [literal, ..] => (literal == byte).then_some(1),
        [] => None,
    }
}

/// Whether `byte` is in the set whose text follows its `[`, and the length of that text with its `]`. Nothing if the set
/// does not end: then the `[` is a plain one.
fn bracket(set: &[u8], byte: u8, backslash: Backslash) -> Option<(bool, usize)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    let mut found = false;
    let mut at = start;
    loop {
        if let Some((inside, length)) = class(set.get(at..)?, byte) {
            found |= inside;
            at += length;
            continue;
        }
        if set.get(at) == Some(&b']') && at > start {
            return Some((found != negated, at + 1));
        }
        let (low, length) = member(&set[at..], backslash)?;
        at += length;
        match set.get(at..)? {
            [b'-', high, ..] if *high != b']' => {
                let (high, length) = member(&set[at + 1..], backslash)?;
                found |= (low..=high).contains(&byte);
                at += 1 + length;
            }
            _ => found |= low == byte,
        }
    }
}

/// A byte of a set, and the length of its text.
fn member(set: &[u8], backslash: Backslash) -> Option<(u8, usize)> {
    match *set {
        [b'\\', escaped, ..] if backslash == Backslash::Escapes => Some((escaped, 2)),
        [member, ..] => Some((member, 1)),
        [] => None,
    }
}

/// Whether `byte` is in the class whose text (`[:space:]`) begins here, and the length of that text.
fn class(set: &[u8], byte: u8) -> Option<(bool, usize)> {
    let name = set.strip_prefix(b"[:")?;
    let length = name.iter().position(|letter| *letter == b':').filter(|end| name.get(end + 1) == Some(&b']'))?;
    let inside = match &name[..length] {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => byte.is_ascii_whitespace() || byte == 11,
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    };
    Some((inside, length + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_fnmatch() {
        for (pattern, text, expected) in [
            ("/usr/share/doc/*", "/usr/share/doc/bash/copyright", true),
            ("/usr/share/doc/*", "/usr/share/doc", false),
            ("/usr/share/doc/*/copyright", "/usr/share/doc/a/b/copyright", true),
            ("*.gz", "/a.gz/b.gz", true),
            ("/[a-c]?[!x]", "/bzz", true),
            ("/[a-c]?[!x]", "/bzx", false),
            ("/[]]", "/]", true),
            ("/[[:digit:]a-c]x", "/7x", true),
            ("/[![:space:]]", "/ ", false),
            (r"/[\]a]", "/]", true),
            ("/[a-]", "/-", true),
            (r"/\*", "/*", true),
            (r"/\*", "/a", false),
            ("/a*b*c", "/aXbXbXc", true),
            ("/a*b*c", "/aXbXbX", false),
            ("systemd-*.service", "systemd-a.service", true),
            ("*", "", true),
            ("a?c", "abc", true),
            ("abc", "ab", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes(), Backslash::Escapes),
                expected,
                "{pattern} on {text}"
            );
        }
    }

    /// The crate `globset` answers each of these otherwise, or refuses the pattern.
    #[test]
    fn patterns_are_not_those_of_globset() {
        for (pattern, text, expected) in [
            ("/[", "/[", true),
            ("/a/**/b", "/a/b", false),
            ("/{a,b}", "/a", false),
            ("/{a,b}", "/{a,b}", true),
            (r"/a\", r"/a\", true),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes(), Backslash::Escapes),
                expected,
                "{pattern} on {text}"
            );
        }
    }

    #[test]
    fn a_plain_backslash_is_a_byte_like_others() {
        let unit = br"dev-disk-by\x2duuid-1.swap";
        assert!(matches(br"dev-disk-by\x2duuid-*.swap", unit, Backslash::Plain));
        assert!(!matches(br"dev-disk-by\x2duuid-*.swap", unit, Backslash::Escapes));
    }
}
