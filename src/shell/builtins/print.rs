//! `echo` and `printf`.

use super::super::arithmetic;
use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::syntax::Text;

pub(super) fn echo(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let (newline, words) = match arguments {
        [option, rest @ ..] if option == b"-n" => (false, rest),
        all => (true, all),
    };
    let mut line = Text::new();
    let mut goes_on = true;
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            line.push(b' ');
        }
        goes_on = unescape(word, true, &mut line);
        if !goes_on {
            break;
        }
    }
    if newline && goes_on {
        line.push(b'\n');
    }
    Ok(i32::from(!shell.write(1, &line)?))
}

/// Adds `text` with its backslashes understood; false when `\c` ends all output. `zero`: octal numbers begin with `\0`.
fn unescape(text: &[u8], zero: bool, into: &mut Text) -> bool {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            into.push(*byte);
            continue;
        }
        let Some(letter) = text.get(at) else {
            into.push(b'\\');
            break;
        };
        at += 1;
        let meant = match letter {
            b'a' => 7,
            b'b' => 8,
            b'c' => return false,
            b'e' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' => b'\\',
            b'0'..=b'7' if *letter == b'0' || !zero => {
                // `\0` and three digits, or three with the first of them.
                let start = if zero { at } else { at - 1 };
                let digits = text[start..].iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
                at = start + digits;
                octal(&text[start..at])
            }
            other => {
                into.push(b'\\');
                *other
            }
        };
        into.push(meant);
    }
    true
}

fn octal(digits: &[u8]) -> u8 {
    digits.iter().fold(0u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0'))
}

/// One `%…` of a format.
struct Conversion {
    minus: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    letter: u8,
}

pub(super) fn printf(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let arguments = match arguments {
        [first, rest @ ..] if first == b"--" => rest,
        all => all,
    };
    let Some((format, arguments)) = arguments.split_first() else {
        return shell.fails("printf: usage: printf format [arg ...]");
    };
    let mut printer = Printer { arguments: arguments.iter(), output: Text::new(), complaints: Vec::new() };
    loop {
        let before = printer.arguments.len();
        match printer.format(format) {
            Ok(true) => {}
            Ok(false) => break,
            Err(reason) => {
                let output = std::mem::take(&mut printer.output);
                shell.write(1, &output)?;
                return shell.fails(&reason).or(Ok(2));
            }
        }
        if printer.arguments.len() == 0 || printer.arguments.len() == before {
            break;
        }
        shell.spend_bytes(printer.output.len())?;
    }
    let Printer { output, complaints, .. } = printer;
    for complaint in &complaints {
        shell.complain(complaint)?;
    }
    shell.write(1, &output)?;
    Ok(i32::from(!complaints.is_empty()))
}

struct Printer<'a> {
    arguments: std::slice::Iter<'a, Text>,
    output: Text,
    complaints: Vec<String>,
}

impl Printer<'_> {
    /// Goes through the format once; false when `\c` ends all output.
    fn format(&mut self, format: &[u8]) -> Result<bool, String> {
        let mut at = 0;
        while let Some(byte) = format.get(at) {
            match byte {
                b'\\' => {
                    let mut end = at + 2;
                    if matches!(format.get(at + 1), Some(b'0'..=b'7')) {
                        let digits = format[at + 1..].iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
                        end = at + 1 + digits.count();
                    }
                    let end = end.min(format.len());
                    if !unescape(&format[at..end], false, &mut self.output) {
                        return Ok(false);
                    }
                    at = end;
                }
                b'%' if format.get(at + 1) == Some(&b'%') => {
                    self.output.push(b'%');
                    at += 2;
                }
                b'%' => {
                    let (conversion, length) = self.conversion(&format[at + 1..])?;
                    at += 1 + length;
                    if !self.convert(&conversion)? {
                        return Ok(false);
                    }
                }
                byte => {
                    self.output.push(*byte);
                    at += 1;
                }
            }
        }
        Ok(true)
    }

    fn conversion(&mut self, text: &[u8]) -> Result<(Conversion, usize), String> {
        let mut conversion = Conversion {
            minus: false,
            plus: false,
            space: false,
            alternate: false,
            zero: false,
            width: 0,
            precision: None,
            letter: 0,
        };
        let mut at = 0;
        while let Some(flag) = text.get(at) {
            match flag {
                b'-' => conversion.minus = true,
                b'+' => conversion.plus = true,
                b' ' => conversion.space = true,
                b'#' => conversion.alternate = true,
                b'0' => conversion.zero = true,
                _ => break,
            }
            at += 1;
        }
        let mut count = |at: &mut usize| -> Result<usize, String> {
            if text.get(*at) == Some(&b'*') {
                *at += 1;
                return Ok(usize::try_from(self.number()).unwrap_or(0));
            }
            let digits = text[*at..].iter().take_while(|digit| digit.is_ascii_digit()).count();
            let number = std::str::from_utf8(&text[*at..*at + digits]).unwrap_or_default();
            *at += digits;
            Ok(number.parse().unwrap_or(0))
        };
        conversion.width = count(&mut at)?;
        if text.get(at) == Some(&b'.') {
            at += 1;
            conversion.precision = Some(count(&mut at)?);
        }
        if conversion.width > 4096 || conversion.precision.is_some_and(|precision| precision > 4096) {
            return Err("printf: a field of more than 4096 letters".to_owned());
        }
        conversion.letter = *text.get(at).ok_or("printf: missing format character")?;
        Ok((conversion, at + 1))
    }

    fn number(&mut self) -> i64 {
        let Some(text) = self.arguments.next() else { return 0 };
        if let [b'\'' | b'"', letter, ..] = text.as_slice() {
            return i64::from(*letter);
        }
        let trimmed = text.trim_ascii_start();
        match arithmetic::number(trimmed).filter(|_| trimmed.last().is_some_and(|last| !last.is_ascii_whitespace())) {
            Some(number) => number,
            None => {
                let shown = String::from_utf8_lossy(text);
                self.complaints.push(format!("printf: {shown}: expected numeric value"));
                let digits = trimmed.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
                arithmetic::number(&trimmed[..digits]).unwrap_or(0)
            }
        }
    }

    fn convert(&mut self, conversion: &Conversion) -> Result<bool, String> {
        let mut goes_on = true;
        let text = match conversion.letter {
            b's' => cut(self.arguments.next().cloned().unwrap_or_default(), conversion.precision),
            b'b' => {
                let mut text = Text::new();
                let argument = self.arguments.next().cloned().unwrap_or_default();
                goes_on = unescape(&argument, true, &mut text);
                cut(text, conversion.precision)
            }
            b'c' => self.arguments.next().cloned().unwrap_or_default().into_iter().take(1).collect(),
            b'd' | b'i' => {
                let number = self.number();
                let sign = match (number < 0, conversion.plus, conversion.space) {
                    (true, ..) => "-",
                    (_, true, _) => "+",
                    (_, _, true) => " ",
                    _ => "",
                };
                digits(sign, &number.unsigned_abs().to_string(), conversion)
            }
            letter @ (b'u' | b'o' | b'x' | b'X') => {
                let number = u64::from_ne_bytes(self.number().to_ne_bytes());
                let (prefix, text) = match letter {
                    b'u' => ("", number.to_string()),
                    b'o' => ("0", format!("{number:o}")),
                    b'x' => ("0x", format!("{number:x}")),
                    _ => ("0X", format!("{number:X}")),
                };
                let prefix = if conversion.alternate && number != 0 { prefix } else { "" };
                digits(prefix, &text, conversion)
            }
            letter => return Err(format!("printf: %{}: invalid directive", char::from(letter))),
        };
        let missing = conversion.width.saturating_sub(text.len());
        let blanks = vec![b' '; missing];
        if conversion.minus {
            self.output.extend(text);
            self.output.extend(blanks);
        } else {
            self.output.extend(blanks);
            self.output.extend(text);
        }
        Ok(goes_on)
    }
}

fn cut(mut text: Text, precision: Option<usize>) -> Text {
    text.truncate(precision.unwrap_or(usize::MAX));
    text
}

fn digits(sign: &str, digits: &str, conversion: &Conversion) -> Text {
    let least = match conversion.precision {
        Some(precision) => precision,
        None if conversion.zero && !conversion.minus => conversion.width.saturating_sub(sign.len()),
        None => 1,
    };
    let zeros = "0".repeat(least.saturating_sub(digits.len()));
    format!("{sign}{zeros}{digits}").into_bytes()
}
