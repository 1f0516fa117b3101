//! dpkg's database in `/var/lib/dpkg`, as it stands when every package is installed and nothing is left to do, so that
//! `dpkg --audit` has nothing to say on the node and apt can go on.
//!
//! Left out: the backups (`status-old`, `diversions-old`), which dpkg makes anew with its next write, and `available`,
//! which only dselect reads. `alternatives/` belongs to `super::alternatives`.

mod status;
mod triggers;

use std::collections::BTreeMap;

use crate::unpack::Script;

use super::{ConfigureError, Context, Diversion};

pub use triggers::interests;

const FOLDER: &str = "var/lib/dpkg";

/// Writes the database from the packages and from what the scripts registered. `unpacked` are the names of those that are
/// not configured.
pub fn write(context: &mut Context<'_>, unpacked: &BTreeMap<String, String>) -> Result<(), ConfigureError> {
    let (file, directory) = (context.file(), context.directory());
    for folder in ["alternatives", "info", "parts", "triggers", "updates"] {
        context.make_directory(&format!("{FOLDER}/{folder}"), directory)?;
    }
    let mut put = BTreeMap::new();
    let architecture = format!("{}\n", context.options.architecture);
    put.insert("arch".to_owned(), (architecture.clone().into_bytes(), 0o644));
    put.insert("arch-native".to_owned(), (architecture.into_bytes(), 0o644));
    put.insert("status".to_owned(), (status::write(context.packages, unpacked)?.into_bytes(), 0o644));
    put.insert("diversions".to_owned(), (Diversion::write_all(&context.diversions), 0o644));
    put.insert("statoverride".to_owned(), (statoverrides(context).into_bytes(), 0o644));
    for lock in ["lock", "lock-frontend"] {
        put.insert(lock.to_owned(), (Vec::new(), 0o640));
    }
    put.insert("info/format".to_owned(), (b"1\n".to_vec(), 0o644));
    for package in context.packages {
        let name = package.info_name();
        put.insert(format!("info/{name}.list"), (package.list(), 0o644));
        for (kind, content) in &package.control_files {
            let script = Script::ALL.iter().any(|script| script.name() == kind);
            put.insert(format!("info/{name}.{kind}"), (content.clone(), if script { 0o755 } else { 0o644 }));
        }
    }
    for (name, content) in triggers::write(context.packages)? {
        put.insert(format!("triggers/{name}"), (content.into_bytes(), 0o644));
    }
    put.insert("triggers/Unincorp".to_owned(), (Vec::new(), 0o644));
    put.insert("triggers/Lock".to_owned(), (Vec::new(), 0o600));
    for (path, (content, mode)) in put {
        context.write(&format!("{FOLDER}/{path}"), content, file.with_mode(mode))?;
    }
    Ok(())
}

/// `user group mode path`, one override a line.
fn statoverrides(context: &Context<'_>) -> String {
    let overrides = context.statoverrides.iter();
    overrides.map(|(path, (user, group, mode))| format!("{user} {group} {mode:o} {path}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{options, package, tree};
    use super::*;

    #[test]
    fn the_database_tells_what_is_installed() {
        let control = "Package: a\nHomepage: https://a\nDescription: short\n long\nVersion: 1\nDepends: b(>=2)\n\
                       Multi-Arch: same\nArchitecture: armhf\nMaintainer: M\n";
        let files = [
            ("postinst", "#!/bin/sh\n"),
            ("triggers", "interest-noawait /etc/x\ninterest word # why\nactivate ldconfig\n"),
        ];
        let packages = [package(control, &files)];
        let (mut tree, options) = (tree(), options());
        let mut context = Context::new(&mut tree, &packages, &options);
        context.divert("a", "/lib/x", "/lib/x.merged").expect("valid");
        context.write("usr/bin/run", "", context.file()).expect("fresh");
        context.statoverride("/usr/bin/run", "root", "kit", 0o4754).expect("the group is there");
        write(&mut context, &BTreeMap::from([("b".to_owned(), String::new())])).expect("written");
        let read = |path: &str| context.read(&format!("var/lib/dpkg/{path}")).expect("written");
        assert_eq!(
            read("status"),
            "Package: a\nStatus: install ok installed\nMaintainer: M\nArchitecture: armhf\nMulti-Arch: same\nVersion: 1\n\
             Depends: b (>= 2)\nDescription: short\n long\nHomepage: https://a\n\n"
        );
        assert_eq!(read("arch"), "armhf\n");
        assert_eq!(read("diversions"), "/lib/x\n/lib/x.merged\na\n");
        assert_eq!(read("statoverride"), "root kit 4754 /usr/bin/run\n");
        assert_eq!(read("triggers/File"), "/etc/x a:armhf/noawait\n");
        assert_eq!(read("triggers/word"), "a:armhf\n");
        assert_eq!(read("info/format"), "1\n");
        let mode = |path: &str| context.tree.get(&Context::path(path).expect("valid")).expect("there").meta.mode;
        assert_eq!(mode("var/lib/dpkg/info/a:armhf.postinst"), 0o755);
        assert_eq!(mode("var/lib/dpkg/info/a:armhf.triggers"), 0o644);
        assert_eq!(mode("usr/bin/run"), 0o4754);
    }
}
