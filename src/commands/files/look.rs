//! cat, ls, readlink, realpath and stat.

use std::fmt::Write as _;

use crate::commands::answer::{Answer, failed, refused, says, shown};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, FileKind, Outcome, Status, Text, WorldError};

use super::{at, joined};

/// `cat [FILE…]`
pub(super) fn cat(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["u"])?;
    let mut outcome = Outcome::default();
    if given.operands.is_empty() {
        outcome.output = (call.input)();
    }
    for operand in &given.operands {
        if operand == b"-" {
            outcome.output.extend((call.input)());
            continue;
        }
        match session.bytes(&at(call, operand)) {
            Ok(content) => outcome.output.extend(content),
            Err(WorldError::Failed(reason)) => {
                outcome.errors.extend(format!("cat: {reason}\n").into_bytes());
                outcome.status = 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// `ls [-1aAdrR] [FILE…]`, one name a line as for another program.
pub(super) fn ls(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["1", "v", "a|all", "A|almost-all", "d|directory", "r|reverse", "U", "L"])?;
    let mut operands = given.operands.clone();
    if operands.is_empty() {
        operands.push(b".".to_vec());
    }
    operands.sort();
    let mut outcome = Outcome::default();
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for operand in operands {
        let path = at(call, &operand);
        match session.tells(&path, !given.has("d"))? {
            // A link that leads nowhere is there itself.
            None if session.tells(&path, false)?.is_some() => files.push(operand),
            None => {
                let error = format!("ls: cannot access '{}': No such file or directory\n", shown(&operand));
                outcome.errors.extend(error.into_bytes());
                outcome.status = 2;
            }
            Some(status) if status.kind == FileKind::Folder && !given.has("d") => folders.push(operand),
            Some(_) => files.push(operand),
        }
    }
    if given.has("r") {
        files.reverse();
        folders.reverse();
    }
    let titles = files.len() + folders.len() > 1 || given.operands.len() > 1;
    let line = |output: &mut Text, name: &[u8]| {
        output.extend_from_slice(name);
        output.push(b'\n');
    };
    for file in &files {
        line(&mut outcome.output, file);
    }
    for folder in &folders {
        if titles {
            if !outcome.output.is_empty() {
                outcome.output.push(b'\n');
            }
            line(&mut outcome.output, &[folder.as_slice(), b":"].concat());
        }
        let mut names = session.names_in(&at(call, folder))?;
        if given.has("a") {
            names.splice(0..0, [b".".to_vec(), b"..".to_vec()]);
        } else if !given.has("A") {
            names.retain(|name| !name.starts_with(b"."));
        }
        names.sort();
        if given.has("v") {
            let text = |name: &Text| String::from_utf8_lossy(name).into_owned();
            names.sort_by(|one, other| crate::archive::version::compare(&text(one), &text(other)));
        }
        if given.has("r") {
            names.reverse();
        }
        for name in &names {
            line(&mut outcome.output, name);
        }
    }
    Ok(outcome)
}

/// `readlink [-fenqmsz] FILE…`
pub(super) fn readlink(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "f|canonicalize",
        "e|canonicalize-existing",
        "m|canonicalize-missing",
        "n|no-newline",
        "q|quiet",
        "s|silent",
        "v|verbose",
    ];
    let given = parse(call, &known)?;
    let mut outcome = Outcome::default();
    for operand in &given.operands {
        let path = at(call, operand);
        let found = if given.has("m") {
            Some(missing_allowed(session, &path)?)
        } else if given.has("f") || given.has("e") {
            canonical(session, &path, given.has("e"))?
        } else {
            let place = session.place_if_there(&path, false)?;
            place.and_then(|place| session.context.tree.get(&place)?.target().map(<[u8]>::to_vec))
        };
        match found {
            Some(target) => {
                outcome.output.extend(target);
                if !given.has("n") || given.operands.len() > 1 {
                    outcome.output.push(b'\n');
                }
            }
            None => outcome.status = 1,
        }
    }
    if given.operands.is_empty() {
        return failed("missing operand");
    }
    Ok(outcome)
}

/// `realpath [-emsq] FILE…`
pub(super) fn realpath(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = ["e|canonicalize-existing", "m|canonicalize-missing", "s|strip|no-symlinks", "q|quiet"];
    let given = parse(call, &known)?;
    let mut outcome = Outcome::default();
    for operand in &given.operands {
        let path = at(call, operand);
        let found = if given.has("s") {
            Some(without_links(&path))
        } else if given.has("m") {
            Some(missing_allowed(session, &path)?)
        } else {
            canonical(session, &path, given.has("e"))?
        };
        match found {
            Some(path) => {
                outcome.output.extend(path);
                outcome.output.push(b'\n');
            }
            None => {
                outcome.status = 1;
                if !given.has("q") {
                    let error = format!("realpath: {}: No such file or directory\n", shown(operand));
                    outcome.errors.extend(error.into_bytes());
                }
            }
        }
    }
    Ok(outcome)
}

/// The path without links; its end need not be there unless `whole`.
fn canonical(session: &Session<'_, '_>, path: &[u8], whole: bool) -> Result<Option<Text>, WorldError> {
    match session.new_place(path, true) {
        Ok(place) if whole && !session.context.tree.contains(&place) => Ok(None),
        Ok(place) => Ok(Some(format!("/{place}").into_bytes())),
        Err(WorldError::Failed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`canonical`], where any part may be missing.
fn missing_allowed(session: &Session<'_, '_>, path: &[u8]) -> Result<Text, WorldError> {
    let mut rest = Vec::new();
    let mut known = without_links(path);
    loop {
        if let Some(found) = canonical(session, &known, true)? {
            let found = if found == b"/" { Text::new() } else { found };
            let parts: Vec<Text> = std::iter::once(found).chain(rest.into_iter().rev()).collect();
            let path = parts.join(b"/".as_slice());
            return Ok(if path.is_empty() { b"/".to_vec() } else { path });
        }
        let at = known.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        rest.push(known[at + 1..].to_vec());
        known.truncate(at.max(1));
    }
}

/// A path name with `.` and `..` taken out by their letters alone.
fn without_links(path: &[u8]) -> Text {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.iter().fold(Text::new(), |path, part| joined(&if path.is_empty() { b"/".to_vec() } else { path }, part))
}

/// `stat -c FORMAT [-L] FILE…`
pub(super) fn stat(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["c|format=", "L|dereference", "printf="])?;
    let Some(format) = given.text("c")? else { return refused("`stat` without a format is for a person to read") };
    let mut output = String::new();
    for operand in &given.operands {
        let Some(status) = session.tells(&at(call, operand), given.has("L"))? else {
            return failed(format!("cannot statx '{}': No such file or directory", shown(operand)));
        };
        output.push_str(&formatted(session, &format, operand, &status)?);
        output.push('\n');
    }
    says(output)
}

fn formatted(session: &Session<'_, '_>, format: &str, name: &[u8], status: &Status) -> Result<String, WorldError> {
    let mut output = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            output.push(letter);
            continue;
        }
        let _ = match letters.next() {
            Some('a') => write!(output, "{:o}", status.mode),
            Some('u') => write!(output, "{}", status.uid),
            Some('g') => write!(output, "{}", status.gid),
            Some('U') => write!(output, "{}", named(session, "/etc/passwd", status.uid)?),
            Some('G') => write!(output, "{}", named(session, "/etc/group", status.gid)?),
            Some('s') => write!(output, "{}", status.size),
            Some('n') => write!(output, "{}", text(name)?),
            Some('Y') => write!(output, "{}", status.modified),
            Some('F') => write!(output, "{}", kind_name(status)),
            Some('%') => write!(output, "%"),
            other => return refused(format!("`stat -c` has no `%{}` here", other.unwrap_or_default())),
        };
    }
    Ok(output)
}

const fn kind_name(status: &Status) -> &'static str {
    match status.kind {
        FileKind::File if status.size == 0 => "regular empty file",
        FileKind::File => "regular file",
        FileKind::Folder => "directory",
        FileKind::Link => "symbolic link",
        FileKind::CharDevice => "character special file",
        FileKind::BlockDevice => "block special file",
        FileKind::Fifo => "fifo",
        FileKind::Socket => "socket",
    }
}

/// The name of a number in a table of accounts; `UNKNOWN` where it has none.
pub(super) fn named(session: &Session<'_, '_>, table: &str, number: u32) -> Result<String, WorldError> {
    let table = session.bytes(table.as_bytes()).or_else(|error| match error {
        WorldError::Failed(_) => Ok(Text::new()),
        error => Err(error),
    })?;
    let table = String::from_utf8_lossy(&table);
    let line = table.lines().find(|line| line.split(':').nth(2) == Some(number.to_string().as_str()));
    Ok(line.and_then(|line| line.split(':').next()).unwrap_or("UNKNOWN").to_owned())
}
