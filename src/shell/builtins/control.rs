//! Where a script goes on: `.`, `break`, `continue`, `eval`, `exec`, `exit`, `return`, `trap`.

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::syntax::Text;
use super::super::world::{FileKind, WorldError};
use super::number;

/// Runs the commands of a file in this shell. `set -e` looks at each of them, also where somebody looks at the status of
/// the whole, unlike in `eval`.
pub(super) fn dot(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let Some(name) = arguments.first() else { return Ok(0) };
    let shown = String::from_utf8_lossy(name).into_owned();
    let mut places = Vec::new();
    if name.contains(&b'/') {
        places.push(shell.state.absolute(name));
    } else {
        let path = shell.state.value(b"PATH").cloned().unwrap_or_default();
        for folder in path.split(|byte| *byte == b':') {
            let folder = if folder.is_empty() { b".".as_slice() } else { folder };
            places.push(shell.state.absolute(&[folder, b"/", name.as_slice()].concat()));
        }
    }
    for place in places {
        if !shell.status(&place, true)?.is_some_and(|status| status.kind == FileKind::File) {
            continue;
        }
        let text = match shell.world.read(&place) {
            Ok(text) => text,
            Err(WorldError::Failed(reason)) => return shell.fails(&format!("cannot open {shown}: {reason}")),
            Err(WorldError::Refused(reason)) => return shell.stop(&reason),
        };
        let line = shell.state.line;
        let result = shell.deeper(|shell| shell.source(&text, 1, false));
        shell.state.line = line;
        return match result {
            Err(Flow::Return(status)) => Ok(status),
            other => other,
        };
    }
    shell.fails(&format!("cannot open {shown}: No such file"))
}

/// How many loops are meant.
fn loops(shell: &mut Shell<'_>, arguments: &[Text]) -> Result<usize, Flow> {
    let wanted = match arguments.first() {
        None => 1,
        Some(text) => match number(text).and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0) {
            Some(number) => number,
            None => return shell.fails(&format!("Illegal number: {}", String::from_utf8_lossy(text))),
        },
    };
    Ok(wanted.min(shell.state.loops))
}

pub(super) fn leave_loop(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    match loops(shell, arguments)? {
        0 => Ok(0),
        number => Err(Flow::Break(number)),
    }
}

pub(super) fn go_on(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    match loops(shell, arguments)? {
        0 => Ok(0),
        number => Err(Flow::Continue(number)),
    }
}

pub(super) fn eval(shell: &mut Shell<'_>, arguments: &[Text], tested: bool) -> Result<i32, Flow> {
    let text = arguments.join(&b' ');
    let line = shell.state.line;
    shell.deeper(|shell| shell.source(&text, line, tested))
}

/// With a command, the last one of the shell; without one, for its redirections.
pub(super) fn exec(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let Some((name, arguments)) = arguments.split_first() else { return Ok(0) };
    let status = shell.program(name, arguments)?;
    // What was to be run at the end goes with the shell.
    shell.state.at_exit = None;
    Err(Flow::Exit(status))
}

/// The status that is given, or the last one.
fn status(shell: &mut Shell<'_>, arguments: &[Text]) -> Result<i32, Flow> {
    match arguments.first() {
        None => Ok(shell.state.status),
        Some(text) => match number(text).and_then(|number| i32::try_from(number).ok()).filter(|number| *number >= 0) {
            Some(number) => Ok(number),
            None => shell.fails(&format!("Illegal number: {}", String::from_utf8_lossy(text))),
        },
    }
}

pub(super) fn exit(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    Err(Flow::Exit(status(shell, arguments)? & 0xff))
}

pub(super) fn leave(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    Err(Flow::Return(status(shell, arguments)?))
}

/// No signal ever comes, so of all conditions only the end counts.
pub(super) fn trap(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let arguments = match arguments {
        [first, rest @ ..] if first == b"--" => rest,
        all => all,
    };
    let Some((action, conditions)) = arguments.split_first() else {
        if let Some(action) = shell.state.at_exit.clone() {
            let line = [b"trap -- ".as_slice(), &super::variables::quoted(&action), b" EXIT\n"].concat();
            shell.write(1, &line)?;
        }
        return Ok(0);
    };
    let (action, conditions) = if conditions.is_empty() || number(action).is_some() {
        (None, arguments)
    } else {
        (Some(action).filter(|action| *action != b"-"), conditions)
    };
    for condition in conditions {
        if matches!(condition.as_slice(), b"0" | b"EXIT") {
            shell.state.at_exit = action.cloned();
        }
    }
    Ok(0)
}
