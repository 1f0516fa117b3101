//! useradd(8), groupadd(8) and usermod(8) of the package passwd.

use crate::commands::answer::{Answer, done, failed, refused, status};
use crate::commands::arguments::{Given, parse, text};
use crate::commands::session::Session;
use crate::configure::accounts::{Accounts, User};
use crate::shell::{Call, WorldError};
use crate::tree::Meta;

use super::adduser::keep;
use super::{FIRST_SHADOW_ID, LAST_SYSTEM_ID, broken};

/// Statuses of useradd and its kin.
const ID_TAKEN: i32 = 4;
const NO_SUCH: i32 = 6;
const NAME_TAKEN: i32 = 9;

/// The id for a system account: one below the lowest that is taken, else the highest that is free (`find_new_uid.c`).
fn system_id(taken: &[u32]) -> Option<u32> {
    let in_range = taken.iter().filter(|id| (FIRST_SHADOW_ID..=LAST_SYSTEM_ID).contains(*id));
    let start = in_range.min().map_or(LAST_SYSTEM_ID, |lowest| lowest - 1);
    let start = if start < FIRST_SHADOW_ID { LAST_SYSTEM_ID } else { start };
    (FIRST_SHADOW_ID..=start).rev().find(|id| !taken.contains(id))
}

/// The id for a person's account: one above the highest that is taken.
fn own_id(taken: &[u32]) -> u32 {
    taken.iter().filter(|id| (1000..60_000).contains(*id)).max().map_or(1000, |highest| highest + 1)
}

fn new_id(given: &Given, option: &str, taken: &[u32]) -> Result<Result<u32, i32>, WorldError> {
    match given.text(option)? {
        Some(id) => match id.parse() {
            Ok(id) if taken.contains(&id) && !given.has("o") => Ok(Err(ID_TAKEN)),
            Ok(id) => Ok(Ok(id)),
            Err(_) => refused(format!("`{id}` is no id")),
        },
        None if given.has("r") => match system_id(taken) {
            Some(id) => Ok(Ok(id)),
            None => failed("no id is left among the system's"),
        },
        None => Ok(Ok(own_id(taken))),
    }
}

pub(super) fn groupadd(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["r|system", "f|force", "g|gid=", "o|non-unique"])?;
    let [name] = given.operands.as_slice() else { return refused("`groupadd` takes one name") };
    let name = text(name)?;
    let mut accounts = broken(Accounts::read(session.context.tree))?;
    if accounts.group(&name).is_some() {
        return status(if given.has("f") { 0 } else { NAME_TAKEN });
    }
    let taken: Vec<u32> = accounts.groups.iter().map(|group| group.gid).collect();
    match new_id(&given, "g", &taken)? {
        Ok(gid) => {
            accounts.push_group(&name, gid, "!");
            keep(session, &accounts)
        }
        Err(code) => status(code),
    }
}

pub(super) fn useradd(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "r|system",
        "M|no-create-home",
        "m|create-home",
        "N|no-user-group",
        "U|user-group",
        "o|non-unique",
        "l|no-log-init",
        "u|uid=",
        "g|gid=",
        "G|groups=",
        "d|home-dir|home=",
        "s|shell=",
        "c|comment=",
    ];
    let given = parse(call, &known)?;
    let [name] = given.operands.as_slice() else { return refused("`useradd` takes one name") };
    let name = text(name)?;
    let mut accounts = broken(Accounts::read(session.context.tree))?;
    if accounts.user(&name).is_some() {
        return status(NAME_TAKEN);
    }
    let users: Vec<u32> = accounts.users.iter().map(|user| user.uid).collect();
    let uid = match new_id(&given, "u", &users)? {
        Ok(uid) => uid,
        Err(code) => return status(code),
    };
    let gid = match given.text("g")? {
        Some(group) => match find_group(&accounts, &group) {
            Some(gid) => gid,
            None => return status(NO_SUCH),
        },
        None if given.has("N") => 100,
        None if accounts.group(&name).is_some() => return status(NAME_TAKEN),
        None => {
            let groups: Vec<u32> = accounts.groups.iter().map(|group| group.gid).collect();
            let gid = match () {
                () if !groups.contains(&uid) => uid,
                () if given.has("r") => match system_id(&groups) {
                    Some(gid) => gid,
                    None => return failed("no id is left among the system's"),
                },
                () => own_id(&groups),
            };
            accounts.push_group(&name, gid, "!");
            gid
        }
    };
    let home = given.text("d")?.unwrap_or_else(|| format!("/home/{name}"));
    let user = User {
        name: name.clone(),
        password: "x".to_owned(),
        uid,
        gid,
        gecos: given.text("c")?.unwrap_or_default(),
        home: home.clone(),
        shell: given.text("s")?.unwrap_or_else(|| "/bin/sh".to_owned()),
    };
    if !given.has("r") {
        return refused("`useradd` makes only system accounts here (`--system`)");
    }
    accounts.push_user(user, "!", session.context.options.epoch, false);
    if let Some(groups) = given.text("G")?
        && let Err(code) = join(&mut accounts, &name, &groups)
    {
        return status(code);
    }
    keep(session, &accounts)?;
    if given.has("m") && session.place_if_there(home.as_bytes(), true)?.is_none() {
        let meta = Meta::directory(session.context.options.epoch).with_owner(uid, gid).with_mode(0o700);
        broken(session.context.make_directory(&home, meta))?;
    }
    done()
}

pub(super) fn usermod(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = ["a|append", "G|groups=", "d|home=", "s|shell=", "c|comment=", "g|gid=", "L|lock"];
    let given = parse(call, &known)?;
    let [name] = given.operands.as_slice() else { return refused("`usermod` takes one name") };
    let name = text(name)?;
    let mut accounts = broken(Accounts::read(session.context.tree))?;
    let gid = match given.text("g")? {
        Some(group) => match find_group(&accounts, &group) {
            Some(gid) => Some(gid),
            None => return status(NO_SUCH),
        },
        None => None,
    };
    let (home, shell, comment) = (given.text("d")?, given.text("s")?, given.text("c")?);
    let Some(user) = accounts.users.iter_mut().find(|user| user.name == name) else { return status(NO_SUCH) };
    user.gid = gid.unwrap_or(user.gid);
    user.home = home.unwrap_or_else(|| user.home.clone());
    user.shell = shell.unwrap_or_else(|| user.shell.clone());
    user.gecos = comment.unwrap_or_else(|| user.gecos.clone());
    if let Some(groups) = given.text("G")? {
        if !given.has("a") {
            let kept: Vec<&str> = groups.split(',').collect();
            let others: Vec<String> = accounts.groups.iter().map(|group| group.name.clone()).collect();
            for group in others.iter().filter(|group| !kept.contains(&group.as_str())) {
                accounts.remove_member(&name, group);
            }
        }
        if let Err(code) = join(&mut accounts, &name, &groups) {
            return status(code);
        }
    }
    // A password that is locked already stays so: no account that is made here has another.
    keep(session, &accounts)
}

/// pwconv(8) and grpconv(8): passwords go to the tables that only root can read.
pub(super) fn conv(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    parse(call, &[])?;
    let epoch = session.context.options.epoch;
    broken(crate::configure::accounts::shadow_passwords(session.context.tree, epoch))?;
    done()
}

fn find_group(accounts: &Accounts, name: &str) -> Option<u32> {
    let by_number = || accounts.groups.iter().find(|group| group.gid.to_string() == name);
    accounts.group(name).or_else(by_number).map(|group| group.gid)
}

fn join(accounts: &mut Accounts, user: &str, groups: &str) -> Result<(), i32> {
    groups
        .split(',')
        .filter(|group| !group.is_empty())
        .try_for_each(|group| accounts.add_member(user, group).map_err(|_| NO_SUCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_system_accounts_go_down_and_start_again_at_the_top() {
        assert_eq!(system_id(&[0, 33, 1000]), Some(999));
        assert_eq!(system_id(&[999, 998, 42]), Some(997));
        assert_eq!(system_id(&[999, 101]), Some(998));
        assert_eq!(system_id(&(101..=999).collect::<Vec<u32>>()), None);
    }
}
