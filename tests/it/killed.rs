//! Builds that are stopped, by SIGKILL at any moment or by a full disk: nothing half made stands under a final name, and
//! the next build succeeds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::{Cluster, shown};
use crate::judge::{ask_for_verdict, pass_over, sha256};

const NODES: [&str; 3] = ["node1", "node2", "node3"];

/// The calls by which something comes to stand, or no longer stands, under a name, and those that bring it to the disk. A
/// build is killed before every one of them.
const NAMING: [&str; 5] = ["fsync", "syncfs", "linkat", "unlink", "rename"];

/// The calls that write contents. A build is killed before the first, the eighth, the 64th… of them.
const WRITING: [&str; 3] = ["write", "pwrite64", "ftruncate"];

/// The images in a folder under their final names.
fn images(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut images: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "img"))
        .filter(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")))
        .collect();
    images.sort();
    images
}

/// Images that were found whole, by name, with what tells a new file from the one that was looked at.
type Seen = BTreeMap<PathBuf, (u64, i64)>;

/// Every image that stands there has its checksum beside it and is what that says.
fn all_whole(out: &Path, seen: &mut Seen, moment: &str) {
    for image in images(out) {
        let metadata = fs::metadata(&image).expect("an image");
        let mark = (metadata.ino(), metadata.ctime_nsec());
        if seen.get(&image) == Some(&mark) {
            continue;
        }
        let sum = format!("{}.sha256", shown(&image));
        let expected = fs::read_to_string(&sum).unwrap_or_else(|error| panic!("{sum}, {moment}: {error}"));
        let found = sha256(&image);
        assert_eq!(expected.split(' ').next(), Some(found.as_str()), "{} is not whole, {moment}", image.display());
        for suffix in [".bmap", ".json"] {
            let beside = format!("{}{suffix}", shown(&image));
            assert!(Path::new(&beside).is_file(), "{beside} is not there, {moment}");
        }
        seen.insert(image, mark);
    }
}

/// Builds [`NODES`] and kills the build with SIGKILL before a thread's `number`-th `call` (strace(1), "tampering"): the call
/// is not made. False when the build came to its end without that many.
fn killed_before(cluster: &Cluster, call: &str, number: usize) -> bool {
    let build = cluster.command("image", &NODES);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:signal=KILL:when={number}")]).arg(build.get_program());
    let output = strace.args(build.get_args()).output().expect("strace is needed; `make setup` installs it");
    // It ends as the traced program did.
    let killed = output.status.signal() == Some(SIGKILL);
    assert!(killed || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    killed
}

const SIGKILL: i32 = 9;

/// Kills builds before every [`NAMING`] call and some of the [`WRITING`] ones, each on the folder as `before` has made it, up
/// to the one after which `goes_on` says no. Gives how many were killed.
fn killed_all_over(
    cluster: &Cluster,
    seen: &mut Seen,
    before: impl Fn(&Path),
    goes_on: impl Fn(&Path) -> bool,
) -> usize {
    let out = cluster.path().join("out");
    let mut kills = Vec::new();
    let mut numbers = |call: &str, next: fn(usize) -> usize| {
        let mut number = 1;
        loop {
            before(&out);
            if !killed_before(cluster, call, number) {
                break;
            }
            all_whole(&out, seen, &format!("killed before {call} {number}"));
            kills.push(format!("{call} {number}"));
            if !goes_on(&out) {
                break;
            }
            number = next(number);
        }
    };
    NAMING.iter().for_each(|call| numbers(call, |number| number + 1));
    WRITING.iter().for_each(|call| numbers(call, |number| 8 * number));
    println!("killed before {}", kills.join(", "));
    kills.len()
}

#[test]
fn a_build_killed_at_any_moment_leaves_nothing_half_made_and_hinders_no_other() {
    let cluster = Cluster::new(|example| example);
    let out = cluster.path().join("out");
    let mut seen = Seen::new();
    cluster.build(&NODES);
    let reference = NODES.map(|node| sha256(&cluster.image(node)));

    // While the base is made, until it has its name; nodes' images of before stand there.
    let has_base = |out: &Path| !images(&out.join(".bases")).is_empty();
    let without_base = |out: &Path| fs::remove_dir_all(out.join(".bases")).unwrap_or_default();
    let killed = killed_all_over(&cluster, &mut seen, without_base, |out| !has_base(out));
    assert!(killed >= 10, "a base was killed {killed} times only");

    // While nodes are made of the base, in place of those that are there; a build that was killed after it took those away
    // leaves the next one none.
    cluster.build(&NODES);
    let killed = killed_all_over(&cluster, &mut seen, |_| {}, |_| true);
    assert!(killed >= 40, "nodes' images were killed {killed} times only");

    cluster.build(&NODES);
    assert_eq!(NODES.map(|node| sha256(&cluster.image(node))), reference);
    let (_, listing) = ask_for_verdict("find", &[&shown(&out), "-name", "*.part"]);
    assert_eq!(listing, "", "the last build cleared away what killed ones left");
}

/// Sizes of disks in MiB that are too small for a base, for a node, for all nodes; and one that is large enough.
const SMALL: [u32; 4] = [40, 200, 300, 480];
const LARGE: u32 = 1400;

/// Builds on ever larger disks: a line `failed` for each build that did, then what the last one says.
const FULL_DISK: &str = r#"
out=$1; large=$2; small=$3; shift 3
whole() {
    for image in "$out"/*.img; do
        [ ! -e "$image" ] || (cd "$out" && sha256sum --quiet -c "$(basename "$image").sha256") || exit 9
    done
}
mkdir -p "$out"
mount -t tmpfs -o size=1m none "$out"
for size in $small; do
    mount -o remount,size="${size}m" "$out"
    if said=$("$@" 2>&1); then echo "succeeded on $size MiB"; exit 8; fi
    echo "$said" | grep 'no room for' || { echo "$said"; exit 7; }
    whole
done
mount -o remount,size="${large}m" "$out"
"$@" >/dev/null
whole
ls "$out"
"#;

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_made() {
    let cluster = Cluster::new(|example| example);
    let out = shown(&cluster.path().join("out"));
    let build = cluster.command("image", &NODES);
    // A mount of our own goes with the process; without root it takes a user namespace.
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    let possible =
        Command::new("unshare").args(command.get_args()).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    let possible = possible.expect("unshare of util-linux");
    if !possible.status.success() {
        return pass_over(&format!(
            "no small disk could be mounted: {}",
            String::from_utf8_lossy(&possible.stderr).trim()
        ));
    }
    let small: Vec<String> = SMALL.iter().map(ToString::to_string).collect();
    command.args(["sh", "-euc", FULL_DISK, "sh", &out, &LARGE.to_string(), &small.join(" ")]);
    let output = command.arg(build.get_program()).args(build.get_args()).output().expect("unshare of util-linux");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("no room for").count(), SMALL.len(), "{said}");
    for node in NODES {
        assert!(said.contains(&format!("{node}.img\n")), "{said}");
    }
}
