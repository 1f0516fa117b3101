//! What a person types and reads, word for word.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::cluster::{Cluster, project};

/// Standard error, with the folder of the test's cluster written as `…`.
fn errors(cluster: &Cluster, output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).replace(&cluster.path().display().to_string(), "…")
}

fn failed(cluster: &Cluster, command: &str, arguments: &[&str]) -> String {
    let output = cluster.bramble(command, arguments);
    assert_eq!(output.status.code(), Some(1), "{}", errors(cluster, &output));
    errors(cluster, &output)
        .lines()
        .filter(|line| !line.starts_with("warning: "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn check_tells_the_plan() {
    let cluster = Cluster::new(|example| example);
    let output = cluster.bramble("check", &[]);
    assert!(output.status.success(), "{}", errors(&cluster, &output));
    let said = String::from_utf8_lossy(&output.stdout).replace(&cluster.path().display().to_string(), "…");
    let pi2 = "worker-pi2: Debian 13 (trixie) on Raspberry Pi 2 Model B, node1 (192.168.1.11), node2 (192.168.1.12), \
               node3 (192.168.1.13), node4 (192.168.1.14)";
    assert_eq!(said.lines().next(), Some(pi2));
    assert_eq!(said.lines().last(), Some("…/cluster.toml is in order: 8 nodes, 2 base images"));
}

#[test]
fn a_wrong_address_is_underlined_beside_the_network_it_is_not_in() {
    let cluster = Cluster::new(|example| example.replace("192.168.1.[11-14]", "192.168.2.[11-14]"));
    let said = failed(&cluster, "check", &[]);
    assert!(said.contains("192.168.2.[11-14]") && said.contains("^^^"), "{said}");
    assert!(said.contains("subnet = \"192.168.1.0/24\"") && said.contains("---"), "{said}");
}

#[test]
fn a_node_that_is_not_there_is_named_with_the_nearest() {
    let cluster = Cluster::new(|example| example);
    let said = failed(&cluster, "image", &["noed3"]);
    assert_eq!(said, "error: no node is called `noed3`; did you mean `node3`?\n");
}

#[test]
fn a_missing_image_says_how_to_make_it() {
    let cluster = Cluster::new(|example| example);
    let said = failed(&cluster, "run", &["3"]);
    assert_eq!(said, "error: `…/out/node3.img` is not there; `bramble image node3` writes it\n");
}

#[test]
fn a_missing_payload_says_how_to_make_it() {
    let cluster = Cluster::new(|example| example);
    let said = failed(&cluster, "image", &["3", "--payload", "nowhere"]);
    let expected = "error: the worker and init are not compiled for arm-unknown-linux-musleabihf: \
                    `nowhere/arm-unknown-linux-musleabihf` is not there; `make payload` compiles them\n";
    assert_eq!(said, expected);
}

#[test]
fn a_dead_mirror_is_named_and_leaves_nothing_behind() {
    let cluster = Cluster::new(|example| example);
    // Port 9 of the loopback address: nothing listens there.
    let said = failed(&cluster, "image", &["3", "--cache", "empty", "--mirror", "http://127.0.0.1:9/debian"]);
    assert!(said.starts_with("error: package ") && said.contains("127.0.0.1:9"), "{said}");
    assert!(!cluster.image("node3").exists());
}

#[test]
fn nowhere_to_keep_downloads_is_an_error_and_no_folder_of_its_own() {
    let cluster = Cluster::new(|example| example);
    // HOME is no full path and so says nothing; with it set, nobody looks into the account.
    let mut bramble = cluster.command("image", &["node3"]);
    bramble.env("HOME", "here").env_remove("XDG_CACHE_HOME").env_remove("BRAMBLE_CACHE");
    let said = errors(&cluster, &bramble.output().expect("our own program"));
    assert!(said.contains("set HOME, or name a folder with --cache"), "{said}");
    assert!(!cluster.path().join("out").exists());
}

#[test]
fn help_names_every_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_bramble")).arg("--help").output().expect("our own program");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("One cluster.toml in, one SD-card image for each node of a Raspberry Pi cluster out\n"),
        "{said}"
    );
    for command in ["check", "explain", "image", "run", "lock"] {
        assert!(said.contains(&format!("\n  {command} ")), "{said}");
    }
}

#[test]
fn make_runs_nothing_that_stands_in_a_nodes_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = folder.path().join("bramble");
    fs::write(&program, "#!/bin/sh\nprintf '[%s]' \"$@\"\n").expect("a fresh file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("our own file");
    let witness = folder.path().join("witness").display().to_string();
    let made = |target: &str, variables: &[String]| {
        let mut make = Command::new("make");
        // The program is there and nothing has to be built.
        make.args(["--silent", "--old-file=build", target, &format!("BRAMBLE={}", program.display())]).args(variables);
        let output = make.current_dir(project()).output().expect("make");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!Path::new(&witness).exists(), "{target} {variables:?} ran a program");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let image = "[image][--cluster][cluster.toml][--out][out][--]";
    for (typed, nodes) in [("3", "[3]"), ("2-4 node7", "[2-4][node7]"), ("--all", "[--all]"), ("*", "[*]")] {
        assert_eq!(made("image", &[format!("NODE={typed}")]), format!("{image}{nodes}"));
    }
    for evil in [format!("\";touch {witness};\""), format!("$(shell touch {witness})"), format!("`touch {witness}`")] {
        made("image", &["NODE", "CLUSTER", "OUT"].map(|name| format!("{name}={evil}")));
        assert!(made("images", &[format!("OUT={evil}")]).contains(&format!("[{evil}]")));
    }
}

#[test]
fn a_card_is_no_output_folder() {
    let output = Command::new(env!("CARGO_BIN_EXE_bramble"))
        .args(["image", "node3", "--out", "/dev/sdX", "--cluster"])
        .arg(project().join("cluster.toml"))
        .output()
        .expect("our own program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: `/dev/sdX` is where devices are, not a folder for images"), "{said}");
}
