//! Packages whose scripts only the node itself can run: they make secrets or databases. A role names them, and they are left as
//! `dpkg --unpack` leaves them, with those that depend on their being configured; a unit on the node runs
//! `dpkg --configure -a` once.

use std::collections::BTreeMap;

use crate::configure::Context;
use crate::unpack::{Package, RelationsError, Shipped};

use super::ScriptsError;

/// The packages that are left to the node, by name, each with why.
pub(super) type Left = BTreeMap<String, String>;

/// Which packages stay unpacked: the named ones, and what depends on them.
///
/// # Errors
///
/// When a named package is none of `packages`, or one that must be configured depends on it already while it is unpacked.
pub(super) fn left(packages: &[Package], named: &[(String, String)]) -> Result<Left, ScriptsError> {
    let mut left = Left::new();
    for (name, file) in named {
        if !packages.iter().any(|package| package.name() == name) {
            return Err(ScriptsError::NoSuchPackage { package: name.clone(), file: file.clone() });
        }
        left.insert(name.clone(), format!("named in {file}"));
    }
    loop {
        let before = left.len();
        for package in packages {
            if left.contains_key(package.name()) {
                continue;
            }
            if let Some(needed) = needs(package, packages, &left, "Pre-Depends")? {
                return Err(ScriptsError::NeededAtOnce { package: package.name().to_owned(), needed });
            }
            if let Some(needed) = needs(package, packages, &left, "Depends")? {
                if package.control.get("Essential") == Some("yes") {
                    return Err(ScriptsError::NeededAtOnce { package: package.name().to_owned(), needed });
                }
                left.insert(package.name().to_owned(), format!("depends on {needed}"));
            }
        }
        if left.len() == before {
            return Ok(left);
        }
    }
}

/// A package that is left and without which a field of relations is not met by any that is configured.
fn needs(
    package: &Package,
    packages: &[Package],
    left: &Left,
    field: &'static str,
) -> Result<Option<String>, RelationsError> {
    for clause in package.relations(field)? {
        let mut of_left = None;
        let mut met = false;
        for other in packages {
            let provides = other.relations("Provides")?;
            let is_one = |relation: &crate::archive::depends::Relation| {
                let by_name = relation.name == other.name() && relation.met_by(other.version());
                by_name || provides.iter().flatten().any(|provided| provided.name == relation.name)
            };
            if clause.iter().any(is_one) {
                match left.contains_key(other.name()) {
                    true => of_left = Some(other.name().to_owned()),
                    false => met = true,
                }
            }
        }
        if let (Some(name), false) = (of_left, met) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Puts the configuration files of packages that are left where dpkg has them until it configures the package: beside their
/// place, as `*.dpkg-new`.
pub(super) fn put_aside(context: &mut Context<'_>, left: &Left) -> Result<(), ScriptsError> {
    let packages = context.packages;
    for package in packages.iter().filter(|package| left.contains_key(package.name())) {
        for conffile in package.conffiles().iter().filter(|conffile| matches!(conffile.shipped, Shipped::Md5(_))) {
            let place = context.tree.resolve_parent(&conffile.path).map_err(crate::configure::ConfigureError::from)?;
            // What a role of the system leaves out is not there.
            if !context.tree.contains(&place) {
                continue;
            }
            let aside = [place.as_bytes(), b".dpkg-new"].concat();
            let aside = crate::tree::TreePath::new(aside).map_err(crate::configure::ConfigureError::from)?;
            context.tree.rename(&place, aside).map_err(crate::configure::ConfigureError::from)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configure::testing::package;

    fn packages(controls: &[&str]) -> Vec<Package> {
        let one = |control: &&str| package(&format!("Package: {control}\nVersion: 2\nArchitecture: all\n"), &[]);
        controls.iter().map(one).collect()
    }

    fn told(controls: &[&str], named: &[&str]) -> Result<Vec<String>, String> {
        let named: Vec<_> = named.iter().map(|name| ((*name).to_owned(), "overlays/db/role.toml".to_owned())).collect();
        let left = left(&packages(controls), &named).map_err(|error| error.to_string())?;
        Ok(left.into_iter().map(|(name, why)| format!("{name}: {why}")).collect())
    }

    #[test]
    fn what_depends_on_a_package_is_left_with_it() {
        let controls = [
            "a\nDepends: db (>= 1)",
            "b\nDepends: a | other",
            "c\nDepends: a | other, v",
            "db\nProvides: v",
            "other",
            "d\nDepends: v",
        ];
        assert_eq!(
            told(&controls, &["db"]),
            Ok(vec![
                "a: depends on db".to_owned(),
                "c: depends on db".to_owned(),
                "d: depends on db".to_owned(),
                "db: named in overlays/db/role.toml".to_owned(),
            ])
        );
        assert_eq!(told(&controls, &[]), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_left_is_told() {
        assert_eq!(
            told(&["a"], &["b"]),
            Err("overlays/db/role.toml leaves `b` to the second stage, and no node of the role has that package; mend the \
                 name, or add it to `packages`"
                .to_owned())
        );
        let error = told(&["a\nPre-Depends: b", "b"], &["b"]);
        assert_eq!(
            error,
            Err("`a` needs `b` configured before it can be unpacked, so `b` cannot be left to the second stage"
                .to_owned())
        );
    }

    /// A package with two configuration files, unpacked by dpkg and by us: the same status, files and lists.
    #[test]
    fn what_is_left_is_as_dpkg_unpacks_it() {
        use crate::archive::Deb;
        use crate::configure::testing::options;
        use crate::disk::judge;
        use crate::unpack::{ExcludeRules, unpack};
        use std::path::Path;

        let folder = tempfile::tempdir().expect("a temporary folder");
        let content = folder.path().join("content");
        let put = |path: &str, text: &str| {
            let path = content.join(path);
            std::fs::create_dir_all(path.parent().expect("has one")).expect("fresh");
            std::fs::write(path, text).expect("fresh");
        };
        put("DEBIAN/control", "Package: db\nVersion: 2\nArchitecture: all\nMaintainer: T <t@t>\nDescription: t\n");
        put("DEBIAN/conffiles", "/etc/db.conf\n/etc/db/more.conf\n");
        put("etc/db.conf", "one\n");
        put("etc/db/more.conf", "two\n");
        put("usr/bin/db", "x");
        let deb = folder.path().join("db.deb");
        judge::run("dpkg-deb", &["--root-owner-group".as_ref(), "-b".as_ref(), content.as_os_str(), deb.as_os_str()]);
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("var/lib/dpkg/updates")).expect("fresh");
        std::fs::create_dir_all(root.join("var/lib/dpkg/info")).expect("fresh");
        std::fs::write(root.join("var/lib/dpkg/status"), "").expect("fresh");
        let dpkg = std::process::Command::new("dpkg")
            .arg(format!("--root={}", root.display()))
            .args(["--force-not-root", "--force-depends", "--unpack"])
            .arg(&deb)
            .output()
            .expect("dpkg is on every Debian");
        assert!(dpkg.status.success(), "{}", String::from_utf8_lossy(&dpkg.stderr));

        let deb = Deb::read(&std::fs::read(&deb).expect("built").into(), folder.path()).expect("a package");
        let (mut tree, packages) = unpack(vec![deb], &ExcludeRules::default(), 0).expect("sound");
        let mut options = options();
        options.second_stage = vec![("db".to_owned(), "overlays/db/role.toml".to_owned())];
        let left = crate::scripts::configure(&mut tree, &packages, &options).expect("nothing to run");
        assert_eq!(left.len(), 1);
        let read = |path: &str| {
            let path = crate::tree::TreePath::new(path).expect("valid");
            String::from_utf8(tree.read(&path).expect("there").to_vec()).expect("text")
        };
        let theirs = |path: &str| std::fs::read_to_string(root.join(path)).expect("dpkg made it");
        for path in ["etc/db.conf.dpkg-new", "etc/db/more.conf.dpkg-new", "usr/bin/db", "var/lib/dpkg/status"] {
            assert_eq!(read(path), theirs(path), "{path}");
        }
        assert_eq!(read("var/lib/dpkg/info/db.list"), theirs("var/lib/dpkg/info/db.list"));
        assert!(!Path::new(&root).join("etc/db.conf").exists());
        assert!(!tree.contains(&crate::tree::TreePath::new("etc/db.conf").expect("valid")));
    }
}
