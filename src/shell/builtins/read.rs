//! `read`: a line of standard input into variables.

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::streams;
use super::super::syntax::{Text, is_name};

pub(super) fn read(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let (mut raw, mut names) = (false, arguments);
    while let [option, rest @ ..] = names {
        match option.as_slice() {
            b"-r" => raw = true,
            b"-p" => {
                // Nobody is there to be prompted.
                names = rest.get(1..).unwrap_or_default();
                continue;
            }
            b"--" => {
                names = rest;
                break;
            }
            [b'-', ..] => return shell.fails("read: Illegal option"),
            _ => break,
        }
        names = rest;
    }
    if names.is_empty() {
        return shell.fails("read: arg count");
    }
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        return shell.fails(&format!("{}: bad variable name", String::from_utf8_lossy(name)));
    }
    let (line, ended) = line(shell, raw)?;
    let values = divided(&line, names.len(), &shell.state.separators());
    let mut values = values.into_iter();
    for name in names {
        shell.assign(name, values.next().unwrap_or_default())?;
    }
    Ok(i32::from(!ended))
}

/// The bytes of a line, each with whether a backslash was before it; and whether it had an end.
fn line(shell: &mut Shell<'_>, raw: bool) -> Result<(Vec<(u8, bool)>, bool), Flow> {
    let stream = shell.state.streams.get(0).cloned();
    let mut line = Vec::new();
    loop {
        match streams::next(stream.as_ref()) {
            None => return Ok((line, false)),
            Some(b'\n') => return Ok((line, true)),
            Some(0) => {}
            Some(b'\\') if !raw => match streams::next(stream.as_ref()) {
                None => return Ok((line, false)),
                Some(b'\n') => {}
                Some(byte) => line.push((byte, true)),
            },
            Some(byte) => line.push((byte, false)),
        }
        if line.len() % 64 == 0 {
            shell.step()?;
        }
    }
}

/// The line in at most `count` fields; the last one has all that is left, without the separators around it.
fn divided(line: &[(u8, bool)], count: usize, separators: &[u8]) -> Vec<Text> {
    let separates = |(byte, escaped): &(u8, bool)| !escaped && separators.contains(byte);
    let is_blank = |one: &(u8, bool)| separates(one) && matches!(one.0, b' ' | b'\t' | b'\n');
    let text = |part: &[(u8, bool)]| part.iter().map(|(byte, _)| *byte).collect::<Text>();
    let skipped = |part: &[(u8, bool)]| part.iter().take_while(|one| is_blank(one)).count();
    let mut rest = &line[skipped(line)..];
    let mut fields = Vec::new();
    while !rest.is_empty() {
        if fields.len() + 1 == count {
            fields.push(text(last(rest, separates, is_blank)));
            break;
        }
        let end = rest.iter().position(separates).unwrap_or(rest.len());
        fields.push(text(&rest[..end]));
        rest = &rest[end..];
        // Blanks around one other separator belong to it.
        rest = &rest[skipped(rest)..];
        if rest.first().is_some_and(separates) {
            rest = &rest[1..];
            rest = &rest[skipped(rest)..];
        }
    }
    fields
}

/// What is left for the last variable: without blanks at its end, and without one separator when it is a single field.
fn last(
    rest: &[(u8, bool)],
    separates: impl Fn(&(u8, bool)) -> bool,
    is_blank: impl Fn(&(u8, bool)) -> bool,
) -> &[(u8, bool)] {
    let trimmed = |part: &'_ [(u8, bool)]| part.len() - part.iter().rev().take_while(|one| is_blank(one)).count();
    let whole = &rest[..trimmed(rest)];
    match whole.iter().position(&separates) {
        Some(at) if at + 1 == whole.len() => &whole[..trimmed(&whole[..at])],
        _ => whole,
    }
}
