//! Passwords and logging in: shadow files and PAM.

use crate::configure::{ConfigureError, Context, accounts, pam};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::unpack::Package;

use super::files::touch;

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "passwd",
        script: ScriptKind::Postinst,
        sha256: &["5d85446badcf965fd8b75e075fbf24d3664eb6939ae97e7f7b730175348f0f4a"],
        action: shadow_passwords,
        reason: "makes the group shadow and moves the passwords into the shadow files",
    },
    Counterpart {
        package: "apt",
        script: ScriptKind::Postinst,
        sha256: &["d8c1c714447f191c0356cc814c0f2ec819b48d9f3d9fd1234cb1e96e9a0b999e"],
        action: sandbox_user,
        reason: "makes the user that apt downloads as, unless base-passwd did",
    },
    Counterpart {
        package: "libpam-modules",
        script: ScriptKind::Preinst,
        sha256: &["8b2e68eaa4501a409ec6a793409f20b6ab499ea0a1db72233695ca92ed74bd4a"],
        action: nothing,
        reason: "warns about screen savers in upgrades",
    },
    Counterpart {
        package: "libpam-modules",
        script: ScriptKind::Postinst,
        sha256: &["6f56ea9ca6372aa7f0c787df89cec6dbb19bb5094bd0d939f6c9e71bd3fc7948"],
        action: pam_files,
        reason: "makes the empty list of old passwords, for root only, and an empty environment",
    },
    Counterpart {
        package: "libpam-runtime",
        script: ScriptKind::Postinst,
        sha256: &["b76df08af367e90d0bb9d53bcae671960aa743624562ccbcc09bed34f6345cbd"],
        action: pam_profiles,
        reason: "generates the common files from the installed profiles",
    },
    Counterpart {
        package: "libpam-systemd",
        script: ScriptKind::Postinst,
        sha256: &["398e3fdeebca7fee427692c31f2d3c42c8a70845880759f179517a67ee72d1a2"],
        action: pam_profiles,
        reason: "generates the common files again, with its own profile",
    },
];

fn shadow_passwords(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let epoch = context.options.epoch;
    accounts::add_group(context.tree, "shadow", Some(42), epoch)?;
    accounts::shadow_passwords(context.tree, epoch)
}

fn sandbox_user(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let user = accounts::NewUser {
        name: "_apt",
        id: None,
        group: Some("nogroup"),
        gecos: "",
        home: "/nonexistent",
        shell: accounts::NOLOGIN,
        password: "!",
    };
    accounts::add_user(context.tree, &user, context.options.epoch)?;
    Ok(())
}

fn pam_files(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let meta = context.file();
    touch(context, "etc/security/opasswd", meta.with_mode(0o600))?;
    touch(context, "etc/environment", meta)
}

fn pam_profiles(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    pam::update(context)
}
