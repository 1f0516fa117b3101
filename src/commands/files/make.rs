//! mkdir, mkfifo and ln.

use crate::commands::answer::{Answer, done, failed, refused, shown};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};
use crate::tree::{Kind, Meta, Node};

use super::mode::Mode;
use super::{at, joined, last_part};

/// `mkdir [-pv] [-m MODE] FOLDER…`
pub(super) fn mkdir(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["p|parents", "m|mode=", "v|verbose", "Z"])?;
    let mode = given.value("m").map(|mode| Mode::parse(mode).ok_or_else(|| invalid_mode(mode))).transpose()?;
    let mut errors = Vec::new();
    for operand in &given.operands {
        let path = at(call, operand);
        let made =
            if given.has("p") { folders(session, &path, call.umask) } else { folder(session, &path, call.umask) };
        match made {
            Ok(true) => {
                if let Some(mode) = &mode {
                    let place = session.place(&path, true)?;
                    let node = session.node_mut(&place)?;
                    node.meta.mode = mode.applied(0o777 | node.meta.mode & 0o6000, true, call.umask);
                }
            }
            Ok(false) => {}
            Err(WorldError::Failed(reason)) => errors.push(format!("cannot create directory {reason}")),
            Err(error) => return Err(error),
        }
    }
    if errors.is_empty() { done() } else { failed(errors.join("\n")) }
}

fn invalid_mode(mode: &[u8]) -> WorldError {
    WorldError::Failed(format!("invalid mode ‘{}’", shown(mode)))
}

/// Makes one folder.
pub(super) fn folder(session: &mut Session<'_, '_>, path: &[u8], umask: u16) -> Result<bool, WorldError> {
    let trimmed = path.strip_suffix(b"/").unwrap_or(path);
    let place = session.new_place(trimmed, false)?;
    if session.context.tree.contains(&place) {
        return session.fails(path, "File exists");
    }
    let meta = Meta::directory(session.context.options.epoch).with_mode(0o777 & !umask);
    session.make(path, place, Node::new(Kind::Directory, meta))?;
    Ok(true)
}

/// Makes a folder and all that are missing around it. Says whether the last one had to be made.
pub(super) fn folders(session: &mut Session<'_, '_>, path: &[u8], umask: u16) -> Result<bool, WorldError> {
    let mut made = false;
    let mut so_far = Text::from(b"/");
    for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
        so_far = joined(&so_far, part);
        made = match session.place_if_there(&so_far, true)? {
            Some(_) if session.is_folder(&so_far)? => false,
            Some(_) => return session.fails(path, "Not a directory"),
            // The folders around it can always be written to by whom they are made for.
            None => folder(session, &so_far, umask)?,
        };
    }
    Ok(made)
}

/// `mkfifo [-m MODE] NAME…`
pub(super) fn mkfifo(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["m|mode="])?;
    let mode = given.value("m").map(|mode| Mode::parse(mode).ok_or_else(|| invalid_mode(mode))).transpose()?;
    for operand in &given.operands {
        let path = at(call, operand);
        let place = session.new_place(&path, false)?;
        if session.context.tree.contains(&place) {
            return session.fails(&path, "File exists");
        }
        let bits = mode.as_ref().map_or(0o666 & !call.umask, |mode| mode.applied(0o666, false, call.umask));
        let meta = Meta::file(session.context.options.epoch).with_mode(bits);
        session.make(&path, place, Node::new(Kind::Fifo, meta))?;
    }
    done()
}

/// `ln [-sfnTrv] TARGET… [LINK|FOLDER]`, `ln -t FOLDER TARGET…`
pub(super) fn ln(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "s|symbolic",
        "f|force",
        "n|no-dereference",
        "T|no-target-directory",
        "r|relative",
        "v|verbose",
        "t|target-directory=",
    ];
    let given = parse(call, &known)?;
    if given.has("r") && !given.has("s") {
        return failed("cannot do --relative without --symbolic");
    }
    let (targets, into): (&[Text], Option<Text>) = match (given.value("t"), given.operands.as_slice()) {
        (Some(folder), targets) => (targets, Some(folder.to_vec())),
        (None, [target]) => (std::slice::from_ref(target), Some(b".".to_vec())),
        (None, [target, link]) => {
            let path = at(call, link);
            let is_link = session.place_if_there(&path, false)?.is_some_and(|place| is_link(session, &place));
            let as_folder = !(given.has("T") || given.has("n") && is_link) && session.is_folder(&path)?;
            (std::slice::from_ref(target), as_folder.then(|| link.clone()))
        }
        (None, [targets @ .., folder]) => (targets, Some(folder.clone())),
        (None, []) => return failed("missing file operand"),
    };
    for target in targets {
        let link = match &into {
            Some(folder) => joined(&at(call, folder), last_part(target)),
            None => at(call, &given.operands[1]),
        };
        one_link(session, call, target, &link, given.has("s"), given.has("f"), given.has("r"))?;
    }
    done()
}

fn is_link(session: &Session<'_, '_>, place: &crate::tree::TreePath) -> bool {
    session.context.tree.get(place).is_some_and(|node| node.target().is_some())
}

fn one_link(
    session: &mut Session<'_, '_>,
    call: &Call<'_>,
    target: &[u8],
    link: &[u8],
    symbolic: bool,
    force: bool,
    relative: bool,
) -> Result<(), WorldError> {
    let place = session.new_place(link, false)?;
    let source = if symbolic { None } else { Some(session.place(&at(call, target), false)?) };
    if let Some(node) = session.context.tree.get(&place) {
        if node.is_directory() {
            return session.fails(link, "cannot overwrite directory");
        }
        if !force {
            return session.fails(link, "File exists");
        }
        if source.as_ref().is_some_and(|source| session.context.tree.id(source) == session.context.tree.id(&place)) {
            return Ok(());
        }
        session.context.tree.remove(&place);
    }
    match source {
        Some(source) => match session.context.tree.hard_link(place, &source) {
            Ok(()) => Ok(()),
            Err(error) => refused(format!("`ln`: {error}")),
        },
        None => {
            let target = if relative { relative_target(session, call, target, &place)? } else { target.to_vec() };
            let meta = Meta::file(session.context.options.epoch).with_mode(0o777);
            session.make(link, place, Node::new(Kind::Symlink(target), meta))
        }
    }
}

/// A target as seen from the folder of its link, links followed on both sides.
fn relative_target(
    session: &Session<'_, '_>,
    call: &Call<'_>,
    target: &[u8],
    link: &crate::tree::TreePath,
) -> Result<Text, WorldError> {
    let target = session.new_place(&at(call, target), true)?;
    let from: Vec<Text> = link.parent().unwrap_or_default().components().map(<[u8]>::to_vec).collect();
    let to: Vec<Text> = target.components().map(<[u8]>::to_vec).collect();
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n(b"..".to_vec(), from.len() - common);
    let parts: Vec<Text> = up.chain(to[common..].iter().cloned()).collect();
    Ok(if parts.is_empty() { b".".to_vec() } else { parts.join(b"/".as_slice()) })
}
