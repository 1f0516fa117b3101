//! grep(1).

use crate::commands::answer::{Answer, refused, shown};
use crate::commands::arguments::{Given, parse};
use crate::commands::session::Session;
use crate::shell::{Call, FileKind, Outcome, Text, WorldError};

use super::pattern::{Form, Pattern, push_line};

/// The status of a mistake, which wins over those of what was found.
const MISTAKE: i32 = 2;

const OPTIONS: &[&str] = &[
    "E|extended-regexp",
    "F|fixed-strings",
    "G|basic-regexp",
    "i|y|ignore-case",
    "v|invert-match",
    "w|word-regexp",
    "x|line-regexp",
    "c|count",
    "l|files-with-matches",
    "L|files-without-match",
    "q|quiet|silent",
    "s|no-messages",
    "o|only-matching",
    "n|line-number",
    "h|no-filename",
    "H|with-filename",
    "r|R|recursive",
    "a|text",
    "z|null-data",
    "e|regexp=",
    "f|file=",
    "m|max-count=",
    "color=?",
    "colour=?",
    "A|after-context=",
    "B|before-context=",
    "U|binary",
    "Z|null",
];

/// `grep [OPTION…] PATTERN [FILE…]`
pub(super) fn grep(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, OPTIONS)?;
    let mut operands = given.operands.clone();
    let mut patterns: Vec<Text> = Vec::new();
    for (option, value) in &given.options {
        match (*option, value) {
            ("e", Some(pattern)) => patterns.extend(pattern.split(|byte| *byte == b'\n').map(<[u8]>::to_vec)),
            ("f", Some(file)) => {
                let content =
                    if file == b"-" { (call.input)() } else { session.bytes(&Session::absolute(call.folder, file))? };
                patterns.extend(super::pattern::lines(&content).map(<[u8]>::to_vec));
            }
            _ => {}
        }
    }
    if !given.has("e") && !given.has("f") {
        if operands.is_empty() {
            return Ok(Outcome { status: MISTAKE, errors: b"grep: no pattern\n".to_vec(), ..Outcome::default() });
        }
        patterns.extend(operands.remove(0).split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    if given.has("A") || given.has("B") {
        return refused("`grep` with lines around is not done here");
    }
    let form = Form {
        extended: given.has("E") || call.name.ends_with(b"egrep"),
        fixed: given.has("F") || call.name.ends_with(b"fgrep"),
        any_case: given.has("i"),
        whole_line: given.has("x"),
        whole_word: given.has("w") && !given.has("x"),
    };
    let patterns = patterns.iter().map(|pattern| Pattern::new(pattern, form)).collect::<Result<Vec<_>, _>>()?;
    let limit = match given.text("m")? {
        Some(number) => number.parse().or_else(|_| refused(format!("`grep -m {number}` is no number")))?,
        None => usize::MAX,
    };
    let mut search =
        Search { given: &given, patterns, limit, outcome: Outcome::default(), found: false, titled: false };
    let mut files = Vec::new();
    for operand in &operands {
        expand(session, call, operand, given.has("r"), &mut files)?;
    }
    search.titled = (files.len() > 1 || operands.len() > 1 || given.has("r") || given.has("H")) && !given.has("h");
    if operands.is_empty() {
        if given.has("r") {
            return refused("`grep -r` without a file is not done here");
        }
        let content = (call.input)();
        search.search(b"(standard input)", &content)?;
    }
    for file in files {
        if file == b"-" {
            let content = (call.input)();
            search.search(b"(standard input)", &content)?;
            continue;
        }
        let path = Session::absolute(call.folder, &file);
        match session.bytes(&path) {
            Ok(content) => search.search(&file, &content)?,
            Err(WorldError::Failed(_)) => {
                let reason = if session.is_folder(&path)? { "Is a directory" } else { "No such file or directory" };
                if !given.has("s") {
                    let error = format!("grep: {}: {reason}\n", shown(&file));
                    search.outcome.errors.extend(error.into_bytes());
                }
                // With -q what was found before counts.
                search.outcome.status = MISTAKE;
            }
            Err(error) => return Err(error),
        }
    }
    let Search { mut outcome, found, .. } = search;
    let mistaken = outcome.status == MISTAKE && !(given.has("q") && found);
    outcome.status = if mistaken { MISTAKE } else { i32::from(!found) };
    Ok(outcome)
}

fn expand(
    session: &Session<'_, '_>,
    call: &Call<'_>,
    operand: &[u8],
    recursive: bool,
    files: &mut Vec<Text>,
) -> Result<(), WorldError> {
    let path = Session::absolute(call.folder, operand);
    if !recursive || !session.is_folder(&path)? {
        files.push(operand.to_vec());
        return Ok(());
    }
    for name in session.names_in(&path)? {
        let below = [operand.strip_suffix(b"/").unwrap_or(operand), b"/", &name].concat();
        let status = session.tells(&Session::absolute(call.folder, &below), false)?;
        match status.map(|status| status.kind) {
            Some(FileKind::Folder) => expand(session, call, &below, true, files)?,
            Some(FileKind::File) => files.push(below),
            _ => {}
        }
    }
    Ok(())
}

struct Search<'g> {
    given: &'g Given,
    patterns: Vec<Pattern>,
    limit: usize,
    outcome: Outcome,
    found: bool,
    titled: bool,
}

impl Search<'_> {
    fn search(&mut self, name: &[u8], content: &[u8]) -> Result<(), WorldError> {
        let given = self.given;
        let end = if given.has("z") { b'\0' } else { b'\n' };
        let quiet = ["q", "l", "L", "c"].into_iter().any(|option| given.has(option));
        let mut count = 0_usize;
        let trimmed = content.strip_suffix(&[end]).unwrap_or(content);
        let all = trimmed.split(|byte| *byte == end).enumerate().filter(|_| !content.is_empty());
        for (index, line) in all {
            if count >= self.limit {
                break;
            }
            let is_in = self.patterns.iter().any(|pattern| pattern.is_in(line));
            if is_in == given.has("v") {
                continue;
            }
            count += 1;
            if quiet {
                continue;
            }
            let mut prefix = Text::new();
            if self.titled {
                prefix.extend_from_slice(name);
                prefix.push(b':');
            }
            if given.has("n") {
                prefix.extend(format!("{}:", index + 1).into_bytes());
            }
            if given.has("o") {
                if given.has("v") {
                    continue;
                }
                for (from, to) in self.matches(line)? {
                    self.outcome.output.extend_from_slice(&prefix);
                    self.outcome.output.extend_from_slice(&line[from..to]);
                    self.outcome.output.push(end);
                }
                continue;
            }
            self.outcome.output.extend_from_slice(&prefix);
            self.outcome.output.extend_from_slice(line);
            self.outcome.output.push(end);
        }
        if given.has("c") && !given.has("q") {
            let title = if self.titled { format!("{}:", shown(name)) } else { String::new() };
            push_line(&mut self.outcome.output, format!("{title}{count}").as_bytes());
        }
        let listed = (given.has("l") && count > 0) || (given.has("L") && count == 0);
        if listed && !given.has("q") {
            self.outcome.output.extend_from_slice(name);
            self.outcome.output.push(if given.has("Z") { 0 } else { b'\n' });
        }
        self.found |= if given.has("L") { count == 0 } else { count > 0 };
        Ok(())
    }

    /// All matches of a line that are not empty, from left to right.
    fn matches(&self, line: &[u8]) -> Result<Vec<(usize, usize)>, WorldError> {
        let mut matches = Vec::new();
        let mut at = 0;
        while at <= line.len() {
            let mut best: Option<(usize, usize)> = None;
            for pattern in &self.patterns {
                if let Some((from, to)) = pattern.find(line, at)?.and_then(|groups| groups.first().copied().flatten()) {
                    let better = best.is_none_or(|(start, end)| from < start || (from == start && to > end));
                    best = if better { Some((from, to)) } else { best };
                }
            }
            let Some((from, to)) = best else { break };
            if to > from {
                matches.push((from, to));
                at = to;
            } else {
                at = to + 1;
            }
        }
        Ok(matches)
    }
}
