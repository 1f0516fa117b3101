//! cut, paste and tr.

use crate::commands::answer::{Answer, failed, refused, says, shown};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};

use super::pattern::{lines, push_line};
use super::{joined, one};

/// `cut -f LIST [-d LETTER] [-s] [FILE…]`, `cut -c LIST`, `cut -b LIST`
pub(super) fn cut(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "f|fields=",
        "c|characters=",
        "b|bytes=",
        "d|delimiter=",
        "s|only-delimited",
        "complement",
        "output-delimiter=",
        "n",
    ];
    let given = parse(call, &known)?;
    let content = joined(session, call, &given.operands)?;
    let of_letters = given.value("c").or(given.value("b"));
    let Some(list) = of_letters.or(given.value("f")) else {
        return failed("you must specify a list of bytes, characters, or fields");
    };
    let ranges = ranges(&text(list)?)?;
    let chosen =
        |index: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&index)) != given.has("complement");
    let delimiter = match given.value("d") {
        Some([byte]) => *byte,
        Some([]) => 0,
        Some(_) => return failed("the delimiter must be a single character"),
        None => b'\t',
    };
    let between = given.value("output-delimiter").map_or(vec![delimiter], <[u8]>::to_vec);
    let mut output = Text::new();
    for line in lines(&content) {
        if of_letters.is_some() {
            let letters: Text =
                line.iter().enumerate().filter(|(index, _)| chosen(index + 1)).map(|(_, byte)| *byte).collect();
            push_line(&mut output, &letters);
            continue;
        }
        if !line.contains(&delimiter) {
            if !given.has("s") {
                push_line(&mut output, line);
            }
            continue;
        }
        let fields = line.split(|byte| *byte == delimiter).enumerate();
        let fields: Vec<&[u8]> = fields.filter(|(index, _)| chosen(index + 1)).map(|(_, field)| field).collect();
        push_line(&mut output, &fields.join(between.as_slice()));
    }
    says(output)
}

/// `1,3-5,7-`
fn ranges(list: &str) -> Result<Vec<(usize, usize)>, WorldError> {
    let number = |text: &str, none: usize| if text.is_empty() { Some(none) } else { text.parse().ok() };
    let mut ranges = Vec::new();
    for part in list.split([',', ' ']) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (number(from, 1), number(to, usize::MAX)) {
            (Some(from), Some(to)) if !part.is_empty() && part != "-" && from > 0 && from <= to => {
                ranges.push((from, to));
            }
            _ => return failed(format!("invalid field value '{part}'")),
        }
    }
    Ok(ranges)
}

/// `paste [-s] [-d LETTERS] FILE…`
pub(super) fn paste(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["s|serial", "d|delimiters="])?;
    let delimiter = match given.value("d") {
        Some([byte]) => *byte,
        None => b'\t',
        Some(_) => return refused("`paste` takes one letter between fields here"),
    };
    let mut files: Vec<Vec<Text>> = Vec::new();
    let operands = if given.operands.is_empty() { vec![b"-".to_vec()] } else { given.operands.clone() };
    for operand in &operands {
        let content = one(session, call, operand)?;
        files.push(lines(&content).map(<[u8]>::to_vec).collect());
    }
    let mut output = Text::new();
    if given.has("s") {
        files.iter().for_each(|file| push_line(&mut output, &file.join(&delimiter)));
        return says(output);
    }
    for index in 0..files.iter().map(Vec::len).max().unwrap_or(0) {
        let fields: Vec<Text> = files.iter().map(|file| file.get(index).cloned().unwrap_or_default()).collect();
        push_line(&mut output, &fields.join(&delimiter));
    }
    says(output)
}

/// `tr [-cds] SET [SET]`
pub(super) fn tr(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["c|C|complement", "d|delete", "s|squeeze-repeats", "t|truncate-set1"])?;
    let sets = given.operands.iter().map(|set| letters(set)).collect::<Result<Vec<_>, _>>()?;
    let [first, rest @ ..] = sets.as_slice() else { return failed("missing operand") };
    let first: Text =
        if given.has("c") { (0..=255).filter(|byte| !first.contains(byte)).collect() } else { first.clone() };
    let second = rest.first();
    let input = (call.input)();
    let mut output = Text::with_capacity(input.len());
    let squeezed = match (given.has("s"), second) {
        (false, _) => None,
        (true, Some(second)) => Some(second.clone()),
        (true, None) => Some(first.clone()),
    };
    let translates = second.is_some() && !given.has("d");
    if second.is_none() && !given.has("d") && !given.has("s") {
        return failed("missing operand after the first set");
    }
    for byte in input {
        let place = first.iter().rposition(|one| *one == byte);
        if given.has("d") && place.is_some() {
            continue;
        }
        let byte = match (place, second) {
            (Some(place), Some(second)) if translates => match second.get(place).or(second.last()) {
                Some(to) => *to,
                None => return failed("when not truncating set1, string2 must be non-empty"),
            },
            _ => byte,
        };
        let repeats = squeezed.as_ref().is_some_and(|set| set.contains(&byte)) && output.last() == Some(&byte);
        if !repeats {
            output.push(byte);
        }
    }
    says(output)
}

/// `a-z`, `[:upper:]`, `\n`, `\012`
fn letters(set: &[u8]) -> Result<Text, WorldError> {
    let mut letters = Text::new();
    let mut rest = set;
    while let Some((first, behind)) = rest.split_first() {
        if rest.starts_with(b"[:")
            && let Some(end) = rest.windows(2).position(|pair| pair == b":]")
        {
            let class: fn(&u8) -> bool = match &rest[2..end] {
                b"upper" => u8::is_ascii_uppercase,
                b"lower" => u8::is_ascii_lowercase,
                b"digit" => u8::is_ascii_digit,
                b"alpha" => u8::is_ascii_alphabetic,
                b"alnum" => u8::is_ascii_alphanumeric,
                b"space" => |byte| matches!(byte, b'\t'..=b'\r' | b' '),
                b"blank" => |byte| matches!(byte, b'\t' | b' '),
                b"punct" => u8::is_ascii_punctuation,
                b"cntrl" => u8::is_ascii_control,
                b"print" => |byte| matches!(byte, b' '..=b'~'),
                b"graph" => u8::is_ascii_graphic,
                b"xdigit" => u8::is_ascii_hexdigit,
                other => return refused(format!("`tr` has no class `{}` here", shown(other))),
            };
            letters.extend((0..=255_u8).filter(class));
            rest = &rest[end + 2..];
            continue;
        }
        if rest.starts_with(b"[=") || (*first == b'[' && behind.get(1) == Some(&b'*')) {
            return refused(format!("`tr` does not know `{}` here", shown(set)));
        }
        let (low, behind) = letter(*first, behind)?;
        if let Some((b'-', more)) = behind.split_first()
            && let Some((next, more)) = more.split_first()
        {
            let (high, more) = letter(*next, more)?;
            if low > high {
                return failed(format!("range-endpoints of '{}' are in reverse collating sequence order", shown(set)));
            }
            letters.extend(low..=high);
            rest = more;
            continue;
        }
        letters.push(low);
        rest = behind;
    }
    Ok(letters)
}

fn letter(first: u8, behind: &[u8]) -> Result<(u8, &[u8]), WorldError> {
    if first != b'\\' {
        return Ok((first, behind));
    }
    let digits = behind.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    if digits > 0 {
        let value = behind[..digits].iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
        return match u8::try_from(value) {
            Ok(byte) => Ok((byte, &behind[digits..])),
            Err(_) => refused("`tr` has a number above 255"),
        };
    }
    let Some((next, behind)) = behind.split_first() else { return Ok((b'\\', behind)) };
    let byte = match next {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'f' => 12,
        b'v' => 11,
        b'a' => 7,
        b'b' => 8,
        other => *other,
    };
    Ok((byte, behind))
}
