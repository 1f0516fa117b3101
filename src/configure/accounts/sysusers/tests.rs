//! Runs over small trees, beside systemd's own program where ids are given.

use super::super::tests::{text, tree};
use super::*;
use crate::disk::judge;
use crate::tree::Meta;

const EPOCH: i64 = 1_795_256_000;

fn outcome(files: &[(&str, &str)], names: &[&str]) -> (Tree, Result<(), ConfigureError>) {
    let passwd = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
    let mut tree = tree(passwd, "root:x:0:\nkvm:x:50:\nnogroup:x:65534:\n");
    let folder = TreePath::new("usr/lib/sysusers.d").expect("valid");
    tree.make_directories(&folder, Meta::directory(0)).expect("fresh");
    for (name, text) in files {
        tree.write(&folder.join(name.as_bytes()), (*text).to_owned(), Meta::file(0)).expect("fresh");
    }
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let result = run(&mut tree, &names, EPOCH);
    (tree, result)
}

#[test]
fn ids_go_down_from_999_and_groups_come_first() {
    let files = [
        ("a.conf", "u messagebus - \"System Message Bus\" /nonexistent\nu! systemd-network - \"Network\"\n"),
        ("b.conf", "# devices\ng input -\ng kvm -\n"),
    ];
    let (tree, result) = outcome(&files, &["a.conf", "b.conf"]);
    assert_eq!(result, Ok(()));
    assert!(text(&tree, "etc/group").ends_with("input:x:999:\nmessagebus:x:998:\nsystemd-network:x:997:\n"));
    assert!(text(&tree, "etc/passwd").ends_with(
        "messagebus:x:998:998:System Message Bus:/nonexistent:/usr/sbin/nologin\n\
         systemd-network:x:997:997:Network:/:/usr/sbin/nologin\n"
    ));
    assert_eq!(text(&tree, "etc/shadow"), "messagebus:!*:20778::::::\nsystemd-network:!*:20778:::::1:\n");
    assert_eq!(text(&tree, "etc/gshadow"), "input:!*::\nmessagebus:!*::\nsystemd-network:!*::\n");
}

#[test]
fn a_named_group_is_used_and_not_made() {
    let (tree, result) = outcome(&[("sshd.conf", "u sshd -:nogroup \"sshd user\" /run/sshd\n")], &[]);
    assert_eq!(result, Ok(()));
    assert!(text(&tree, "etc/passwd").ends_with("sshd:x:999:65534:sshd user:/run/sshd:/usr/sbin/nologin\n"));
    assert!(!text(&tree, "etc/group").contains("sshd"));
}

#[test]
fn members_bring_what_they_name() {
    let (tree, result) = outcome(&[("m.conf", "u web 300\nm web video\nm web kvm\n")], &["m.conf"]);
    assert_eq!(result, Ok(()));
    assert!(text(&tree, "etc/group").ends_with("kvm:x:50:web\nnogroup:x:65534:\nvideo:x:999:web\nweb:x:300:\n"));
    assert!(text(&tree, "etc/passwd").ends_with("web:x:300:300::/:/usr/sbin/nologin\n"));
}

/// passwd, group and gshadow as systemd-sysusers makes them of the same files.
fn theirs(files: &[(&str, &str)]) -> [String; 3] {
    let root = tempfile::tempdir().expect("a folder");
    let (before, _) = outcome(&[("none.conf", "")], &["none.conf"]);
    for (path, _, node) in before.iter() {
        let place = root.path().join(path.to_string());
        match node.content() {
            Some(content) => std::fs::write(place, content.bytes().expect("in memory")).expect("a fresh file"),
            None => std::fs::create_dir_all(place).expect("a fresh folder"),
        }
    }
    for (name, text) in files {
        std::fs::write(root.path().join("usr/lib/sysusers.d").join(name), text).expect("a fresh file");
    }
    let argument = format!("--root={}", root.path().display());
    judge::run("systemd-sysusers", &[argument.as_ref()]);
    FILES.map(|file| std::fs::read_to_string(root.path().join(file)).expect("systemd's own file"))
}

/// Not shadow, which has the day in it.
const FILES: [&str; 3] = ["etc/passwd", "etc/group", "etc/gshadow"];

#[test]
fn ranges_give_the_ids_that_systemd_gives() {
    let lines = "g video -\nu web -\nu fixed 650\nu far 3000\nm web video\nu mail -\nu dns -\nu ntp -\n";
    for ranges in [
        "",
        "r - 500-900\n",
        "r - 650-651\nr - 300-310\n",
        "r - 700-702\nr - 702-703\nr - 20\nr - 60000-60001\n",
        "r - 64999-65000\nr - 1-3\n",
    ] {
        // A range counts wherever it stands, also in a file that is read later.
        let files = [("a.conf", lines), ("b.conf", ranges)];
        let (tree, result) = outcome(&files, &[]);
        assert_eq!(result, Ok(()), "{ranges}");
        assert_eq!(FILES.map(|file| text(&tree, file)), theirs(&files), "{ranges}");
    }
    let (_, result) = outcome(&[("a.conf", "r - 50-51\ng a -\ng b -\n")], &[]);
    let message = result.map_err(|error| error.to_string());
    assert_eq!(message, Err("`/etc/group` has no free id left for `b` among the system's".to_owned()));
}

#[test]
fn what_is_not_understood_is_refused() {
    for (line, problem) in [
        ("u - 5", "names nobody"),
        ("r web 500-900", "says more than a range, like `r - 500-900`"),
        ("r - 500-900 web", "says more than a range, like `r - 500-900`"),
        ("r - -", "names no range"),
        ("r - 900-500", "`900-500` is no range of ids like `500-900`"),
    ] {
        let (_, result) = outcome(&[("r.conf", &format!("\n{line}\n"))], &["r.conf"]);
        let message = result.map_err(|error| error.to_string());
        assert_eq!(message, Err(format!("`/usr/lib/sysusers.d/r.conf` line 2: {problem}")));
    }
    let (_, result) = outcome(&[("b.conf", "u web - \"on %H\"\n")], &["b.conf"]);
    let message = result.map_err(|error| error.to_string());
    let expected = "`/usr/lib/sysusers.d/b.conf` line 1: `on %H` has a specifier that is not understood";
    assert_eq!(message, Err(expected.to_owned()));
    let (_, result) = outcome(&[], &["none.conf"]);
    let message = result.map_err(|error| error.to_string());
    let expected = "`/usr/lib/sysusers.d/none.conf` is missing though a package asks for it; \
                    add the package that brings it";
    assert_eq!(message, Err(expected.to_owned()));
}
