//! sort and uniq.

use std::cmp::Ordering;

use crate::commands::answer::{Answer, refused, says, status};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};

use super::joined;
use super::pattern::{lines, push_line};

/// How two lines are compared.
#[derive(Debug, Clone, Copy, Default)]
struct Order {
    numbers: bool,
    versions: bool,
    reverse: bool,
    any_case: bool,
    /// Fields of the key, counted from 1.
    key: Option<(usize, usize)>,
    separator: Option<u8>,
}

/// `sort [-nrufVcsbz] [-t LETTER] [-k FROM[,TO][FLAGS]] [-o FILE] [FILE…]`
pub(super) fn sort(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "n|numeric-sort",
        "r|reverse",
        "u|unique",
        "f|ignore-case",
        "V|version-sort",
        "c|check=?",
        "s|stable",
        "z|zero-terminated",
        "b|ignore-leading-blanks",
        "t|field-separator=",
        "k|key=",
        "o|output=",
        "m|merge",
    ];
    let given = parse(call, &known)?;
    let content = joined(session, call, &given.operands)?;
    let mut order = Order {
        numbers: given.has("n"),
        versions: given.has("V"),
        reverse: given.has("r"),
        any_case: given.has("f"),
        key: None,
        separator: match given.value("t") {
            Some([byte]) => Some(*byte),
            None => None,
            Some(_) => return refused("`sort -t` takes one letter here"),
        },
    };
    match given.options.iter().filter(|(option, _)| *option == "k").count() {
        0 => {}
        1 => read_key(&mut order, &given.text("k")?.unwrap_or_default())?,
        _ => return refused("`sort` takes one key here"),
    }
    let end = if given.has("z") { b'\0' } else { b'\n' };
    let trimmed = content.strip_suffix(&[end]).unwrap_or(&content);
    let mut all: Vec<&[u8]> =
        if content.is_empty() { Vec::new() } else { trimmed.split(|byte| *byte == end).collect() };
    let (stable, unique) = (given.has("s"), given.has("u"));
    let compare = |one: &&[u8], other: &&[u8]| {
        let by_key = order.compare(one, other);
        // Lines with equal keys are compared as a whole, but where that is not wanted.
        let whole = if stable || unique { Ordering::Equal } else { one.cmp(other) };
        let order_of = |ordering: Ordering| if order.reverse { ordering.reverse() } else { ordering };
        order_of(by_key).then(order_of(whole))
    };
    if given.has("c") {
        let sorted = all.windows(2).all(|pair| {
            let order = compare(&pair[0], &pair[1]);
            order.is_lt() || (order.is_eq() && !unique)
        });
        return status(i32::from(!sorted));
    }
    all.sort_by(compare);
    if unique {
        all.dedup_by(|one, other| order.compare(one, other).is_eq());
    }
    let mut output = Text::with_capacity(content.len() + 1);
    for line in all {
        output.extend_from_slice(line);
        output.push(end);
    }
    match given.value("o") {
        Some(file) => {
            session.put(&Session::absolute(call.folder, file), output, 0o666 & !call.umask)?;
            says("")
        }
        None => says(output),
    }
}

/// `2,3n`
fn read_key(order: &mut Order, key: &str) -> Result<(), WorldError> {
    let digits_end = key.find(|letter: char| !letter.is_ascii_digit() && letter != ',').unwrap_or(key.len());
    for flag in key[digits_end..].chars() {
        match flag {
            'n' => order.numbers = true,
            'V' => order.versions = true,
            'r' => order.reverse = true,
            'f' => order.any_case = true,
            _ => return refused(format!("`sort -k {key}` is not understood here")),
        }
    }
    let (from, to) = key[..digits_end].split_once(',').unwrap_or((&key[..digits_end], ""));
    let to = if to.is_empty() { Ok(usize::MAX) } else { to.parse() };
    match (from.parse(), to) {
        (Ok(from), Ok(to)) if from > 0 => order.key = Some((from, to)),
        _ => return refused(format!("`sort -k {key}` is not understood here")),
    }
    Ok(())
}

impl Order {
    fn compare(&self, one: &[u8], other: &[u8]) -> Ordering {
        let (one, other) = (self.part(one), self.part(other));
        if self.numbers {
            let (one, other) = (number(one), number(other));
            return one.partial_cmp(&other).unwrap_or(Ordering::Equal);
        }
        if self.versions {
            // GNU's order of versions is Debian's for the names that packages have.
            let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
            return crate::archive::version::compare(&one, &other);
        }
        if self.any_case {
            return one.to_ascii_uppercase().cmp(&other.to_ascii_uppercase());
        }
        one.cmp(other)
    }

    /// The part of a line that is compared.
    fn part<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        let Some((from, to)) = self.key else { return line };
        let mut starts = vec![0];
        match self.separator {
            Some(separator) => starts.extend((0..line.len()).filter(|at| line[*at] == separator).map(|at| at + 1)),
            // A field begins with the blanks before it.
            None => {
                let blank = |at: usize| matches!(line[at], b' ' | b'\t');
                starts.extend((1..line.len()).filter(|at| blank(*at) && !blank(at - 1)));
            }
        }
        let Some(start) = starts.get(from - 1) else { return &[] };
        let end = starts.get(to).map_or(line.len(), |next| if self.separator.is_some() { next - 1 } else { *next });
        line.get(*start..end).unwrap_or_default()
    }
}

/// The number that a text begins with; 0 where it begins with none.
fn number(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, letter)| !(letter.is_ascii_digit() || *letter == '.' || (*at == 0 && *letter == '-')))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().unwrap_or(0.0)
}

/// `uniq [-cdui] [INPUT]`
pub(super) fn uniq(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["c|count", "d|repeated", "u|unique", "i|ignore-case"])?;
    if given.operands.len() > 1 {
        return refused("`uniq` writes to no file here");
    }
    let content = joined(session, call, &given.operands)?;
    let mut groups: Vec<(&[u8], usize)> = Vec::new();
    for line in lines(&content) {
        let same = |known: &[u8]| if given.has("i") { known.eq_ignore_ascii_case(line) } else { known == line };
        match groups.last_mut() {
            Some((known, count)) if same(known) => *count += 1,
            _ => groups.push((line, 1)),
        }
    }
    let mut output = Text::new();
    for (line, count) in groups {
        if (given.has("d") && count < 2) || (given.has("u") && count > 1) {
            continue;
        }
        if given.has("c") {
            output.extend(format!("{count:>7} ").into_bytes());
        }
        push_line(&mut output, line);
    }
    says(output)
}
