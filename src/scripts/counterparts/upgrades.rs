//! Scripts that do something in upgrades, or on a running system, and nothing in a fresh installation.

use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    idle(
        "adduser",
        ScriptKind::Preinst,
        &["9f56dbdab876c5217b3b937ef2e999bbe059f783be27a4c4e3c8530d39ccf937"],
        "moves an old adduser.conf away in upgrades",
    ),
    idle(
        "dash",
        ScriptKind::Preinst,
        &["72fb72ecc184b2b291dd929a94f0c599f7fd436a514514987ca98542d4ce18f4"],
        "warns about a diverted /bin/sh in upgrades",
    ),
    idle(
        "dash",
        ScriptKind::Postinst,
        &["6c4fecc6e0e989130df4c6875b4bc3af0036bd00f6c5f3c7750154fe41336cb5"],
        "takes /bin/sh back from bash's diversion; the package itself brings the link",
    ),
    idle(
        "debconf",
        ScriptKind::Config,
        &["c111633a74a35e5b47d0b3739b13c0e30b342c1af1688c24bfa3608d7fdec0f3"],
        "asks how to ask; nobody is there to answer",
    ),
    idle(
        "e2fsprogs",
        ScriptKind::Preinst,
        &["759977c9e18437325f41c773d85d75d8a5b945430f90e54ba03249d02fd4249b"],
        "removes an old documentation link in upgrades",
    ),
    idle(
        "gzip",
        ScriptKind::Preinst,
        &["dff981776d4bf693fbccd89f70464944e588b1232d27b47dde02b5d5f4391410"],
        "repairs zutils' diversions; zutils is not installed before",
    ),
    idle(
        "gzip",
        ScriptKind::Postinst,
        &["9b5ec06aaffae2b26d9e22f2b0959a8797a21467c8db88c07aaa0ec3351dc06b"],
        "removes the diversions that its preinst repaired",
    ),
    idle(
        "init-system-helpers",
        ScriptKind::Postinst,
        &["25bd97e4a6f33b06d33d01f5dc9ed2b3041434bd2590d52dbf3d69c9014e1614"],
        "undoes what debootstrap once did to os-release, in upgrades",
    ),
    idle(
        "login.defs",
        ScriptKind::Postinst,
        &["b40547c83a55c06ada84103725ea3395773ca5289cb46a155aea168b42ac7934"],
        "takes over the configuration file of an older package",
    ),
    idle(
        "openssh-server",
        ScriptKind::Preinst,
        &["d1499dcb3b432b26408d9ad7278141e244f8860faf97f8910cf9ec5eb46bb1af"],
        "keeps an old sshd alive in upgrades",
    ),
    idle(
        "procps",
        ScriptKind::Postinst,
        &["7faae81c9a92bccd4cfa18bd89ff3004d76d2f2d9f0eabc99c78824fde4ca27c"],
        "applies sysctl settings to the running kernel when a trigger calls it",
    ),
    idle(
        "systemd-timesyncd",
        ScriptKind::Postinst,
        &["b0972a16e1f290ef3cda7539cf80f0fa745fd1360bc74f0a45e0650366b3b2a4"],
        "takes over the configuration files of an older package",
    ),
];

const fn idle(
    package: &'static str,
    script: ScriptKind,
    sha256: &'static [&'static str],
    reason: &'static str,
) -> Counterpart {
    Counterpart { package, script, sha256, action: nothing, reason }
}
