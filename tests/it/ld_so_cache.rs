//! The loader's cache, held against what the system's own ldconfig makes of the same root file system.

use std::path::Path;

use crate::cluster::{Cluster, built, shown};
use crate::image::partition;
use crate::judge::ask;

#[test]
fn the_loaders_cache_is_what_ldconfig_makes() {
    let armel = Cluster::of_board("pi1");
    armel.build(&["node1"]);
    for (image, emulator) in [
        (built().image("node3"), "qemu-arm"),
        (built().image("node7"), "qemu-aarch64"),
        (armel.image("node1"), "qemu-arm"),
    ] {
        ldconfig_agrees(&image, emulator);
    }
}

fn ldconfig_agrees(image: &Path, emulator: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (root, theirs) = (folder.path().join("root"), folder.path().join("root/tmp/cache"));
    std::fs::create_dir(&root).expect("a fresh folder");
    let (start, _) = partition(image, 2);
    let volume = format!("{}?offset={start}", shown(image));
    // Owners do not matter, and only root could give them.
    ask("debugfs", &["-R", &format!("rdump / {}", shown(&root)), &volume]);
    // It may make links; that it finds nothing to link is told by its words, of which there are none then.
    let ldconfig = shown(&root.join("usr/sbin/ldconfig"));
    let said = ask("unshare", &["--map-root-user", emulator, &ldconfig, "-r", &shown(&root), "-C", "/tmp/cache"]);
    assert_eq!(said, "", "{}", image.display());
    ask("cmp", &[&shown(&theirs), &shown(&root.join("etc/ld.so.cache"))]);
}
