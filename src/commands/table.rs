//! Which command stands for which program.

use crate::shell::Call;

use super::answer::Answer;
use super::session::Session;
use super::{accounts, alternatives, debconf, dpkg, files, nothing, records, services, shells, text};

/// A command: what a program does to the system when it is called so.
pub(super) type Run = fn(&mut Session<'_, '_>, &mut Call<'_>) -> Answer;

/// Where a program of any package stands that is called by its name alone.
const FOLDERS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The command for the program at an absolute path.
pub(super) fn find(path: &[u8]) -> Option<Run> {
    let path = str::from_utf8(path).ok()?;
    let (folder, name) = path.rsplit_once('/')?;
    let by_name = FOLDERS.contains(&folder);
    let is_meant = |known: &str| known == path || (by_name && known == name);
    let families: [&[(&str, Run)]; 9] = [
        accounts::COMMANDS,
        alternatives::COMMANDS,
        debconf::COMMANDS,
        dpkg::COMMANDS,
        files::COMMANDS,
        records::COMMANDS,
        services::COMMANDS,
        shells::COMMANDS,
        text::COMMANDS,
    ];
    let found = families.into_iter().flatten().find(|(known, _)| is_meant(known)).map(|(_, run)| *run);
    found.or_else(|| nothing::is_known(is_meant).then_some(nothing::run))
}
