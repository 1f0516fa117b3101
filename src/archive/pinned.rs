//! Suites on request: what a base gets from one, as apt does on the node with the pin that is written there.
//!
//! A package that is named comes from the suite that is said. Everything else comes from the system's own suites, but for
//! what only a suite on request has: a package of that name, or a version that something chosen asks for. Such a package
//! then comes from there as if it were named, so that the walk of `closure` sees one version of every name.

use std::collections::{BTreeMap, BTreeSet};

use super::closure::{ClosureError, Universe};
use super::depends::{self, Relation};
use super::packages::IndexedPackage;
use super::sets::{self, Request, Set};
use super::version;
use crate::config::Pins;

/// The versions that a lock holds on to, by package and the suite on request that it comes from.
pub type Held = BTreeMap<(String, Option<String>), String>;

/// What the archive offers, the system's own suites and those on request.
#[derive(Debug)]
pub struct Offer {
    entries: Vec<IndexedPackage>,
    /// The names of the suites on request that were read.
    on_request: BTreeSet<String>,
    held: Held,
}

/// Bases that want the same from suites on request, with what the archive offers them.
#[derive(Debug)]
pub struct Group {
    pins: Pins,
    universe: Universe,
    requests: Vec<Request>,
}

/// A package that is not in the suite that it should come from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error(
        "suite `{suite}` has no package `{package}`, which a board, role or node wants from it (`[from]`); check its spelling"
    )]
    Unknown { suite: String, package: String },
    #[error("suite `{suite}` was left out, and a board, role or node wants `{package}` from it (`[from]`)")]
    LeftOut { suite: String, package: String },
}

impl Offer {
    /// `on_request` are the names of those suites of `entries` that are.
    pub fn new(entries: Vec<IndexedPackage>, on_request: BTreeSet<String>, held: Held) -> Self {
        Self { entries, on_request, held }
    }

    /// The requests in groups, each with the packages that it chooses from.
    pub fn groups(&self, requests: &[Request]) -> Result<Vec<Group>, super::ArchiveError> {
        let mut universes: BTreeMap<Pins, Universe> = BTreeMap::new();
        let mut groups: BTreeMap<(Pins, Pins), Vec<Request>> = BTreeMap::new();
        for request in requests {
            match self.check(&request.pins) {
                Ok(()) => {}
                Err(_) if !request.needed => continue,
                Err(error) => return Err(error.into()),
            }
            let mut pins = request.pins.clone();
            loop {
                if !universes.contains_key(&pins) {
                    universes.insert(pins.clone(), self.universe(&pins)?);
                }
                // Why a request has no packages is said where it is chosen for.
                let Some(universe) = universes.get(&pins) else { break };
                let Err(error) = universe.closure(&request.roots) else { break };
                let Some(entry) = self.only_on_request(&error, &pins)? else { break };
                pins.set(&entry.name, &entry.suite);
            }
            groups.entry((request.pins.clone(), pins)).or_default().push(request.clone());
        }
        let group = |((pins, all), requests)| Ok(Group { pins, universe: self.universe(&all)?, requests });
        groups.into_iter().map(group).collect()
    }

    /// That each package is in the suite that it is to come from.
    fn check(&self, pins: &Pins) -> Result<(), PinError> {
        for (suite, packages) in pins.iter() {
            let has = |name: &&String| self.entries.iter().any(|entry| entry.suite == suite && entry.name == **name);
            if let Some(package) = packages.iter().find(|name| !has(name)) {
                let (suite, package) = (suite.to_owned(), package.clone());
                return Err(match self.on_request.contains(&suite) {
                    true => PinError::Unknown { suite, package },
                    false => PinError::LeftOut { suite, package },
                });
            }
        }
        Ok(())
    }

    /// The packages that can be chosen under `pins`: each name from one suite on request or from the system's own.
    fn universe(&self, pins: &Pins) -> Result<Universe, ClosureError> {
        let own: BTreeSet<&str> = self.entries.iter().filter(|entry| !self.is_on_request(entry)).map(name).collect();
        let may = |entry: &&IndexedPackage| match (pins.suite_of(&entry.name), self.is_on_request(entry)) {
            (Some(suite), _) => entry.suite == suite,
            (None, true) => pins.has_suite(&entry.suite) && !own.contains(name(entry)),
            (None, false) => true,
        };
        let entries: Vec<IndexedPackage> = self.entries.iter().filter(may).cloned().collect();
        let from = |entry: &IndexedPackage| self.is_on_request(entry).then(|| entry.suite.clone());
        let held = |entry: &IndexedPackage| {
            let version = self.held.get(&(entry.name.clone(), from(entry)))?;
            Some((entry.name.clone(), version.clone()))
        };
        let held = if self.held.is_empty() { BTreeMap::new() } else { entries.iter().filter_map(held).collect() };
        Universe::new(entries, &held)
    }

    /// The package of a suite on request that would mend the error: of the name that something asks for, in a version that
    /// will do.
    fn only_on_request(&self, error: &ClosureError, pins: &Pins) -> Result<Option<&IndexedPackage>, ClosureError> {
        let (relations, wanted): (Vec<Relation>, bool) = match error {
            ClosureError::Unsatisfiable { clause, .. } => (clauses(clause), true),
            // What breaks an old version goes with a newer one.
            ClosureError::Conflict { field: "Breaks", relation, other, .. } => {
                (clauses(relation).into_iter().filter(|relation| relation.name == *other).collect(), false)
            }
            _ => return Ok(None),
        };
        let will_do = |entry: &&IndexedPackage| {
            pins.has_suite(&entry.suite)
                && self.is_on_request(entry)
                && pins.suite_of(&entry.name).is_none()
                && relations
                    .iter()
                    .any(|relation| relation.name == entry.name && relation.met_by(&entry.version) == wanted)
        };
        Ok(self.entries.iter().filter(will_do).max_by(|one, other| version::compare(&one.version, &other.version)))
    }

    fn is_on_request(&self, entry: &IndexedPackage) -> bool {
        self.on_request.contains(&entry.suite)
    }
}

impl Group {
    /// The packages for its requests.
    pub fn sets(&self) -> Result<Vec<Set<'_>>, ClosureError> {
        let mut sets = sets::choose(&self.universe, &self.requests)?;
        sets.iter_mut().for_each(|set| set.pins.clone_from(&self.pins));
        Ok(sets)
    }
}

fn name(entry: &IndexedPackage) -> &str {
    &entry.name
}

/// The relations of a text that was one of an index.
fn clauses(text: &str) -> Vec<Relation> {
    depends::parse(text).into_iter().flatten().flatten().collect()
}
