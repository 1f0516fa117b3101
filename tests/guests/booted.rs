//! A booted guest and what must be true of it, whichever board it is: asked over the serial console and HTTP.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bramble::config::{Architecture, BaseSpec, BootMenu, Cpu, Node, Plan};
use bramble::emulate::{Guest, GuestOptions};

use crate::cluster::{Cluster, project};
use crate::judge::{ask_for_verdict, sha256};

/// How long a command on the console may take on a board that is emulated beside another one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A guest that is up and has answered, over HTTP and on its console.
#[derive(Debug)]
pub(crate) struct Booted {
    pub(crate) guest: Guest,
    pub(crate) node: Node,
    image: PathBuf,
    before: String,
    /// For all waits: another board is emulated beside this one, and the machine may be busy besides.
    deadline: Duration,
}

/// A card that stays when its guest is gone, and a record of all that the guest wrote to it.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) path: PathBuf,
    pub(crate) log: PathBuf,
}

impl Card {
    pub(crate) fn new(folder: &Path, node: &str) -> Self {
        let [path, log] = ["qcow2", "writes"].map(|form| folder.join(format!("{node}.{form}")));
        fs::write(&log, "").expect("a fresh file");
        Self { path, log }
    }

    /// Bytes that the record has by now.
    pub(crate) fn written(&self) -> u64 {
        fs::metadata(&self.log).expect("the record").len()
    }
}

/// Boots the image of a node of `cluster`, waits until it serves and holds it against what every node is. What the guest
/// writes goes to `card`, or away with the guest.
pub(crate) fn boots_and_serves(cluster: &Cluster, name: &str, card: Option<&Card>) -> Booted {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(name).expect("a node of the cluster").clone();
    let base = &plan.bases[node.base];
    let image = cluster.image(name);
    let before = sha256(&image);
    let transcript = Some(cluster.path().join(format!("{name}.log")));
    let (card, write_log) = card.map(|card| (card.path.clone(), card.log.clone())).unzip();
    let options = GuestOptions { isolated: true, transcript, card, write_log, ..GuestOptions::default() };
    let mut guest = must(Guest::boot(&image, &base.board, node.address, &plan.network, &options));
    let deadline = 3 * guest.deadline();

    let first_answer = must(guest.wait_http(deadline));
    eprintln!("{}: first HTTP answer after {} s", base.board.name, first_answer.as_secs());
    serves_the_site(name, guest.http_port());
    answers_on_the_console(&mut guest, &node, base);
    Booted { guest, node, image, before, deadline }
}

impl Booted {
    /// Switches it off, which must leave the image as it was.
    pub(crate) fn shut_down(self) {
        must(self.guest.shutdown(self.deadline));
        assert_eq!(sha256(&self.image), self.before, "the boot changed the image");
    }
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

fn answers_on_the_console(guest: &mut Guest, node: &Node, base: &BaseSpec) {
    let deadline = 3 * guest.deadline();
    log_in(guest, &node.hostname, deadline);
    let mut run = |command: &str| ask(guest, command, PATIENCE);
    assert_eq!(run("uname -nm").trim(), format!("{} {}", node.hostname, machine(base)));
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
    let menu = match base.board.firmware.menu {
        BootMenu::ConfigTxt => "config.txt",
        BootMenu::Extlinux => "extlinux",
    };
    assert!(run("ls /boot/firmware").contains(menu));
}

/// Waits for the shell on the console.
pub(crate) fn log_in(guest: &mut Guest, hostname: &str, deadline: Duration) {
    // What is typed before the shell's prompt is there is thrown away by the login.
    must(guest.console().wait_for(&format!("root@{hostname}:~#"), deadline));
    // The kernel's own lines must not run into the answers.
    ask(guest, "dmesg --console-off", deadline);
}

/// What `command`, which must succeed, prints on the console.
#[track_caller]
pub(crate) fn ask(guest: &mut Guest, command: &str, deadline: Duration) -> String {
    let (output, status) = must(guest.console().run(command, deadline));
    assert_eq!(status, 0, "`{command}` says {output}");
    output.replace('\r', "")
}

/// What `uname -m` says.
fn machine(base: &BaseSpec) -> &'static str {
    match (base.architecture, base.board.cpu) {
        (Architecture::Arm64, _) => "aarch64",
        (_, Cpu::Armv5 | Cpu::Armv6) => "armv6l",
        (_, Cpu::Armv7 | Cpu::Armv8) => "armv7l",
    }
}

/// The value, or a failure that shows the error as a person reads it, with the last lines of the console.
#[track_caller]
pub(crate) fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
