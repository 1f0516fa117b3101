//! Who gets in over ssh: whoever has the cluster's key, and nobody with a password.

use std::path::Path;
use std::time::{Duration, Instant};

use bramble::config::Node;

use crate::booted::PATIENCE;
use crate::cluster::shown;
use crate::judge::ask_for_verdict;

pub(crate) fn lets_the_key_in_and_no_password(port: u16, node: &Node, key: &Path) {
    let (port, key) = (port.to_string(), shown(key));
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
