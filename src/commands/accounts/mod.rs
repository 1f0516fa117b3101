//! Programs that ask for accounts and make them: adduser and addgroup (package adduser), useradd, groupadd and usermod
//! (package passwd), getent (libc-bin), id and groups (coreutils).
//!
//! Left out: people's accounts by adduser, passwords, and the databases that are no files.

mod adduser;
mod ask;
mod shadow;

use super::answer::refused;
use super::table::Run;
use crate::configure::ConfigureError;
use crate::shell::WorldError;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("addgroup", adduser::addgroup),
    ("adduser", adduser::adduser),
    ("getent", ask::getent),
    ("groupadd", shadow::groupadd),
    ("groups", ask::groups),
    ("grpconv", shadow::conv),
    ("id", ask::id),
    ("pwconv", shadow::conv),
    ("useradd", shadow::useradd),
    ("usermod", shadow::usermod),
];

/// The ids of system accounts, which adduser takes from the lowest up and useradd from the highest down (adduser.conf,
/// login.defs).
const FIRST_SYSTEM_ID: u32 = 100;
const FIRST_SHADOW_ID: u32 = 101;
const LAST_SYSTEM_ID: u32 = 999;

/// A table of accounts that cannot be read or has no room ends the build.
fn broken<T>(result: Result<T, ConfigureError>) -> Result<T, WorldError> {
    result.or_else(|error| refused(error.to_string()))
}
