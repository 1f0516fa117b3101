//! Hostnames: one label as RFC 1123 (section 2.1) and RFC 952 allow it.

use std::ops::Range;

/// Longest label in bytes (RFC 1034, section 3.1). Linux would take 64 (`HOST_NAME_MAX`), DNS would not.
const LONGEST: usize = 63;

/// What is wrong with a name, and in which bytes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadLabel {
    pub(super) reason: String,
    pub(super) part: Range<usize>,
    pub(super) help: Option<String>,
}

/// Checks one label: letters a to z, digits and `-`, neither first nor last a `-`.
pub(super) fn check_label(name: &str) -> Result<(), BadLabel> {
    let whole = 0..name.len();
    let bad = |reason: &str, part: Range<usize>, help: Option<String>| {
        Err(BadLabel { reason: reason.to_owned(), part, help })
    };
    if name.is_empty() {
        return bad("it is empty", whole, None);
    }
    for (at, letter) in name.char_indices() {
        let part = at..at + letter.len_utf8();
        match letter {
            'a'..='z' | '0'..='9' | '-' => {}
            'A'..='Z' => {
                let help = format!("write `{}`", name.to_lowercase());
                return bad(
                    "capital letters are the same as small ones here, so only small ones are used",
                    part,
                    Some(help),
                );
            }
            '.' => return bad("a dot separates labels, and this is to be one label", part, None),
            _ => {
                let help = (letter == '_').then(|| format!("write `{}`", name.replace('_', "-")));
                return bad("only letters a to z, digits and `-` may stand here", part, help);
            }
        }
    }
    if name.starts_with('-') {
        return bad("it may not begin with `-`", 0..1, None);
    }
    if name.ends_with('-') {
        return bad("it may not end with `-`", name.len() - 1..name.len(), None);
    }
    if name.len() > LONGEST {
        return bad(&format!("it has {} letters, {LONGEST} are the most", name.len()), whole, None);
    }
    Ok(())
}

/// Checks a node's hostname: a label that is not `localhost` and not a number.
pub(super) fn check_hostname(name: &str) -> Result<(), BadLabel> {
    check_label(name).map_err(|mut bad| {
        if bad.help.is_none() && name.contains('.') {
            bad.help = Some("the part after the dot goes into `domain` of `[network]`".to_owned());
        }
        bad
    })?;
    let refused = |reason: &str| Err(BadLabel { reason: reason.to_owned(), part: 0..name.len(), help: None });
    if name == "localhost" {
        return refused("every machine calls itself that");
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return refused("digits alone are read as an address by many programs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_hostname, check_label};

    #[test]
    fn good_names_pass() {
        for name in ["node1", "a", "3com", "pi-0-w", &"a".repeat(63)] {
            assert_eq!(check_hostname(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn the_wrong_letter_is_pointed_at() {
        let bad = check_label("größe").expect_err("umlaut");
        assert_eq!(bad.part, 2..4);
        let bad = check_label("node_1").expect_err("underscore");
        assert_eq!((bad.part, bad.help.as_deref()), (4..5, Some("write `node-1`")));
        let bad = check_label("x-").expect_err("trailing hyphen");
        assert_eq!(bad.part, 1..2);
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for name in ["localhost", "10", "a.b", "", "-a", &"a".repeat(64)] {
            assert!(check_hostname(name).is_err(), "{name}");
        }
    }
}
