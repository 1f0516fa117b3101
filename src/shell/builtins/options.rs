//! `set`, `getopts`, `umask`.

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::state::Options;
use super::super::syntax::Text;
use super::variables::quoted;

pub(super) fn set(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    if arguments.is_empty() {
        let mut lines = Text::new();
        for (name, variable) in &shell.state.variables {
            if let Some(value) = &variable.value {
                lines.extend([name.as_slice(), b"=", &quoted(value), b"\n"].concat());
            }
        }
        shell.write(1, &lines)?;
        return Ok(0);
    }
    let mut rest = arguments.iter();
    while let Some(argument) = rest.as_slice().first() {
        let (on, letters) = match argument.as_slice() {
            b"--" => {
                rest.next();
                shell.state.arguments = rest.cloned().collect();
                return Ok(0);
            }
            b"-" => {
                rest.next();
                break;
            }
            [b'-', letters @ ..] => (true, letters),
            [b'+', letters @ ..] => (false, letters),
            _ => break,
        };
        rest.next();
        for letter in letters {
            let letter = match letter {
                b'o' => match rest.next().map(|name| long(name)) {
                    Some(Some(letter)) => letter,
                    Some(None) => return shell.fails("set: Illegal option -o"),
                    None => return shell.stop("`set -o` tells how the shell is set"),
                },
                letter => *letter,
            };
            if !choose(&mut shell.state.options, letter, on) {
                return shell.fails(&format!("set: Illegal option -{}", char::from(letter)));
            }
        }
    }
    if !rest.as_slice().is_empty() {
        shell.state.arguments = rest.cloned().collect();
    }
    Ok(0)
}

/// The letter for the long name of an option.
fn long(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"allexport" => b'a',
        b"errexit" => b'e',
        b"noclobber" => b'C',
        b"noglob" => b'f',
        b"nounset" => b'u',
        b"notify" => b'b',
        b"monitor" => b'm',
        b"verbose" => b'v',
        b"xtrace" => b'x',
        _ => return None,
    })
}

fn choose(options: &mut Options, letter: u8, on: bool) -> bool {
    match letter {
        b'a' => options.allexport = on,
        b'e' => options.errexit = on,
        b'C' => options.noclobber = on,
        b'f' => options.noglob = on,
        b'u' => options.nounset = on,
        // They change messages, or what nothing here does.
        b'b' | b'm' | b'v' | b'x' => {}
        _ => return false,
    }
    true
}

pub(super) fn getopts(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let [letters, name, given @ ..] = arguments else { return shell.fails("Usage: getopts optstring var [arg]") };
    let words = if given.is_empty() { shell.state.arguments.clone() } else { given.to_vec() };
    let silent = letters.first() == Some(&b':');
    let index = shell.state.value(b"OPTIND").and_then(|text| super::number(text)).unwrap_or(1);
    let mut index = usize::try_from(index).unwrap_or(1).max(1);
    let mut at = shell.state.option_at;
    let end = |shell: &mut Shell<'_>, index: usize| {
        shell.assign(b"OPTIND", index.to_string().into_bytes())?;
        shell.assign(name, b"?".to_vec())?;
        Ok(1)
    };
    if at == 0 {
        match words.get(index - 1) {
            Some(word) if word == b"--" => return end(shell, index + 1),
            Some(word) if word.len() > 1 && word[0] == b'-' => at = 1,
            _ => return end(shell, index),
        }
    }
    let Some(word) = words.get(index - 1).filter(|word| word.len() > at) else { return end(shell, index) };
    let letter = word[at];
    let place = letters.iter().position(|known| *known == letter && letter != b':');
    at += 1;
    let takes = place.is_some_and(|place| letters.get(place + 1) == Some(&b':'));
    let (mut value, mut argument) = (vec![letter], place.map(|_| Text::new()));
    if at >= word.len() || takes {
        let rest = word[at..].to_vec();
        index += 1;
        at = 0;
        if takes && !rest.is_empty() {
            argument = Some(rest);
        } else if takes {
            match words.get(index - 1) {
                Some(next) => {
                    argument = Some(next.clone());
                    index += 1;
                }
                None if silent => {
                    value = b":".to_vec();
                    argument = Some(vec![letter]);
                }
                None => {
                    shell.complain(&format!("No arg for -{} option", char::from(letter)))?;
                    value = b"?".to_vec();
                    argument = None;
                }
            }
        }
    }
    if place.is_none() {
        value = b"?".to_vec();
        if silent {
            argument = Some(vec![letter]);
        } else {
            shell.complain(&format!("Illegal option -{}", char::from(letter)))?;
        }
    }
    match argument {
        Some(argument) => shell.assign(b"OPTARG", argument)?,
        None => drop(shell.state.variables.remove(b"OPTARG".as_slice())),
    }
    shell.assign(b"OPTIND", index.to_string().into_bytes())?;
    shell.state.option_at = at;
    shell.assign(name, value)?;
    Ok(0)
}

pub(super) fn umask(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    match arguments.first() {
        None => {
            let line = format!("{:04o}\n", shell.state.umask);
            shell.write(1, line.as_bytes())?;
            Ok(0)
        }
        Some(text) => {
            let octal = std::str::from_utf8(text).ok().and_then(|digits| u16::from_str_radix(digits, 8).ok());
            match octal {
                Some(umask) => {
                    shell.state.umask = umask & 0o777;
                    Ok(0)
                }
                None => shell.stop(&format!("`umask {}` is not understood", String::from_utf8_lossy(text))),
            }
        }
    }
}
