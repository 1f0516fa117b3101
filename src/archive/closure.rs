//! Which packages a system needs: everything Essential, the packages asked for, and what they depend on.
//!
//! The choice is a plain walk, breadth first. It takes an alternative that is already chosen, else the first that can
//! be had, and the highest version. Recommends are not followed. The walk chooses what apt chooses for package sets of
//! a stable release; a set that would need backtracking is refused with the chain that led there, never half solved.
//! The order of the indices has no influence on the result.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::depends::{self, Clause, Relation, RelationError};
use super::packages::IndexedPackage;
use super::version;

/// All packages that can be had: of every name the highest version (or the one that a lock holds on to).
#[derive(Debug, Default)]
pub struct Universe {
    packages: BTreeMap<String, IndexedPackage>,
    /// Virtual name to real packages and the version they give it, best first.
    providers: BTreeMap<String, Vec<Provider>>,
}

#[derive(Debug, Clone)]
struct Provider {
    package: String,
    version: Option<String>,
}

/// The chosen packages by name.
#[derive(Debug, Default)]
pub struct Closure<'a> {
    pub packages: BTreeMap<&'a str, Chosen<'a>>,
}

#[derive(Debug)]
pub struct Chosen<'a> {
    pub entry: &'a IndexedPackage,
    /// Names of the chosen packages that meet its `Pre-Depends` and `Depends`.
    pub depends: BTreeSet<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClosureError {
    #[error("no suite has a package `{name}`; check its spelling and the suites and components of the system")]
    Unknown { name: String },
    #[error("nothing meets `{clause}`, which {} depends on{}", .chain.join(" → "), in_archive(.found))]
    Unsatisfiable { clause: String, chain: Vec<String>, found: Option<String> },
    #[error("`{package}` and `{other}` are both needed{why}, but `{package}` says `{field}: {relation}`")]
    Conflict {
        package: String,
        other: String,
        field: &'static str,
        relation: String,
        /// How each came to be there, from what was asked for on: " (`app` → `lib`)".
        why: String,
    },
    #[error("package `{package}`, field `{field}`: {error}")]
    Relation { package: String, field: &'static str, error: RelationError },
}

/// Nothing where both were asked for.
fn why(chains: &[Vec<String>; 2]) -> String {
    let led: Vec<String> = chains.iter().filter(|chain| chain.len() > 1).map(|chain| chain.join(" → ")).collect();
    if led.is_empty() { String::new() } else { format!(" ({})", led.join(", ")) }
}

fn in_archive(found: &Option<String>) -> String {
    found.as_ref().map(|found| format!(" (the archive has {found})")).unwrap_or_default()
}

impl Closure<'_> {
    /// The names of those of its packages that are Essential or that `roots` lead to.
    pub fn reached(&self, roots: &BTreeSet<&str>) -> BTreeSet<&str> {
        let essential = self.packages.iter().filter(|(_, chosen)| chosen.entry.essential).map(|(name, _)| *name);
        let own = self.packages.keys().copied().filter(|name| roots.contains(name));
        let mut rest: Vec<&str> = own.chain(essential).collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = rest.pop() {
            if reached.insert(name) {
                rest.extend(self.packages.get(name).into_iter().flat_map(|chosen| chosen.depends.iter().copied()));
            }
        }
        reached
    }
}

impl Universe {
    /// Takes the highest version of each name; `held` names versions that go before higher ones as long as they are
    /// there. Of the same version in several suites the first one counts.
    pub fn new(entries: Vec<IndexedPackage>, held: &BTreeMap<String, String>) -> Result<Self, ClosureError> {
        let mut packages: BTreeMap<String, IndexedPackage> = BTreeMap::new();
        for entry in entries {
            let is_held = |version: &str| held.get(&entry.name).is_some_and(|held| held == version);
            let better = packages.get(&entry.name).is_none_or(|known| {
                let higher = version::compare(&entry.version, &known.version).is_gt();
                !is_held(&known.version) && (higher || is_held(&entry.version))
            });
            if better {
                packages.insert(entry.name.clone(), entry);
            }
        }
        let mut universe = Self { packages, providers: BTreeMap::new() };
        for entry in universe.packages.values() {
            for relation in read(entry, "Provides", &entry.provides)?.into_iter().flatten() {
                let version = relation.bound.map(|bound| bound.version);
                let provider = Provider { package: entry.name.clone(), version };
                universe.providers.entry(relation.name).or_default().push(provider);
            }
        }
        for providers in universe.providers.values_mut() {
            providers.sort_by_key(|provider| {
                let priority = universe.packages.get(&provider.package).map(|entry| entry.priority);
                (priority, provider.package.clone())
            });
        }
        Ok(universe)
    }

    /// The packages needed for `roots` and everything Essential, without conflicts among them.
    pub fn closure(&self, roots: &[String]) -> Result<Closure<'_>, ClosureError> {
        let mut walk =
            Walk { universe: self, closure: Closure::default(), queue: VecDeque::new(), wanted_by: BTreeMap::new() };
        for root in roots {
            let entry = self.packages.get(root).ok_or_else(|| ClosureError::Unknown { name: root.clone() })?;
            walk.choose(entry, None);
        }
        for entry in self.packages.values().filter(|entry| entry.essential) {
            walk.choose(entry, None);
        }
        while let Some(entry) = walk.queue.pop_front() {
            walk.follow(entry)?;
        }
        walk.check_conflicts()?;
        Ok(walk.closure)
    }

    /// Whether the package of that name meets the relation, itself or by what it provides.
    fn meets(&self, package: &IndexedPackage, relation: &Relation) -> bool {
        (package.name == relation.name && relation.met_by(&package.version))
            || self.providers.get(&relation.name).is_some_and(|providers| {
                providers.iter().any(|provider| provider.package == package.name && provider.meets(relation))
            })
    }

    /// The package that `relation` asks for: the one of its name, else the best that provides it.
    fn find(&self, relation: &Relation) -> Option<&IndexedPackage> {
        let real = self.packages.get(&relation.name).filter(|entry| relation.met_by(&entry.version));
        real.or_else(|| {
            let providers = self.providers.get(&relation.name)?;
            let provider = providers.iter().find(|provider| provider.meets(relation))?;
            self.packages.get(&provider.package)
        })
    }
}

impl Provider {
    /// A bound is met by a provided version only, as in dpkg.
    fn meets(&self, relation: &Relation) -> bool {
        match (&relation.bound, &self.version) {
            (None, _) => true,
            (Some(bound), Some(version)) => bound.met_by(version),
            (Some(_), None) => false,
        }
    }
}

fn read(entry: &IndexedPackage, field: &'static str, text: &str) -> Result<Vec<Clause>, ClosureError> {
    let package = || entry.name.clone();
    depends::parse(text).map_err(|error| ClosureError::Relation { package: package(), field, error })
}

struct Walk<'a> {
    universe: &'a Universe,
    closure: Closure<'a>,
    queue: VecDeque<&'a IndexedPackage>,
    /// Why a package is there, for the chain of an error.
    wanted_by: BTreeMap<&'a str, &'a str>,
}

impl<'a> Walk<'a> {
    fn choose(&mut self, entry: &'a IndexedPackage, wanted_by: Option<&'a str>) {
        if self.closure.packages.contains_key(entry.name.as_str()) {
            return;
        }
        self.closure.packages.insert(&entry.name, Chosen { entry, depends: BTreeSet::new() });
        if let Some(by) = wanted_by {
            self.wanted_by.insert(&entry.name, by);
        }
        self.queue.push_back(entry);
    }

    fn follow(&mut self, entry: &'a IndexedPackage) -> Result<(), ClosureError> {
        let mut clauses = read(entry, "Pre-Depends", &entry.pre_depends)?;
        clauses.extend(read(entry, "Depends", &entry.depends)?);
        for clause in &clauses {
            let chosen = clause.iter().find_map(|relation| self.already(relation));
            let meeting = chosen.or_else(|| clause.iter().find_map(|relation| self.universe.find(relation)));
            let meeting = meeting.ok_or_else(|| self.unsatisfiable(entry, clause))?;
            self.choose(meeting, Some(&entry.name));
            if let Some(chosen) = self.closure.packages.get_mut(entry.name.as_str())
                && meeting.name != entry.name
            {
                chosen.depends.insert(&meeting.name);
            }
        }
        Ok(())
    }

    /// A chosen package that meets the relation.
    fn already(&self, relation: &Relation) -> Option<&'a IndexedPackage> {
        let by_name = self.closure.packages.get(relation.name.as_str()).map(|chosen| chosen.entry);
        let providers = self.universe.providers.get(&relation.name).into_iter().flatten();
        let provided = providers.filter_map(|provider| self.closure.packages.get(provider.package.as_str()));
        by_name
            .into_iter()
            .chain(provided.map(|chosen| chosen.entry))
            .find(|entry| self.universe.meets(entry, relation))
    }

    fn unsatisfiable(&self, entry: &IndexedPackage, clause: &Clause) -> ClosureError {
        let chain = self.chain(&entry.name);
        let found = clause.iter().find_map(|relation| self.universe.packages.get(&relation.name));
        let found = found.map(|entry| format!("`{}` {}", entry.name, entry.version));
        ClosureError::Unsatisfiable { clause: depends::display(clause), chain, found }
    }

    /// The names from what was asked for to `name`, each in backquotes.
    fn chain(&self, name: &str) -> Vec<String> {
        let mut chain = vec![format!("`{name}`")];
        let mut at = name;
        while let Some(by) = self.wanted_by.get(at) {
            chain.push(format!("`{by}`"));
            at = by;
        }
        chain.reverse();
        chain
    }

    fn check_conflicts(&self) -> Result<(), ClosureError> {
        let closure = &self.closure;
        let mut provided: BTreeMap<String, Vec<Provider>> = BTreeMap::new();
        for Chosen { entry, .. } in closure.packages.values() {
            let own = Provider { package: entry.name.clone(), version: Some(entry.version.clone()) };
            provided.entry(entry.name.clone()).or_default().push(own);
            for relation in read(entry, "Provides", &entry.provides)?.into_iter().flatten() {
                let version = relation.bound.map(|bound| bound.version);
                provided.entry(relation.name).or_default().push(Provider { package: entry.name.clone(), version });
            }
        }
        for Chosen { entry, .. } in closure.packages.values() {
            for (field, text) in [("Conflicts", &entry.conflicts), ("Breaks", &entry.breaks)] {
                for relation in read(entry, field, text)?.into_iter().flatten() {
                    let others = provided.get(&relation.name).into_iter().flatten();
                    // A package may conflict with a name it provides: that keeps other providers away.
                    let other = others.filter(|other| other.package != entry.name).find(|other| other.meets(&relation));
                    if let Some(other) = other {
                        return Err(ClosureError::Conflict {
                            package: entry.name.clone(),
                            other: other.package.clone(),
                            field,
                            relation: relation.to_string(),
                            why: why(&[self.chain(&entry.name), self.chain(&other.package)]),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::packages;
    use super::*;

    /// One package a line: `name version; Field: value; …`.
    fn universe_holding(lines: &[&str], held: &[(&str, &str)]) -> Universe {
        let mut text = String::new();
        for line in lines {
            let (head, fields) = line.split_once(';').unwrap_or((line, ""));
            let (name, version) = head.split_once(' ').expect("name and version");
            text += &format!(
                "Package: {name}\nVersion: {version}\nArchitecture: all\nFilename: pool/{name}.deb\nSize: 1\nSHA256: {}\n{}\n\n",
                "0".repeat(64),
                fields.split(';').map(str::trim).filter(|field| !field.is_empty()).collect::<Vec<_>>().join("\n")
            ).replace("\n\n\n", "\n\n");
        }
        let entries = packages::parse(&text, "test").expect("valid");
        let held = held.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect();
        Universe::new(entries, &held).expect("valid")
    }

    pub(in super::super) fn universe(lines: &[&str]) -> Universe {
        universe_holding(lines, &[])
    }

    fn names(universe: &Universe, roots: &[&str]) -> String {
        let closure = universe.closure(&roots.iter().map(|root| (*root).to_owned()).collect::<Vec<_>>());
        let closure = closure.expect("solvable");
        let names = closure.packages.values().map(|chosen| {
            let depends: Vec<_> = chosen.depends.iter().copied().collect();
            format!("{} {}[{}]", chosen.entry.name, chosen.entry.version, depends.join(","))
        });
        names.collect::<Vec<_>>().join(" ")
    }

    fn error(universe: &Universe, roots: &[&str]) -> String {
        let roots: Vec<_> = roots.iter().map(|root| (*root).to_owned()).collect();
        universe.closure(&roots).expect_err("not solvable").to_string()
    }

    #[test]
    fn essential_packages_and_dependencies_come_along() {
        let universe = universe(&[
            "base 1; Essential: yes; Pre-Depends: libc (>= 2)",
            "libc 2.1",
            "app 1; Depends: lib-a, lib-b:any; Recommends: extra",
            "lib-a 1; Depends: libc",
            "lib-b 1; Depends: app",
            "extra 1",
        ]);
        assert_eq!(names(&universe, &["app"]), "app 1[lib-a,lib-b] base 1[libc] lib-a 1[libc] lib-b 1[app] libc 2.1[]");
    }

    #[test]
    fn a_chosen_alternative_goes_before_the_first() {
        let lines = ["app 1; Depends: mta-a | mta-b", "mta-a 1", "mta-b 1; Essential: no"];
        assert_eq!(names(&universe(&lines), &["app"]), "app 1[mta-a] mta-a 1[]");
        assert_eq!(names(&universe(&lines), &["app", "mta-b"]), "app 1[mta-b] mta-b 1[]");
        let missing = ["app 1; Depends: gone | old (>= 2) | mta-b", "old 1", "mta-b 1"];
        assert_eq!(names(&universe(&missing), &["app"]), "app 1[mta-b] mta-b 1[]");
    }

    #[test]
    fn provides_meet_bounds_only_with_a_version() {
        let lines = [
            "app 1; Depends: api (>= 2), mail",
            "zero 1; Provides: api",
            "one 1; Provides: api (= 1)",
            "two 1; Provides: api (= 2), mail",
            "mailer 1; Priority: standard; Provides: mail",
        ];
        assert_eq!(names(&universe(&lines), &["app"]), "app 1[two] two 1[]");
        let unbound = ["app 1; Depends: mail", "a 1; Provides: mail", "z 1; Priority: important; Provides: mail"];
        assert_eq!(names(&universe(&unbound), &["app"]), "app 1[z] z 1[]");
    }

    #[test]
    fn the_highest_version_is_taken_whatever_the_order_unless_held() {
        let lines = ["app 1.9", "app 1.10", "app 1.2"];
        assert_eq!(names(&universe(&lines), &["app"]), "app 1.10[]");
        let reversed: Vec<_> = lines.iter().rev().copied().collect();
        assert_eq!(names(&universe(&reversed), &["app"]), "app 1.10[]");
        assert_eq!(names(&universe_holding(&lines, &[("app", "1.2")]), &["app"]), "app 1.2[]");
        assert_eq!(names(&universe_holding(&lines, &[("app", "1.9")]), &["app"]), "app 1.9[]");
        assert_eq!(names(&universe_holding(&lines, &[("app", "1.1")]), &["app"]), "app 1.10[]");
    }

    #[test]
    fn what_cannot_be_met_shows_its_chain() {
        let lines = ["app 1; Depends: lib", "lib 1; Depends: base (>= 2) | rest", "base 1.5"];
        assert_eq!(
            error(&universe(&lines), &["app"]),
            "nothing meets `base (>= 2) | rest`, which `app` → `lib` depends on (the archive has `base` 1.5)"
        );
        assert_eq!(
            error(&universe(&lines), &["ap"]),
            "no suite has a package `ap`; check its spelling and the suites and components of the system"
        );
        assert_eq!(
            error(&universe(&["app 1; Depends: a b"]), &["app"]),
            "package `app`, field `Depends`: `a b` is no relation between packages (`name`, `name:any` or `name (>= version)`)"
        );
    }

    #[test]
    fn conflicts_are_found_afterwards() {
        let lines = ["app 1; Depends: a, b", "a 1; Breaks: b (<< 2)", "b 1"];
        assert_eq!(
            error(&universe(&lines), &["app"]),
            "`a` and `b` are both needed (`app` → `a`, `app` → `b`), but `a` says `Breaks: b (<< 2)`"
        );
        let newer = ["app 1; Depends: a, b", "a 1; Breaks: b (<< 2)", "b 2"];
        assert_eq!(names(&universe(&newer), &["app"]), "a 1[] app 1[a,b] b 2[]");
        let mta = ["a 1; Provides: mta; Conflicts: mta", "b 1; Provides: mta"];
        assert_eq!(names(&universe(&mta), &["a"]), "a 1[]");
        assert_eq!(error(&universe(&mta), &["a", "b"]), "`a` and `b` are both needed, but `a` says `Conflicts: mta`");
    }
}
