//! Conffiles that another package takes over, beside what dpkg itself notes of the same packages.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{Deb, Paragraph, control};
use crate::disk::judge;
use crate::unpack::{ExcludeRules, Package, unpack};

/// A package file with `etc/shared` and a file of its own name, of which `conffiles` are conffiles.
fn build(folder: &Path, name: &str, fields: &str, conffiles: &str) -> PathBuf {
    let content = folder.join(name);
    for below in ["DEBIAN", "etc"] {
        fs::create_dir_all(content.join(below)).expect("a fresh folder");
    }
    let control =
        format!("Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: T <t@t>\nDescription: t\n{fields}");
    let mut files = vec![("DEBIAN/control", control.as_str()), ("etc/shared", name)];
    let own = format!("etc/{name}");
    files.push((&own, "its own"));
    if !conffiles.is_empty() {
        files.push(("DEBIAN/conffiles", conffiles));
    }
    for (path, text) in files {
        fs::write(content.join(path), text).expect("a fresh file");
    }
    let deb = folder.join(format!("{name}.deb"));
    let arguments: [&OsStr; 4] =
        ["--root-owner-group".as_ref(), "--build".as_ref(), content.as_os_str(), deb.as_os_str()];
    judge::run("dpkg-deb", &arguments);
    deb
}

/// What dpkg notes of each package when all are unpacked, in this order, and then configured: conffiles and files.
fn theirs(debs: &[&PathBuf]) -> Vec<(String, String)> {
    let root = tempfile::tempdir().expect("a folder");
    let database = root.path().join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(database.join(folder)).expect("a fresh folder");
    }
    fs::write(database.join("status"), "").expect("a fresh file");
    let dpkg = |rest: &[&OsStr]| {
        let mut arguments: Vec<&OsStr> = vec!["--root".as_ref(), root.path().as_ref()];
        arguments.extend(["--force-not-root", "--force-script-chrootless", "--log", "/dev/null"].map(OsStr::new));
        arguments.extend(rest);
        judge::run("dpkg", &arguments);
    };
    let unpack: Vec<&OsStr> = [OsStr::new("--unpack")].into_iter().chain(debs.iter().map(AsRef::as_ref)).collect();
    dpkg(&unpack);
    dpkg(&["--configure".as_ref(), "--pending".as_ref()]);
    let status = fs::read_to_string(database.join("status")).expect("dpkg's own file");
    let paragraphs = control::paragraphs(&status).map(|paragraph| paragraph.expect("dpkg's own form"));
    paragraphs.map(|paragraph| noted(&paragraph, &database)).collect()
}

fn noted(paragraph: &Paragraph, database: &Path) -> (String, String) {
    let name = paragraph.get("Package").expect("a name");
    let list = fs::read_to_string(database.join(format!("info/{name}.list"))).expect("dpkg's own file");
    (paragraph.lines("Conffiles").collect::<Vec<_>>().join("\n"), sorted(&list))
}

fn ours(debs: &[&PathBuf]) -> Vec<(String, String)> {
    let read = |deb: &&PathBuf| {
        let content = fs::read(deb).expect("just built").into();
        Deb::read(&content, deb.parent().expect("its folder")).expect("dpkg-deb's own form")
    };
    let (_, packages) = unpack(debs.iter().map(read).collect(), &ExcludeRules::default(), 0).expect("they fit");
    let conffiles = |package: &Package| package.conffiles().iter().map(ToString::to_string).collect::<Vec<_>>();
    let list = |package: &Package| sorted(&String::from_utf8(package.list()).expect("text"));
    packages.iter().map(|package| (conffiles(package).join("\n"), list(package))).collect()
}

fn sorted(list: &str) -> String {
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[test]
fn the_loser_of_a_conffile_notes_it_as_dpkg_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let build = |name, fields, conffiles| build(folder.path(), name, fields, conffiles);
    let old = build("old", "", "/etc/shared\n/etc/old\n");
    let conffile = build("new", "Replaces: old\n", "/etc/shared\n/etc/new\n");
    let file = build("plain", "Replaces: old\n", "");
    let noted = ours(&[&old, &conffile]);
    assert!(noted[1].0.starts_with("/etc/shared newconffile obsolete\n/etc/old "), "{noted:?}");
    assert!(ours(&[&old, &file])[0].0.starts_with("/etc/shared newconffile\n/etc/old "));
    for debs in [[&old, &conffile], [&conffile, &old], [&old, &file]] {
        assert_eq!(ours(&debs), theirs(&debs), "{debs:?}");
    }
}
