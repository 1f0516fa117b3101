//! Which command stands for which program.

use crate::shell::Call;

use super::answer::Answer;
use super::session::Session;
use super::{accounts, alternatives, debconf, dpkg, files, locales, nothing, records, running, services, shells, text};

/// A command: what a program does to the system when it is called so.
pub(super) type Run = fn(&mut Session<'_, '_>, &mut Call<'_>) -> Answer;

/// Where a program of any package stands that is called by its name alone.
const FOLDERS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The families of commands, each of one file or folder.
const FAMILIES: [&[(&str, Run)]; 11] = [
    accounts::COMMANDS,
    alternatives::COMMANDS,
    debconf::COMMANDS,
    dpkg::COMMANDS,
    files::COMMANDS,
    locales::COMMANDS,
    records::COMMANDS,
    running::COMMANDS,
    services::COMMANDS,
    shells::COMMANDS,
    text::COMMANDS,
];

/// The command for the program at an absolute path.
pub(super) fn find(path: &[u8]) -> Option<Run> {
    let path = str::from_utf8(path).ok()?;
    let found = FAMILIES.into_iter().flatten().find(|(known, _)| stands_for(known, path)).map(|(_, run)| *run);
    found.or_else(|| nothing::is_known(|known| stands_for(known, path)).then_some(nothing::run))
}

/// Whether a program is one of those in whose stead nothing is done.
pub(super) fn leaves_nothing(path: &[u8]) -> bool {
    str::from_utf8(path).is_ok_and(|path| nothing::is_known(|known| stands_for(known, path)))
}

/// Whether an entry is for the program at a path.
fn stands_for(known: &str, path: &str) -> bool {
    if let Some(end) = known.strip_prefix('*') {
        return path.ends_with(end);
    }
    let by_name = path.rsplit_once('/').is_some_and(|(folder, name)| FOLDERS.contains(&folder) && name == known);
    known == path || by_name
}

/// The names of all commands.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.into_iter().flatten().map(|(name, _)| *name)
}
