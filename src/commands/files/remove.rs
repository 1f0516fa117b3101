//! rm, rmdir and unlink.

use crate::commands::answer::{Answer, done, failed, shown};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, WorldError};

use super::{at, last_part};

/// `rm [-rfdv] FILE…`
pub(super) fn rm(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = ["r|R|recursive", "f|force", "d|dir", "v|verbose", "one-file-system", "preserve-root"];
    let given = parse(call, &known)?;
    let mut errors = Vec::new();
    for operand in &given.operands {
        let path = at(call, operand);
        if matches!(last_part(operand), b"." | b"..") || operand.iter().all(|byte| *byte == b'/') {
            errors.push(format!("refusing to remove '{}'", shown(operand)));
            continue;
        }
        // A slash behind the name of a link is for what it leads to, and rm takes no folder by that.
        let place = match session.place(&path, false) {
            Ok(place) => place,
            Err(WorldError::Failed(_)) if given.has("f") => continue,
            Err(WorldError::Failed(reason)) => {
                errors.push(format!("cannot remove {reason}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let is_folder = session.node(&place)?.is_directory();
        let is_empty = session.context.tree.children(&place).next().is_none();
        if is_folder && !given.has("r") && !(given.has("d") && is_empty) {
            errors.push(format!("cannot remove '{}': Is a directory", shown(operand)));
            continue;
        }
        session.context.tree.remove(&place);
    }
    if given.operands.is_empty() && !given.has("f") {
        return failed("missing operand");
    }
    if errors.is_empty() { done() } else { failed(errors.join("\n")) }
}

/// `rmdir [-pv] [--ignore-fail-on-non-empty] FOLDER…`
pub(super) fn rmdir(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["p|parents", "v|verbose", "ignore-fail-on-non-empty"])?;
    let mut errors = Vec::new();
    'operands: for operand in &given.operands {
        let mut operand = operand.as_slice();
        loop {
            let reason = match session.place(&at(call, operand), false) {
                Err(WorldError::Failed(reason)) => Some(reason),
                Err(error) => return Err(error),
                Ok(place) if !session.node(&place)?.is_directory() => {
                    Some(format!("{}: Not a directory", shown(operand)))
                }
                Ok(place) if session.context.tree.children(&place).next().is_some() => {
                    if given.has("ignore-fail-on-non-empty") {
                        continue 'operands;
                    }
                    Some(format!("{}: Directory not empty", shown(operand)))
                }
                Ok(place) => {
                    session.context.tree.remove(&place);
                    None
                }
            };
            if let Some(reason) = reason {
                errors.push(format!("failed to remove {reason}"));
                continue 'operands;
            }
            let name = last_part(operand);
            let end = operand.len() - operand.iter().rev().take_while(|byte| **byte == b'/').count();
            operand = operand[..end - name.len()].strip_suffix(b"/").unwrap_or_default();
            if !given.has("p") || operand.is_empty() {
                continue 'operands;
            }
        }
    }
    if errors.is_empty() { done() } else { failed(errors.join("\n")) }
}

/// `unlink FILE`
pub(super) fn unlink(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &[])?;
    let [operand] = given.operands.as_slice() else { return failed("takes one operand") };
    let place = session.place(&at(call, operand), false)?;
    if session.node(&place)?.is_directory() {
        return failed(format!("cannot unlink '{}': Is a directory", shown(operand)));
    }
    session.context.tree.remove(&place);
    done()
}
