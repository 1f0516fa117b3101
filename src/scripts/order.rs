//! The order in which packages are configured: a package after those it depends on.
//!
//! The first by name goes first among packages that are ready. A circle of dependencies, as there is among the
//! essential packages, is entered at its first member by name. The package that brings accounts comes before all, as
//! dpkg too configures base-passwd first (every essential package leans on it without saying so).

use std::collections::{BTreeMap, BTreeSet};

use crate::unpack::{Package, RelationsError};

/// Packages that others use without depending on them.
const FIRST: [&str; 2] = ["base-passwd", "base-files"];

/// `packages` in the order of their configuration.
///
/// # Errors
///
/// When a field of relations cannot be read.
pub fn order(packages: &[Package]) -> Result<Vec<&Package>, RelationsError> {
    let mut providers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        by_name.insert(package.name(), index);
        for provided in names(package, "Provides")?.into_iter().flatten() {
            providers.entry(provided).or_default().push(index);
        }
    }
    let mut walk = Walk { packages, by_name: &by_name, providers: &providers, seen: BTreeSet::new(), done: Vec::new() };
    let essential = |package: &&Package| package.control.get("Essential") == Some("yes");
    let first = FIRST.iter().filter_map(|name| by_name.get(name).copied());
    for index in first {
        // Their dependencies do not go before them: those lean on them in turn.
        if walk.seen.insert(index) {
            walk.done.push(index);
        }
    }
    // What they need comes right behind them: every script may call awk, which base-files depends on for all.
    for name in FIRST {
        if let Some(&index) = by_name.get(name) {
            walk.visit_needs(index)?;
        }
    }
    let essentials = packages.iter().filter(essential).chain(packages.iter().filter(|package| !essential(package)));
    for package in essentials {
        walk.visit(by_name[package.name()])?;
    }
    Ok(walk.done.into_iter().map(|index| &packages[index]).collect())
}

/// A walk along dependencies that leaves each package behind those it needs.
struct Walk<'a> {
    packages: &'a [Package],
    by_name: &'a BTreeMap<&'a str, usize>,
    providers: &'a BTreeMap<String, Vec<usize>>,
    seen: BTreeSet<usize>,
    done: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, index: usize) -> Result<(), RelationsError> {
        if self.seen.insert(index) {
            self.visit_needs(index)?;
            self.done.push(index);
        }
        Ok(())
    }

    /// Goes to all that a package depends on.
    fn visit_needs(&mut self, index: usize) -> Result<(), RelationsError> {
        let package = &self.packages[index];
        for field in ["Pre-Depends", "Depends"] {
            for alternatives in names(package, field)? {
                let found = alternatives.iter().find_map(|name| {
                    self.by_name
                        .get(name.as_str())
                        .or_else(|| self.providers.get(name).and_then(|providers| providers.first()))
                });
                if let Some(&needed) = found {
                    self.visit(needed)?;
                }
            }
        }
        Ok(())
    }
}

/// The names in a field of relations, those of each clause's alternatives together.
fn names(package: &Package, field: &'static str) -> Result<Vec<Vec<String>>, RelationsError> {
    let clauses = package.relations(field)?;
    Ok(clauses.into_iter().map(|clause| clause.into_iter().map(|relation| relation.name).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configure::testing::package;

    fn ordered(controls: &[&str]) -> Vec<String> {
        let packages: Vec<Package> = controls
            .iter()
            .map(|control| package(&format!("{control}\nVersion: 1\nArchitecture: all\n"), &[]))
            .collect();
        order(&packages).expect("sound relations").into_iter().map(|package| package.name().to_owned()).collect()
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
    fn relations_that_cannot_be_read_are_named() {
        let broken = package("Package: a\nDepends: b c\nVersion: 1\nArchitecture: all\n", &[]);
        assert_eq!(
            order(&[broken]).expect_err("no relation").to_string(),
            "the `Depends` field of package `a` cannot be read: `b c` is no relation between packages (`name`, `name:any` or `name (>= version)`)"
        );
    }

    #[test]
    fn circles_end() {
        assert_eq!(ordered(&["Package: a\nDepends: b", "Package: b\nDepends: a"]), ["b", "a"]);
    }
}
