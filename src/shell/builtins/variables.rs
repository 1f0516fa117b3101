//! `export`, `local`, `readonly`, `shift`, `unset`.

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::state::Variable;
use super::super::syntax::{Text, is_name};
use super::number;

/// A value as a shell reads it again.
pub(super) fn quoted(text: &[u8]) -> Text {
    let mut quoted = b"'".to_vec();
    for byte in text {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\"'\"'"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// Name and value of `name=value` or `name`.
fn declared<'a>(shell: &mut Shell<'_>, argument: &'a [u8]) -> Result<(&'a [u8], Option<Text>), Flow> {
    let (name, value) = match argument.iter().position(|byte| *byte == b'=') {
        Some(equals) => (&argument[..equals], Some(argument[equals + 1..].to_vec())),
        None => (argument, None),
    };
    if is_name(name) {
        return Ok((name, value));
    }
    shell.fails(&format!("{}: bad variable name", String::from_utf8_lossy(name)))
}

pub(super) fn export(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    mark(shell, "export", arguments, |variable| &mut variable.exported)
}

pub(super) fn readonly(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    mark(shell, "readonly", arguments, |variable| &mut variable.readonly)
}

/// Marks variables, those that get a value after they have it; or tells of all that are marked, by name.
fn mark(
    shell: &mut Shell<'_>,
    name: &str,
    arguments: &[Text],
    place: fn(&mut Variable) -> &mut bool,
) -> Result<i32, Flow> {
    if matches!(arguments, []) || arguments.first().is_some_and(|option| option == b"-p") {
        let mut lines = Text::new();
        for (variable, state) in &mut shell.state.variables {
            if *place(state) {
                let value = state.value.as_ref().map(|value| [b"=", quoted(value).as_slice()].concat());
                let value = value.unwrap_or_default();
                lines.extend([name.as_bytes(), b" ", variable.as_slice(), &value, b"\n"].concat());
            }
        }
        return Ok(i32::from(!shell.write(1, &lines)?));
    }
    for argument in arguments {
        let (name, value) = declared(shell, argument)?;
        if let Some(value) = value {
            shell.assign(name, value)?;
        }
        *place(shell.state.variables.entry(name.to_vec()).or_default()) = true;
    }
    Ok(0)
}

/// A variable of the function's own, which has the value that it had outside until it gets another.
pub(super) fn local(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    if shell.state.locals.is_empty() {
        return shell.fails("local: not in a function");
    }
    for argument in arguments {
        if argument == b"-" {
            return shell.stop("`local -` makes options the function's own");
        }
        let (name, value) = declared(shell, argument)?;
        let before = shell.state.variables.get(name).cloned();
        if let Some(known) = shell.state.locals.last_mut()
            && !known.iter().any(|(known, _)| known == name)
        {
            known.push((name.to_vec(), before));
        }
        if let Some(value) = value {
            shell.assign(name, value)?;
        }
    }
    Ok(0)
}

pub(super) fn shift(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let count = match arguments.first() {
        None => 1,
        Some(text) => match number(text).and_then(|number| usize::try_from(number).ok()) {
            Some(number) => number,
            None => return shell.fails(&format!("Illegal number: {}", String::from_utf8_lossy(text))),
        },
    };
    if count > shell.state.arguments.len() {
        return shell.fails("shift: can't shift that many");
    }
    shell.state.arguments.drain(..count);
    Ok(0)
}

pub(super) fn unset(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let (functions, names) = match arguments {
        [option, names @ ..] if option == b"-f" => (true, names),
        [option, names @ ..] if option == b"-v" => (false, names),
        names => (false, names),
    };
    for name in names {
        if functions {
            shell.state.functions.remove(name);
            continue;
        }
        if shell.state.variables.get(name).is_some_and(|variable| variable.readonly) {
            return shell.fails(&format!("unset: {}: is read only", String::from_utf8_lossy(name)));
        }
        shell.state.variables.remove(name);
    }
    Ok(0)
}
