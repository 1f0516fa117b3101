//! Memory: what a build needs of it does not grow with what lies on the cards.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::Command;

use crate::cluster::{Cluster, shown};
use crate::image::partition;
use crate::judge::{ask, sha256};

/// Bytes that a build may have, far less than there are in the site.
const LIMIT: u64 = 500 << 20;

const MIB: u64 = 1 << 20;

/// Lengths of the site's files, in MiB: one with content, one that is a hole but for its last byte.
const FULL: u64 = 600;
const HOLLOW: u64 = 400;

#[test]
fn a_site_is_larger_than_the_memory_of_its_build_and_holes_stay_holes() {
    let cluster = Cluster::new(|example| {
        let line = example.lines().find(|line| line.starts_with("site = ")).expect("the example has a site");
        example.replace(line, "site = \"site\"")
    });
    let site = cluster.path().join("site");
    fs::create_dir(&site).expect("a fresh folder");
    let mut full = File::create(site.join("full")).expect("a fresh file");
    for number in 0..FULL {
        let bytes: Vec<u8> = (number..).flat_map(|number| (number | 1).to_le_bytes()).take(1 << 20).collect();
        full.write_all(&bytes).expect("room");
    }
    let hollow = File::create(site.join("hollow")).expect("a fresh file");
    hollow.write_all_at(b"x", HOLLOW * MIB - 1).expect("room");

    let build = cluster.command("image", &["node3"]);
    let mut limited = Command::new("prlimit");
    limited.arg(format!("--data={LIMIT}")).arg("--").arg(build.get_program()).args(build.get_args());
    let output = limited.current_dir(cluster.path()).output().expect("prlimit of util-linux");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let image = cluster.image("node3");
    let root = format!("{}?offset={}", shown(&image), partition(&image, 2).0);
    let copy = cluster.path().join("copy");
    ask("debugfs", &["-R", &format!("dump /srv/site/full {}", shown(&copy)), &root]);
    assert_eq!(sha256(&copy), sha256(&site.join("full")));
    let told = ask("debugfs", &["-R", "stat /srv/site/hollow", &root]);
    assert!(told.contains(&format!("Size: {}\n", HOLLOW * MIB)), "{told}");
    // In sectors: the one block that holds something.
    assert!(told.contains("Blockcount: 8\n"), "{told}");
}
