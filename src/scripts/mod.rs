//! What `dpkg --configure -a` of a fresh installation does: the maintainer scripts of all packages, each in its turn.
//!
//! A maintainer script is taken apart. The blocks that debhelper wrote are understood by their form ([`debhelper`]);
//! what its maintainer wrote by hand, the residue, may be known by its hash and have a counterpart here ([`counterparts`]).
//! A script that is neither is read by a shell of our own over the tree ([`interpret`]): its text says what it does.
//! Only `preinst install`, `config configure` and `postinst configure` run in a fresh installation; `prerm` and
//! `postrm` do not, so they are carried along for the node and never read.
//!
//! Work goes in this order: every script is recognised; every `preinst` in name order; every `config` and `postinst` in the
//! order of dependencies ([`order`]); then the records of dpkg and debconf, which tell what the steps before did.

mod counterpart;
mod counterparts;
pub mod debhelper;
mod error;
mod interpret;
pub mod order;
mod recognise;
mod second_stage;
mod triggers;

use std::collections::BTreeMap;

use crate::commands::Session;
use crate::configure::{ConfigureOptions, Context, debconf, dpkg, first_boot};
use crate::tree::Tree;
use crate::unpack::Package;

pub use counterpart::{Counterpart, ScriptKind};
pub use error::ScriptsError;
pub use recognise::Unrecognised;

/// Configures the unpacked `packages` of `tree`, and gives those that are left to the node, each with why.
///
/// # Errors
///
/// Every script that is for no shell is reported at once, before anything is changed; see [`ScriptsError`].
pub fn configure(
    tree: &mut Tree,
    packages: &[Package],
    options: &ConfigureOptions,
) -> Result<BTreeMap<String, String>, ScriptsError> {
    let left = second_stage::left(packages, &options.second_stage)?;
    let recognised = recognise::recognise(packages, &left)?;
    run(tree, packages, options, left, |session, package, script| recognised.run(session, package, script))
}

/// As [`configure`], with every script read by our shell that is written for one, whatever is known of it: so that the two can
/// be compared. Gives the places where our shell has no answer, and what is known was done.
pub fn interpret(
    tree: &mut Tree,
    packages: &[Package],
    options: &ConfigureOptions,
) -> Result<Vec<String>, ScriptsError> {
    let recognised = recognise::recognise(packages, &BTreeMap::new())?;
    let mut stops = Vec::new();
    run(tree, packages, options, BTreeMap::new(), |session, package, script| {
        recognised.interpret(session, package, script, &mut stops)
    })?;
    Ok(stops)
}

fn run<'a>(
    tree: &'a mut Tree,
    packages: &'a [Package],
    options: &'a ConfigureOptions,
    left: second_stage::Left,
    mut script: impl FnMut(&mut Session<'_, 'a>, &'a Package, ScriptKind) -> Result<(), ScriptsError>,
) -> Result<BTreeMap<String, String>, ScriptsError> {
    let mut context = Context::new(tree, packages, options);
    second_stage::put_aside(&mut context, &left)?;
    let Some(first) = packages.first() else {
        dpkg::write(&mut context, &left)?;
        return Ok(left);
    };
    let mut session = Session::new(&mut context, first);
    for package in packages {
        script(&mut session, package, ScriptKind::Preinst)?;
    }
    for package in order::order(packages)?.into_iter().filter(|package| !left.contains_key(package.name())) {
        script(&mut session, package, ScriptKind::Config)?;
        script(&mut session, package, ScriptKind::Postinst)?;
        session.is_configured(package);
    }
    triggers::run(&mut session, packages)?;
    debconf::check(&context)?;
    first_boot::settle(&mut context)?;
    debconf::write(&mut context)?;
    dpkg::write(&mut context, &left)?;
    Ok(left)
}
