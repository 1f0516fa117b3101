//! getopt(1) of util-linux, in the form that quotes.

use crate::commands::answer::{Answer, refused};
use crate::commands::arguments::{parse_leading, text};
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text};

/// `getopt [-o LETTERS] [-l NAMES] [-n NAME] [-q] -- WORD…`
pub(in crate::commands) fn getopt(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given =
        parse_leading(call, &["o|options=", "l|longoptions|long=", "n|name=", "q|quiet", "T|test", "s|shell=", "u"])?;
    if given.has("T") {
        return Ok(Outcome { status: 4, ..Outcome::default() });
    }
    let Some(letters) = given.text("o")? else { return refused("`getopt` in its old form is not done here") };
    if given.has("u") || letters.starts_with('-') || letters.starts_with('+') {
        return refused("`getopt` orders and quotes as it does by itself here");
    }
    let mut long = Vec::new();
    for (_, names) in given.options.iter().filter(|(option, _)| *option == "l") {
        let names = text(names.as_deref().unwrap_or_default())?;
        long.extend(names.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned));
    }
    let mut reader = Reader {
        letters,
        long,
        output: Vec::new(),
        errors: Vec::new(),
        name: given.text("n")?.unwrap_or("getopt".into()),
    };
    let operands = reader.all(&given.operands);
    let mut output = Text::new();
    for word in reader.output.into_iter().chain([b"--".to_vec()]).chain(operands) {
        output.push(b' ');
        output.extend(word);
    }
    output.push(b'\n');
    let status = i32::from(!reader.errors.is_empty());
    let errors = if given.has("q") { Text::new() } else { reader.errors };
    Ok(Outcome { status, output, errors })
}

struct Reader {
    letters: String,
    long: Vec<String>,
    output: Vec<Text>,
    errors: Text,
    name: String,
}

impl Reader {
    fn all(&mut self, words: &[Text]) -> Vec<Text> {
        let mut operands = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == b"--" {
                operands.extend(rest.map(|word| quoted(word)));
                break;
            }
            if let Some(long) = word.strip_prefix(b"--") {
                let (name, value) = match long.iter().position(|byte| *byte == b'=') {
                    Some(at) => (&long[..at], Some(long[at + 1..].to_vec())),
                    None => (long, None),
                };
                self.long_option(&String::from_utf8_lossy(name), value, &mut rest);
            } else if word.len() > 1 && word.starts_with(b"-") {
                self.short_options(&word[1..], &mut rest);
            } else {
                operands.push(quoted(word));
            }
        }
        operands
    }

    fn long_option<'w>(&mut self, name: &str, value: Option<Text>, rest: &mut impl Iterator<Item = &'w Text>) {
        let bare = |known: &String| known.trim_end_matches(':').to_owned();
        let exact = self.long.iter().find(|known| bare(known) == name);
        let near: Vec<&String> = self.long.iter().filter(|known| known.starts_with(name)).collect();
        let known = match (exact, near.as_slice()) {
            (Some(known), _) => known.clone(),
            (None, [known]) => (*known).clone(),
            _ => return self.wrong(&format!("unrecognized option '--{name}'")),
        };
        self.output.push(format!("--{}", bare(&known)).into_bytes());
        match (known.ends_with("::"), known.ends_with(':'), value) {
            (true, _, value) => self.output.push(quoted(&value.unwrap_or_default())),
            (false, true, Some(value)) => self.output.push(quoted(&value)),
            (false, true, None) => match rest.next() {
                Some(value) => self.output.push(quoted(value)),
                None => {
                    self.output.pop();
                    self.wrong(&format!("option '--{}' requires an argument", bare(&known)));
                }
            },
            (false, false, Some(_)) => {
                self.output.pop();
                self.wrong(&format!("option '--{}' doesn't allow an argument", bare(&known)));
            }
            (false, false, None) => {}
        }
    }

    fn short_options<'w>(&mut self, letters: &[u8], rest: &mut impl Iterator<Item = &'w Text>) {
        let mut letters = letters;
        while let Some((letter, behind)) = letters.split_first() {
            letters = behind;
            let place = self.letters.bytes().position(|known| known == *letter).filter(|_| *letter != b':');
            let Some(place) = place else {
                self.wrong(&format!("invalid option -- '{}'", char::from(*letter)));
                continue;
            };
            let takes = self.letters.as_bytes()[place + 1..].iter().take_while(|byte| **byte == b':').count();
            self.output.push(vec![b'-', *letter]);
            match takes {
                0 => {}
                1 if letters.is_empty() => match rest.next() {
                    Some(value) => self.output.push(quoted(value)),
                    None => {
                        self.output.pop();
                        self.wrong(&format!("option requires an argument -- '{}'", char::from(*letter)));
                    }
                },
                _ => self.output.push(quoted(std::mem::take(&mut letters))),
            }
        }
    }

    fn wrong(&mut self, what: &str) {
        self.errors.extend(format!("{}: {what}\n", self.name).into_bytes());
    }
}

/// A word in single quotes.
fn quoted(word: &[u8]) -> Text {
    let mut text = vec![b'\''];
    for byte in word {
        match byte {
            b'\'' => text.extend(b"'\\''"),
            byte => text.push(*byte),
        }
    }
    text.push(b'\'');
    text
}
