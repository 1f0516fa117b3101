//! The form of a generated block: its lines with gaps for the words that differ from package to package.
//!
//! A block is compared after [`normal_lines`]: comments, blank lines, indentation and joined lines make no difference,
//! so neither does the version of debhelper that laid it out. In a form `<name>` is a gap for one shell word and
//! `<name...>` for any number of them. Words with expansions or substitutions fill no gap: what they stand for is
//! only known to a shell.

use std::collections::BTreeMap;

use super::Action;

/// How one of debhelper's tools writes a block, and what such a block does in a fresh installation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// "dh_installsystemd"
    pub(super) tool: &'static str,
    /// The lines, normal; `<…>` is a gap.
    pub(super) lines: &'static [&'static str],
    /// Whether a block has any number of such lines, each with an action of its own.
    pub(super) each_line: bool,
    /// None when the words in the gaps make no sense.
    pub(super) action: fn(&Words) -> Option<Action>,
}

/// The words in the gaps, by the gap's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(BTreeMap<&'static str, Vec<String>>);

impl Words {
    /// The words of a gap; none when there is no such gap.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The word of a gap for one.
    pub(super) fn one(&self, name: &str) -> Option<String> {
        self.0.get(name)?.first().cloned()
    }
}

impl Form {
    /// The actions of a block of normal lines, when it has this form.
    pub(super) fn read(&self, block: &[String]) -> Option<Vec<Action>> {
        if self.each_line {
            return block.iter().map(|line| self.read_once(std::slice::from_ref(line))).collect();
        }
        Some(vec![self.read_once(block)?])
    }

    fn read_once(&self, block: &[String]) -> Option<Action> {
        if block.len() != self.lines.len() {
            return None;
        }
        let mut words = Words::default();
        for (form, line) in self.lines.iter().zip(block) {
            fill(form, line, &mut words)?;
        }
        (self.action)(&words)
    }
}

/// Compares `line` with `form` and puts the words of the gaps into `words`. A gap that stands in several places must
/// be filled with the same words everywhere.
fn fill(form: &'static str, line: &str, words: &mut Words) -> Option<()> {
    let Some((before, rest)) = form.split_once('<').filter(|(_, rest)| rest.contains('>')) else {
        return (form == line).then_some(());
    };
    // Redirections have a `<` or `>` of their own; a gap's name is letters only.
    let (name, after) = rest.split_once('>')?;
    let (name, many) = name.strip_suffix("...").map_or((name, false), |name| (name, true));
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return (form == line).then_some(());
    }
    let line = line.strip_prefix(before)?;
    let next = after.split('<').next().unwrap_or_default();
    let end = if after.is_empty() { line.len() } else { line.find(next)? };
    let found = shell_words(&line[..end])?;
    if !many && found.len() != 1 {
        return None;
    }
    match words.0.get(name) {
        Some(earlier) if *earlier != found => return None,
        _ => words.0.insert(name, found),
    };
    fill(after, &line[end..], words)
}

/// The lines of a block without what makes no difference: comments, empty lines, indentation, doubled blanks, a blank
/// before a semicolon, and with continued lines joined.
pub(super) fn normal_lines(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" ").replace(" ;", ";")).collect()
}

/// Splits words as a POSIX shell does. None where the shell would expand, substitute or run something.
fn shell_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => loop {
                match rest.next()? {
                    '\'' => {
                        word.get_or_insert_default();
                        break;
                    }
                    inner => word.get_or_insert_default().push(inner),
                }
            },
            '"' => loop {
                match rest.next()? {
                    '"' => {
                        word.get_or_insert_default();
                        break;
                    }
                    '$' | '`' | '\\' => return None,
                    inner => word.get_or_insert_default().push(inner),
                }
            },
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '$' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '#' | '~' | '{' | '}' => {
                return None;
            }
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&'static str, &[&str])]) -> Words {
        Words(pairs.iter().map(|(name, all)| (*name, all.iter().map(ToString::to_string).collect())).collect())
    }

    fn filled(form: &'static str, line: &str) -> Option<Words> {
        let mut words = Words::default();
        fill(form, line, &mut words).map(|()| words)
    }

    #[test]
    fn gaps_take_words_and_the_rest_must_be_equal() {
        assert_eq!(
            filled("start <units...> >/dev/null || true", "start 'a.timer' 'b.timer' >/dev/null || true"),
            Some(words(&[("units", &["a.timer", "b.timer"])]))
        );
        assert_eq!(
            filled("update-rc.d <name> defaults", "update-rc.d ssh defaults"),
            Some(words(&[("name", &["ssh"])]))
        );
        assert_eq!(filled("update-rc.d <name> defaults", "update-rc.d ssh other defaults"), None);
        assert_eq!(
            filled("if [ -x \"/etc/init.d/<name>\" ]; then", "if [ -x \"/etc/init.d/ssh\" ]; then"),
            Some(words(&[("name", &["ssh"])]))
        );
        assert_eq!(filled("plain >/dev/null", "plain >/dev/null"), Some(Words::default()));
        assert_eq!(filled("<a> <a>", "x y"), None);
    }

    #[test]
    fn words_that_only_a_shell_knows_fill_no_gap() {
        for line in ["run $X", "run `x`", "run \"$x\"", "run x; rm -rf", "run x && y", "run *"] {
            assert_eq!(filled("run <what...>", line), None, "{line}");
        }
        assert_eq!(
            shell_words(r#"a\~ 'b c' "d e" f'g'"#),
            Some(vec!["a~".into(), "b c".into(), "d e".into(), "fg".into()])
        );
        assert_eq!(shell_words("'open"), None);
    }

    #[test]
    fn layout_makes_no_difference() {
        let block = "\tif [ a ] ; then\n\n\t# why\n\t\trun  x \\\n\t\t  y\nfi\n";
        assert_eq!(normal_lines(block), ["if [ a ]; then", "run x y", "fi"]);
    }
}
