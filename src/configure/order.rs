//! The order in which packages are configured: a package after those it depends on.
//!
//! Among packages that are ready the first by name goes first. Where dependencies go round in a circle, as they do
//! among the essential packages, the circle is entered at its first member by name. Whoever brings accounts comes
//! before all, since dpkg too configures base-passwd first (every essential package leans on it without saying so).

use std::collections::{BTreeMap, BTreeSet};

use crate::unpack::Package;

/// Packages that others use without depending on them.
const FIRST: [&str; 2] = ["base-passwd", "base-files"];

/// `packages` in the order of their configuration.
pub fn order(packages: &[Package]) -> Vec<&Package> {
    let mut providers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        by_name.insert(package.name(), index);
        for provided in names(package, "Provides").flatten() {
            providers.entry(provided).or_default().push(index);
        }
    }
    let mut walk = Walk { packages, by_name: &by_name, providers: &providers, seen: BTreeSet::new(), done: Vec::new() };
    let essential = |package: &&Package| package.control.get("Essential") == Some("yes");
    let first = FIRST.iter().filter_map(|name| by_name.get(name).copied());
    for index in first {
        // Without their dependencies: those lean on them in turn.
        if walk.seen.insert(index) {
            walk.done.push(index);
        }
    }
    let essentials = packages.iter().filter(essential).chain(packages.iter().filter(|package| !essential(package)));
    for package in essentials {
        walk.visit(by_name[package.name()]);
    }
    walk.done.into_iter().map(|index| &packages[index]).collect()
}

/// A walk along dependencies that leaves each package behind those it needs.
struct Walk<'a> {
    packages: &'a [Package],
    by_name: &'a BTreeMap<&'a str, usize>,
    providers: &'a BTreeMap<&'a str, Vec<usize>>,
    seen: BTreeSet<usize>,
    done: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, index: usize) {
        if !self.seen.insert(index) {
            return;
        }
        let package = &self.packages[index];
        for field in ["Pre-Depends", "Depends"] {
            for alternatives in names(package, field) {
                let found = alternatives.iter().find_map(|name| {
                    self.by_name.get(name).or_else(|| self.providers.get(name).and_then(|providers| providers.first()))
                });
                if let Some(&needed) = found {
                    self.visit(needed);
                }
            }
        }
        self.done.push(index);
    }
}

/// The names in a field of relations: one list of alternatives for each relation.
fn names<'a>(package: &'a Package, field: &str) -> impl Iterator<Item = Vec<&'a str>> {
    let relations = package.control.get(field).unwrap_or_default().split(',');
    relations.map(|relation| {
        let name = |text: &'a str| {
            text.trim().split(|c: char| c.is_whitespace() || "([:<".contains(c)).next().unwrap_or_default()
        };
        relation.split('|').map(name).filter(|name| !name.is_empty()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::package;
    use super::*;

    fn ordered(controls: &[&str]) -> Vec<String> {
        let packages: Vec<Package> = controls
            .iter()
            .map(|control| package(&format!("{control}\nVersion: 1\nArchitecture: all\n"), &[]))
            .collect();
        order(&packages).into_iter().map(|package| package.name().to_owned()).collect()
    }

    #[test]
    fn what_is_needed_goes_first_and_essential_before_the_rest() {
        let order = ordered(&[
            "Package: a\nDepends: v (>= 1) | none, missing",
            "Package: base-passwd\nDepends: libc6",
            "Package: e\nEssential: yes\nPre-Depends: z:any",
            "Package: p\nProvides: v (= 1)",
            "Package: z",
        ]);
        assert_eq!(order, ["base-passwd", "z", "e", "p", "a"]);
    }

    #[test]
    fn circles_end() {
        assert_eq!(ordered(&["Package: a\nDepends: b", "Package: b\nDepends: a"]), ["b", "a"]);
    }
}
