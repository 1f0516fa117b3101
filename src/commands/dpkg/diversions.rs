//! dpkg-divert(1).

use crate::commands::answer::{Answer, done, failed, refused, says};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::configure::Diversion;
use crate::shell::{Call, WorldError};
use crate::tree::TreePath;
use crate::tree::pattern::{Backslash, matches};

/// The status of something that cannot be done.
const ERROR: i32 = 2;

/// `dpkg-divert [--add|--remove|--list|--truename|--listpackage] [--package P|--local] [--divert TO] [--[no-]rename] FILE`
pub(super) fn divert(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "add",
        "remove",
        "list",
        "truename",
        "listpackage",
        "local",
        "rename",
        "no-rename",
        "quiet",
        "test",
        "package=",
        "divert=",
        "admindir=",
        "instdir=",
        "root=",
    ];
    let given = parse(call, &known)?;
    if given.has("list") {
        return list(session, &given.operands.iter().map(|glob| text(glob)).collect::<Result<Vec<_>, _>>()?);
    }
    let [file] = given.operands.as_slice() else { return refused("`dpkg-divert` takes one file") };
    let file = text(file)?;
    let from = place(&file)?;
    let known = session.context.diversions.iter().position(|diversion| diversion.from == from);
    if given.has("truename") {
        let to = known.map_or(&from, |index| &session.context.diversions[index].to);
        return says(format!("/{to}\n"));
    }
    if given.has("listpackage") {
        return match known.map(|index| session.context.diversions[index].package.clone()) {
            Some(package) => says(format!("{}\n", package.as_deref().unwrap_or("LOCAL"))),
            None => done(),
        };
    }
    // Of a script of a package it is that one's diversion, as dpkg tells the program in its environment.
    let package = match (given.text("package")?, given.has("local")) {
        (Some(package), _) if package != "LOCAL" => Some(package),
        (Some(_), _) | (_, true) => None,
        (None, false) => Some(session.package.name().to_owned()),
    };
    let to = given.text("divert")?.unwrap_or_else(|| format!("{}.distrib", file.trim_end_matches('/')));
    let diversion = Diversion { from, to: place(&to)?, package };
    match (given.has("remove"), known) {
        (false, None) => {
            if given.has("rename") && !session.ships(&diversion.from, diversion.package.as_deref()) {
                rename(session, &diversion.from, &diversion.to)?;
            }
            session.context.diversions.push(diversion);
            done()
        }
        // The same once more changes nothing.
        (false, Some(index)) if session.context.diversions[index] == diversion => done(),
        (false, Some(_)) => Ok(crate::shell::Outcome {
            status: ERROR,
            errors: format!("dpkg-divert: error: '{file}' is diverted by another already\n").into_bytes(),
            ..Default::default()
        }),
        (true, None) => done(),
        (true, Some(index)) => {
            let old = session.context.diversions.remove(index);
            if given.has("rename") {
                rename(session, &old.to, &old.from)?;
            }
            done()
        }
    }
}

fn place(path: &str) -> Result<TreePath, WorldError> {
    TreePath::new(path).or_else(|error| refused(error.to_string()))
}

/// Moves a file that is there.
fn rename(session: &mut Session<'_, '_>, from: &TreePath, to: &TreePath) -> Result<(), WorldError> {
    let from = format!("/{from}").into_bytes();
    let Some(from) = session.place_if_there(&from, false)? else { return Ok(()) };
    let to = session.new_place(format!("/{to}").as_bytes(), false)?;
    session.context.tree.rename(&from, to).or_else(|error| failed(error.to_string()))
}

fn list(session: &Session<'_, '_>, globs: &[String]) -> Answer {
    let mut output = String::new();
    for Diversion { from, to, package } in &session.context.diversions {
        let name = format!("/{from}");
        let is_meant = |glob: &String| matches(glob.as_bytes(), name.as_bytes(), Backslash::Escapes);
        if globs.is_empty() || globs.iter().any(is_meant) {
            output.push_str(&match package {
                Some(package) => format!("diversion of {name} to /{to} by {package}\n"),
                None => format!("local diversion of {name} to /{to}\n"),
            });
        }
    }
    says(output)
}

impl Session<'_, '_> {
    /// Whether the file that stands at a path is of the package that diverts it, which keeps its own there.
    fn ships(&self, path: &TreePath, package: Option<&str>) -> bool {
        let package = self.context.packages.iter().find(|one| Some(one.name()) == package);
        package.is_some_and(|package| package.files.contains(path))
    }
}
