//! Sixty-four nodes of one base: each sound, each different from the others in its identity alone, none dear.

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bramble::disk::sparse;

use crate::cluster::{Cluster, shown};
use crate::image::partition;
use crate::judge::{ask, ask_for_verdict, pass_over, sha256};

const NODES: usize = 64;

/// How many images lie on the disk at once, where each takes its whole size.
const GROUP: usize = 8;

/// The most that a node may add to a disk that shares blocks.
const NODE_LIMIT: u64 = 64 << 10;

/// The example with sixty-four Pi 2.
fn fleet() -> Cluster {
    Cluster::new(|example| {
        let head = example.split("[[nodes]]").next().unwrap_or_default();
        format!("{head}[[nodes]]\nname = \"node[1-64]\"\naddress = \"192.168.1.[11-74]\"\nboard = \"pi2\"\n")
    })
}

/// What `bramble image --json` said, a value a line.
fn build(command: &mut Command) -> Vec<serde_json::Value> {
    let output = command.output().expect("our own program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    lines.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
}

/// The bytes of the images that hold identity, as the file beside the base says.
fn slots(cluster: &Cluster) -> Vec<Range<u64>> {
    let entries = fs::read_dir(cluster.path().join("out/.bases")).expect("the bases");
    let json = entries
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("the file beside the base");
    let map: serde_json::Value = serde_json::from_slice(&fs::read(json).expect("the file")).expect("JSON");
    let number = |slot: &serde_json::Value, key: &str| slot[key].as_u64().expect("a number");
    let slots = map["slots"].as_array().expect("slots").iter();
    slots.map(|slot| number(slot, "offset")..number(slot, "offset") + number(slot, "length")).collect()
}

/// One partition as a file of its own; what is a hole in the image is not read.
fn extract(image: &Path, number: usize, to: &Path) {
    let (start, size) = partition(image, number);
    let (source, target) = (File::open(image).expect("the image"), File::create(to).expect("a fresh file"));
    target.set_len(size).expect("a hole");
    for part in sparse::data(&source).expect("the parts of the image") {
        let part = part.start.max(start)..part.end.min(start + size);
        let mut buffer = vec![0; usize::try_from(part.end.saturating_sub(part.start)).expect("it fits into memory")];
        source.read_exact_at(&mut buffer, part.start).expect("a part");
        target.write_all_at(&buffer, part.start.saturating_sub(start)).expect("enough space");
    }
}

/// Asks every judge about one image.
fn judge(image: &Path, said: &serde_json::Value) {
    assert!(ask("sfdisk", &["--verify", &shown(image)]).contains("No errors detected."));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let boot = folder.path().join("boot");
    extract(image, 1, &boot);
    ask("fsck.fat", &["-n", &shown(&boot)]);
    let (start, _) = partition(image, 2);
    ask("e2fsck", &["-fn", &format!("{}?offset={start}", shown(image))]);
    assert_eq!(said["sha256"], sha256(image));
}

/// The offsets at which cmp(1) sees two files differ.
fn cmp(one: &Path, two: &Path) -> Vec<u64> {
    let (_, said) = ask_for_verdict("cmp", &["-l", &shown(one), &shown(two)]);
    let number = |line: &str| -> u64 {
        let first = line.split_whitespace().next().expect("a column");
        first.parse().unwrap_or_else(|_| panic!("cmp says: {line}"))
    };
    // cmp counts from one.
    said.lines().map(|line| number(line) - 1).collect()
}

#[test]
fn each_of_sixty_four_nodes_is_sound_and_differs_only_in_its_slots() {
    let cluster = fleet();
    let nodes: Vec<String> = (1..=NODES).map(|number| format!("node{number}")).collect();
    let first = cluster.path().join("node1.img");
    for group in nodes.chunks(GROUP) {
        let mut command = cluster.command("image", &["--json"]);
        let said = build(command.args(group));
        assert_eq!(said.iter().map(|line| line["hostname"].as_str().expect("a name")).collect::<Vec<_>>(), group);
        let slots = slots(&cluster);
        std::thread::scope(|scope| {
            for (node, said) in group.iter().zip(&said) {
                let (cluster, first, slots) = (&cluster, &first, &slots);
                scope.spawn(move || {
                    let image = cluster.image(node);
                    judge(&image, said);
                    if first.exists() {
                        let differing = cmp(first, &image);
                        assert!(!differing.is_empty(), "{node} is node1");
                        let outside = differing.iter().find(|at| !slots.iter().any(|slot| slot.contains(at)));
                        assert_eq!(outside, None, "{node} differs from node1 outside its slots");
                    }
                });
            }
        });
        for node in group {
            // One stays to compare with: what differs from it only in slots differs from all others only there.
            if node == "node1" {
                fs::rename(cluster.image(node), &first).expect("the same file system");
            } else {
                fs::remove_file(cluster.image(node)).expect("an image");
            }
        }
    }
}

/// A new file system of one file, mounted until this is dropped.
struct Mounted {
    folder: tempfile::TempDir,
}

impl Mounted {
    /// None where only root may mount, and in some containers not even that: the test is passed over.
    fn btrfs(size: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (disk, place) = (folder.path().join("disk"), folder.path().join("mounted"));
        File::create(&disk).and_then(|file| file.set_len(size)).expect("a hole");
        fs::create_dir(&place).expect("a fresh folder");
        let told = |done: (bool, String)| done.0.then_some(()).ok_or(done.1);
        let mounted = if rustix::process::geteuid().is_root() {
            told(ask_for_verdict("mkfs.btrfs", &["-q", &shown(&disk)]))
                .and_then(|()| told(ask_for_verdict("mount", &["-o", "loop", &shown(&disk), &shown(&place)])))
        } else {
            Err("only root may mount".to_owned())
        };
        match mounted {
            Ok(()) => Some(Self { folder }),
            Err(reason) => {
                pass_over(&format!("no btrfs could be mounted: {}", reason.trim()));
                None
            }
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("mounted")
    }

    /// Bytes in use, once everything is on the disk and what was deleted has given its room back, which btrfs does later.
    fn used(&self) -> u64 {
        let opened = File::open(self.path()).expect("the mounted folder");
        let used = || {
            rustix::fs::syncfs(&opened).expect("synced");
            let counted = rustix::fs::fstatvfs(&opened).expect("counted");
            (counted.f_blocks - counted.f_bfree) * counted.f_frsize
        };
        let mut last = [0, 1, used()];
        while last.iter().any(|other| *other != last[2]) {
            std::thread::sleep(Duration::from_secs(1));
            last = [last[1], last[2], used()];
        }
        last[2]
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        ask_for_verdict("umount", &[&shown(&self.path())]);
    }
}

#[test]
fn where_blocks_are_shared_a_node_costs_its_patch() {
    let Some(disk) = Mounted::btrfs(4 << 30) else { return };
    let cluster = fleet();
    let out = shown(&disk.path().join("out"));
    let image = |nodes: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bramble"));
        command.arg("image").args(["--cluster", &shown(&cluster.path().join("cluster.toml"))]);
        command.args(["--project", &shown(crate::cluster::project()), "--out", &out, "--json"]).args(nodes);
        build(&mut command)
    };
    image(&["node1"]);
    let before = disk.used();
    let begun = std::time::Instant::now();
    assert_eq!(image(&["--all"]).len(), NODES);
    let taken = begun.elapsed();
    let added = disk.used() - before;
    println!("{NODES} nodes on btrfs: {added} bytes added in {taken:?}");
    assert!(added < u64::try_from(NODES).expect("small") * NODE_LIMIT, "{added} bytes added for {NODES} nodes");
}
