//! getent(1), id(1) and groups(1).

use crate::commands::answer::{Answer, failed, refused, says};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::configure::accounts::Accounts;
use crate::shell::{Call, Outcome};

use super::broken;

/// The status of a key that is in no database.
const NOT_FOUND: i32 = 2;

/// `getent passwd|group|shadow [KEY…]`
pub(super) fn getent(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["s|service="])?;
    let Some((database, keys)) = given.operands.split_first() else { return refused("`getent` lacks a database") };
    let database = text(database)?;
    if !matches!(database.as_str(), "passwd" | "group" | "shadow" | "gshadow") {
        return refused(format!("`getent {database}` tells of the machine that runs, and in a build none does"));
    }
    let table = session.place_if_there(format!("/etc/{database}").as_bytes(), true)?;
    let table = match table {
        Some(_) => session.bytes(format!("/etc/{database}").as_bytes())?,
        None => Vec::new(),
    };
    let table = String::from_utf8_lossy(&table);
    let mut outcome = Outcome::default();
    if keys.is_empty() {
        outcome.output = table.clone().into_owned().into_bytes();
    }
    for key in keys {
        let key = text(key)?;
        let is_number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        let field = if is_number && database != "shadow" { 2 } else { 0 };
        match table.lines().find(|line| line.split(':').nth(field) == Some(key.as_str())) {
            Some(line) => outcome.output.extend(format!("{line}\n").into_bytes()),
            None => outcome.status = NOT_FOUND,
        }
    }
    Ok(outcome)
}

/// `id [-ugGn] [USER]`
pub(super) fn id(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["u|user", "g|group", "G|groups", "n|name", "r|real"])?;
    let accounts = broken(Accounts::read(session.context.tree))?;
    let name = given.operands.first().map(|name| text(name)).transpose()?.unwrap_or_else(|| "root".to_owned());
    let by_number = || accounts.users.iter().find(|user| user.uid.to_string() == name);
    let Some(user) = accounts.user(&name).or_else(by_number) else {
        return failed(format!("‘{name}’: no such user"));
    };
    let group_name = |gid: u32| {
        let group = accounts.groups.iter().find(|group| group.gid == gid);
        group.map_or_else(|| gid.to_string(), |group| group.name.clone())
    };
    let others = accounts.groups.iter().filter(|group| group.gid != user.gid && group.members.contains(&user.name));
    let all: Vec<u32> = std::iter::once(user.gid).chain(others.map(|group| group.gid)).collect();
    let named = given.has("n");
    let shown = |gid: &u32| if named { group_name(*gid) } else { gid.to_string() };
    let line = if given.has("u") {
        if named { user.name.clone() } else { user.uid.to_string() }
    } else if given.has("g") {
        shown(&user.gid)
    } else if given.has("G") {
        all.iter().map(shown).collect::<Vec<_>>().join(" ")
    } else if named {
        return failed("cannot print only names or real IDs in default format");
    } else {
        let groups: Vec<String> = all.iter().map(|gid| format!("{gid}({})", group_name(*gid))).collect();
        format!(
            "uid={}({}) gid={}({}) groups={}",
            user.uid,
            user.name,
            user.gid,
            group_name(user.gid),
            groups.join(",")
        )
    };
    says(format!("{line}\n"))
}

/// `groups [USER]`
pub(super) fn groups(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &[])?;
    let accounts = broken(Accounts::read(session.context.tree))?;
    let name = given.operands.first().map(|name| text(name)).transpose()?;
    let Some(user) = accounts.user(name.as_deref().unwrap_or("root")) else {
        return failed(format!("‘{}’: no such user", name.unwrap_or_default()));
    };
    let in_group =
        |group: &&crate::configure::accounts::Group| group.gid == user.gid || group.members.contains(&user.name);
    let mut groups: Vec<_> = accounts.groups.iter().filter(in_group).collect();
    groups.sort_by_key(|group| group.gid != user.gid);
    let names = groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(" ");
    says(match name {
        Some(name) => format!("{name} : {names}\n"),
        None => format!("{names}\n"),
    })
}
