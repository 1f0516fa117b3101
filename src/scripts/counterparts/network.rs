//! The network's small files, and what `ip` may do.

use crate::configure::{ConfigureError, Context};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::tree::TreeError;
use crate::unpack::Package;

use super::files::{here_document, write_missing};

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "netbase",
        script: ScriptKind::Postinst,
        sha256: &["f3122c59cd2d99821e65cc41388b9a1eaf6236ee45815ed9b1c8fcb199dd7af8"],
        action: hosts_and_networks,
        reason: "writes /etc/hosts and /etc/networks",
    },
    Counterpart {
        package: "libwrap0",
        script: ScriptKind::Postinst,
        sha256: &["7847fed0ea4c0be36d881075457c4ecc2501b6d6650b2111fc2e308c0cac01a1"],
        action: access_lists,
        reason: "writes hosts.allow and hosts.deny, which hold comments only",
    },
    Counterpart {
        package: "iproute2",
        script: ScriptKind::Config,
        sha256: &["6abebf1f87764cae8dfe7d48979e6875aae629074dc310eb46724814af7629ce"],
        action: nothing,
        reason: "asks whether ordinary users may use `ip vrf exec`; nobody is there to answer",
    },
    Counterpart {
        package: "iproute2",
        script: ScriptKind::Postinst,
        sha256: &["527078abf1e35a24228d157240f29dd847ca396011a328e7533aa247db663616"],
        action: vrf_capabilities,
        reason: "gives `ip` capabilities when the question says so, which by default it does not",
    },
];

fn hosts_and_networks(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    write_documents(context, package, &["/etc/hosts", "/etc/networks"])
}

fn access_lists(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    write_documents(context, package, &["/etc/hosts.allow", "/etc/hosts.deny"])
}

fn write_documents(context: &mut Context<'_>, package: &Package, files: &[&str]) -> Result<(), ConfigureError> {
    for file in files {
        let text = here_document(package, ScriptKind::Postinst, file)?;
        let meta = context.file();
        write_missing(context, file, text, meta)?;
    }
    Ok(())
}

fn vrf_capabilities(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    if context.answer("iproute2/setcaps").as_deref() != Some("true") {
        return Ok(());
    }
    /// `cap_dac_override,cap_net_admin,cap_bpf`, by their numbers in `linux/capability.h`.
    const CAPABILITIES: u64 = 1 << 1 | 1 << 12 | 1 << 39;
    let path = context.tree.resolve(&Context::path("bin/ip")?)?;
    let node = context.tree.get_mut(&path).ok_or(TreeError::Missing(path))?;
    node.xattrs.insert("security.capability".to_owned(), effective(CAPABILITIES));
    Ok(())
}

/// The value of `security.capability` for permitted and effective capabilities: `struct vfs_cap_data` of
/// `linux/capability.h`, revision 2: the revision with the flag for effective, then permitted and inheritable for the
/// low and the high 32 bits, all little-endian.
fn effective(capabilities: u64) -> Vec<u8> {
    const REVISION_2_EFFECTIVE: u32 = 0x0200_0001;
    let [a, b, c, d, e, f, g, h] = capabilities.to_le_bytes();
    [REVISION_2_EFFECTIVE.to_le_bytes(), [a, b, c, d], [0; 4], [e, f, g, h], [0; 4]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_written_as_the_kernel_reads_them() {
        // As `setcap cap_net_raw+ep` writes it: bit 13.
        let expected = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(effective(1 << 13), expected);
        assert_eq!(effective(1 << 39)[12], 0x80);
    }
}
