//! Unpacking small packages made here.

mod conffiles;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use crate::archive::{DataTar, Deb, Paragraph};
use crate::tree::{Kind, Tree, TreePath};

use super::{ExcludeRules, Package, Rule, Shipped, UnpackError, unpack};

const EPOCH: i64 = 1_000_000;

/// A package in the making: its control text and its data archive.
struct Maker {
    control: String,
    control_files: BTreeMap<String, Vec<u8>>,
    data: tar::Builder<Vec<u8>>,
}

impl Maker {
    fn new(name: &str, fields: &str) -> Self {
        let control = format!("Package: {name}\nVersion: 1.0\nArchitecture: armhf\n{fields}");
        Self { control, control_files: BTreeMap::new(), data: tar::Builder::new(Vec::new()) }
    }

    fn entry(mut self, kind: tar::EntryType, path: &str, link: &str, content: &str, mode: u32) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(42);
        header.set_mtime(EPOCH.unsigned_abs() + 5);
        header.set_size(u64::try_from(content.len()).expect("a small file"));
        header.set_device_major(1).expect("a GNU header has devices");
        header.set_device_minor(3).expect("a GNU header has devices");
        if link.is_empty() {
            self.data.append_data(&mut header, path, content.as_bytes()).expect("writing to memory");
        } else {
            self.data.append_link(&mut header, path, link).expect("writing to memory");
        }
        self
    }

    fn directory(self, path: &str) -> Self {
        self.entry(tar::EntryType::Directory, path, "", "", 0o755)
    }

    fn file(self, path: &str, content: &str) -> Self {
        self.entry(tar::EntryType::Regular, path, "", content, 0o644)
    }

    fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(tar::EntryType::Symlink, path, target, "", 0o777)
    }

    fn hard_link(self, path: &str, target: &str) -> Self {
        self.entry(tar::EntryType::Link, path, target, "", 0o644)
    }

    fn control_file(mut self, name: &str, content: &str) -> Self {
        self.control_files.insert(name.to_owned(), content.as_bytes().to_vec());
        self
    }

    fn deb(self) -> Deb {
        Deb {
            control: Paragraph::parse(&self.control).expect("a control paragraph"),
            control_files: self.control_files,
            data_tar: self.data.into_inner().expect("writing to memory").into(),
        }
    }
}

fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a valid path")
}

fn unpacked(debs: Vec<Deb>) -> (Tree, Vec<Package>) {
    unpack(debs, &ExcludeRules::default(), EPOCH).expect("packages that fit together")
}

fn refused(debs: Vec<Deb>) -> UnpackError {
    unpack(debs, &ExcludeRules::default(), EPOCH).expect_err("packages that do not fit together")
}

fn text(tree: &Tree, at: &str) -> String {
    String::from_utf8(tree.read(&path(at)).expect("a file").to_vec()).expect("text")
}

#[test]
fn entries_keep_what_the_archive_says() {
    let name = format!("usr/{}", "long/".repeat(60));
    let deb = Maker::new("a", "")
        .directory("usr/")
        .entry(tar::EntryType::Regular, "usr/set", "", "x", 0o4755)
        .entry(tar::EntryType::Char, "usr/null", "", "", 0o666)
        .file(&format!("{name}file"), "deep")
        .symlink("usr/link", "../nowhere")
        .deb();
    let (tree, _) = unpacked(vec![deb]);
    let set = tree.get(&path("usr/set")).expect("the file");
    assert_eq!((set.meta.mode, set.meta.gid, set.meta.mtime), (0o4755, 42, EPOCH));
    let null = tree.get(&path("usr/null")).expect("the device");
    assert!(matches!(null.kind, Kind::CharDevice { major: 1, minor: 3 }), "{null:?}");
    assert_eq!(tree.get(&path("usr/link")).expect("the link").target(), Some(b"../nowhere".as_slice()));
    assert_eq!(text(&tree, &format!("{name}file")), "deep");
}

#[test]
fn extended_attributes_come_from_pax_records() {
    let mut maker = Maker::new("a", "");
    let records = [("SCHILY.xattr.security.capability", b"\x01\x00\xff".as_slice())];
    maker.data.append_pax_extensions(records).expect("writing to memory");
    let (tree, _) = unpacked(vec![maker.file("ping", "").deb()]);
    let ping = tree.get(&path("ping")).expect("the file");
    assert_eq!(ping.xattrs, BTreeMap::from([("security.capability".to_owned(), vec![1, 0, 255])]));
}

#[test]
fn the_list_is_dpkgs() {
    let deb = Maker::new("a", "Multi-Arch: same").directory("./").directory("./usr/").file("./usr/f", "").deb();
    let (_, packages) = unpacked(vec![deb]);
    assert_eq!(packages[0].list(), b"/.\n/usr\n/usr/f\n");
    assert_eq!(packages[0].info_name(), "a:armhf");
}

#[test]
fn conffiles_carry_the_sum_of_what_is_shipped() {
    let conffiles = "/etc/a\nremove-on-upgrade /etc/old\n";
    let deb = Maker::new("a", "").directory("etc").file("etc/a", "hello\n").control_file("conffiles", conffiles).deb();
    let (_, packages) = unpacked(vec![deb]);
    let shown: Vec<String> = packages[0].conffiles().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["/etc/a b1946ac92492d2347c6235b4d2611184", "/etc/old newconffile remove-on-upgrade"]);
    assert_eq!(packages[0].conffiles()[1].shipped, Shipped::RemoveOnUpgrade);

    let missing = Maker::new("a", "").directory("etc").control_file("conffiles", "/etc/a\n").deb();
    assert_eq!(
        refused(vec![missing]).to_string(),
        "package `a` names `/etc/a` a conffile but does not ship it as a file"
    );
}

#[test]
fn hard_links_are_one_file_whichever_name_comes_first() {
    let deb = Maker::new("a", "").file("z", "shared").hard_link("a", "./z").hard_link("m", "a").deb();
    let (tree, _) = unpacked(vec![deb]);
    assert_eq!(text(&tree, "a"), "shared");
    assert_eq!(tree.id(&path("a")), tree.id(&path("z")));
    assert_eq!(tree.id(&path("m")), tree.id(&path("z")));
    let broken = Maker::new("a", "").hard_link("a", "b").deb();
    assert_eq!(
        refused(vec![broken]).to_string(),
        "package `a` ships `/a` as a hard link to `/b`, which it does not ship"
    );
}

#[test]
fn directories_of_the_root_that_lead_into_usr_take_old_packages_along() {
    let base = Maker::new("base-files", "").symlink("lib", "usr/lib").directory("usr").directory("usr/lib").deb();
    let old = Maker::new("old", "").directory("lib").directory("lib/old").file("lib/old/file", "x").deb();
    for debs in [vec![base.clone(), old.clone()], vec![old, base]] {
        let (tree, packages) = unpacked(debs);
        assert_eq!(text(&tree, "usr/lib/old/file"), "x");
        assert!(tree.get(&path("lib")).expect("the link").target().is_some());
        assert_eq!(packages[1].list(), b"/lib\n/lib/old\n/lib/old/file\n");
    }
}

#[test]
fn base_files_decides_how_a_shared_directory_is() {
    let base = Maker::new("base-files", "").entry(tar::EntryType::Directory, "tmp", "", "", 0o1777).deb();
    let other = Maker::new("a", "").directory("tmp").deb();
    let (tree, _) = unpacked(vec![other, base]);
    assert_eq!(tree.get(&path("tmp")).expect("the directory").meta.mode, 0o1777);
}

#[test]
fn one_path_of_two_packages_needs_replaces() {
    let old = || Maker::new("old", "").file("f", "old").hard_link("g", "f");
    let new = |fields: &str| Maker::new("new", fields).file("f", "new").deb();
    assert_eq!(
        refused(vec![old().deb(), new("")]).to_string(),
        "`/f` is shipped by both `new` and `old` and neither replaces the other: leave one of them out"
    );
    assert!(matches!(refused(vec![old().deb(), new("Replaces: old (<< 1.0)")]), UnpackError::Conflict { .. }));
    let (tree, packages) = unpacked(vec![old().deb(), new("Replaces: older, old (<= 1.0)")]);
    assert_eq!((text(&tree, "f"), text(&tree, "g")), ("new".into(), "old".into()));
    assert_eq!(packages[0].list(), b"/f\n");
    assert_eq!(packages[1].list(), b"/g\n");
}

#[test]
fn a_directory_gives_way_to_nothing() {
    let directory = Maker::new("a", "").directory("f").deb();
    let file = Maker::new("b", "Replaces: a").file("f", "").deb();
    assert_eq!(
        refused(vec![directory, file]).to_string(),
        "`/f` is a directory in `a` and none in `b`: leave one of them out"
    );
}

#[test]
fn excluded_files_stay_on_the_list() {
    let deb = Maker::new("a", "").directory("doc").file("doc/copyright", "c").file("doc/news", "n").deb();
    let rules = vec![Rule::Exclude("/doc/*".into()), Rule::Include("/doc/copyright".into())];
    let rules = ExcludeRules::new(rules).expect("rules that can match");
    let (tree, packages) = unpack(vec![deb], &rules, EPOCH).expect("one package");
    assert!(tree.contains(&path("doc/copyright")) && !tree.contains(&path("doc/news")));
    assert_eq!(packages[0].list(), b"/doc\n/doc/copyright\n/doc/news\n");
}

#[test]
fn a_broken_archive_names_its_package() {
    let deb = Maker::new("a", "").file("f", &"x".repeat(2000)).deb();
    let DataTar::Memory(whole) = &deb.data_tar else { panic!("made in memory") };
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&whole[..1024]).expect("a fresh file");
    for data_tar in [DataTar::Memory(whole.slice(..1024)), DataTar::File(Arc::new(file), 1024)] {
        assert_eq!(
            refused(vec![Deb { data_tar, ..deb.clone() }]).to_string(),
            "the data archive of package `a` cannot be read: the archive ends inside a file"
        );
    }
    let twice = vec![Maker::new("a", "").deb(), Maker::new("a", "").deb()];
    assert_eq!(refused(twice).to_string(), "package `a` is given twice: give one version of it");
}
