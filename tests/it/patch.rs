//! Patches over a base image, and verifying images: what comes of inputs, and whether it did.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::process::{Command, Output};

use serde_json::Value;

use crate::cluster::{Cluster, project, shown};
use crate::image::partition;
use crate::judge::ask;

/// Exit status and everything printed.
fn told(output: Output) -> (Option<i32>, String) {
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("UTF-8"))
}

fn bramble(arguments: &[&str]) -> (Option<i32>, String) {
    told(Command::new(env!("CARGO_BIN_EXE_bramble")).args(arguments).output().expect("our own program"))
}

#[test]
fn base_and_patch_give_the_files_of_a_build_and_verifying_says_what_differs() {
    let cluster = Cluster::new(|example| example);
    let at = |name: &str| shown(&cluster.path().join(name));
    cluster.build(&["node3", "node4", "--delta"]);
    assert!(!cluster.image("node3").exists());
    let joined = |node: &str| format!("{}+{}", at("out/worker-pi2.img"), at(&format!("out/{node}.patch")));
    let prepared_of_patches = [joined("node4").as_str(), "node4", "node3"].map(|node| prepared(&cluster, node));

    ask(env!("CARGO_BIN_EXE_bramble"), &["image", "--from", &joined("node3"), "--output", &at("plain/node3.img")]);
    cluster.build(&["node3", "node4"]);
    for suffix in ["", ".bmap", ".json", ".sha256"] {
        ask("cmp", &[&at(&format!("plain/node3.img{suffix}")), &at(&format!("out/node3.img{suffix}"))]);
    }
    let prepared_of_images = ["node4", "node4", "node3"].map(|node| prepared(&cluster, node));
    assert_eq!(prepared_of_patches, prepared_of_images);
    assert_ne!(prepared_of_images[1], prepared_of_images[2], "not even nodes are told from each other");

    looked_at(&cluster, &joined("node3"), &joined("node4"));

    let verify =
        |image: &str| bramble(&["verify", image, "--cluster", &at("cluster.toml"), "--project", &shown(project())]);
    let json = fs::read_to_string(at("plain/node3.img.json")).expect("the manifest");
    let manifest: Value = serde_json::from_str(&json).expect("JSON");
    let inputs = manifest["inputs"].as_object().expect("inputs").len();
    for image in [at("plain/node3.img"), joined("node3")] {
        let (status, said) = verify(&image);
        // Behind it, how the base is built.
        let same = format!("{image}: built anew from its {inputs} inputs, the same bytes");
        assert_eq!((status, said.lines().next()), (Some(0), Some(same.as_str())));
    }

    let board = manifest["inputs"]["board"].as_str().expect("the board's hash");
    fs::write(at("plain/node3.img.json"), json.replace(board, "ab12")).expect("written");
    let (status, said) = verify(&at("plain/node3.img"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("`board` was ab12 and is {board}")), "{said}");

    let change = |name: &str| {
        let image = fs::File::options().write(true).open(at(name)).expect("the image");
        image.write_all_at(b"x", 300).expect("a byte of the boot sector");
    };
    change("plain/node3.img");
    let (status, said) = verify(&at("plain/node3.img"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("was changed: its SHA-256 is"), "{said}");

    // A base that is no longer what its manifest says is written anew for the next patch.
    change("out/worker-pi2.img");
    cluster.build(&["node3", "--delta"]);
    ask("sh", &["-c", "cd \"$1\" && sha256sum --quiet -c worker-pi2.img.sha256", "sh", &at("out")]);
}

/// `diff` and `inspect` take base and patch as they take the image.
fn looked_at(cluster: &Cluster, node3: &str, node4: &str) {
    let image = shown(&cluster.image("node3"));
    let patch = fs::read_to_string(cluster.path().join("out/node3.patch")).expect("the patch");
    let patch: Value = serde_json::from_str(&patch).expect("JSON");
    assert_eq!(patch["slots"][0]["path"], "etc/hostname");
    // The digit behind "node".
    let first = patch["slots"][0]["offset"].as_u64().expect("a number") + 4 - partition(&cluster.image("node3"), 2).0;
    let differences = format!(
        "partition 2:\n  /etc/hostname: node3 → node4\n  \
         /etc/hosts, line 5: 192.168.1.13 node3 → 192.168.1.14 node4\n  \
         /etc/systemd/network/10-eth0.network, line 11: Address=192.168.1.13/24 → Address=192.168.1.14/24\n  \
         4 bytes differ, in 4 places, the first at {first}: 2 of /etc/hosts, 1 of /etc/hostname, \
         1 of /etc/systemd/network/10-eth0.network\n"
    );
    assert_eq!(bramble(&["diff", node3, node4]), (Some(1), differences));
    assert_eq!(bramble(&["diff", node3, &image]), (Some(0), String::new()));
    let inspected = bramble(&["inspect", node3]);
    assert_eq!(inspected, bramble(&["inspect", &image]));
    assert!(inspected.1.lines().any(|line| line == "hostname: node3"), "{}", inspected.1);

    let missing = node3.replace("node3.patch", "node9.patch");
    let patch = shown(&cluster.path().join("out/node9.patch"));
    let error = format!("error: cannot read `{patch}`: No such file or directory (os error 2)\n");
    assert_eq!(bramble(&["diff", &missing, &image]), (Some(2), error.clone()));
    assert_eq!(bramble(&["inspect", &missing]), (Some(1), error));
}

/// Stands where QEMU is looked for, and says what it is given: words as they are, files by their SHA-256, of the card
/// every byte that a guest would read.
const IN_PLACE_OF_QEMU: &str = r#"#!/bin/sh
set -eu
case $* in "-machine help") PATH=${PATH#*:} exec qemu-system-arm "$@" ;; esac
for word; do
    case $word in
    file=*)
        card=${word#file=}
        card=${card%%,*}
        qemu-img convert -O raw "$card" "$card.raw"
        echo "card: $(sha256sum <"$card.raw")"
        ;;
    /*) sha256sum <"$word" ;;
    *) echo "$word" ;;
    esac
done
"#;

/// What `bramble run` gives QEMU.
fn prepared(cluster: &Cluster, node: &str) -> String {
    let folder = cluster.path().join("programs");
    let program = folder.join("qemu-system-arm");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(&program, IN_PLACE_OF_QEMU).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("our own file");
    let path = format!("{}:{}", shown(&folder), std::env::var("PATH").unwrap_or_default());
    let mut run = cluster.command("run", &[node, "--http-port", "8080", "--ssh-port", "2222"]);
    let (status, said) = told(run.env("PATH", path).output().expect("our own program"));
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("\ncard: ") || said.starts_with("card: "), "{said}");
    said
}

#[test]
fn a_clusters_secret_makes_host_keys_that_are_known_beforehand() {
    let cluster = Cluster::new(|example| format!("{example}\n[identity]\nsecret = \"cluster.secret\"\n"));
    fs::write(cluster.path().join("cluster.secret"), [7; 32]).expect("a secret");
    cluster.build(&["node1", "node3"]);
    let known = fs::read_to_string(cluster.path().join("out/known_hosts")).expect("known_hosts");
    assert_eq!(known.lines().count(), 8, "{known}");

    let (start, _) = crate::image::partition(&cluster.image("node3"), 2);
    let root = format!("{}?offset={start}", shown(&cluster.image("node3")));
    ask("e2fsck", &["-fn", &root]);
    let key = shown(&cluster.path().join("key"));
    let mode = ask("debugfs", &["-R", "stat /etc/ssh/ssh_host_ed25519_key", &root]);
    assert!(mode.contains("Mode:  0600") && mode.contains("Size: 387"), "{mode}");
    ask("debugfs", &["-R", &format!("dump -p /etc/ssh/ssh_host_ed25519_key {key}"), &root]);
    let public = ask("ssh-keygen", &["-y", "-f", &key]);
    assert!(known.contains(&format!("node3,192.168.1.13 {public}")), "{known} {public}");
    assert!(
        ask("ssh-keygen", &["-F", "192.168.1.13", "-f", &shown(&cluster.path().join("out/known_hosts"))])
            .contains(&public)
    );
    let id = ask("debugfs", &["-R", "cat /etc/machine-id", &root]);
    let id = id.lines().find(|line| line.len() == 32).unwrap_or_else(|| panic!("no machine id in {id}"));
    assert!(id.chars().all(|digit| digit.is_ascii_hexdigit()), "{id}");
}
