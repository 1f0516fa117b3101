//! Shared libraries: diversions that guard the usr-merge, and code for upgrades.

use crate::config::Architecture;
use crate::configure::{ConfigureError, Context};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::unpack::Package;

use super::files::copy_missing;

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "libc6",
        script: ScriptKind::Preinst,
        sha256: &[
            "00c9cc4f57aaf917fd3c985c62cb125001b4ec2a7febbcf4d8a48391a3e93a52",
            "17e1e2c354b1f36a773661a86addf0c4b69f4d1f4d816b73c90563e6ca5afe31",
            "a0129211afd05f6df153b92a4257730f97e76885c031a19ac875036dfcc8b619",
        ],
        action: divert_loader,
        reason: "diverts the loader's old place; the rest checks the running kernel and stops services in upgrades",
    },
    Counterpart {
        package: "libc6",
        script: ScriptKind::Postinst,
        sha256: &["ff2e40d1b8fc03eb89f6110e4d5ffadc14611fe0831cab4abadfdded3f126286"],
        action: nothing,
        reason: "restarts services in upgrades and tells a running systemd",
    },
    Counterpart {
        package: "libext2fs2t64",
        script: ScriptKind::Preinst,
        sha256: &["4ab6e6bc208a75fd53e346452a3c6f95a4e6f8744de90c25a341d69f3105a9e7"],
        action: divert_ext2fs,
        reason: "diverts the libraries' old places",
    },
    Counterpart {
        package: "libreadline8t64",
        script: ScriptKind::Preinst,
        sha256: &["0f8797af5bfa8d407a823b30f7a6ebaac070f9531b980bd9cb99cc413ef84801"],
        action: divert_readline,
        reason: "diverts the libraries' old places",
    },
    Counterpart {
        package: "readline-common",
        script: ScriptKind::Postinst,
        sha256: &["6bd5c720d8176c2baf3df072fb74eb10bab2ca59f0cf1ebeea74053de292b05a"],
        action: inputrc,
        reason: "copies the keys of line editing",
    },
    Counterpart {
        package: "libtirpc3t64",
        script: ScriptKind::Preinst,
        sha256: &["ab18075e2a4c83f86a8d9b4569c3c831c4f62dd3577d6ecfd9ca0fd4e236229e"],
        action: divert_tirpc,
        reason: "diverts the libraries' old places",
    },
    Counterpart {
        package: "libgssapi-krb5-2",
        script: ScriptKind::Postinst,
        sha256: &["22fe6e22dafa944faf2860f379229b96a3e3532684d52ca40a4bfb1e55c2760a"],
        action: nothing,
        reason: "moves a file in upgrades",
    },
    Counterpart {
        package: "libselinux1",
        script: ScriptKind::Postinst,
        sha256: &["666576aaff770160f81f08f4c8c4e50f30f4e96e3d7bd1005973d65757a27f68"],
        action: nothing,
        reason: "removes compiled contexts of an older version; there are none",
    },
    Counterpart {
        package: "libpam0g",
        script: ScriptKind::Postinst,
        sha256: &["1b641df7bab2681783902fa44809d4d3ee6a072c0b3f390c8cb103533f9207a5"],
        action: nothing,
        reason: "restarts services in upgrades",
    },
    Counterpart {
        package: "libwtmpdb0",
        script: ScriptKind::Postinst,
        sha256: &["25728dd1078ca3aaf389e569c42d3938841cdf11440d0b6e66988d69b657290e"],
        action: link_wtmpdb,
        reason: "links the log-in records' old place to the new one",
    },
];

fn divert_loader(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    let loader = match context.options.architecture {
        Architecture::Armel => "ld-linux.so.3",
        Architecture::Armhf => "ld-linux-armhf.so.3",
        Architecture::Arm64 => "ld-linux-aarch64.so.1",
    };
    divert(context, package, &format!("/lib/{loader}"))
}

fn divert_ext2fs(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    divert_libraries(context, package, &["libe2p.so.2", "libe2p.so.2.3", "libext2fs.so.2", "libext2fs.so.2.4"])
}

fn divert_readline(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    let names = ["libhistory.so.8", "libhistory.so.8.2", "libreadline.so.8", "libreadline.so.8.2"];
    divert_libraries(context, package, &names)
}

fn inputrc(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    copy_missing(context, "usr/share/readline/inputrc", "etc/inputrc")
}

fn divert_tirpc(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    divert_libraries(context, package, &["libtirpc.so.3", "libtirpc.so.3.0.0"])
}

fn divert_libraries(context: &mut Context<'_>, package: &Package, names: &[&str]) -> Result<(), ConfigureError> {
    let folder = context.options.architecture.multiarch();
    names.iter().try_for_each(|name| divert(context, package, &format!("/lib/{folder}/{name}")))
}

fn divert(context: &mut Context<'_>, package: &Package, path: &str) -> Result<(), ConfigureError> {
    context.divert(package.name(), path, &format!("{path}.usr-is-merged"))
}

fn link_wtmpdb(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    if context.exists("var/lib/wtmpdb/wtmp.db")? {
        return Ok(());
    }
    context.symlink("var/lib/wtmpdb/wtmp.db", "../../log/wtmp.db")
}
