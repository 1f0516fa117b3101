//! A kernel update on the node: Debian's own hooks run there, and what they write starts with the same settings.
//!
//! The hooks are run as the kernel's package runs them, for the kernel that is there; then the card is taken as the guest
//! left it and booted once more, from the files that only the hooks can have written.

use std::path::Path;
use std::time::Duration;

use bramble::config::Plan;
use bramble::config_txt::{BoardIdentity, BootConfig, read_config};
use bramble::disk::BootPartition;
use bramble::emulate::{Guest, Options};

use crate::booted::{Place, must};
use crate::cluster::{built, project, shown};
use crate::judge;

/// How long anything may take that is more than a command: a shutdown, a login beside other guests.
const PATIENCE: Duration = Duration::from_secs(900);

#[test]
fn a_kernel_update_keeps_the_settings_and_starts() {
    let plan = Plan::read(&built().path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node("node7").expect("a node of the example");
    let board = &plan.bases[node.base].board;
    let tree = board.emulation.as_ref().and_then(|emulation| emulation.device_tree.clone()).expect("a Pi 3");
    let image = built().image("node7");
    let card = built().path().join("updated.qcow2");
    let boot = |image: &Path, log: &str, card: Option<&Path>| {
        let transcript = Some(built().path().join(log));
        let options = Options { isolated: true, transcript, card: card.map(Path::to_owned), ..Options::default() };
        let mut guest = must(Guest::boot(image, board, node.address, &plan.network, &options));
        must(guest.wait_http(3 * guest.deadline()));
        must(guest.console().wait_for("root@node7:~#", PATIENCE));
        ask(&mut guest, "dmesg --console-off");
        guest
    };

    let _place = Place::take();
    let mut guest = boot(&image, "update-before.log", Some(&card));
    let release = ask(&mut guest, "uname -r").trim().to_owned();
    ask(&mut guest, &format!("linux-run-hooks image postinst {release} /boot/vmlinuz-{release} -- configure"));
    ask(&mut guest, "sync");
    must(guest.shutdown(PATIENCE));

    let updated = built().path().join("updated.img");
    judge::ask("qemu-img", &["convert", "-O", "raw", &shown(&card), &shown(&updated)]);
    let (before, after) = (BootPartition::open(&image), BootPartition::open(&updated));
    let (before, after) = (before.expect("the image"), after.expect("the card after the update"));
    assert_eq!(settings(&config(&before, &tree)), settings(&config(&after, &tree)));
    let cmdline = |files: &BootPartition| {
        let text = files.read("cmdline.txt").expect("a command line");
        let words = String::from_utf8_lossy(&text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        words.join(" ")
    };
    assert_eq!(cmdline(&before), cmdline(&after));
    // The names are the hook's own, so what starts below is what the hooks put there.
    let config = config(&after, &tree);
    assert_eq!(config.get("kernel"), Some(format!("vmlinuz-{release}").as_str()));
    assert_eq!(config.initramfs().map(|(file, _)| file.to_owned()), Some(format!("initrd.img-{release}")));

    let mut guest = boot(&updated, "update-after.log", None);
    assert_eq!(ask(&mut guest, "systemctl is-system-running --wait || systemctl --failed").trim(), "running");
    must(guest.shutdown(PATIENCE));
}

fn config(files: &BootPartition, tree: &str) -> BootConfig {
    let text = files.read("config.txt").expect("a config.txt");
    let (config, warnings) =
        read_config(&String::from_utf8_lossy(&text), &BoardIdentity::of_device_tree(tree), &|_| None);
    assert_eq!(warnings, []);
    config
}

/// What `config.txt` sets besides the names of files, in no order.
fn settings(config: &BootConfig) -> Vec<(String, String)> {
    let mut entries: Vec<_> = config.entries().iter().filter(|(key, _)| key != "kernel").cloned().collect();
    entries.sort();
    entries
}

#[track_caller]
fn ask(guest: &mut Guest, command: &str) -> String {
    let (output, status) = must(guest.console().run(command, PATIENCE));
    assert_eq!(status, 0, "`{command}` says {output}");
    output.replace('\r', "")
}
