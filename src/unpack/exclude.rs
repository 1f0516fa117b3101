//! Which shipped files stay out of the tree: dpkg's `path-exclude` and `path-include` (dpkg.cfg(5), `src/main/filters.c`).
//!
//! Rules are tried in order and the last that matches a path decides. An excluded directory or symbolic link stays
//! nevertheless when an include rule could name something inside it; dpkg keeps rather too many so, and so do we.

use crate::tree::TreePath;
use crate::tree::pattern::{Backslash, matches};

use super::UnpackError;

/// One rule: a shell pattern over the whole path with its leading `/`. `*` and `?` match `/` too.
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
        let deciding = self.0.iter().rfind(|rule| matches(rule.pattern(), &path, Backslash::Escapes));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(rules: &[Rule], path: &str, holder: bool) -> bool {
        let rules = ExcludeRules::new(rules.to_vec()).expect("rules that can match");
        rules.excludes(&TreePath::new(path).expect("a valid path"), holder)
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
