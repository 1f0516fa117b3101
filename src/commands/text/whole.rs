//! head, tail, tac, wc, tee and base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::commands::answer::{Answer, failed, refused, says};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};

use super::pattern::push_line;
use super::{joined, one};

/// `-5` as the first word is an old form of `-n 5`.
fn modern(call: &Call<'_>) -> Vec<Text> {
    let mut words = call.arguments.to_vec();
    if let Some(first) =
        words.first_mut().filter(|word| word.len() > 1 && word[0] == b'-' && word[1..].iter().all(u8::is_ascii_digit))
    {
        *first = [b"-n", &first[1..]].concat();
    }
    words
}

fn number(given: &crate::commands::arguments::Given, option: &str) -> Result<Option<(char, usize)>, WorldError> {
    let Some(value) = given.text(option)? else { return Ok(None) };
    let (sign, digits) = match value.chars().next() {
        Some(sign @ ('+' | '-')) => (sign, &value[1..]),
        _ => (' ', value.as_str()),
    };
    digits.parse().map(|number| Some((sign, number))).or_else(|_| failed(format!("invalid number of lines: ‘{value}’")))
}

/// Several files would have titles.
fn content(session: &Session<'_, '_>, call: &mut Call<'_>, operands: &[Text], quiet: bool) -> Result<Text, WorldError> {
    if operands.len() > 1 && !quiet {
        return refused("several files have titles, which are not made here");
    }
    joined(session, call, operands)
}

/// The parts of a text with their line ends.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// `head [-n LINES] [-c BYTES] [-q] [FILE]`
pub(super) fn head(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let arguments = modern(call);
    let given = parse(
        &Call { arguments: &arguments, input: &mut Text::new, environment: Default::default(), ..*call },
        &["n|lines=", "c|bytes=", "q|quiet|silent"],
    )?;
    let text = content(session, call, &given.operands, given.has("q"))?;
    if let Some((sign, bytes)) = number(&given, "c")? {
        let end = if sign == '-' { text.len().saturating_sub(bytes) } else { bytes.min(text.len()) };
        return says(&text[..end]);
    }
    let (sign, count) = number(&given, "n")?.unwrap_or((' ', 10));
    let parts = parts(&text);
    let end = if sign == '-' { parts.len().saturating_sub(count) } else { count.min(parts.len()) };
    says(parts[..end].concat())
}

/// `tail [-n LINES|+LINE] [-c BYTES] [-q] [FILE]`
pub(super) fn tail(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let arguments = modern(call);
    let given = parse(
        &Call { arguments: &arguments, input: &mut Text::new, environment: Default::default(), ..*call },
        &["n|lines=", "c|bytes=", "q|quiet|silent"],
    )?;
    let text = content(session, call, &given.operands, given.has("q"))?;
    if let Some((sign, bytes)) = number(&given, "c")? {
        let start =
            if sign == '+' { bytes.saturating_sub(1).min(text.len()) } else { text.len().saturating_sub(bytes) };
        return says(&text[start..]);
    }
    let (sign, count) = number(&given, "n")?.unwrap_or((' ', 10));
    let parts = parts(&text);
    let start = if sign == '+' { count.saturating_sub(1).min(parts.len()) } else { parts.len().saturating_sub(count) };
    says(parts[start..].concat())
}

/// `tac [FILE…]`
pub(super) fn tac(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &[])?;
    let operands = if given.operands.is_empty() { vec![b"-".to_vec()] } else { given.operands.clone() };
    let mut output = Text::new();
    for operand in &operands {
        let text = one(session, call, operand)?;
        let mut parts = parts(&text);
        parts.reverse();
        output.extend(parts.concat());
    }
    says(output)
}

/// `wc [-clwm] [FILE]`, one number for standard input, and a file's name behind it.
pub(super) fn wc(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["c|bytes", "m|chars", "l|lines", "w|words"])?;
    if given.operands.len() > 1 || given.options.len() != 1 {
        return refused(
            "`wc` counts one thing of one file here: several stand in columns whose width nobody should rely on",
        );
    }
    let text = joined(session, call, &given.operands)?;
    let count = match () {
        () if given.has("l") => text.iter().filter(|byte| **byte == b'\n').count(),
        () if given.has("w") => {
            let words = text.split(|byte| byte.is_ascii_whitespace() || *byte == 11);
            words.filter(|word| !word.is_empty()).count()
        }
        () => text.len(),
    };
    let mut line = count.to_string().into_bytes();
    if let Some(name) = given.operands.first() {
        line.push(b' ');
        line.extend_from_slice(name);
    }
    line.push(b'\n');
    says(line)
}

/// `tee [-a] [FILE…]`
pub(super) fn tee(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["a|append", "i"])?;
    let text = (call.input)();
    for operand in &given.operands {
        let path = Session::absolute(call.folder, operand);
        let there = given.has("a") && session.place_if_there(&path, true)?.is_some();
        let before = if there { session.bytes(&path)? } else { Text::new() };
        session.put(&path, [before.as_slice(), &text].concat(), 0o666 & !call.umask)?;
    }
    says(text)
}

/// `base64 [-d] [-w COLUMNS] [FILE]`
pub(super) fn base64(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["d|decode", "w|wrap="])?;
    let content = joined(session, call, &given.operands)?;
    if given.has("d") {
        let letters: Text = content.into_iter().filter(|byte| *byte != b'\n').collect();
        return match STANDARD.decode(letters) {
            Ok(bytes) => says(bytes),
            Err(_) => failed("invalid input"),
        };
    }
    let width = number(&given, "w")?.map_or(76, |(_, width)| width);
    let letters = STANDARD.encode(content).into_bytes();
    if width == 0 {
        return says(letters);
    }
    let mut output = Text::new();
    letters.chunks(width).for_each(|line| push_line(&mut output, line));
    says(output)
}
