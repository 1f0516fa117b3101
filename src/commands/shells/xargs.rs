//! xargs(1).

use crate::commands::answer::{Answer, refused};
use crate::commands::arguments::parse_leading;
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text, WorldError};

/// `xargs [-0rt] [-n COUNT] [-d LETTER] [-I WORD] [-L1] [PROGRAM [ARGUMENT…]]`
pub(in crate::commands) fn xargs(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "0|null",
        "r|no-run-if-empty",
        "n|max-args=",
        "d|delimiter=",
        "I|replace=",
        "L|max-lines=",
        "t|verbose",
        "P|max-procs=",
    ];
    let given = parse_leading(call, &known)?;
    let input = (call.input)();
    let replace = given.value("I").map(<[u8]>::to_vec);
    let by_line = replace.is_some() || given.has("L");
    let items = match given.value("d") {
        Some(b"\\n") => split(&input, b'\n'),
        Some([byte]) => split(&input, *byte),
        Some(_) => return refused("`xargs -d` takes one letter here"),
        None if given.has("0") => split(&input, 0),
        None if by_line => split(&input, b'\n')
            .into_iter()
            .map(|line| line.trim_ascii().to_vec())
            .filter(|line| !line.is_empty())
            .collect(),
        None => words(&input)?,
    };
    let count = match (given.text("n")?, given.text("L")?) {
        _ if replace.is_some() => 1,
        (Some(number), _) | (None, Some(number)) => match number.parse() {
            Ok(number) if number > 0 => number,
            _ => return refused(format!("`xargs -n {number}` is no number")),
        },
        (None, None) => usize::MAX,
    };
    let echo = [b"echo".to_vec()];
    let program = if given.operands.is_empty() { &echo } else { given.operands.as_slice() };
    let mut outcome = Outcome::default();
    if items.is_empty() && !given.has("r") && replace.is_none() {
        run(session, call, program, &mut outcome)?;
    }
    for items in items.chunks(count.min(items.len().max(1))) {
        let words: Vec<Text> = match &replace {
            Some(mark) => program.iter().map(|word| replaced(word, mark, &items[0])).collect(),
            None => program.iter().chain(items).cloned().collect(),
        };
        run(session, call, &words, &mut outcome)?;
    }
    Ok(outcome)
}

fn run(
    session: &mut Session<'_, '_>,
    call: &mut Call<'_>,
    words: &[Text],
    outcome: &mut Outcome,
) -> Result<(), WorldError> {
    let Some((name, arguments)) = words.split_first() else { return Ok(()) };
    let done = session.call(name, arguments, call.environment.clone(), call)?;
    outcome.output.extend(done.output);
    outcome.errors.extend(done.errors);
    outcome.status = match done.status {
        0 => outcome.status,
        126 | 127 => done.status,
        255 => 124,
        _ => 123,
    };
    Ok(())
}

fn split(input: &[u8], end: u8) -> Vec<Text> {
    let trimmed = input.strip_suffix(&[end]).unwrap_or(input);
    if trimmed.is_empty() { Vec::new() } else { trimmed.split(|byte| *byte == end).map(<[u8]>::to_vec).collect() }
}

/// Words between blanks and line ends; quotes and backslashes keep them together.
fn words(input: &[u8]) -> Result<Vec<Text>, WorldError> {
    let mut words = Vec::new();
    let mut word: Option<Text> = None;
    let mut bytes = input.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' => words.extend(word.take()),
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            quote @ (b'\'' | b'"') => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next() {
                        Some(byte) if byte == quote => break,
                        Some(b'\n') | None => return refused("`xargs` has a quote without its end"),
                        Some(byte) => word.push(byte),
                    }
                }
            }
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    Ok(words)
}

fn replaced(word: &[u8], mark: &[u8], item: &[u8]) -> Text {
    let mut text = Text::new();
    let mut rest = word;
    while let Some(at) = rest.windows(mark.len().max(1)).position(|part| part == mark) {
        text.extend_from_slice(&rest[..at]);
        text.extend_from_slice(item);
        rest = &rest[at + mark.len()..];
    }
    text.extend_from_slice(rest);
    text
}
