//! Which packages go together. What one base asks for is looked up for itself: it gets the same packages whatever other
//! bases of the cluster get, and two bases may have packages that refuse each other.

use std::collections::BTreeSet;

use super::closure::{Closure, ClosureError, Universe};
use crate::config::Pins;

/// What a base asks for besides Essential packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Names of packages, sorted.
    pub roots: Vec<String>,
    /// Which of its packages come from suites on request.
    pub pins: Pins,
    /// Whether there is such a base. One that there may be is left out where its packages refuse each other.
    pub needed: bool,
}

/// Packages that can be installed together, and what was asked for to get them.
#[derive(Debug)]
pub struct Set<'a> {
    pub roots: BTreeSet<&'a str>,
    /// What was asked for from suites on request.
    pub pins: Pins,
    pub closure: Closure<'a>,
}

/// The packages for `requests`: all in one set where no request gets anything else by that than it gets alone, else in a
/// set for each. What the universe has from suites on request is the caller's to say.
pub fn choose<'a>(universe: &'a Universe, requests: &'a [Request]) -> Result<Vec<Set<'a>>, ClosureError> {
    let mut sets: Vec<Set<'a>> = Vec::new();
    for request in requests {
        let roots: BTreeSet<&str> = request.roots.iter().map(String::as_str).collect();
        if sets.iter().any(|set| set.roots == roots) {
            continue;
        }
        match universe.closure(&request.roots) {
            Ok(closure) => sets.push(Set { roots, pins: Pins::default(), closure }),
            Err(ClosureError::Conflict { .. }) if !request.needed => {}
            Err(error) => return Err(error),
        }
    }
    Ok(match joint(universe, &sets) {
        Some(joint) => vec![joint],
        None => sets,
    })
}

/// All of the sets as one, if it holds for each what it has.
fn joint<'a>(universe: &'a Universe, sets: &[Set<'a>]) -> Option<Set<'a>> {
    let roots: BTreeSet<&str> = sets.iter().flat_map(|set| set.roots.iter().copied()).collect();
    let names: Vec<String> = roots.iter().map(|&name| name.to_owned()).collect();
    let closure = universe.closure(&names).ok()?;
    let same = |set: &Set<'_>| closure.reached(&set.roots) == set.closure.packages.keys().copied().collect();
    sets.iter().all(same).then_some(Set { roots, pins: Pins::default(), closure })
}

#[cfg(test)]
mod tests {
    use super::super::closure::tests::universe;
    use super::*;

    fn requests(lists: &[&str]) -> Vec<Request> {
        let roots = |list: &&str| list.split(' ').map(str::to_owned).collect();
        lists
            .iter()
            .map(|list| Request { roots: roots(list), pins: Pins::default(), needed: !list.ends_with("maybe") })
            .collect()
    }

    /// Each set's roots and packages, or why there is none.
    fn chosen(lines: &[&str], lists: &[&str]) -> Result<Vec<String>, String> {
        let (universe, requests) = (universe(lines), requests(lists));
        let sets = choose(&universe, &requests).map_err(|error| error.to_string())?;
        let joined = |names: Vec<&str>| names.join(" ");
        let shown = |set: &Set<'_>| {
            let packages = set.closure.packages.keys().copied().collect();
            format!("{}: {}", joined(set.roots.iter().copied().collect()), joined(packages))
        };
        Ok(sets.iter().map(shown).collect())
    }

    const MAIL: [&str; 5] = [
        "libc 1; Essential: yes",
        "app 1; Depends: mail-a | mail-b",
        "mail-a 1; Depends: lib",
        "mail-b 1; Conflicts: mail-a",
        "lib 1",
    ];

    #[test]
    fn what_goes_together_is_one_set() {
        let together = chosen(&MAIL, &["app", "lib", "app lib", "app"]).expect("solvable");
        assert_eq!(together, ["app lib: app lib libc mail-a"]);
    }

    #[test]
    fn packages_that_refuse_each_other_are_in_sets_of_their_own() {
        let apart = chosen(&MAIL, &["mail-a", "mail-b"]).expect("on different nodes");
        assert_eq!(apart, ["mail-a: lib libc mail-a", "mail-b: libc mail-b"]);
        let on_one = chosen(&MAIL, &["mail-a mail-b"]).expect_err("on one node");
        assert_eq!(on_one, "`mail-b` and `mail-a` are both needed, but `mail-b` says `Conflicts: mail-a`");
    }

    #[test]
    fn no_base_gets_an_alternative_that_another_one_asks_for() {
        let lines = ["app 1; Depends: mail-a | mail-b", "mail-a 1", "mail-b 1"];
        let apart = chosen(&lines, &["app", "mail-b"]).expect("solvable");
        assert_eq!(apart, ["app: app mail-a", "mail-b: mail-b"]);
    }

    #[test]
    fn what_only_may_be_asked_for_hinders_nothing() {
        let lines = [&MAIL[..], &["maybe 1; Conflicts: mail-b"]].concat();
        let without = chosen(&lines, &["mail-a maybe", "mail-b", "mail-b maybe"]).expect("the needed ones");
        assert_eq!(without, ["mail-a maybe: lib libc mail-a maybe", "mail-b: libc mail-b"]);
        assert!(chosen(&lines, &["mail-a", "unknown maybe"]).is_err(), "a package that is nowhere is a mistake");
    }
}
