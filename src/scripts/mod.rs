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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configure::testing::{options, package, tree};
    use crate::tree::{Meta, TreePath};

    /// What comes of packages with these control files, and the text of `/out`.
    fn configured(packages: &[(&str, &[(&str, &str)])]) -> Result<String, String> {
        let control = |name: &str| format!("Package: {name}\nVersion: 1\nArchitecture: all\n");
        let packages: Vec<Package> = packages.iter().map(|(name, files)| package(&control(name), files)).collect();
        let mut tree = tree();
        for program in ["usr/bin/cat", "usr/bin/dpkg-trigger", "usr/bin/mystery"] {
            let path = TreePath::new(program).expect("valid");
            tree.make_directories(&path.parent().expect("has one"), Meta::directory(0)).expect("fresh");
            tree.write(&path, "\u{7f}ELF", Meta::file(0).with_mode(0o755)).expect("fresh");
        }
        configure(&mut tree, &packages, &options()).map_err(|error| error.to_string())?;
        let out = tree.read_if_there(&TreePath::new("out").expect("valid")).expect("a file").unwrap_or_default();
        Ok(String::from_utf8(out.to_vec()).expect("text"))
    }

    #[test]
    fn scripts_run_in_dpkgs_order_and_surroundings() {
        let say = "#!/bin/sh\necho \"$DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME $# $1\" | cat >>/out\n";
        let all = [("preinst", say), ("config", say), ("postinst", say), ("prerm", say)];
        assert_eq!(
            configured(&[("a", &all[..1]), ("b", &all)]).as_deref(),
            Ok("a preinst 1 install\nb preinst 1 install\nb config 2 configure\nb postinst 2 configure\n")
        );
    }

    #[test]
    fn triggers_that_scripts_activate_are_heard_of_afterwards() {
        let hears = [("triggers", "interest-noawait rebuild\n"), ("postinst", "#!/bin/sh\necho \"hears $*\" >>/out\n")];
        let activates = [("postinst", "#!/bin/sh\nset -e\ndpkg-trigger rebuild\ndpkg-trigger rebuild\n")];
        assert_eq!(
            configured(&[("a", &hears), ("z", &activates)]).as_deref(),
            Ok("hears configure \nhears triggered rebuild\n")
        );
        let circle = [("triggers", "interest rebuild\n"), ("postinst", "#!/bin/sh\ndpkg-trigger rebuild\n")];
        assert!(configured(&[("a", &circle)]).expect_err("a circle").contains("in a circle"));
    }

    #[test]
    fn what_a_script_cannot_do_is_told_with_its_line_and_the_choices() {
        let stops = [("postinst", "#!/bin/sh\nset -e\n\nif mystery --now; then :; fi\n")];
        assert_eq!(
            configured(&[("a", &stops)]),
            Err("the postinst of `a` cannot be run, at line 4: `/usr/bin/mystery` is a program that this build has nothing in the \
                 stead of\n    | if mystery --now; then :; fi\nleave the package out, have the node configure it at its first boot \
                 (`second_stage = [\"a\"]` in role.toml), or file an issue with this text"
                .to_owned())
        );
        // The first line's option counts as dpkg has it.
        let fails = [("postinst", "#!/bin/sh -e\necho why >&2\nfalse\necho on >>/out\n")];
        let error = configured(&[("a", &fails)]).expect_err("false");
        assert!(error.starts_with("the postinst of `a` failed with status 1"), "{error}");
        assert!(error.contains("\n    why\n"), "{error}");
        let none = [("preinst", "#!/bin/sh\nnothing-of-the-kind || echo \"$?\" >/out\n")];
        assert_eq!(configured(&[("a", &none)]).as_deref(), Ok("127\n"));
    }
}
