//! Where things are: `cd`, `command`, `pwd`, `type`.

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::syntax::Text;
use super::super::world::FileKind;
use super::find;

pub(super) fn cd(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let arguments: Vec<&Text> =
        arguments.iter().filter(|text| !matches!(text.as_slice(), b"-L" | b"-P" | b"--")).collect();
    let target = match arguments.first() {
        None => shell.state.value(b"HOME").cloned().unwrap_or_default(),
        Some(text) if *text == b"-" => shell.state.value(b"OLDPWD").cloned().unwrap_or_default(),
        Some(text) => (*text).clone(),
    };
    if target.is_empty() {
        return Ok(0);
    }
    let path = cleaned(&shell.state.absolute(&target));
    if !shell.status(&path, true)?.is_some_and(|status| status.kind == FileKind::Folder) {
        shell.complain(&format!("cd: can't cd to {}", String::from_utf8_lossy(&target)))?;
        return Ok(2);
    }
    let before = std::mem::replace(&mut shell.state.folder, path.clone());
    shell.assign(b"OLDPWD", before)?;
    shell.assign(b"PWD", path.clone())?;
    if arguments.first().is_some_and(|text| *text == b"-") {
        shell.write(1, &[path.as_slice(), b"\n"].concat())?;
    }
    Ok(0)
}

/// A path without `.`, `..` and doubled slashes.
fn cleaned(path: &[u8]) -> Text {
    let mut components: Vec<&[u8]> = Vec::new();
    for component in path.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => drop(components.pop()),
            component => components.push(component),
        }
    }
    let mut cleaned = b"/".to_vec();
    cleaned.extend(components.join(&b'/'));
    cleaned
}

pub(super) fn pwd(shell: &mut Shell<'_>, _: &[Text], _: bool) -> Result<i32, Flow> {
    let line = [shell.state.folder.as_slice(), b"\n"].concat();
    shell.write(1, &line)?;
    Ok(0)
}

/// A command without regard to functions, or what a name stands for.
pub(super) fn command(shell: &mut Shell<'_>, arguments: &[Text], tested: bool) -> Result<i32, Flow> {
    match arguments {
        [] => Ok(0),
        [option, rest @ ..] if option == b"-p" || option == b"--" => command(shell, rest, tested),
        [option, names @ ..] if option == b"-v" || option == b"-V" => {
            let mut status = 0;
            for name in names {
                match stands_for(shell, name) {
                    Some(text) => {
                        shell.write(1, &[text.as_slice(), b"\n"].concat())?;
                    }
                    None => status = 127,
                }
            }
            Ok(status)
        }
        [name, arguments @ ..] => match find(name) {
            // A mistake of a special one ends nothing here.
            Some(builtin) => (builtin.run)(shell, arguments, tested),
            None => shell.program(name, arguments),
        },
    }
}

/// What `command -v` says of a name.
fn stands_for(shell: &Shell<'_>, name: &Text) -> Option<Text> {
    if find(name).is_some() || shell.state.functions.contains_key(name) {
        return Some(name.clone());
    }
    shell.world.program(name)
}

pub(super) fn tell(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let mut status = 0;
    for name in arguments {
        let shown = String::from_utf8_lossy(name).into_owned();
        let line = if find(name).is_some_and(|builtin| builtin.special) {
            format!("{shown} is a special shell builtin\n")
        } else if shell.state.functions.contains_key(name) {
            format!("{shown} is a shell function\n")
        } else if find(name).is_some() {
            format!("{shown} is a shell builtin\n")
        } else if let Some(path) = shell.world.program(name) {
            format!("{shown} is {}\n", String::from_utf8_lossy(&path))
        } else {
            status = 127;
            format!("{shown}: not found\n")
        };
        shell.write(1, line.as_bytes())?;
    }
    Ok(status)
}
