//! Builds beside each other and beside people: in one folder at once, while somebody writes to the site, and on what
//! others did to files that lie ready.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::process::{Child, Stdio};

use crate::cluster::{Cluster, built, shown};
use crate::judge::{ask, sha256};

#[test]
fn builds_into_one_fresh_folder_at_once_do_not_hinder_each_other() {
    let cluster = Cluster::new(|example| example);
    let builds: Vec<Child> = ["node3", "node3", "node4"]
        .into_iter()
        .map(|node| cluster.command("image", &[node]).stderr(Stdio::piped()).spawn().expect("our own program"))
        .collect();
    for build in builds {
        let output = build.wait_with_output().expect("our own child");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for node in ["node3", "node4"] {
        is_whole(&cluster, node);
    }
}

#[test]
fn an_input_that_changes_during_a_build_stops_it() {
    let cluster = Cluster::new(|example| {
        let site = example.lines().find(|line| line.starts_with("site = ")).expect("the example has a site").to_owned();
        example.replace(&site, "site = \"site\"")
    });
    let page = cluster.path().join("site/index.html");
    fs::create_dir(cluster.path().join("site")).expect("a fresh folder");
    fs::write(&page, "before").expect("a fresh file");

    let mut build = cluster.command("image", &["-v", "node3"]).stderr(Stdio::piped()).spawn().expect("our own program");
    let mut said = String::new();
    for line in BufReader::new(build.stderr.take().expect("piped")).lines() {
        let line = line.expect("text");
        if line.contains("configuring") {
            fs::write(&page, "after").expect("our own file");
        }
        said += &(line + "\n");
    }
    assert!(!build.wait().expect("our own child").success(), "{said}");
    let told = "`site` of `worker-pi2` changed while it was built; build it again when nothing writes there";
    assert!(said.contains(told), "{said}");
    assert!(!cluster.image("node3").exists(), "an image was written");
    cluster.build(&["node3"]);
    is_whole(&cluster, "node3");
}

#[test]
fn a_base_that_was_damaged_is_built_anew() {
    let cluster = built_anew(&["node3"]);
    let before = sha256(&cluster.image("node3"));
    let bases = cluster.path().join("out/.bases");
    let base = fs::read_dir(&bases).expect("bases").flatten().map(|entry| entry.path());
    let base = base.into_iter().find(|path| path.extension().is_some_and(|it| it == "img")).expect("a base");
    // A word in the middle of the files' contents.
    let file = File::options().write(true).open(&base).expect("a base");
    file.write_all_at(b"oops", 280 << 20).expect("a base");

    let output = cluster.bramble("image", &["node3"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("is no longer what was written there; it is built anew"), "{said}");
    assert_eq!(sha256(&cluster.image("node3")), before);
    is_whole(&cluster, "node3");

    // Also when it is the file beside it that was lost or damaged.
    fs::write(base.with_extension("json"), "{").expect("our own file");
    cluster.build(&["node3"]);
    fs::remove_file(base.with_extension("json")).expect("our own file");
    cluster.build(&["node3"]);
    assert_eq!(sha256(&cluster.image("node3")), before);

    let said = ask(env!("CARGO_BIN_EXE_bramble"), &["clean", "--out", &shown(&cluster.path().join("out"))]);
    assert_eq!(said, "1 base taken away; the next image builds it anew\n");
    assert_eq!(fs::read_dir(&bases).expect("bases").count(), 0);
}

#[test]
fn an_image_stays_when_the_next_one_cannot_be_placed() {
    let cluster = built_anew(&["node3", "node4"]);
    let before = ["node3", "node4"].map(|node| sha256(&cluster.image(node)));
    let sum = cluster.path().join("out/node4.img.sha256");
    fs::remove_file(&sum).expect("our own file");
    fs::create_dir(&sum).expect("a folder in the way");
    let output = cluster.bramble("image", &["node3", "node4"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains(&format!("cannot write `{}`", sum.display())), "{said}");
    assert_eq!(["node3", "node4"].map(|node| sha256(&cluster.image(node))), before);
    is_whole(&cluster, "node3");
}

#[test]
fn what_holds_a_key_is_for_its_owner_alone() {
    let cluster = Cluster::new(|example| format!("{example}\n[identity]\nsecret = \"cluster.secret\"\n"));
    fs::write(cluster.path().join("cluster.secret"), [7; 32]).expect("a secret");
    cluster.build(&["node3"]);
    cluster.build(&["--delta", "node4"]);
    let out = |name: &str| cluster.path().join("out").join(name);
    let mode = |name: &str| fs::metadata(out(name)).expect("what was built").permissions().mode() & 0o777;
    assert_eq!([mode("node3.img"), mode("node4.patch")], [0o600, 0o600]);
    let joined = format!("{}+node4.patch", shown(&out("worker-pi2.img")));
    ask(env!("CARGO_BIN_EXE_bramble"), &["image", "--from", &joined, "--output", &shown(&out("node4.img"))]);
    assert_eq!(mode("node4.img"), 0o600);
    // The base is nobody's, and a cluster without a secret has no keys.
    assert_ne!(mode("worker-pi2.img"), 0o600);
    let plain = fs::metadata(built().image("node3")).expect("an image").permissions().mode();
    assert_ne!(plain & 0o777, 0o600);
}

/// A cluster with images of its own.
fn built_anew(nodes: &[&str]) -> Cluster {
    let cluster = Cluster::new(|example| example);
    cluster.build(nodes);
    cluster
}

#[track_caller]
fn is_whole(cluster: &Cluster, node: &str) {
    let sum = format!("{node}.img.sha256");
    let folder = shown(&cluster.path().join("out"));
    ask("sh", &["-c", &format!("cd '{folder}' && sha256sum --quiet --check {sum}")]);
}
