//! dpkg-statoverride(1).

use crate::commands::answer::{Answer, done, refused};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, Outcome};
use crate::tree::pattern::{Backslash, matches};

/// `dpkg-statoverride [--update] [--quiet] [--force-…] --add USER GROUP MODE FILE`, `--remove FILE`, `--list [GLOB]`
pub(super) fn statoverride(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "add",
        "remove",
        "list",
        "update",
        "quiet",
        "force",
        "force-all",
        "force-statoverride-add",
        "force-statoverride-remove",
        "force-statoverride-del",
        "admindir=",
        "instdir=",
        "root=",
    ];
    let given = parse(call, &known)?;
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    let forced = given.has("force") || given.has("force-all");
    if given.has("list") {
        return list(session, words.first().map_or("*", String::as_str));
    }
    if given.has("remove") {
        let [file] = words.as_slice() else { return refused("`dpkg-statoverride --remove` takes one file") };
        let gone = session.context.statoverrides.remove(file.trim_end_matches('/')).is_some();
        let forgiven = forced || given.has("force-statoverride-remove") || given.has("force-statoverride-del");
        return if gone || forgiven { done() } else { error("no override present") };
    }
    let [user, group, mode, file] = words.as_slice() else {
        return refused("`dpkg-statoverride --add` takes user, group, mode and file");
    };
    let Ok(bits) = u16::from_str_radix(mode, 8) else { return error(&format!("invalid mode '{mode}'")) };
    let file = file.trim_end_matches('/');
    if session.context.statoverrides.contains_key(file) && !forced && !given.has("force-statoverride-add") {
        return error(&format!("an override for '{file}' already exists; aborting"));
    }
    let number = |name: &str| name.strip_prefix('#').unwrap_or(name).to_owned();
    let (uid, gid) = (session.context.user(&number(user)), session.context.group(&number(group)));
    let (Ok(uid), Ok(gid)) = (uid, gid) else {
        return error(&format!("user '{user}' or group '{group}' does not exist"));
    };
    session.context.statoverrides.insert(file.to_owned(), (user.clone(), group.clone(), bits));
    if given.has("update")
        && let Some(place) = session.place_if_there(file.as_bytes(), true)?
    {
        let node = session.node_mut(&place)?;
        node.meta.mode = bits;
        node.meta.uid = uid;
        node.meta.gid = gid;
    }
    done()
}

fn list(session: &Session<'_, '_>, glob: &str) -> Answer {
    let mut outcome = Outcome { status: 1, ..Outcome::default() };
    for (path, (user, group, mode)) in &session.context.statoverrides {
        if matches(glob.trim_end_matches('/').as_bytes(), path.as_bytes(), Backslash::Escapes) || glob == "*" {
            outcome.output.extend(format!("{user} {group} {mode:o} {path}\n").into_bytes());
            outcome.status = 0;
        }
    }
    Ok(outcome)
}

fn error(reason: &str) -> Answer {
    Ok(Outcome {
        status: 2,
        errors: format!("dpkg-statoverride: error: {reason}\n").into_bytes(),
        ..Outcome::default()
    })
}
