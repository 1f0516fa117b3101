//! Options and operands of a command, as getopt_long(3) of the GNU C library tells them apart.
//!
//! A command names the options that it knows. Any other one is refused: what it would change is not known here. Neither are
//! abbreviated long options taken, as what they abbreviate depends on all that a program has.

use crate::shell::{Call, Text, WorldError};

use super::answer::{refused, shown};

/// What a command was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// By the first of the names that the command has for it, in the order in which they were given.
    pub(super) options: Vec<(&'static str, Option<Text>)>,
    pub(super) operands: Vec<Text>,
}

/// An option of a command: `"r|R|recursive"` is one by three names, `"m|mode="` takes a value, and `"backup=?"` takes one only
/// behind its own `=`.
type Known = &'static str;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    ValueBehindEquals,
}

/// Options wherever they stand, up to `--`.
pub(super) fn parse(call: &Call<'_>, known: &[Known]) -> Result<Given, WorldError> {
    read(call, call.arguments, known, false)
}

/// Options up to the first operand: what follows belongs to another command.
pub(super) fn parse_leading(call: &Call<'_>, known: &[Known]) -> Result<Given, WorldError> {
    read(call, call.arguments, known, true)
}

fn read(call: &Call<'_>, arguments: &[Text], known: &[Known], leading: bool) -> Result<Given, WorldError> {
    let mut given = Given::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == b"--" {
            break;
        }
        if argument.len() < 2 || !argument.starts_with(b"-") {
            given.operands.push(argument.clone());
            if leading {
                break;
            }
            continue;
        }
        if let Some(long) = argument.strip_prefix(b"--") {
            let equals = long.iter().position(|byte| *byte == b'=');
            let (name, value) = equals.map_or((long, None), |at| (&long[..at], Some(long[at + 1..].to_vec())));
            let (key, takes) = find(known, name).filter(|_| name.len() > 1).ok_or_else(|| unknown(call, argument))?;
            let value = match takes {
                Takes::Nothing if value.is_some() => return Err(unknown(call, argument)),
                Takes::Value if value.is_none() => Some(rest.next().cloned().ok_or_else(|| lacks(call, argument))?),
                _ => value,
            };
            given.options.push((key, value));
            continue;
        }
        let mut letters = &argument[1..];
        while let Some((letter, behind)) = letters.split_first() {
            let (key, takes) = find(known, &[*letter]).ok_or_else(|| unknown(call, &[b'-', *letter]))?;
            letters = behind;
            let value = match takes {
                Takes::Value => {
                    let own = std::mem::take(&mut letters);
                    let value = if own.is_empty() { rest.next().cloned() } else { Some(own.to_vec()) };
                    Some(value.ok_or_else(|| lacks(call, argument))?)
                }
                Takes::ValueBehindEquals if !letters.is_empty() => Some(std::mem::take(&mut letters).to_vec()),
                _ => None,
            };
            given.options.push((key, value));
        }
    }
    given.operands.extend(rest.cloned());
    Ok(given)
}

/// The option of this name: what the command calls it, and what it takes.
fn find(known: &[Known], name: &[u8]) -> Option<(&'static str, Takes)> {
    known.iter().find_map(|option| {
        let (names, takes) = match (option.strip_suffix("=?"), option.strip_suffix('=')) {
            (Some(names), _) => (names, Takes::ValueBehindEquals),
            (_, Some(names)) => (names, Takes::Value),
            _ => (*option, Takes::Nothing),
        };
        let first = names.split('|').next()?;
        names.split('|').any(|one| one.as_bytes() == name).then_some((first, takes))
    })
}

fn unknown(call: &Call<'_>, option: &[u8]) -> WorldError {
    let reason = format!("`{}` has no option `{}` here", shown(call.name), shown(option));
    WorldError::Refused(reason)
}

fn lacks(call: &Call<'_>, option: &[u8]) -> WorldError {
    WorldError::Refused(format!("`{} {}` lacks its value", shown(call.name), shown(option)))
}

impl Given {
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(option, _)| *option == name)
    }

    /// The value of an option; of the last one, where there are several.
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.options.iter().rev().find(|(option, _)| *option == name).and_then(|(_, value)| value.as_deref())
    }

    /// As [`Given::value`], as text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, WorldError> {
        self.value(name).map(text).transpose()
    }
}

/// An argument that must be UTF-8, as names of accounts and packages are.
pub(super) fn text(argument: &[u8]) -> Result<String, WorldError> {
    match str::from_utf8(argument) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => refused(format!("the argument `{}` is no UTF-8", shown(argument))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::call;

    #[test]
    fn options_may_stand_anywhere_and_be_joined() {
        let given = parse(&call("x -rm 0755 a --mode=1 -- -b"), &["r|R|recursive", "m|mode="]).expect("known");
        assert_eq!(given.options, [("r", None), ("m", Some(b"0755".to_vec())), ("m", Some(b"1".to_vec()))]);
        assert_eq!(given.operands, [b"a".to_vec(), b"-b".to_vec()]);
        assert_eq!(given.value("m"), Some(b"1".as_slice()));
        let given = parse_leading(&call("env -i a -b"), &["i"]).expect("known");
        assert_eq!(given.operands, [b"a".to_vec(), b"-b".to_vec()]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (line, reason) in [
            ("x -q", "`x` has no option `-q` here"),
            ("x --rec", "`x` has no option `--rec` here"),
            ("x --recursive=1", "`x` has no option `--recursive=1` here"),
            ("x -m", "`x -m` lacks its value"),
        ] {
            let error = parse(&call(line), &["r|recursive", "m|mode="]).expect_err("refused");
            assert_eq!(error, WorldError::Refused(reason.to_owned()));
        }
    }
}
