//! mv.

use crate::commands::answer::{Answer, done, failed, shown};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};

use super::{at, joined, last_part};

/// `mv [-fnTv] [-t FOLDER] SOURCE… TARGET`
pub(super) fn mv(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = ["f|force", "n|no-clobber", "T|no-target-directory", "v|verbose", "t|target-directory=", "Z"];
    let given = parse(call, &known)?;
    let (sources, target, into) = match (given.value("t"), given.operands.as_slice()) {
        (Some(folder), sources) => (sources, at(call, folder), true),
        (None, [sources @ .., target]) if !sources.is_empty() => {
            let path = at(call, target);
            let into = !given.has("T") && session.is_folder(&path)?;
            if sources.len() > 1 && !into {
                return failed(format!("target '{}' is not a directory", shown(target)));
            }
            (sources, path, into)
        }
        _ => return failed("missing file operand"),
    };
    let mut errors = Vec::new();
    for source in sources {
        let target = if into { joined(&target, last_part(source)) } else { target.clone() };
        match one(session, &at(call, source), &target, given.has("n")) {
            Ok(()) => {}
            Err(WorldError::Failed(reason)) => errors.push(format!("cannot move '{}': {reason}", shown(source))),
            Err(error) => return Err(error),
        }
    }
    if errors.is_empty() { done() } else { failed(errors.join("\n")) }
}

fn one(session: &mut Session<'_, '_>, source: &Text, target: &Text, keep: bool) -> Result<(), WorldError> {
    let trimmed = target.strip_suffix(b"/").unwrap_or(target);
    let from = session.place(source, false)?;
    let to = session.new_place(trimmed, false)?;
    let tree = &mut session.context.tree;
    if let Some(there) = tree.get(&to) {
        if keep {
            return Ok(());
        }
        let is_folder = there.is_directory();
        let moves_folder = tree.get(&from).is_some_and(crate::tree::Node::is_directory);
        match (moves_folder, is_folder) {
            (false, true) => return failed(format!("cannot overwrite directory '{}'", shown(target))),
            (true, false) => return failed(format!("cannot overwrite non-directory '{}'", shown(target))),
            (true, true) if tree.children(&to).next().is_some() => {
                return failed(format!("cannot overwrite '{}': Directory not empty", shown(target)));
            }
            (true, true) if from != to => {
                tree.remove(&to);
            }
            (false, false) if tree.id(&from) == tree.id(&to) => {
                return failed(format!("'{}' and '{}' are the same file", shown(source), shown(target)));
            }
            _ => {}
        }
    }
    tree.rename(&from, to).or_else(|error| failed(error.to_string()))
}
