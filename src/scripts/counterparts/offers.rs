//! What packages offer as alternatives in scripts of their own.

use crate::configure::alternatives::{self, Choice};
use crate::configure::{ConfigureError, Context};
use crate::scripts::{Counterpart, ScriptKind};
use crate::unpack::Package;

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "bash",
        script: ScriptKind::Postinst,
        sha256: &["0088374c12b9d3531f10cb324650233c95474d071ef5fdadc51ab79769c0f93e"],
        action: builtins,
        reason: "offers the manual page of shell builtins, and /bin/sh where there is none",
    },
    Counterpart {
        package: "tar",
        script: ScriptKind::Postinst,
        sha256: &["e3a16c6ffa99092d5d54b5f83c79afbf20f342fd4ed37999a4090a57962b97e5"],
        action: rmt,
        reason: "offers `rmt`",
    },
    Counterpart {
        package: "util-linux",
        script: ScriptKind::Postinst,
        sha256: &["501f0ba51be5935d5f8ba6e300e61ca9fbcfb6ed0367c62f23cd23bfa0be8b1d"],
        action: pager,
        reason: "offers `more` as pager",
    },
];

/// Link, name and path of the master and then of each slave.
type Offer<'a> = (&'a str, &'a str, &'a str);

fn offer(
    context: &mut Context<'_>,
    priority: i32,
    master: Offer<'_>,
    slaves: &[Offer<'_>],
) -> Result<(), ConfigureError> {
    let owned = |(link, name, path): Offer<'_>| (link.to_owned(), name.to_owned(), path.to_owned());
    let (link, name, path) = owned(master);
    let slaves = slaves.iter().map(|&slave| owned(slave)).collect();
    alternatives::install(context, &Choice { link, name, path, priority, slaves })
}

fn builtins(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    if !context.exists("bin/sh")? {
        context.symlink("bin/sh", "bash")?;
    }
    let page = ("/usr/share/man/man7/builtins.7.gz", "builtins.7.gz", "/usr/share/man/man7/bash-builtins.7.gz");
    offer(context, 10, page, &[])
}

fn rmt(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let page = ("/usr/share/man/man8/rmt.8.gz", "rmt.8.gz", "/usr/share/man/man8/rmt-tar.8.gz");
    offer(context, 50, ("/usr/sbin/rmt", "rmt", "/usr/sbin/rmt-tar"), &[page])
}

fn pager(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let page = ("/usr/share/man/man1/pager.1.gz", "pager.1.gz", "/usr/share/man/man1/more.1.gz");
    offer(context, 50, ("/usr/bin/pager", "pager", "/bin/more"), &[page])
}

/// debianutils' `which`, with its manual page in every language there is one in.
pub(super) fn which(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let languages = ["", "de", "es", "fr", "it", "ja", "pl", "sl"];
    let pages: Vec<(String, String, String)> = languages
        .iter()
        .map(|language| {
            let folder = if language.is_empty() { String::new() } else { format!("/{language}") };
            (
                format!("/usr/share/man{folder}/man1/which.1.gz"),
                format!("which.{language}1.gz"),
                format!("/usr/share/man{folder}/man1/which.debianutils.1.gz"),
            )
        })
        .collect();
    let pages: Vec<Offer<'_>> =
        pages.iter().map(|(link, name, path)| (link.as_str(), name.as_str(), path.as_str())).collect();
    offer(context, 0, ("/usr/bin/which", "which", "/usr/bin/which.debianutils"), &pages)
}
