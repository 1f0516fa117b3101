//! Boots: the images of node 3 and node 7 on their emulated boards, asked over the serial console, HTTP and ssh.

use std::process::Command;
use std::time::{Duration, Instant};

use bramble::config::{Node, Plan};
use bramble::emulate::{Guest, Options};

use crate::cluster::{built, project, shown};
use crate::judge::ask_for_verdict;

/// How long a command on the console may take on a board that is emulated beside another one.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn node3_boots_on_a_pi_2_and_serves() {
    boots_and_serves("node3", "armv7l");
}

#[test]
fn node7_boots_on_a_pi_3_and_serves() {
    boots_and_serves("node7", "aarch64");
}

fn boots_and_serves(name: &str, machine: &str) {
    let plan = Plan::read(&built().path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(name).expect("a node of the example");
    let board = &plan.bases[node.base].board;
    let image = built().image(name);
    let before = sha256(&image);
    let options =
        Options { isolated: true, transcript: Some(built().path().join(format!("{name}.log"))), ..Options::default() };
    let mut guest = must(Guest::boot(&image, board, node.address, &plan.network, &options));
    // Another board is emulated on the same two cores, and that machine may be busy besides.
    let deadline = 3 * guest.deadline();

    let first_answer = must(guest.wait_http(deadline));
    eprintln!("{name}: first HTTP answer after {} s", first_answer.as_secs());
    serves_the_site(name, guest.http_port());
    answers_on_the_console(&mut guest, node, machine);
    lets_the_key_in_and_no_password(guest.ssh_port(), node);

    must(guest.shutdown(deadline));
    assert_eq!(sha256(&image), before, "the boot changed the image");
}

fn serves_the_site(name: &str, port: u16) {
    let said = curl(&["-i", &format!("http://127.0.0.1:{port}/")]);
    let (head, body) = said.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nX-Served-By: {name}\r\n")), "{head}");
    let page = std::fs::read_to_string(project().join("site/index.html")).expect("the example's site");
    assert_eq!(body, page);
    assert_eq!(curl(&[&format!("http://127.0.0.1:{port}/healthz")]), "ok\n");
    let missing = curl(&["-o", "/dev/null", "-w", "%{http_code}", &format!("http://127.0.0.1:{port}/nowhere")]);
    assert_eq!(missing, "404");
}

/// curl's own words on standard output; an emulated board may need more than one try.
fn curl(arguments: &[&str]) -> String {
    let (accepted, said) = ask_for_verdict(
        "curl",
        &[&["--silent", "--max-time", "60", "--retry", "5", "--retry-all-errors"], arguments].concat(),
    );
    assert!(accepted, "curl {arguments:?}: {said}");
    said
}

fn answers_on_the_console(guest: &mut Guest, node: &Node, machine: &str) {
    let deadline = 3 * guest.deadline();
    let console = guest.console();
    // What is typed before the shell's prompt is there is thrown away by the login.
    must(console.wait_for(&format!("root@{}:~#", node.hostname), deadline));
    let mut run = |command: &str| -> String {
        let (output, status) = must(console.run(command, PATIENCE));
        assert_eq!(status, 0, "`{command}` says {output}");
        output.replace('\r', "")
    };
    // The kernel's own lines must not run into the answers.
    run("dmesg --console-off");
    assert_eq!(run("uname -nm").trim(), format!("{} {machine}", node.hostname));
    let address = run("ip -color=never -4 -brief address show dev eth0");
    assert!(address.contains(&format!(" {}/24", node.address)), "{address}");
    let route = run("ip -color=never -4 route show default");
    assert!(route.contains("default via 192.168.1.1 dev eth0"), "{route}");
    // `--wait` until the last job is done; the status is 0 for `running` only.
    let state = run("systemctl is-system-running --wait || systemctl --failed --no-pager --no-legend");
    assert_eq!(state.trim(), "running");
    assert_eq!(run("systemctl --failed --no-legend --no-pager | wc -l").trim(), "0");
    assert_eq!(run("dpkg --audit | wc -l").trim(), "0");
    assert_eq!(run("swapon --noheadings | wc -l").trim(), "0");
    let grown = run("df --block-size=1M --output=size / | tail -n 1");
    let grown: u64 = grown.trim().parse().expect("a number of MiB");
    // The emulated card is 1 GiB, and the boot partition takes 264 MiB of it.
    assert!(grown > 650, "the root file system has {grown} MiB");
    assert!(run("ls /boot/firmware").contains("config.txt"));
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

/// The value, or a failure that shows the error as a person reads it, with the last lines of the console.
#[track_caller]
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

fn sha256(image: &std::path::Path) -> String {
    let output = Command::new("sha256sum").arg(image).output().expect("coreutils");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
