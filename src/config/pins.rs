//! Suites on request: which packages a board, a role or a node wants from one (`[from]`).
//!
//! A board or a role may serve several systems, so it may name the suite of another one, which says nothing here. A
//! suite that no system has is a mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{locate, parse};
use super::nearest::suggestion;
use super::shelf::{Named, Shelf};
use super::source::SourceFile;
use super::{BaseSpec, Board, Role, System};

/// Names of packages by the suite that they come from; a package comes from one suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pins(BTreeMap<String, BTreeSet<String>>);

impl Pins {
    // Serde gives the field by reference.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each suite with the names of its packages, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(suite, packages)| (suite.as_str(), packages))
    }

    /// The suite that `package` comes from, if one is said.
    pub fn suite_of(&self, package: &str) -> Option<&str> {
        self.iter().find(|(_, packages)| packages.contains(package)).map(|(suite, _)| suite)
    }

    pub fn has_suite(&self, suite: &str) -> bool {
        self.0.contains_key(suite)
    }

    /// Says that `package` comes from `suite`, whatever was said of it before.
    pub fn set(&mut self, package: &str, suite: &str) {
        for packages in self.0.values_mut() {
            packages.remove(package);
        }
        self.0.entry(suite.to_owned()).or_default().insert(package.to_owned());
        self.0.retain(|_, packages| !packages.is_empty());
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Pins {
    /// From pairs of suite and package.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut pins = Self::default();
        for (suite, package) in pairs {
            pins.set(package, suite);
        }
        pins
    }
}

impl BaseSpec {
    /// What comes from suites on request: what its node says goes before what its roles say, and that before its board.
    pub fn pins(&self) -> Pins {
        self.pins_on(&self.board)
    }

    /// As [`BaseSpec::pins`], were the base for another board.
    pub fn pins_on(&self, board: &Board) -> Pins {
        let mut pins = Pins::default();
        for said in [&board.from].into_iter().chain(self.roles.iter().map(|role| &role.from)).chain([&self.from]) {
            for (suite, packages) in said.iter().filter(|(suite, _)| self.system.on_request(suite)) {
                packages.iter().for_each(|package| pins.set(package, suite));
            }
        }
        pins
    }
}

/// Checks what the file `source` says in `[from]` for a base of `system`. `others` are the suites of all systems, where
/// the file may serve other systems too.
pub(super) fn check(
    pins: &Pins,
    source: &Arc<SourceFile>,
    keys: &[&str],
    system: &System,
    others: Option<&BTreeSet<String>>,
    found: &mut Diagnostics,
) {
    for (suite, packages) in pins.iter() {
        let place = locate(source, &[keys, &[suite]].concat());
        if system.suites.iter().any(|own| own.name == suite && !own.on_request) {
            found.push(
                Diagnostic::new(format!("{} takes packages of `{suite}` without being asked", system.description))
                    .at(&place, "")
                    .help("take the line out, or give the suite `on_request = true` in the system's file"),
            );
        } else if !system.on_request(suite) && others.is_none_or(|others| !others.contains(suite)) {
            let known: Vec<&str> =
                system.suites.iter().filter(|suite| suite.on_request).map(|suite| suite.name.as_str()).collect();
            let title = format!("{} has no suite `{suite}` to take packages from", system.description);
            found.push(Diagnostic::new(title).at(&place, "").help(suggestion(suite, known)));
        }
        let twice =
            packages.iter().find(|package| pins.iter().any(|(other, names)| other < suite && names.contains(*package)));
        if let Some(package) = twice {
            let title = format!("`{package}` cannot come from two suites");
            found.push(Diagnostic::new(title).at(&place, "").help("name it in one of them"));
        }
    }
}

/// The names of all suites of all systems that can be read; what else is wrong with their files is told by who uses them.
pub(super) fn all_suites(systems: &Shelf<System>, root: &Path) -> BTreeSet<String> {
    let file =
        |name: &String| SourceFile::read(&root.join(System::FOLDER).join(format!("{name}{}", System::TAIL))).ok();
    let systems = systems.names().iter().filter_map(file).filter_map(|source| parse::<System>(&source).0);
    systems.flat_map(|system| system.suites).map(|suite| suite.name).collect()
}

/// What to say where `suite` turns out to have no package `package`: at each place that names it, in the cluster file and
/// in the boards and roles below the project's folder `root`.
pub fn unknown_package(cluster_file: &Path, root: &Path, suite: &str, package: &str) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut ignored = Diagnostics::default();
    let boards = Shelf::<Board>::open(root, &mut ignored);
    let roles = Shelf::<Role>::open(root, &mut ignored);
    let files = |folder: &'static str, tail: &'static str, names: &[String]| -> Vec<_> {
        names.iter().map(|name| root.join(folder).join(format!("{name}{tail}"))).collect()
    };
    let boards = files(Board::FOLDER, Board::TAIL, boards.names());
    let roles = files(Role::FOLDER, Role::TAIL, roles.names());
    for path in [cluster_file.to_owned()].into_iter().chain(boards).chain(roles) {
        let Ok(source) = SourceFile::read(&path) else { continue };
        let Ok(table) = toml::from_str::<toml::Table>(&source.text) else { continue };
        let mut holders = vec![(vec!["from".to_owned()], table.get("from"))];
        let defaults = table.get("defaults").and_then(|defaults| defaults.get("from"));
        holders.push((vec!["defaults".to_owned(), "from".to_owned()], defaults));
        let nodes = table.get("nodes").and_then(toml::Value::as_array).into_iter().flatten().enumerate();
        holders.extend(
            nodes.map(|(index, node)| {
                (["nodes", &index.to_string(), "from"].map(str::to_owned).into(), node.get("from"))
            }),
        );
        for (mut keys, from) in holders {
            let names = from.and_then(|from| from.get(suite)).and_then(toml::Value::as_array);
            let Some(index) = names.and_then(|names| names.iter().position(|name| name.as_str() == Some(package)))
            else {
                continue;
            };
            keys.extend([suite.to_owned(), index.to_string()]);
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let title = format!("suite `{suite}` has no package `{package}`");
            found.push(
                Diagnostic::new(title).at(&locate(&source, &keys), "").help("check its spelling, or take it out"),
            );
        }
    }
    found
}
