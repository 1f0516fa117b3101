//! Which scripts our shell can run: those for a POSIX shell, and those that say they are for bash and have nothing of it.

use crate::shell::{self, Text};

/// The shells that dash stands for.
const POSIX: [&[u8]; 4] = [b"/bin/sh", b"/usr/bin/sh", b"/bin/dash", b"/usr/bin/dash"];
const BASH: [&[u8]; 2] = [b"/bin/bash", b"/usr/bin/bash"];

/// What bash has beyond POSIX, or does otherwise than dash, as it stands in scripts.
const BASHISMS: [&str; 25] = [
    "[[ ",
    "<<<",
    "&>",
    "|&",
    "$'",
    "=(",
    "+=",
    "${!",
    "//",
    "echo -e",
    "local -",
    "declare ",
    "typeset ",
    "function ",
    "source ",
    "shopt ",
    "pushd ",
    "popd ",
    "select ",
    "coproc ",
    "pipefail",
    "BASH",
    "RANDOM",
    "let ",
    "time ",
];

/// Whether our shell does what the script is written for.
pub fn is_ours(script: &[u8]) -> bool {
    match first_words(script).first() {
        Some(shell) if POSIX.contains(shell) => true,
        Some(shell) if BASH.contains(shell) => {
            is_plain(&String::from_utf8_lossy(script)) && shell::parse(script).is_ok()
        }
        _ => false,
    }
}

/// The script with the options of its first line (`#!/bin/sh -e`) set; none where our shell is not what it is written for.
pub(super) fn with_options(script: &[u8]) -> Option<Text> {
    if !is_ours(script) {
        return None;
    }
    let words = first_words(script);
    let script = match words.first() {
        Some(shell) if BASH.contains(shell) => {
            let lines: Vec<String> = String::from_utf8_lossy(script).split('\n').map(posix_equals).collect();
            lines.join("\n").into_bytes()
        }
        _ => script.to_vec(),
    };
    let end = script.iter().position(|byte| *byte == b'\n').unwrap_or(script.len());
    match words.as_slice() {
        [_] => Some(script),
        // In place of the first line, so that all lines keep their numbers.
        [_, options @ (b"-e" | b"-u" | b"-eu" | b"-ue")] => Some([b"set ", *options, &script[end..]].concat()),
        _ => None,
    }
}

/// The words of the first line behind `#!`.
fn first_words(script: &[u8]) -> Vec<&[u8]> {
    let first = script.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let words = first.strip_prefix(b"#!").unwrap_or_default().split(u8::is_ascii_whitespace);
    words.filter(|word| !word.is_empty()).collect()
}

/// A line with `[ a == b ]`, which bash takes for `[ a = b ]`, as POSIX writes it.
fn posix_equals(line: &str) -> String {
    const SIGN: &str = " == ";
    let Some(at) = line.find(SIGN) else { return line.to_owned() };
    let (before, after) = (&line[..at], &line[at + SIGN.len()..]);
    let one = before.rfind("[ ").map(|start| &before[start + 2..]);
    let other = after.find(" ]").map(|end| &after[..end]);
    // A word, quoted or without blanks: nothing else can be told by letters.
    let is_word = |text: &str| match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => !inner.contains('"'),
        None => !text.is_empty() && !text.contains([' ', '"', '\'']),
    };
    match (one, other) {
        (Some(one), Some(other)) if is_word(one) && is_word(other) => {
            format!("{before} = {}", posix_equals(after))
        }
        _ => line.to_owned(),
    }
}

/// Whether a script for bash has nothing of bash in it, as far as letters tell. What is said too much only means that the script
/// is refused.
fn is_plain(script: &str) -> bool {
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.into_iter().all(|line| {
        let begins = |word: &str| {
            line.starts_with(word) || line.contains(&format!("; {word}")) || line.contains(&format!("&& {word}"))
        };
        let has = |bashism: &str| match bashism {
            // A word of the language only where a command begins; in a text it is a word.
            word if word.ends_with(' ') && word.starts_with(|first: char| first.is_ascii_lowercase()) => begins(word),
            // A slash twice is a part of a path or address but in an expansion.
            "//" => line.contains("${") && line.contains("//") && !line.contains("://"),
            other => line.contains(other),
        };
        let array = line.contains("[@]") || line.contains("[*]") || (line.contains("${") && line.contains("[$"));
        // dash's echo knows backslashes, and bash's does not.
        let told = |letter: char| line.contains(&format!("\\{letter}"));
        let echo = line.contains("echo ") && "abcefnrtv0x\\".chars().any(told);
        let arithmetic = line.replace("$((", "").contains("((");
        let read = begins("read -") && !begins("read -r ");
        let equals = posix_equals(line).contains(" == ");
        !(equals || BASHISMS.iter().any(|bashism| has(bashism)) || array || echo || arithmetic || read)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sign_of_bash_is_written_as_posix_has_it() {
        let script = |line: &str| format!("#!/bin/bash\n{line}\n").into_bytes();
        let line = "if [ \"$a\" == \"5.7\" ] && [ b == $c ]; then x; fi";
        let posix = "if [ \"$a\" = \"5.7\" ] && [ b = $c ]; then x; fi";
        assert_eq!(with_options(&script(line)), Some(script(posix)));
        assert_eq!(with_options(b"#!/bin/bash -e\n[ a == b ]\n"), Some(b"set -e\n[ a = b ]\n".to_vec()));
        assert_eq!(with_options(b"#!/bin/sh\n[ a == b ]\n"), Some(b"#!/bin/sh\n[ a == b ]\n".to_vec()));
    }

    #[test]
    fn scripts_for_bash_are_taken_where_they_have_nothing_of_it() {
        for script in
            ["#!/bin/sh\n[ a == b ]", "#! /bin/sh -e\n", "#!/bin/bash\nset -e\n# [[ x ]]\ngrep '[[:space:]]' x\n"]
        {
            assert!(is_ours(script.as_bytes()), "{script}");
        }
        for line in [
            "[[ a ]]",
            "[ a b == c ]",
            "echo 'a == b'",
            "a=(b)",
            "cat <<< x",
            "x &> y",
            "function f { :; }",
            "local -r x=1",
            "echo ${a//b/c}",
            "echo 'a\\n'",
            "x=1; ((x++))",
            "read -a x",
            "echo ${x[$i]}",
            "if",
            "a+=b",
            "source x",
        ] {
            assert!(!is_ours(format!("#!/bin/bash\n{line}\n").as_bytes()), "{line}");
        }
        for script in ["#!/usr/bin/perl\n", "\u{7f}ELF", "", "echo\n"] {
            assert!(!is_ours(script.as_bytes()), "{script}");
        }
    }
}
