//! Boots: the images of node 3 and node 7 on their emulated boards, asked over the serial console, HTTP and ssh.

use std::time::{Duration, Instant};

use bramble::config::Node;

use crate::booted::{PATIENCE, boots_and_serves};
use crate::cluster::{built, shown};
use crate::judge::ask_for_verdict;

#[test]
fn node3_boots_on_a_pi_2_and_serves() {
    boots_and_lets_in("node3");
}

#[test]
fn node7_boots_on_a_pi_3_and_serves() {
    boots_and_lets_in("node7");
}

fn boots_and_lets_in(name: &str) {
    let booted = boots_and_serves(built(), name);
    lets_the_key_in_and_no_password(booted.guest.ssh_port(), &booted.node);
    booted.shut_down();
}

fn lets_the_key_in_and_no_password(port: u16, node: &Node) {
    let port = port.to_string();
    let key = shown(&built().key());
    let common = [
        "-p",
        &port,
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "ConnectTimeout=60",
    ];
    let login =
        |arguments: &[&str]| ask_for_verdict("ssh", &[&common, arguments, &["root@127.0.0.1", "hostname"]].concat());

    let until = Instant::now() + 3 * PATIENCE;
    let (mut accepted, mut said) = login(&["-i", &key, "-o", "BatchMode=yes"]);
    // sshd may still be making its host key.
    while !accepted && Instant::now() < until {
        std::thread::sleep(Duration::from_secs(5));
        (accepted, said) = login(&["-i", &key, "-o", "BatchMode=yes"]);
    }
    assert!(accepted, "ssh with the key: {said}");
    assert!(said.lines().any(|line| line == node.hostname), "{said}");

    // No way in by password is even offered: the server names the ways it would take.
    let (accepted, said) =
        login(&["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password,keyboard-interactive"]);
    assert!(!accepted, "ssh without the key: {said}");
    assert!(said.contains("Permission denied (publickey)."), "{said}");
}
