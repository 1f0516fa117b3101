//! The kernel, its initramfs and its firmware: bramble makes the boot partition itself, so little is left to do.

use crate::configure::{ConfigureError, Context};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::tree::Node;
use crate::unpack::Package;

use super::files::{here_document, is_link, write_missing};

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "linux-image-*",
        script: ScriptKind::Preinst,
        sha256: &["303976c752b87b231e44cba43ca7d35f79e40d872b9c94e1770c42c33a42ca2b"],
        action: nothing,
        reason: "marks the module folder as fresh, which the postinst takes away again; no hook is for preinst",
    },
    Counterpart {
        package: "linux-image-*",
        script: ScriptKind::Postinst,
        sha256: &[
            "87622fe2cfda852284c89d9051b7f98095713e3882d9d303e3e14d886ec86859",
            "0a50f821a487027c0380acee5cde9e278fa09534e9bd3fdd6f4829ee857a69e3",
        ],
        action: link_kernel,
        reason: "links the kernel as /vmlinuz; depmod's indices are written natively, and of the hooks only the one is \
                 done that gives a kernel in parts its names in /boot: the others would make an initramfs and fill the \
                 boot partition, which the image brings",
    },
    Counterpart {
        package: "linux-modules-*",
        script: ScriptKind::Postinst,
        sha256: &["54d0656c1a795e3a54b5cde570e1a23d11c91bf324ff87c8d730096afaef5ffe"],
        action: nothing,
        reason: "runs depmod, whose indices are written natively",
    },
    Counterpart {
        package: "initramfs-tools-core",
        script: ScriptKind::Postinst,
        sha256: &["af5c325bf7c139d8990278abccae0eac3f66209e5b2a23da5f2dffb0c91f7675"],
        action: initramfs_modules,
        reason: "copies the list of extra modules without its notes to packagers",
    },
    Counterpart {
        package: "initramfs-tools",
        script: ScriptKind::Postinst,
        sha256: &["a66db228e8ab312010aaba2fea8765bd255b48ef4aee003609a7da038f0d0dc6"],
        action: nothing,
        reason: "generates an initramfs; the image brings its own",
    },
    Counterpart {
        package: "e2fsprogs",
        script: ScriptKind::Postinst,
        sha256: &["beddeba810c59c4498b87294945f86e415a816c81383293410e4507ab52d3df7"],
        action: nothing,
        reason: "generates an initramfs with the new fsck; the image brings its own",
    },
    Counterpart {
        package: "klibc-utils",
        script: ScriptKind::Postinst,
        sha256: &["800f7fb6410b6359b1939098217a71310725cc70e9507497b6d0d76547f0229c"],
        action: klibc_documentation,
        reason: "links the documentation to libklibc's; the diversion it removes is one of old versions",
    },
    Counterpart {
        package: "kmod",
        script: ScriptKind::Postinst,
        sha256: &["d8e3750eb7df79add9bfe2b079c5834ca6faa1623c4e6fbe49dc8a0c23b88e30"],
        action: modules,
        reason: "writes /etc/modules, which only says that it is obsolete",
    },
    Counterpart {
        package: "raspi-firmware",
        script: ScriptKind::Postinst,
        sha256: &["f86af73b70640dccbed524bbc8571c2ba21d5866723144dddbb3d5148f924563"],
        action: firmware_mount_point,
        reason: "fills the boot partition, which the image brings; only the mount point is made",
    },
];

/// The package of a kernel in parts brings nothing itself: linux-binary and linux-base have put the kernel and its
/// configuration beside the modules. For who looks for them in `/boot`, the hook `00-legacy-boot` of linux-base makes
/// second names there.
fn name_in_boot(context: &mut Context<'_>, release: &str) -> Result<(), ConfigureError> {
    let meta = context.directory();
    for name in ["vmlinuz", "config"] {
        let part = Context::path(&format!("usr/lib/modules/{release}/{name}"))?;
        let path = Context::path(&format!("boot/{name}-{release}"))?;
        if context.tree.get(&part).is_some() && context.tree.get(&path).is_none() {
            context.make_directory("boot", meta)?;
            context.tree.hard_link(path, &part)?;
        }
    }
    Ok(())
}

/// linux-update-symlinks(1) with `INITRD=No`: the initramfs is not in `/boot`, so there is nothing for `/initrd.img` to
/// lead to.
fn link_kernel(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    let release = package.name().trim_start_matches("linux-image-");
    name_in_boot(context, release)?;
    let kernel = format!("boot/vmlinuz-{release}");
    if !context.exists(&kernel)? {
        return Ok(());
    }
    // The kernel that was linked before is the old one; with one kernel both links lead to it.
    let link = Context::path("vmlinuz")?;
    let before =
        context.tree.get(&link).and_then(Node::target).map(|target| String::from_utf8_lossy(target).into_owned());
    context.symlink("vmlinuz.old", before.as_deref().unwrap_or(&kernel))?;
    context.symlink("vmlinuz", &kernel)
}

fn initramfs_modules(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let text = context.read("usr/share/initramfs-tools/modules")?;
    let kept: String = text.lines().filter(|line| !line.starts_with("###")).map(|line| format!("{line}\n")).collect();
    let meta = context.file();
    write_missing(context, "etc/initramfs-tools/modules", kept, meta)
}

fn klibc_documentation(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let path = "usr/share/doc/klibc-utils";
    if !is_link(context, path)? && context.exists(path)? {
        context.tree.remove(&Context::path(path)?);
        context.symlink(path, "libklibc")?;
    }
    Ok(())
}

fn modules(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    let text = here_document(package, ScriptKind::Postinst, "/etc/modules")?;
    let meta = context.file();
    write_missing(context, "etc/modules", text, meta)
}

fn firmware_mount_point(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let meta = context.directory();
    context.make_directory("boot/firmware", meta)
}
