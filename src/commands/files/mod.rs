//! Programs that look at files, make, move, change and remove them: those of coreutils, and find(1).
//!
//! Rules are the kernel's for root: what is made in a folder with the setgid bit gets its group, and a change of owner takes
//! setuid, setgid and capabilities away. Time stands still at the build's epoch. Left out: what asks a person (`-i`), backups,
//! SELinux, access lists, and extended attributes but where a whole file is copied with all that it has (`cp -a`).

mod attributes;
mod copy;
mod find;
mod find_test;
mod look;
mod make;
mod mode;
mod moved;
mod remove;
mod temporary;
#[cfg(test)]
mod tests;

use crate::shell::{Call, Text};

use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("cat", look::cat),
    ("chgrp", attributes::chgrp),
    ("chmod", attributes::chmod),
    ("chown", attributes::chown),
    ("cp", copy::cp),
    ("find", find::find),
    ("install", copy::install),
    ("ln", make::ln),
    ("ls", look::ls),
    ("mkdir", make::mkdir),
    ("mkfifo", make::mkfifo),
    ("mktemp", temporary::mktemp),
    ("mv", moved::mv),
    ("readlink", look::readlink),
    ("realpath", look::realpath),
    ("rm", remove::rm),
    ("rmdir", remove::rmdir),
    ("stat", look::stat),
    ("touch", attributes::touch),
    ("unlink", remove::unlink),
];

/// An operand as an absolute path name.
fn at(call: &Call<'_>, operand: &[u8]) -> Text {
    Session::absolute(call.folder, operand)
}

/// The last part of a path name, whatever slashes stand behind it.
fn last_part(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let start = path[..end].iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    &path[start..end]
}

/// A path name below a folder.
fn joined(folder: &[u8], name: &[u8]) -> Text {
    if folder.ends_with(b"/") { [folder, name].concat() } else { [folder, b"/", name].concat() }
}
