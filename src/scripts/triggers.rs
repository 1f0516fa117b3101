//! What packages do when others activate their triggers (deb-triggers(5), dpkg's `triggers.txt`).
//!
//! All packages are unpacked before the first is configured, and dpkg notes no trigger for a package that is yet to be
//! configured: its `postinst configure` does the same work. What is left are triggers that scripts activate by
//! `dpkg-trigger` after the interested package was configured.

use std::collections::BTreeMap;

use crate::commands::Session;
use crate::configure::dpkg;
use crate::unpack::Package;

use super::{ScriptsError, interpret};

/// How often packages may activate each other's triggers before that is taken for a circle.
const ROUNDS: usize = 10;

/// Runs `postinst triggered` of every package that is interested in a trigger that was activated, in the order of the
/// packages, until none is left.
pub(super) fn run<'a>(session: &mut Session<'_, 'a>, packages: &'a [Package]) -> Result<(), ScriptsError> {
    let interests = dpkg::interests(packages)?;
    for _ in 0..ROUNDS {
        let mut pending: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for trigger in session.take_activated() {
            for index in interests.get(&trigger).into_iter().flatten() {
                let names = pending.entry(*index).or_default();
                if !names.contains(&trigger) {
                    names.push(trigger.clone());
                }
            }
        }
        if pending.is_empty() {
            return Ok(());
        }
        for (index, triggers) in pending {
            let package = &packages[index];
            if let Some(text) = package.control_files.get("postinst") {
                interpret::triggered(session, package, text, &triggers)?;
            }
        }
    }
    Err(ScriptsError::TriggerCircle)
}
