//! What keeps apt on the node to what the build did with suites on request (apt_preferences(5)).
//!
//! A package that came from such a suite is to be upgraded from there: above all that was asked for by name, but what it
//! needed in a version that only that suite has as well, or apt would see no version that will do. Of the rest of the suite
//! apt takes what no other suite has, and nothing in place of what one has.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::debs::PackageFile;
use crate::config::{BaseSpec, Pins, System};

/// Where apt looks for it.
pub(super) const PATH: &str = "etc/apt/preferences.d/bramble";

/// Below what is installed (100 is as much) and any other suite (500), so it is only for what nothing else has.
const REST: u32 = 100;
/// Above any other suite, and never a reason to go back to an older version (1000).
const NAMED: u32 = 990;

/// The preferences of a node of `base` that has `packages`; none where nothing comes on request.
pub(super) fn of(base: &BaseSpec, packages: &[PackageFile]) -> Option<String> {
    let came = packages.iter().map(|(package, _)| (package.suite.as_str(), package.name.as_str()));
    text(&base.system, &base.pins(), came)
}

/// As [`of`], where `came` are the packages with the suites that they came from.
fn text<'a>(system: &System, asked: &'a Pins, came: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let named =
        asked.iter().flat_map(|(suite, packages)| packages.iter().map(move |package| (suite, package.as_str())));
    let mut from: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (suite, package) in named.chain(came.filter(|(suite, _)| asked.has_suite(suite))) {
        from.entry(suite).or_default().push(package);
    }
    let mut text = String::new();
    for suite in &system.suites {
        let Some(packages) = from.get_mut(suite.name.as_str()) else { continue };
        packages.sort_unstable();
        packages.dedup();
        let separator = if text.is_empty() { "" } else { "\n" };
        let dist = suite.dist();
        let _ = write!(
            text,
            "{separator}Package: {}\nPin: release n={dist}\nPin-Priority: {NAMED}\n\n\
             Package: *\nPin: release n={dist}\nPin-Priority: {REST}\n",
            packages.join(" ")
        );
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
