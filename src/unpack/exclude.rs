//! Which shipped files stay out of the tree: dpkg's `path-exclude` and `path-include` (dpkg.cfg(5), `src/main/filters.c`).
//!
//! Rules are tried in order and the last that matches a path decides. A directory or symbolic link that a rule excludes
//! stays nevertheless when an include rule could name something inside it; dpkg keeps rather too many so, and so do we.

use crate::tree::TreePath;

use super::UnpackError;

/// One rule: a shell pattern over the whole path, which begins with `/`. `*` and `?` match `/` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Exclude(String),
    Include(String),
}

/// Rules in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExcludeRules(Vec<Rule>);

impl Rule {
    fn pattern(&self) -> &[u8] {
        match self {
            Self::Exclude(pattern) | Self::Include(pattern) => pattern.as_bytes(),
        }
    }
}

impl ExcludeRules {
    /// Takes the rules in order. A pattern must begin with `/` or a wildcard, or it would never match.
    pub fn new(rules: Vec<Rule>) -> Result<Self, UnpackError> {
        match rules.iter().find(|rule| !rule.pattern().starts_with(b"/") && !rule.pattern().starts_with(b"*")) {
            Some(Rule::Exclude(pattern) | Rule::Include(pattern)) => Err(UnpackError::Rule(pattern.clone())),
            None => Ok(Self(rules)),
        }
    }

    /// Whether what a package ships at `path` stays out. `holder` says that it is a directory or a symbolic link, which
    /// may hold (or lead to) something that is to come in.
    pub fn excludes(&self, path: &TreePath, holder: bool) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let path = [b"/", path.as_bytes()].concat();
        let deciding = self.0.iter().rfind(|rule| matches(rule.pattern(), &path));
        if !matches!(deciding, Some(Rule::Exclude(_))) {
            return false;
        }
        let includes = self.0.iter().filter(|rule| matches!(rule, Rule::Include(_)));
        !(holder && includes.map(|rule| fixed_part(rule.pattern())).any(|part| path.starts_with(part)))
    }
}

/// The pattern up to its first wildcard, without slashes at the end.
fn fixed_part(pattern: &[u8]) -> &[u8] {
    let wildcard = pattern.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(pattern.len());
    let end = pattern[..wildcard].iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    &pattern[..end]
}

/// POSIX `fnmatch` without flags: `*`, `?`, `[…]` with ranges and `!`, `\` takes the next byte as it is.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on when what follows the last `*` does not match: one more byte goes to that `*`.
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
            Some(_) => text.get(from).and_then(|&byte| one(&pattern[at..], byte)),
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

/// Whether `byte` matches the single-byte item that `pattern` begins with; if so, the item's length.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match *pattern {
        [b'?', ..] => Some(1),
        [b'\\', literal, ..] => (literal == byte).then_some(2),
        [b'[', ref set @ ..] => match bracket(set, byte) {
            Some((true, length)) => Some(1 + length),
            Some((false, _)) => None,
            None => (byte == b'[').then_some(1),
        },
        [literal, ..] => (literal == byte).then_some(1),
        [] => None,
    }
}

/// Whether `byte` is in the set that begins after its `[`, and the length of the set with its `]`. Nothing if it does
/// not end: then the `[` is a plain one.
fn bracket(set: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    let mut found = false;
    let mut at = start;
    loop {
        match *set.get(at..)? {
            [b']', ..] if at > start => return Some((found != negated, at + 1)),
            [low, b'-', high, ..] if high != b']' => {
                found |= (low..=high).contains(&byte);
                at += 3;
            }
            [member, ..] => {
                found |= member == byte;
                at += 1;
            }
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(rules: &[Rule], path: &str, holder: bool) -> bool {
        let rules = ExcludeRules::new(rules.to_vec()).expect("rules that can match");
        rules.excludes(&TreePath::new(path).expect("a valid path"), holder)
    }

    #[test]
    fn stars_match_slashes() {
        for (pattern, text, expected) in [
            ("/usr/share/doc/*", "/usr/share/doc/bash/copyright", true),
            ("/usr/share/doc/*", "/usr/share/doc", false),
            ("/usr/share/doc/*/copyright", "/usr/share/doc/a/b/copyright", true),
            ("*.gz", "/a.gz/b.gz", true),
            ("/[a-c]?[!x]", "/bzz", true),
            ("/[a-c]?[!x]", "/bzx", false),
            ("/[]]", "/]", true),
            ("/[", "/[", true),
            (r"/\*", "/*", true),
            (r"/\*", "/a", false),
            ("/a*b*c", "/aXbXbXc", true),
            ("/a*b*c", "/aXbXbX", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn the_last_match_decides() {
        let rules = [Rule::Exclude("/usr/share/doc/*".into()), Rule::Include("/usr/share/doc/*/copyright".into())];
        assert!(excludes(&rules, "usr/share/doc/bash/README", false));
        assert!(!excludes(&rules, "usr/share/doc/bash/copyright", false));
        let turned = [rules[1].clone(), rules[0].clone()];
        assert!(excludes(&turned, "usr/share/doc/bash/copyright", false));
    }

    #[test]
    fn directories_stay_for_what_comes_back_into_them() {
        let rules = [Rule::Exclude("/usr/share/*".into()), Rule::Include("/usr/share/doc/*/copyright".into())];
        assert!(!excludes(&rules, "usr/share/doc/bash", true));
        assert!(excludes(&rules, "usr/share/man/man1", true));
    }

    #[test]
    fn rules_that_never_match_are_refused() {
        let error = ExcludeRules::new(vec![Rule::Exclude("usr/share/man".into())]).expect_err("no leading slash");
        assert_eq!(error.to_string(), "rule `usr/share/man` names no files: begin it with `/` or `*`");
    }
}
