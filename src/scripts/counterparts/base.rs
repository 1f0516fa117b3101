//! The skeleton of the system: base-files, base-passwd, libc-bin, debianutils' shells, dpkg, ucf.

use crate::configure::{ConfigureError, Context};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::tree::{Meta, Tree};
use crate::unpack::Package;

use super::files::{copy_missing, here_document, is_directory, is_link, touch, write_missing};

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "base-files",
        script: ScriptKind::Preinst,
        sha256: &["a180d3d16e523ad4769f5698c8ae074fd512f30319b8532cdb407149bfce539c"],
        action: divert_library_folders,
        reason: "keeps other packages from bringing /lib64 and its like; the usr-merge itself is in the package",
    },
    Counterpart {
        package: "base-files",
        script: ScriptKind::Postinst,
        sha256: &["b07c12a901580a2f6612f68e3aa86b9e837a04c9a13aa88734653548516ca45d"],
        action: base_files,
        reason: "copies the first profile, motd and shell files and makes the empty folders with their modes",
    },
    Counterpart {
        package: "base-passwd",
        script: ScriptKind::Preinst,
        sha256: &["5ab6fdffe4ff58be22e944758fd782e877f78d7b912057ec392f6d84a70f9a2f"],
        action: first_accounts,
        reason: "writes the accounts that every Debian system has",
    },
    Counterpart {
        package: "base-passwd",
        script: ScriptKind::Postinst,
        sha256: &["d358c31e2ab365cef93913fe08c3e37daf469d6a6a34761da827a00d2fca2435"],
        action: subordinate_ids,
        reason: "makes the empty subuid and subgid; update-passwd runs in upgrades only",
    },
    Counterpart {
        package: "debianutils",
        script: ScriptKind::Postinst,
        sha256: &["4e5e6301f23916853e8fea0b2a070ea637700a659ad90a35a49bdf0d92e4da2e"],
        action: shells_and_which,
        reason: "writes /etc/shells from what the shells' packages register, and offers `which`",
    },
    Counterpart {
        package: "libc-bin",
        script: ScriptKind::Postinst,
        sha256: &["e2650ee99d555a247d65044ba111b4c1ed8a9f3216798da073a4eb0dfb45e409"],
        action: name_service_switch,
        reason: "copies nsswitch.conf; the loader's cache is left out because Debian's loader knows its multiarch \
                 folders, where all libraries are, without it",
    },
    Counterpart {
        package: "dpkg",
        script: ScriptKind::Postinst,
        sha256: &["6cb56dcb7953ee94699404ec4f1fa4f1895a867b471bf1b8e776ad61a61d799a"],
        action: native_architecture,
        reason: "records the architecture; start-stop-daemon's link is there through the usr-merge",
    },
    Counterpart {
        package: "ucf",
        script: ScriptKind::Preinst,
        sha256: &["652b2fec54831b9f1025fa40f2f8d6fbdde357dab9629737861e8c0b2a326cb5"],
        action: nothing,
        reason: "rotates the records of an earlier installation",
    },
    Counterpart {
        package: "ucf",
        script: ScriptKind::Postinst,
        sha256: &["1f6342a91728e06b5d7f370e1cc22dfde15de5b38244884327f785d576752f81"],
        action: ucf_records,
        reason: "makes the empty records",
    },
];

fn divert_library_folders(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    for folder in ["lib32", "lib64", "libo32", "libx32"] {
        context.divert("base-files", &format!("/{folder}"), &format!("/.{folder}.usr-is-merged"))?;
    }
    Ok(())
}

fn base_files(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let directory = context.directory();
    if !context.exists("etc/dpkg/origins/default")? && context.exists("etc/dpkg/origins/debian")? {
        context.symlink("etc/dpkg/origins/default", "debian")?;
    }
    for (share, file) in [
        ("dot.profile", "root/.profile"),
        ("dot.bashrc", "root/.bashrc"),
        ("profile", "etc/profile"),
        ("motd", "etc/motd"),
    ] {
        copy_missing(context, &format!("usr/share/base-files/{share}"), file)?;
    }
    for path in ["mnt", "srv", "opt", "etc/opt", "var/opt", "media"] {
        context.make_directory(path, directory)?;
    }
    let mail = context.group("mail")?;
    context.make_directory("var/mail", directory.with_mode(0o2775).with_owner(0, mail))?;
    if !is_link(context, "var/spool/mail")? {
        context.symlink("var/spool/mail", "../mail")?;
    }
    context.make_directory("run/lock", directory.with_mode(0o1777))?;
    for (path, target) in [("var/run", "/run"), ("var/lock", "/run/lock")] {
        migrate(context, path, target)?;
    }
    // The file that gives these folders to the group staff is not there in a fresh installation.
    for path in ["", "share", "share/man", "bin", "games", "lib", "libexec", "include", "sbin", "src", "etc"] {
        context.make_directory(&format!("usr/local/{path}"), directory)?;
    }
    context.symlink("usr/local/man", "share/man")?;
    let utmp = context.group("utmp")?;
    for (path, mode) in [("var/log/wtmp", 0o664), ("var/log/btmp", 0o660), ("var/log/lastlog", 0o664)] {
        let meta = context.file().with_mode(mode).with_owner(0, utmp);
        touch(context, path, meta)?;
        context.set_meta(path, "root", "utmp", mode)?;
    }
    if is_directory(context, "usr/share/info")? {
        copy_missing(context, "usr/share/base-files/info.dir", "usr/share/info/dir")?;
    }
    for folder in ["lib32", "lib64", "libo32", "libx32"] {
        if is_directory(context, &format!("usr/{folder}"))? {
            if !is_link(context, folder)? && !is_directory(context, folder)? {
                context.symlink(folder, &format!("usr/{folder}"))?;
            }
        } else if is_link(context, folder)? {
            context.tree.remove(&Context::path(folder)?);
        }
    }
    Ok(())
}

/// Puts a link in the place of an empty directory.
fn migrate(context: &mut Context<'_>, path: &str, target: &str) -> Result<(), ConfigureError> {
    if is_link(context, path)? {
        return Ok(());
    }
    let place = Context::path(path)?;
    if context.tree.below(&place).next().is_some() {
        return Err(ConfigureError::Malformed {
            path: format!("/{path}"),
            what: format!("holds files of a package, and a link to {target} is to take its place"),
        });
    }
    context.tree.remove(&place);
    context.symlink(path, target)
}

fn first_accounts(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    for file in ["/etc/passwd", "/etc/group"] {
        let text = here_document(package, ScriptKind::Preinst, file)?;
        let meta = context.file();
        write_missing(context, file, text, meta)?;
    }
    Ok(())
}

fn subordinate_ids(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let meta = context.file();
    touch(context, "etc/subuid", meta)?;
    touch(context, "etc/subgid", meta)
}

fn shells_and_which(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    copy_missing(context, "usr/share/debianutils/shells", "etc/shells")?;
    update_shells(context)?;
    super::offers::which(context, package)
}

/// update-shells(8) on a system where nobody edited `/etc/shells`: every registered shell by the name it registered and
/// by the one that it has through the usr-merge.
fn update_shells(context: &mut Context<'_>) -> Result<(), ConfigureError> {
    let mut sources = vec![Context::path("usr/share/debianutils/shells")?];
    sources.extend(context.files_in("usr/share/debianutils/shells.d")?);
    let mut shells: Vec<String> = Vec::new();
    for source in sources {
        let text = context.read(&source.to_string())?;
        for line in text.lines().filter_map(|line| line.split('#').next()).filter(|line| !line.is_empty()) {
            for shell in [line.to_owned(), real_folder(context.tree, line)?] {
                if !shells.contains(&shell) {
                    shells.push(shell);
                }
            }
        }
    }
    let mut text = context.read("etc/shells")?;
    for shell in &shells {
        if text.lines().all(|line| line != shell) {
            text.push_str(shell);
            text.push('\n');
        }
    }
    let meta = context.file();
    context.write("etc/shells", text, meta)?;
    context.write("var/lib/shells.state", shells.join("\n") + "\n", meta)
}

/// `path` with the links in its folder followed, as `dpkg-realpath` of the folder.
fn real_folder(tree: &Tree, path: &str) -> Result<String, ConfigureError> {
    Ok(format!("/{}", tree.resolve_parent(&Context::path(path)?)?))
}

fn name_service_switch(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    copy_missing(context, "usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf")
}

fn native_architecture(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let meta: Meta = context.file();
    let text = format!("{}\n", context.options.architecture);
    context.write("var/lib/dpkg/arch-native", text, meta)
}

fn ucf_records(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let meta = context.file();
    touch(context, "var/lib/ucf/hashfile", meta)?;
    touch(context, "var/lib/ucf/registry", meta)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Architecture;
    use crate::configure::ConfigureOptions;

    fn in_context(test: impl FnOnce(&mut Context<'_>)) {
        let options = ConfigureOptions {
            architecture: Architecture::Armhf,
            epoch: 1,
            debconf: BTreeMap::new(),
            second_stage: Vec::new(),
        };
        let mut tree = Tree::new(Meta::directory(0));
        let mut context = Context::new(&mut tree, &[], &options);
        context.make_directory("usr/bin", Meta::directory(0)).expect("a fresh folder");
        context.symlink("bin", "usr/bin").expect("a fresh link");
        test(&mut context);
    }

    #[test]
    fn shells_stand_under_both_of_their_names() {
        in_context(|context| {
            let head = "# /etc/shells: valid login shells\n/bin/sh\n";
            let file = Meta::file(0);
            context.write("usr/share/debianutils/shells", head, file).expect("a fresh file");
            context.write("usr/share/debianutils/shells.d/bash", "/bin/bash\n", file).expect("a fresh file");
            context
                .write("usr/share/debianutils/shells.d/dash", "/usr/bin/dash # small\n", file)
                .expect("a fresh file");
            copy_missing(context, "usr/share/debianutils/shells", "etc/shells").expect("a source");
            update_shells(context).expect("sound files");
            let shells = "/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/usr/bin/dash \n";
            assert_eq!(context.read("etc/shells"), Ok(format!("{head}{shells}")));
            assert_eq!(context.read("var/lib/shells.state"), Ok(format!("/bin/sh\n{shells}")));
        });
    }

    #[test]
    fn a_folder_with_files_gives_way_to_no_link() {
        in_context(|context| {
            context.make_directory("var/run", Meta::directory(0)).expect("a fresh folder");
            migrate(context, "var/run", "/run").expect("an empty folder");
            assert!(is_link(context, "var/run").expect("a sound path"));
            context.write("var/lock/held", "", Meta::file(0)).expect("a fresh file");
            let message = migrate(context, "var/lock", "/run/lock").map_err(|error| error.to_string());
            let expected = "`/var/lock` holds files of a package, and a link to /run/lock is to take its place";
            assert_eq!(message, Err(expected.to_owned()));
        });
    }
}
