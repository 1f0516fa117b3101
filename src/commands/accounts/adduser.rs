//! adduser(8) and addgroup(8), for system accounts.

use crate::commands::answer::{Answer, done, failed, refused, status};
use crate::commands::arguments::{Given, parse, text};
use crate::commands::session::Session;
use crate::configure::accounts::{Accounts, NOLOGIN, User};
use crate::shell::{Call, WorldError};
use crate::tree::Meta;

use super::{FIRST_SYSTEM_ID, LAST_SYSTEM_ID, broken};

const OPTIONS: &[&str] = &[
    "system",
    "group",
    "quiet|q",
    "debug|d",
    "verbose|v",
    "force-badname|allow-badname|allow-bad-names",
    "allow-all-names",
    "no-create-home",
    "disabled-login",
    "disabled-password",
    "add-extra-groups",
    "stdoutmsglevel=",
    "stderrmsglevel=",
    "logmsglevel=",
    "home|h=",
    "shell|s=",
    "gecos|comment=",
    "uid|u=",
    "gid|g=",
    "ingroup|G=",
    "firstuid=",
    "lastuid=",
    "firstgid=",
    "lastgid=",
    "conf|c=",
];

/// The group of users that have none of their own.
const NOGROUP: u32 = 65534;

/// The id after which a number is refused as taken.
const TAKEN: i32 = 1;

pub(super) fn adduser(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, OPTIONS)?;
    match given.operands.as_slice() {
        [user, group] => {
            let (user, group) = (text(user)?, text(group)?);
            let mut accounts = broken(Accounts::read(session.context.tree))?;
            if accounts.user(&user).is_none() {
                return failed(format!("The user `{user}' does not exist."));
            }
            if accounts.group(&group).is_none() {
                return failed(format!("The group `{group}' does not exist."));
            }
            broken(accounts.add_member(&user, &group))?;
            keep(session, &accounts)
        }
        [name] if given.has("group") && !given.has("system") => add_group(session, &given, &text(name)?),
        [name] if given.has("system") => system_user(session, &given, &text(name)?),
        [_] => refused(
            "`adduser` makes only system accounts here (`--system`): people log in as what `users` of a role names",
        ),
        _ => refused("`adduser` takes one name, or a user and a group"),
    }
}

pub(super) fn addgroup(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, OPTIONS)?;
    match given.operands.as_slice() {
        [name] => add_group(session, &given, &text(name)?),
        [_, _] => adduser(session, call),
        _ => refused("`addgroup` takes one name"),
    }
}

fn number(given: &Given, option: &str) -> Result<Option<u32>, WorldError> {
    let Some(value) = given.text(option)? else { return Ok(None) };
    value.parse().map(Some).or_else(|_| refused(format!("`--{option} {value}` is no number")))
}

fn add_group(session: &mut Session<'_, '_>, given: &Given, name: &str) -> Answer {
    let mut accounts = broken(Accounts::read(session.context.tree))?;
    let wanted = number(given, "gid")?;
    if let Some(group) = accounts.group(name) {
        // A system group that is there already is what was wanted, unless its number is another.
        let same = wanted.is_none_or(|gid| gid == group.gid);
        return if same && (FIRST_SYSTEM_ID..=LAST_SYSTEM_ID).contains(&group.gid) { done() } else { status(TAKEN) };
    }
    let (first, last) = match given.has("system") || number(given, "firstgid")?.is_some() {
        true => {
            (number(given, "firstgid")?.unwrap_or(FIRST_SYSTEM_ID), number(given, "lastgid")?.unwrap_or(LAST_SYSTEM_ID))
        }
        false => (1000, 59_999),
    };
    let gid = match wanted {
        Some(gid) if accounts.groups.iter().any(|group| group.gid == gid) => return status(TAKEN),
        Some(gid) => gid,
        None => match (first..=last).find(|id| accounts.groups.iter().all(|group| group.gid != *id)) {
            Some(gid) => gid,
            None => return failed("no GID is available in the range"),
        },
    };
    accounts.push_group(name, gid, "!");
    keep(session, &accounts)
}

/// `adduser --system`: a user without a password, with a group of its own where `--group` says so.
fn system_user(session: &mut Session<'_, '_>, given: &Given, name: &str) -> Answer {
    let mut accounts = broken(Accounts::read(session.context.tree))?;
    let wanted = number(given, "uid")?;
    if let Some(user) = accounts.user(name) {
        let same = wanted.is_none_or(|uid| uid == user.uid);
        return if same && user.uid <= LAST_SYSTEM_ID { done() } else { status(TAKEN) };
    }
    let first = number(given, "firstuid")?.unwrap_or(FIRST_SYSTEM_ID);
    let last = number(given, "lastuid")?.unwrap_or(LAST_SYSTEM_ID);
    let own_group = given.has("group");
    let free_user = |id: &u32| accounts.users.iter().all(|user| user.uid != *id);
    let free_both = |id: &u32| free_user(id) && accounts.groups.iter().all(|group| group.gid != *id);
    let existing = accounts.group(name).filter(|_| own_group).map(|group| group.gid);
    let uid = match wanted {
        Some(uid) if !free_user(&uid) => return status(TAKEN),
        Some(uid) => Some(uid),
        None if own_group && existing.is_none() => (first..=last).find(free_both),
        None => (first..=last).find(free_user),
    };
    let Some(uid) = uid else { return failed("no UID/GID pair is available in the range") };
    let gid = match (given.text("ingroup")?, number(given, "gid")?) {
        (Some(group), _) => match accounts.group(&group) {
            Some(group) => group.gid,
            None => return failed(format!("The group `{group}' does not exist.")),
        },
        (None, Some(gid)) if !own_group => gid,
        (None, wanted) if own_group => match existing {
            Some(gid) => gid,
            None => {
                let gid = wanted.unwrap_or(uid);
                accounts.push_group(name, gid, "!");
                gid
            }
        },
        _ => NOGROUP,
    };
    let home = given.text("home")?.unwrap_or_else(|| "/nonexistent".to_owned());
    let user = User {
        name: name.to_owned(),
        password: "x".to_owned(),
        uid,
        gid,
        gecos: given.text("gecos")?.unwrap_or_default(),
        home: home.clone(),
        shell: given.text("shell")?.unwrap_or_else(|| NOLOGIN.to_owned()),
    };
    accounts.push_user(user, "!", session.context.options.epoch, false);
    keep(session, &accounts)?;
    if given.has("no-create-home") || home == "/nonexistent" || session.place_if_there(home.as_bytes(), true)?.is_some()
    {
        return done();
    }
    let meta = Meta::directory(session.context.options.epoch).with_owner(uid, gid);
    broken(session.context.make_directory(&home, meta))?;
    done()
}

pub(super) fn keep(session: &mut Session<'_, '_>, accounts: &Accounts) -> Answer {
    let epoch = session.context.options.epoch;
    broken(accounts.write(session.context.tree, epoch))?;
    done()
}
