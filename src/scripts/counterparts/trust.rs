//! Certificates and keys: whom a node trusts.

use crate::configure::{ConfigureError, Context, certificates};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::unpack::Package;

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "ca-certificates",
        script: ScriptKind::Config,
        sha256: &["f49dbd6c8bbdd35231c04f8e5ce1a4c8d10cb2f1ab4a40da27713a7ab8aca73e"],
        action: nothing,
        reason: "asks which authorities to trust; the default is all, and nobody is there to answer",
    },
    Counterpart {
        package: "ca-certificates",
        script: ScriptKind::Postinst,
        sha256: &["7050b368dfa0c5e618025d515a58327602a578748f4a97694a93b1e0f26323db"],
        action: authorities,
        reason: "trusts every authority of the package: list, links and bundle",
    },
    Counterpart {
        package: "openssl",
        script: ScriptKind::Postinst,
        sha256: &["2cf35c30f1dbaf9222490b158807601f5bae4f7aae1ab64616bd42d3fcaa3247"],
        action: openssl_folder,
        reason: "links OpenSSL's folder to /etc/ssl where no package brings it",
    },
    Counterpart {
        package: "debian-archive-keyring",
        script: ScriptKind::Postinst,
        sha256: &["d67c47fed83ab77f138f096ce22c768dafb15717b8e3788d1ff059621fb9dae9"],
        action: nothing,
        reason: "removes keys of ended releases in upgrades",
    },
];

fn authorities(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    certificates::trust_all(context)
}

fn openssl_folder(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    if context.exists("usr/lib/ssl")? { Ok(()) } else { context.symlink("usr/lib/ssl", "/etc/ssl") }
}
