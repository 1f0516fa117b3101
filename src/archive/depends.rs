//! Relations between packages (deb-control(5), Debian policy 7): `Depends`, `Pre-Depends`, `Conflicts`, `Breaks`,
//! `Provides`, `Replaces` and their kin.
//!
//! Only the binary packages' form: restrictions to architectures and build profiles stand in source packages alone.

use std::cmp::Ordering;
use std::fmt;

use super::version;

/// Alternatives of which one must hold: `a | b (>= 2)`.
pub type Clause = Vec<Relation>;

/// A package with, perhaps, an architecture qualifier and a bound on its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub name: String,
    /// `any`, `native` or an architecture. In a system of one architecture every one of them is met by the package of
    /// that name.
    pub qualifier: Option<String>,
    pub bound: Option<Bound>,
}

/// `(>= 1.2)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub operator: Operator,
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Earlier,
    EarlierOrEqual,
    Equal,
    LaterOrEqual,
    Later,
}

/// A text that is no list of relations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no relation between packages (`name`, `name:any` or `name (>= version)`)")]
pub struct RelationError {
    pub text: String,
}

/// Reads a field: clauses separated by commas. Empty ones are passed over, as dpkg does.
pub fn parse(field: &str) -> Result<Vec<Clause>, RelationError> {
    field
        .split(',')
        .map(str::trim)
        .filter(|clause| !clause.is_empty())
        .map(|clause| clause.split('|').map(Relation::parse).collect())
        .collect()
}

impl Relation {
    /// Reads one relation, without alternatives.
    pub fn parse(text: &str) -> Result<Self, RelationError> {
        let text = text.trim();
        let wrong = || RelationError { text: text.to_owned() };
        let (package, bound) = match text.split_once('(') {
            None => (text, None),
            Some((package, bound)) => {
                let bound = bound.strip_suffix(')').ok_or_else(wrong)?;
                (package.trim_end(), Some(Bound::parse(bound.trim()).ok_or_else(wrong)?))
            }
        };
        let (name, qualifier) = match package.split_once(':') {
            None => (package, None),
            Some((name, qualifier)) => (name, Some(qualifier)),
        };
        let valid = |word: &str| {
            let mut bytes = word.bytes();
            bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
        };
        if !valid(name) || !qualifier.is_none_or(valid) {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), qualifier: qualifier.map(str::to_owned), bound })
    }

    /// Whether a package of this name and `version` meets the relation.
    pub fn met_by(&self, version: &str) -> bool {
        self.bound.as_ref().is_none_or(|bound| bound.met_by(version))
    }
}

impl Bound {
    fn parse(text: &str) -> Option<Self> {
        // `<` and `>` are old spellings that dpkg still reads, as "or equal"; a bare version it takes for `=`.
        let operators = [
            ("<<", Operator::Earlier),
            ("<=", Operator::EarlierOrEqual),
            (">=", Operator::LaterOrEqual),
            (">>", Operator::Later),
            ("=", Operator::Equal),
            ("<", Operator::EarlierOrEqual),
            (">", Operator::LaterOrEqual),
            ("", Operator::Equal),
        ];
        let (operator, version) =
            operators.iter().find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?.trim())))?;
        let valid = version.starts_with(|first: char| first.is_ascii_alphanumeric())
            && version.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>=|,".contains(&byte));
        valid.then(|| Self { operator, version: version.to_owned() })
    }

    /// Whether `version` lies within the bound.
    pub fn met_by(&self, version: &str) -> bool {
        let order = version::compare(version, &self.version);
        match self.operator {
            Operator::Earlier => order == Ordering::Less,
            Operator::EarlierOrEqual => order != Ordering::Greater,
            Operator::Equal => order == Ordering::Equal,
            Operator::LaterOrEqual => order != Ordering::Less,
            Operator::Later => order == Ordering::Greater,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(qualifier) = &self.qualifier {
            write!(f, ":{qualifier}")?;
        }
        if let Some(Bound { operator, version }) = &self.bound {
            write!(f, " ({operator} {version})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Earlier => "<<",
            Self::EarlierOrEqual => "<=",
            Self::Equal => "=",
            Self::LaterOrEqual => ">=",
            Self::Later => ">>",
        })
    }
}

/// A clause as control data writes it: `a | b (>= 2)`.
pub fn display(clause: &[Relation]) -> String {
    clause.iter().map(Relation::to_string).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_and_write() {
        let field =
            "libc6 (>= 2.38), libssl3t64(>=3.0.0) |libssl4 , perl:any,, init-system-helpers (>= 1.54~),\n a (= 1:2-3)";
        let clauses = parse(field).expect("valid");
        let shown: Vec<_> = clauses.iter().map(|clause| display(clause)).collect();
        assert_eq!(
            shown,
            [
                "libc6 (>= 2.38)",
                "libssl3t64 (>= 3.0.0) | libssl4",
                "perl:any",
                "init-system-helpers (>= 1.54~)",
                "a (= 1:2-3)"
            ]
        );
        assert_eq!(parse(" \n"), Ok(Vec::new()));
    }

    #[test]
    fn bounds_hold() {
        let met = |relation: &str, version: &str| Relation::parse(relation).expect("valid").met_by(version);
        assert!(met("a", "0"));
        assert!(met("a (<< 2)", "2~rc1") && !met("a (<< 2)", "2"));
        assert!(met("a (<= 2)", "2") && !met("a (<= 2)", "2+b1"));
        assert!(met("a (= 2)", "0:2") && !met("a (= 2)", "2-1"));
        assert!(met("a (>= 2)", "2") && met("a (>= 2)", "1:0~") && !met("a (>= 1:0)", "2"));
        assert!(met("a (>> 2)", "2.0.1") && !met("a (>> 2)", "2"));
        assert!(met("a (< 2)", "2") && met("a (> 2)", "2"));
        assert!(met("a (2)", "2") && !met("a (2)", "2.1"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["a (>= )", "a (~ 1)", "a (>= 1", "a b", "a [arm64]", "a <!nocheck>", "|", "a:", "-a"] {
            let text_of_fault = text.split('|').next().unwrap_or_default();
            let error = parse(text).expect_err(text);
            assert_eq!(
                error.to_string(),
                format!(
                    "`{text_of_fault}` is no relation between packages (`name`, `name:any` or `name (>= version)`)"
                )
            );
        }
    }
}
