//! What enables services and makes what they need: deb-systemd-helper and update-rc.d (init-system-helpers), systemctl,
//! systemd-sysusers and systemd-tmpfiles (systemd), service.
//!
//! Nothing is started: no process of the node runs in a build. So what asks whether something runs is told that nothing does.

use crate::configure::units::{self, Manager};
use crate::configure::{ConfigureError, accounts, rc, tmpfiles};
use crate::shell::{Call, Outcome, WorldError};

use super::answer::{Answer, done, refused, shown, status, whether};
use super::arguments::{parse, text};
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("deb-systemd-helper", helper),
    ("systemctl", systemctl),
    ("systemd-sysusers", sysusers),
    ("systemd-tmpfiles", create_files),
    ("update-rc.d", update_rc),
];

/// The status of a service that is not active.
const INACTIVE: i32 = 3;

fn checked(result: Result<(), ConfigureError>) -> Answer {
    match result {
        Ok(()) => done(),
        // As the programs have it: a unit that is not there is an error that a script may look at.
        Err(error @ ConfigureError::UnknownUnit(_)) => {
            Ok(Outcome { status: 1, errors: format!("{error}\n").into_bytes(), ..Outcome::default() })
        }
        Err(error) => refused(error.to_string()),
    }
}

/// `deb-systemd-helper [--quiet] [--user] ACTION UNIT…`
fn helper(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["quiet", "user", "system"])?;
    let manager = if given.has("user") { Manager::User } else { Manager::System };
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    let Some((action, names)) = words.split_first() else { return refused("`deb-systemd-helper` lacks its action") };
    let epoch = session.context.options.epoch;
    for name in names {
        // Scripts may give a path, and leave the kind of a service out.
        let unit = name.rsplit('/').next().unwrap_or(name);
        let unit = if unit.contains('.') { unit.to_owned() } else { format!("{unit}.service") };
        let tree = &mut *session.context.tree;
        let answer = match action.as_str() {
            "enable" => checked(units::helper::enable(tree, &unit, manager, epoch))?,
            "update-state" => checked(units::helper::record(tree, &unit, manager, epoch))?,
            "was-enabled" => {
                whether(units::helper::was_enabled(tree, &unit, manager).or_else(|error| refused(error.to_string()))?)?
            }
            "debian-installed" => {
                whether(units::helper::is_recorded(tree, &unit, manager).or_else(|error| refused(error.to_string()))?)?
            }
            "is-enabled" => {
                whether(units::helper::is_enabled(tree, &unit, manager).or_else(|error| refused(error.to_string()))?)?
            }
            // A script takes back what it masked when the package was removed, which it never was.
            "unmask" => done()?,
            "disable" => checked(units::disable(tree, &unit))?,
            "mask" => checked(units::mask(tree, &unit, epoch))?,
            "purge" => done()?,
            // It knows no such action, and does nothing.
            "start" | "stop" | "restart" => done()?,
            other => return refused(format!("`deb-systemd-helper {other}` is not done here")),
        };
        if answer.status != 0 {
            return Ok(answer);
        }
    }
    done()
}

/// `systemctl [OPTION…] VERB [UNIT…]`, as it is in a folder that is no running system.
fn systemctl(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "q|quiet",
        "now",
        "no-reload",
        "no-block",
        "no-ask-password",
        "system",
        "global",
        "user",
        "force|f",
        "preset-mode=",
        "no-pager",
        "no-legend",
        "root=",
        "all|a",
        "signal|s=",
        "plain",
        "wait",
    ];
    let given = parse(call, &known)?;
    if given.has("user") || given.has("global") {
        return refused("`systemctl` for people's own services is not done here");
    }
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    // What runs is to be listed, and no system does.
    let Some((verb, names)) = words.split_first() else { return status(1) };
    match verb.as_str() {
        "daemon-reload"
        | "daemon-reexec"
        | "start"
        | "stop"
        | "restart"
        | "reload"
        | "try-restart"
        | "condrestart"
        | "reload-or-restart"
        | "try-reload-or-restart"
        | "reload-or-try-restart"
        | "kill"
        | "reset-failed"
        | "isolate"
        | "set-property" => return done(),
        "is-active" => return status(INACTIVE),
        "is-failed" | "is-system-running" => return status(1),
        _ => {}
    }
    let epoch = session.context.options.epoch;
    for name in names {
        let unit = if name.contains('.') { name.clone() } else { format!("{name}.service") };
        let tree = &mut *session.context.tree;
        let answer = match verb.as_str() {
            "enable" => checked(units::enable(tree, &unit, epoch))?,
            "disable" => checked(units::disable(tree, &unit))?,
            "mask" => checked(units::mask(tree, &unit, epoch))?,
            "unmask" => checked(units::unmask(tree, &unit))?,
            "preset" => checked(units::helper::preset(tree, &unit, Manager::System, epoch))?,
            "is-enabled" => {
                let enabled = units::helper::is_enabled(tree, &unit, Manager::System);
                whether(enabled.or_else(|error| refused::<bool>(error.to_string()))?)?
            }
            other => return refused(format!("`systemctl {other}` is not done here")),
        };
        if answer.status != 0 {
            return Ok(answer);
        }
    }
    match verb.as_str() {
        "enable" | "disable" | "mask" | "unmask" | "preset" | "is-enabled" => done(),
        other => refused(format!("`systemctl {other}` is not done here")),
    }
}

fn sysusers(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["root="])?;
    let files = names(given.operands.iter().map(|file| text(file)).collect::<Result<Vec<_>, _>>()?)?;
    checked(accounts::sysusers(session.context, &files))
}

/// Files by their names below `sysusers.d` and `tmpfiles.d`, where scripts give them with a path.
fn names(files: Vec<String>) -> Result<Vec<String>, WorldError> {
    let name = |file: String| {
        let name = if file.starts_with("/usr/lib/") { file.rsplit('/').next().unwrap_or_default() } else { &file };
        match name {
            "" | "-" | "." | ".." => refused(format!("`{file}` is the name of no file with lines for systemd")),
            name if name.contains('/') => refused(format!("`{file}` is in none of systemd's folders")),
            name => Ok(name.to_owned()),
        }
    };
    files.into_iter().map(name).collect()
}

/// `systemd-tmpfiles --create [--prefix FOLDER] FILE…`
fn create_files(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["create", "remove", "root=", "boot"])?;
    let files = given.operands.iter().map(|file| text(file)).collect::<Result<Vec<_>, _>>()?;
    if files.is_empty() {
        return refused("`systemd-tmpfiles` without files is done at each boot");
    }
    if !given.has("create") {
        return refused(format!("`{}` creates nothing here", shown(call.name)));
    }
    checked(tmpfiles::create(session.context, &names(files)?))
}

/// `update-rc.d [-f] NAME defaults|defaults-disabled|enable|disable|remove`
fn update_rc(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["f", "n"])?;
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // Levels by hand are an old form of the same, as the header of the script counts.
        [name, "defaults" | "start" | "stop", ..] => checked(rc::defaults(session.context, name, true)),
        [name, "defaults-disabled"] => checked(rc::defaults(session.context, name, false)),
        [name, "disable"] => checked(rc::disable(session.context, name)),
        [_, "enable"] => done(),
        [name, "remove"] => match session.place_if_there(format!("/etc/init.d/{name}").as_bytes(), true)? {
            // Without `-f` links of a script that is there stay.
            Some(_) => done(),
            None => Ok(Outcome::default()),
        },
        other => Err(WorldError::Refused(format!("`update-rc.d {}` is not done here", other.join(" ")))),
    }
}
