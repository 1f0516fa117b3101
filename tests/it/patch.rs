//! Patches over a base image, and verifying images: what comes of inputs, and whether it did.

use std::fs;

use crate::cluster::{Cluster, shown};
use crate::judge::ask;

#[test]
fn base_and_patch_give_the_files_of_a_build_and_verifying_says_what_differs() {
    let cluster = Cluster::new(|example| example);
    let at = |name: &str| shown(&cluster.path().join(name));
    cluster.build(&["node3", "--delta"]);
    assert!(!cluster.image("node3").exists());
    let joined = format!("{}+{}", at("out/worker-pi2.img"), at("out/node3.patch"));
    ask(env!("CARGO_BIN_EXE_bramble"), &["image", "--from", &joined, "--output", &at("plain/node3.img")]);
    cluster.build(&["node3"]);
    for suffix in ["", ".bmap", ".json", ".sha256"] {
        ask("cmp", &[&at(&format!("plain/node3.img{suffix}")), &at(&format!("out/node3.img{suffix}"))]);
    }

    let verify = |image: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bramble"));
        command.args(["verify", image, "--cluster", &at("cluster.toml")]);
        command.arg("--project").arg(crate::cluster::project());
        let output = command.output().expect("our own program");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).expect("UTF-8"))
    };
    let (status, said) = verify(&at("plain/node3.img"));
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("the same bytes"), "{said}");

    let json = fs::read_to_string(at("plain/node3.img.json")).expect("the manifest");
    let manifest: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let board = manifest["inputs"]["board board-configs/pi2.toml"].as_str().expect("the board's hash");
    fs::write(at("plain/node3.img.json"), json.replace(board, "ab12")).expect("written");
    let (status, said) = verify(&at("plain/node3.img"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("`board board-configs/pi2.toml` was ab12 and is {board}")), "{said}");

    let image = fs::File::options().write(true).open(at("plain/node3.img")).expect("the image");
    std::os::unix::fs::FileExt::write_all_at(&image, b"x", 300).expect("a byte of the boot sector");
    let (status, said) = verify(&at("plain/node3.img"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("was changed: its SHA-256 is"), "{said}");
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
