//! cmp, comm and diff.

use crate::commands::answer::{Answer, failed, refused, says, shown, status};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text, WorldError};

use super::one;
use super::pattern::{lines, push_line};

/// The status where a file is missing.
const TROUBLE: i32 = 2;

fn two(
    session: &Session<'_, '_>,
    call: &mut Call<'_>,
    operands: &[Text],
) -> Result<Result<(Text, Text), i32>, WorldError> {
    let [first, second] = operands else { return failed("takes two files") };
    let mut contents = Vec::new();
    for operand in [first, second] {
        match one(session, call, operand) {
            Ok(content) => contents.push(content),
            Err(WorldError::Failed(_)) => return Ok(Err(TROUBLE)),
            Err(error) => return Err(error),
        }
    }
    let second = contents.pop().unwrap_or_default();
    Ok(Ok((contents.pop().unwrap_or_default(), second)))
}

/// `cmp [-s] FILE FILE`
pub(super) fn cmp(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["s|quiet|silent"])?;
    match two(session, call, &given.operands)? {
        Err(trouble) => status(trouble),
        Ok((one, other)) if one == other => status(0),
        Ok(_) if given.has("s") => status(1),
        Ok((one, other)) => {
            let names = format!("{} {}", shown(&given.operands[0]), shown(&given.operands[1]));
            let Some(at) = one.iter().zip(&other).position(|(one, other)| one != other) else {
                return Ok(Outcome { status: 1, errors: b"cmp: EOF\n".to_vec(), ..Outcome::default() });
            };
            let line = one[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let output = format!("{names} differ: char {}, line {line}\n", at + 1).into_bytes();
            Ok(Outcome { status: 1, output, ..Outcome::default() })
        }
    }
}

/// `comm [-123] FILE FILE`
pub(super) fn comm(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["1", "2", "3"])?;
    let Ok((one, other)) = two(session, call, &given.operands)? else { return status(1) };
    let (mut one, mut other) = (lines(&one).peekable(), lines(&other).peekable());
    let mut output = Text::new();
    let mut put = |column: usize, line: &[u8]| {
        let names = ["1", "2", "3"];
        if given.has(names[column]) {
            return;
        }
        let tabs = (0..column).filter(|before| !given.has(names[*before])).count();
        output.extend(std::iter::repeat_n(b'\t', tabs));
        push_line(&mut output, line);
    };
    loop {
        match (one.peek(), other.peek()) {
            (None, None) => break,
            (Some(first), Some(second)) if first == second => {
                put(2, first);
                one.next();
                other.next();
            }
            (Some(first), second) if second.is_none_or(|second| first < second) => {
                put(0, first);
                one.next();
            }
            (_, Some(second)) => {
                put(1, second);
                other.next();
            }
            (Some(_), None) => break,
        }
    }
    says(output)
}

/// `diff -q FILE FILE`, and without `-q` where the files are equal or nobody looks at what differs.
pub(super) fn diff(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["q|brief", "u", "N|new-file", "a|text", "b", "w", "B", "i", "s"])?;
    if ["b", "w", "B", "i", "s"].into_iter().any(|option| given.has(option)) {
        return refused("`diff` compares letters as they are here");
    }
    match two(session, call, &given.operands)? {
        Err(trouble) => status(trouble),
        Ok((one, other)) if one == other => status(0),
        Ok(_) if given.has("q") => {
            let line = format!("Files {} and {} differ\n", shown(&given.operands[0]), shown(&given.operands[1]));
            Ok(Outcome { status: 1, output: line.into_bytes(), ..Outcome::default() })
        }
        Ok(_) => refused("what differs between two files is for a person to read"),
    }
}
