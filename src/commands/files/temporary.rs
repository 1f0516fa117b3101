//! mktemp, whose names are counted instead of random: a build gives the same names each time.

use crate::commands::answer::{Answer, failed, says, shown};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::Call;
use crate::tree::{Kind, Meta, Node};

use super::{at, joined};

/// `mktemp [-dqu] [-p FOLDER] [-t] [TEMPLATE]`
pub(super) fn mktemp(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["d|directory", "u|dry-run", "q|quiet", "t", "p=", "tmpdir=?", "suffix="])?;
    let temporary = || call.environment.get(b"TMPDIR".as_slice()).cloned().unwrap_or_else(|| b"/tmp".to_vec());
    let (template, folder) = match given.operands.first() {
        None => (b"tmp.XXXXXXXXXX".to_vec(), Some(temporary())),
        Some(template) if given.has("t") || given.has("tmpdir") => (template.clone(), Some(temporary())),
        Some(template) => (template.clone(), None),
    };
    let folder = given.value("p").or(given.value("tmpdir")).map(<[u8]>::to_vec).or(folder);
    let template = folder.map_or(template.clone(), |folder| joined(&folder, &template));
    let suffix = given.value("suffix").unwrap_or_default();
    let template = [template.as_slice(), suffix].concat();
    let Some(end) = template.iter().rposition(|byte| *byte == b'X').map(|at| at + 1) else {
        return failed(format!("too few X's in template ‘{}’", shown(&template)));
    };
    let length = template[..end].iter().rev().take_while(|byte| **byte == b'X').count();
    if length < 3 {
        return failed(format!("too few X's in template ‘{}’", shown(&template)));
    }
    loop {
        session.temporary += 1;
        let digits = format!("{:0length$}", session.temporary);
        let digits = &digits[digits.len() - length..];
        let name = [&template[..end - length], digits.as_bytes(), &template[end..]].concat();
        let path = at(call, &name);
        let place = session.new_place(&path, false)?;
        if session.context.tree.contains(&place) {
            continue;
        }
        let epoch = session.context.options.epoch;
        if !given.has("u") {
            let node = match given.has("d") {
                true => Node::new(Kind::Directory, Meta::directory(epoch).with_mode(0o700)),
                false => Node::new(Kind::File(Vec::new().into()), Meta::file(epoch).with_mode(0o600)),
            };
            session.make(&path, place, node)?;
        }
        return says([name.as_slice(), b"\n"].concat());
    }
}
