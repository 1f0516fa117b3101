//! basename, dirname, date and seq.

use jiff::{Timestamp, fmt::strtime};

use crate::commands::answer::{Answer, failed, refused, says};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, Text};

use super::pattern::push_line;

/// `basename NAME [SUFFIX]`, `basename -a [-s SUFFIX] NAME…`
pub(super) fn basename(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["a|multiple", "s|suffix="])?;
    let many = given.has("a") || given.has("s");
    let (names, suffix): (&[Text], &[u8]) = match given.operands.as_slice() {
        [] => return failed("missing operand"),
        names if many => (names, given.value("s").unwrap_or_default()),
        [name] => (std::slice::from_ref(name), b""),
        [name, suffix] => (std::slice::from_ref(name), suffix),
        _ => return failed("extra operand"),
    };
    let mut output = Text::new();
    for name in names {
        let end = name.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
        let last = name[..end].rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let last = if last.is_empty() && !name.is_empty() { b"/" } else { last };
        push_line(&mut output, last.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(last));
    }
    says(output)
}

/// `dirname NAME…`
pub(super) fn dirname(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &[])?;
    let mut output = Text::new();
    for name in &given.operands {
        let end = name.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
        let folder = match name[..end].iter().rposition(|byte| *byte == b'/') {
            None if end == 0 && !name.is_empty() => b"/".as_slice(),
            None => b".",
            Some(at) => match name[..at].iter().rposition(|byte| *byte != b'/') {
                Some(last) => &name[..=last],
                None => b"/",
            },
        };
        push_line(&mut output, folder);
    }
    if given.operands.is_empty() { failed("missing operand") } else { says(output) }
}

/// `date [-uR] [-d @SECONDS] [-r FILE] [+FORMAT]`, at the build's own time and in UTC.
pub(super) fn date(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["u|utc|universal", "R|rfc-email", "d|date=", "r|reference=", "I|iso-8601=?"])?;
    let seconds = match (given.text("d")?, given.value("r")) {
        (Some(date), _) => match date.strip_prefix('@').and_then(|seconds| seconds.parse().ok()) {
            Some(seconds) => seconds,
            None => return refused(format!("`date -d {date}` is not understood here")),
        },
        (None, Some(file)) => {
            let place = session.place(&Session::absolute(call.folder, file), true)?;
            session.node(&place)?.meta.mtime
        }
        (None, None) => session.context.options.epoch,
    };
    let format = match given.operands.as_slice() {
        [] if given.has("R") => "%a, %d %b %Y %H:%M:%S %z".to_owned(),
        [] if given.has("I") && given.value("I").is_none() => "%Y-%m-%d".to_owned(),
        [] if !given.has("I") => "%a %b %e %H:%M:%S %Z %Y".to_owned(),
        [format] if format.starts_with(b"+") => text(&format[1..])?,
        _ => return refused("`date` sets no clock here"),
    };
    const KNOWN: &str = "aAbBCdDeFHIjklmMnNpSstTuUVwWyYzZ%RhcGgxX";
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter == '%' && !letters.next().is_some_and(|letter| KNOWN.contains(letter) && !"cxXN".contains(letter)) {
            return refused(format!("`date +{format}` is not understood here"));
        }
    }
    let Ok(time) = Timestamp::from_second(seconds) else { return failed("time is out of range") };
    match strtime::format(format.replace("%Z", "UTC"), time) {
        Ok(line) => says(format!("{line}\n")),
        Err(_) => refused(format!("`date +{format}` is not understood here")),
    }
}

/// `seq [-w] [-s SEPARATOR] [FIRST [STEP]] LAST`, for whole numbers.
pub(super) fn seq(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    // A number below zero looks like an option.
    let is_number = |word: &Text| word.len() > 1 && word[0] == b'-' && word[1..].iter().all(u8::is_ascii_digit);
    let marked = |word: &Text| if is_number(word) { [b"\0".as_slice(), word].concat() } else { word.clone() };
    let arguments: Vec<Text> = call.arguments.iter().map(marked).collect();
    let given = parse(
        &Call { arguments: &arguments, input: &mut Text::new, environment: Default::default(), ..*call },
        &["w|equal-width", "s|separator="],
    )?;
    let numbers =
        given.operands.iter().map(|number| text(number).map(|number| number.trim_start_matches('\0').parse::<i64>()));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let Ok(numbers) = numbers.into_iter().collect::<Result<Vec<i64>, _>>() else {
        return refused("`seq` counts only whole numbers here");
    };
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        _ => return failed("missing operand"),
    };
    let mut values = Vec::new();
    let mut value = first;
    while (step > 0 && value <= last) || (step < 0 && value >= last) {
        values.push(value.to_string());
        if values.len() > 1_000_000 {
            return refused("`seq` counts more than a million numbers");
        }
        value += step;
    }
    let width = if given.has("w") { values.iter().map(String::len).max().unwrap_or(0) } else { 0 };
    let values: Vec<String> = values.iter().map(|value| format!("{value:0>width$}")).collect();
    let separator = given.text("s")?.unwrap_or_else(|| "\n".to_owned());
    says(if values.is_empty() { String::new() } else { values.join(&separator) + "\n" })
}
