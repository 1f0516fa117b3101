//! chmod, chown, chgrp and touch.

use crate::commands::answer::{Answer, done, failed, refused, shown};
use crate::commands::arguments::{Given, parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};
use crate::tree::{Kind, Meta, Node, TreePath};

use super::at;
use super::mode::Mode;

/// `chmod [-R] MODE FILE…`, `chmod --reference=FILE FILE…`
pub(super) fn chmod(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    // A mode that takes something away looks like an option.
    let (minus, rest): (Vec<Text>, Vec<Text>) =
        call.arguments.iter().cloned().partition(|argument| is_mode_with_minus(argument));
    let known = ["R|recursive", "f|silent|quiet", "v|verbose", "c|changes", "reference="];
    let given =
        parse(&Call { arguments: &rest, input: &mut Text::new, environment: Default::default(), ..*call }, &known)?;
    let mut operands = given.operands.as_slice();
    let mode = match (given.value("reference"), minus.first()) {
        (Some(reference), _) => {
            let place = session.place(&at(call, reference), true)?;
            Mode::Octal { bits: session.node(&place)?.meta.mode, keep: false }
        }
        (None, minus) => {
            let text = match minus {
                Some(mode) => mode,
                None => match operands.split_first() {
                    Some((mode, rest)) => {
                        operands = rest;
                        mode
                    }
                    None => return failed("missing operand"),
                },
            };
            match Mode::parse(text) {
                Some(mode) => mode,
                None => return failed(format!("invalid mode: ‘{}’", shown(text))),
            }
        }
    };
    let umask = call.umask;
    each(session, call, &given, operands, true, |node| {
        node.meta.mode = mode.applied(node.meta.mode, node.is_directory(), umask);
    })
}

fn is_mode_with_minus(argument: &[u8]) -> bool {
    argument != b"--"
        && argument.len() > 1
        && argument[0] == b'-'
        && argument[1..].iter().all(|byte| b"rwxXst,+-=ugoa".contains(byte))
}

/// `chown [-RhH] [OWNER][:[GROUP]] FILE…`
pub(super) fn chown(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let (given, owner, operands) = owner_operands(session, call)?;
    let (user, group) = match owner {
        Owner::Like(meta) => (Some(meta.uid), Some(meta.gid)),
        Owner::Named(name) => {
            // The form with a dot is old, and a name may have a dot.
            let (user, group) = name.split_once(':').map_or((name.as_str(), None), |(user, group)| (user, Some(group)));
            let id = if user.is_empty() { None } else { Some(user_id(session, user)?) };
            let gid = match group {
                None => None,
                Some("") => Some(login_group(session, user)?),
                Some(group) => Some(group_id(session, group)?),
            };
            (id, gid)
        }
    };
    each(session, call, &given, &operands, !given.has("h"), |node| own(node, user, group))
}

/// `chgrp [-Rh] GROUP FILE…`
pub(super) fn chgrp(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let (given, owner, operands) = owner_operands(session, call)?;
    let group = match owner {
        Owner::Like(meta) => meta.gid,
        Owner::Named(name) => group_id(session, &name)?,
    };
    each(session, call, &given, &operands, !given.has("h"), |node| own(node, None, Some(group)))
}

enum Owner {
    Named(String),
    Like(Meta),
}

fn owner_operands(session: &Session<'_, '_>, call: &Call<'_>) -> Result<(Given, Owner, Vec<Text>), WorldError> {
    let known = [
        "R|recursive",
        "h|no-dereference",
        "f|silent|quiet",
        "v|verbose",
        "c|changes",
        "dereference",
        "reference=",
        "P",
    ];
    let given = parse(call, &known)?;
    if let Some(reference) = given.value("reference") {
        let place = session.place(&at(call, reference), true)?;
        let meta = session.node(&place)?.meta;
        let operands = given.operands.clone();
        return Ok((given, Owner::Like(meta), operands));
    }
    let Some((owner, operands)) = given.operands.split_first() else { return failed("missing operand") };
    let (owner, operands) = (text(owner)?, operands.to_vec());
    Ok((given, Owner::Named(owner), operands))
}

/// The number of a user, for root and digits too where there is no table of users yet.
pub(super) fn user_id(session: &Session<'_, '_>, name: &str) -> Result<u32, WorldError> {
    session.context.user(name).or_else(|_| failed(format!("invalid user: ‘{name}’")))
}

pub(super) fn group_id(session: &Session<'_, '_>, name: &str) -> Result<u32, WorldError> {
    session.context.group(name).or_else(|_| failed(format!("invalid group: ‘{name}’")))
}

fn login_group(session: &Session<'_, '_>, user: &str) -> Result<u32, WorldError> {
    let passwd = session.bytes(b"/etc/passwd")?;
    let passwd = String::from_utf8_lossy(&passwd);
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user));
    let gid = line.and_then(|line| line.split(':').nth(3)).and_then(|gid| gid.parse().ok());
    gid.map_or_else(|| failed(format!("invalid spec: ‘{user}:’")), Ok)
}

/// Gives another owner, as the kernel does it for root: what runs with the rights of the old one no longer does.
fn own(node: &mut Node, user: Option<u32>, group: Option<u32>) {
    if user.is_none() && group.is_none() {
        return;
    }
    let Meta { mode, uid, gid, .. } = &mut node.meta;
    *uid = user.unwrap_or(*uid);
    *gid = group.unwrap_or(*gid);
    if matches!(node.kind, Kind::File(_)) {
        let set_gid = if *mode & 0o010 != 0 { 0o2000 } else { 0 };
        *mode &= !(0o4000 | set_gid);
        node.xattrs.remove("security.capability");
    }
}

/// Changes each operand, and with `-R` all below it; links found below are left alone, or changed themselves.
fn each(
    session: &mut Session<'_, '_>,
    call: &Call<'_>,
    given: &Given,
    operands: &[Text],
    follow: bool,
    change: impl Fn(&mut Node),
) -> Answer {
    if operands.is_empty() {
        return failed("missing operand");
    }
    let mut errors = Vec::new();
    for operand in operands {
        let path = at(call, operand);
        let place = match session.place(&path, follow) {
            Ok(place) => place,
            Err(WorldError::Failed(reason)) => {
                errors.push(format!("{}: cannot access {reason}", shown(call.name)));
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut places = vec![place.clone()];
        if given.has("R") {
            places.extend(session.context.tree.below(&place).map(|(path, _)| path.clone()));
        }
        for (index, place) in places.iter().enumerate() {
            let node = session.node_mut(place)?;
            // chown -R changes links themselves, and chmod has nothing to change in one.
            if !(matches!(node.kind, Kind::Symlink(_)) && call.name.ends_with(b"chmod")) || index == 0 {
                change(node);
            }
        }
    }
    match errors.is_empty() {
        true => done(),
        false => Err(WorldError::Failed(errors.join("\n"))),
    }
}

/// `touch [-cam] [-r FILE] [-d @SECONDS] FILE…`
pub(super) fn touch(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["c|no-create", "a", "m", "f", "h|no-dereference", "r|reference=", "d|date=", "t="])?;
    let time = match (given.value("r"), given.value("d"), given.value("t")) {
        (Some(reference), None, None) => {
            let place: TreePath = session.place(&at(call, reference), true)?;
            session.node(&place)?.meta.mtime
        }
        (None, None, None) => session.context.options.epoch,
        (None, Some(date), None) => match date.strip_prefix(b"@").map(text).transpose()?.and_then(|at| at.parse().ok())
        {
            Some(seconds) => seconds,
            None => return refused(format!("`touch -d` takes only seconds here (`@0`), and not `{}`", shown(date))),
        },
        _ => return refused("`touch` takes one way to tell a time here"),
    };
    for operand in &given.operands {
        let path = at(call, operand);
        if session.place_if_there(&path, true)?.is_none() {
            if given.has("c") {
                continue;
            }
            session.put(&path, Vec::new(), 0o666 & !call.umask)?;
        }
        if crate::commands::places::is_empty_device(&path) {
            continue;
        }
        let place = session.place(&path, true)?;
        if !given.has("a") || given.has("m") {
            session.node_mut(&place)?.meta.mtime = time;
        }
    }
    done()
}
