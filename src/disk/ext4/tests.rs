use std::path::Path;

use super::*;
use crate::disk::{MIB, judge};

const EPOCH: i64 = 1_700_000_000;

fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a valid path")
}

fn parameters() -> Ext4Parameters {
    Ext4Parameters { uuid: [0x42; 16], hash_seed: [1, 2, 3, 4], epoch: EPOCH, label: "rootfs".into(), spare: MIB }
}

/// A tree with one of everything.
fn tree() -> Tree {
    let mut tree = Tree::new(Meta::directory(EPOCH));
    for directory in ["etc", "dev", "usr/bin", "usr/share/many"] {
        tree.make_directories(&path(directory), Meta::directory(EPOCH)).expect("fresh directories");
    }
    let file = Meta::file(EPOCH);
    tree.write(&path("etc/hostname"), "node3\n", file).expect("a file");
    tree.write(&path("etc/hosts"), vec![b'x'; 5000], file).expect("a file");
    tree.write(&path("etc/shadow"), "root:*\n", file.with_mode(0o640).with_owner(0, 42)).expect("a file");
    tree.write(&path("usr/bin/ping"), vec![1; 70_000], file.with_mode(0o4755)).expect("a file");
    tree.write(&path("usr/bin/empty"), "", file).expect("a file");
    // Two parts 64 KiB apart, as programs for arm64 have them, and one that ends in a hole's length of zeros.
    tree.write(&path("usr/bin/apart"), apart(), file).expect("a file");
    tree.hard_link(path("usr/bin/pong"), &path("usr/bin/ping")).expect("a link");
    let ping = tree.get_mut(&path("usr/bin/ping")).expect("the file");
    ping.xattrs
        .insert("security.capability".into(), vec![1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    tree.symlink(&path("bin"), "usr/bin", file).expect("a link");
    tree.symlink(&path("usr/long"), "a/".repeat(100), file).expect("a link");
    for (name, kind) in [
        ("dev/null", Kind::CharDevice { major: 1, minor: 3 }),
        ("dev/sda", Kind::BlockDevice { major: 259, minor: 70_000 }),
        ("dev/pipe", Kind::Fifo),
        ("dev/socket", Kind::Socket),
    ] {
        tree.insert(path(name), Node::new(kind, file.with_mode(0o600))).expect("a node");
    }
    for number in 0..3000 {
        let name = format!("usr/share/many/a-rather-long-file-name-{number}");
        tree.write(&path(&name), number.to_string(), file).expect("a file");
    }
    tree
}

fn apart() -> Vec<u8> {
    [vec![b'a'; 5000], vec![0; 60_536], vec![b'b'; 10], vec![0; 70_000]].concat()
}

fn image(volume: &Volume) -> tempfile::NamedTempFile {
    let image = tempfile::NamedTempFile::new().expect("a temporary file");
    image.as_file().set_len(volume.length()).expect("a sparse file");
    volume.write(&mut Region::new(image.as_file(), 0, volume.length())).expect("the volume");
    image
}

fn check(image: &Path) {
    judge::run("e2fsck", &["-fn".as_ref(), image.as_os_str()]);
}

fn debugfs(image: &Path, request: &str) -> String {
    judge::run("debugfs", &["-R".as_ref(), request.as_ref(), image.as_os_str()])
}

#[test]
fn e2fsck_and_debugfs_find_the_tree() {
    let tree = tree();
    let volume = Volume::plan(&tree, &[], &parameters()).expect("a volume");
    let image = image(&volume);
    check(image.path());
    let stat = |name: &str| debugfs(image.path(), &format!("stat {name}"));
    let shadow = stat("/etc/shadow");
    assert!(shadow.contains("Mode:  0640") && shadow.contains("Group:    42"), "{shadow}");
    let ping = stat("/usr/bin/pong");
    assert!(ping.contains("Mode:  04755") && ping.contains("Links: 2"), "{ping}");
    assert!(ping.contains("security.capability (20)"), "{ping}");
    assert!(ping.contains("mtime: 0x6553f100"), "{ping}");
    // What lies between is neither stored nor copied: two blocks for the first part, one for the second, one at the end.
    let sparse = stat("/usr/bin/apart");
    assert!(sparse.contains("Size: 135546") && sparse.contains("Blockcount: 32"), "{sparse}");
    let copy = tempfile::NamedTempFile::new().expect("a temporary file");
    debugfs(image.path(), &format!("dump /usr/bin/apart {}", copy.path().display()));
    assert_eq!(std::fs::read(copy.path()).expect("the copy"), apart());
    assert!(stat("/dev/sda").contains("259:70000"), "{}", stat("/dev/sda"));
    assert!(stat("/bin").contains("Fast link dest: \"usr/bin\""), "{}", stat("/bin"));
    assert!(debugfs(image.path(), "cat /etc/hosts").contains(&"x".repeat(5000)));
    let header = debugfs(image.path(), "stats -h");
    assert!(header.contains("Filesystem UUID:          42424242-4242-4242-4242-424242424242"), "{header}");
    assert!(header.contains("Filesystem volume name:   rootfs"), "{header}");
}

#[test]
fn extents_are_the_blocks_that_debugfs_names() {
    let tree = tree();
    let volume = Volume::plan(&tree, &[path("etc/hostname")], &parameters()).expect("a volume");
    let image = image(&volume);
    for name in ["etc/hostname", "etc/hosts", "usr/bin/pong"] {
        let extents = volume.extents(&path(name)).expect("the file");
        let printed = debugfs(image.path(), &format!("bmap /{name} 0"));
        assert!(printed.lines().any(|line| line == (extents[0].start / BLOCK).to_string()), "{name}: {printed}");
    }
    assert_eq!(volume.extents(&path("etc/hostname")).expect("the file")[0].end % BLOCK, 6);
    assert_eq!(volume.extents(&path("etc")), None);
    assert_eq!(volume.extents(&path("usr/bin/empty")), Some(vec![]));
}

#[test]
fn last_files_lie_behind_all_others_in_their_order() {
    let mut tree = tree();
    tree.hard_link(path("a-link"), &path("etc/hosts")).expect("a link");
    let last = [path("etc/hosts"), path("etc/hostname")];
    let volume = Volume::plan(&tree, &last, &parameters()).expect("a volume");
    let start = |name: &TreePath| volume.extents(name).expect("a file").first().map_or(0, |extent| extent.start);
    let others = tree.iter().filter(|(_, _, node)| node.content().is_some()).map(|(path, ..)| path);
    let highest = others.filter(|name| !last.contains(name) && **name != path("a-link")).map(start).max();
    assert!(highest.expect("other files") < start(&last[0]));
    assert!(start(&last[0]) < start(&last[1]));
    assert_eq!(start(&path("a-link")), start(&last[0]));
    check(image(&volume).path());
}

#[test]
fn a_file_of_the_same_length_changes_its_own_bytes_only() {
    let tree = tree();
    let mut other = tree.clone();
    other.write(&path("etc/hostname"), "node4\n", Meta::file(EPOCH)).expect("a file");
    let last = [path("etc/hostname")];
    let volumes = [&tree, &other].map(|tree| Volume::plan(tree, &last, &parameters()).expect("a volume"));
    let extent = volumes[0].extents(&last[0]).expect("the file")[0].clone();
    let [one, two] = volumes.map(|volume| std::fs::read(image(&volume).path()).expect("the image"));
    let different: Vec<usize> = (0..one.len()).filter(|&at| one[at] != two[at]).collect();
    assert_eq!(different, [usize::try_from(extent.start).expect("a small offset") + 4]);
}

#[test]
fn what_ext4_cannot_hold_is_named() {
    let plan = |name: &[u8], node: Node| {
        let mut tree = Tree::new(Meta::directory(0));
        tree.insert(TreePath::new(name).expect("a path"), node).expect("inserted");
        Volume::plan(&tree, &[], &parameters()).expect_err("no volume").to_string()
    };
    let file = Node::new(Kind::File(Vec::new().into()), Meta::file(0));
    assert_eq!(
        plan(b"a\xff", file.clone()),
        "the name of `/a\u{fffd}` is no UTF-8, which the ext4 writer needs; rename it"
    );
    let link = Node::new(Kind::Symlink(vec![0xff]), Meta::file(0));
    assert_eq!(plan(b"l", link), "the target of the link `/l` is no UTF-8, which the ext4 writer needs; change it");
    assert_eq!(
        plan(b"lost+found", file.clone()),
        "`/lost+found` is made by the file system itself; leave it out of the tree"
    );
    let mut odd = file;
    odd.xattrs.insert("odd.name".into(), vec![]);
    assert_eq!(
        plan(b"x", odd),
        "`/x` cannot stand on an ext4 volume: invalid: xattr name \"odd.name\" has no recognized namespace"
    );
    let tree = Tree::new(Meta::directory(0));
    assert_eq!(
        Volume::plan(&tree, &[path("etc/hostname")], &parameters()).expect_err("no such file").to_string(),
        "`/etc/hostname` is to lie at the end of the volume but is no regular file of the tree; add it or do not name it"
    );
}

#[test]
fn sizes_of_all_sorts_are_sound() {
    for (megabytes, spare) in [(0, 0), (15, 0), (127, 3 * MIB)] {
        let mut tree = tree();
        tree.write(&path("big"), vec![1; megabytes << 20], Meta::file(EPOCH)).expect("a file");
        let volume =
            Volume::plan(&tree, &[path("etc/hostname")], &Ext4Parameters { spare, ..parameters() }).expect("a volume");
        check(image(&volume).path());
    }
}
