//! Builds that are stopped, by SIGKILL at any moment or by a full disk: nothing half made stands under a final name, and
//! the next build succeeds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cluster::{Cluster, shown};
use crate::judge::{ask, ask_for_verdict};

const NODES: [&str; 3] = ["node1", "node2", "node3"];

/// Moments over a whole build, base included, and over the making of nodes from a base that is there.
const WHOLE: u32 = 35;
const NODES_ONLY: u32 = 65;

/// Numbers without a pattern, the same in every run, so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    /// The next part of `whole`.
    fn part(&mut self, whole: Duration) -> Duration {
        // Knuth's MMIX constants.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        whole * u32::try_from(self.0 >> 40).expect("24 bits") / (1 << 24)
    }
}

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
        let found = ask("sha256sum", &[&shown(&image)]);
        assert_eq!(expected.split(' ').next(), found.split(' ').next(), "{} is not whole, {moment}", image.display());
        for suffix in [".bmap", ".json"] {
            let beside = format!("{}{suffix}", shown(&image));
            assert!(Path::new(&beside).is_file(), "{beside} is not there, {moment}");
        }
        seen.insert(image, mark);
    }
}

/// How long a build of [`NODES`] takes when nothing stops it.
fn whole_build(cluster: &Cluster) -> Duration {
    let begun = Instant::now();
    cluster.build(&NODES);
    begun.elapsed()
}

fn killed_after(cluster: &Cluster, pause: Duration) {
    let mut command = cluster.command("image", &NODES);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("our own program");
    std::thread::sleep(pause);
    // SIGKILL; one that is done already is none the worse for it.
    let _ = child.kill();
    child.wait().expect("the end of our own program");
}

#[test]
fn a_build_killed_at_any_moment_leaves_nothing_half_made_and_hinders_no_other() {
    let cluster = Cluster::new(|example| example);
    let out = cluster.path().join("out");
    let (with_base, mut seen) = (whole_build(&cluster), Seen::new());
    let nodes_only = whole_build(&cluster);
    let reference: Vec<String> = NODES.iter().map(|node| ask("sha256sum", &[&shown(&cluster.image(node))])).collect();

    let mut numbers = Numbers(64);
    for round in 0..WHOLE + NODES_ONLY {
        let base_first = round < WHOLE;
        if base_first {
            fs::remove_dir_all(out.join(".bases")).expect("the bases");
        }
        let pause = numbers.part(if base_first { with_base } else { nodes_only });
        killed_after(&cluster, pause);
        all_whole(&out, &mut seen, &format!("round {round}, killed after {pause:?}"));
        // A base that stands there must be fit for the rounds without one of their own.
        if round + 1 == WHOLE {
            cluster.build(&NODES);
        }
        if base_first {
            fs::create_dir_all(out.join(".bases")).expect("a folder");
        }
    }

    cluster.build(&NODES);
    let rebuilt: Vec<String> = NODES.iter().map(|node| ask("sha256sum", &[&shown(&cluster.image(node))])).collect();
    assert_eq!(rebuilt, reference);
    let (_, listing) = ask_for_verdict("find", &[&shown(&out), "-name", "*.part"]);
    assert_eq!(listing, "", "the last build cleared away what killed ones left");
}

/// Sizes of disks in MiB that are too small for a base, for a node, for all nodes; and one that is large enough.
const SMALL: [u32; 4] = [40, 200, 300, 600];
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
        let reason = String::from_utf8_lossy(&possible.stderr).into_owned();
        let must = std::env::var_os("CI").is_some() && rustix::process::geteuid().is_root();
        assert!(!must, "no small disk could be mounted: {reason}");
        eprintln!("no small disk could be mounted, so a full one is not tested: {reason}");
        return;
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
