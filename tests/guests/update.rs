//! A kernel update on the node: Debian's own hooks and ours run there, and what they write starts with the same settings.
//!
//! The hooks are run as the kernel's package runs them, for the kernel that is there; then the card is taken as the guest
//! left it and booted once more, from the files that only the hooks can have written.

use std::path::Path;
use std::time::Duration;

use bramble::config::{Board, BootMenu, Plan};
use bramble::config_txt::{BoardIdentity, BootConfig, read_config};
use bramble::disk::BootPartition;
use bramble::emulate::{Guest, GuestOptions};

use crate::booted::{ask, log_in, must};
use crate::cluster::{Cluster, project, shown};
use crate::{judge, restart};

/// How long anything may take here; a hook is more than a command, and other guests run beside this one.
const PATIENCE: Duration = Duration::from_secs(900);

/// Runs the hooks in a guest at whose console somebody is, and gives the kernel's release, as `uname -r` has it.
pub(crate) fn run_hooks(guest: &mut Guest) -> String {
    let release = ask(guest, "uname -r", PATIENCE).trim().to_owned();
    let hooks = format!("linux-run-hooks image postinst {release} /boot/vmlinuz-{release} -- configure");
    ask(guest, &hooks, PATIENCE);
    release
}

/// Holds `card`, as the guest left it, against the image that it was, and boots it once more, which must come up whole.
pub(crate) fn keeps_settings_and_starts(cluster: &Cluster, name: &str, card: &Path, release: &str) {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(name).expect("a node of the cluster");
    let board = &plan.bases[node.base].board;
    let left = card.with_extension("left.img");
    judge::ask("qemu-img", &["convert", "-O", "raw", &shown(card), &shown(&left)]);
    let open = |image: &Path| BootPartition::open(image).expect("a boot partition");
    let (before, after) = (open(&cluster.image(name)), open(&left));
    match board.firmware.menu {
        BootMenu::ConfigTxt => has_the_same_settings(board, &before, &after, release),
        BootMenu::Extlinux => has_the_same_menu(&before, &after),
    }

    let transcript = Some(cluster.path().join(format!("{name}-updated.log")));
    let restarts = board.emulation.as_ref().is_some_and(|emulation| emulation.watchdog);
    let options = GuestOptions { isolated: true, transcript, restarts, ..GuestOptions::default() };
    let mut guest = must(Guest::boot(&left, board, node.address, &plan.network, &options));
    must(guest.wait_http(3 * guest.deadline()));
    log_in(&mut guest, &node.hostname, PATIENCE);
    let state = ask(&mut guest, "systemctl is-system-running --wait || systemctl --failed", PATIENCE);
    assert_eq!(state.trim(), "running");
    if restarts {
        restart::comes_back(&mut guest, &node.hostname, PATIENCE);
    }
    must(guest.shutdown(PATIENCE));
}

/// What Debian's hook for Raspberry Pi's firmware wrote.
fn has_the_same_settings(board: &Board, before: &BootPartition, after: &BootPartition, release: &str) {
    let tree = board.emulation.as_ref().and_then(|emulation| emulation.device_tree.clone()).expect("a Raspberry Pi");
    let (was, is) = (config(before, &tree), config(after, &tree));
    assert_eq!(settings(&was), settings(&is));
    let words = |files: &BootPartition| -> Vec<String> {
        text(files, "cmdline.txt").split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(words(before), words(after));
    // The names are the hook's own, so what starts is what the hooks put there.
    assert_eq!(is.get("kernel"), Some(format!("vmlinuz-{release}").as_str()));
    assert_eq!(is.initramfs().map(|(file, _)| file.to_owned()), Some(format!("initrd.img-{release}")));
}

/// What our hook for U-Boot wrote: the same menu but for the folder, with the same kernel in it; the old folder is gone.
fn has_the_same_menu(before: &BootPartition, after: &BootPartition) {
    let menu = |files| text(files, "extlinux/extlinux.conf");
    assert_eq!(menu(before).replace("/a/", "/b/"), menu(after));
    assert!(read(before, "a/vmlinuz") == read(after, "b/vmlinuz"), "the kernel is another one");
    // Ours has its modules unpacked, the one that the node made has them as the package brings them.
    assert!(read(before, "a/initramfs.img") != read(after, "b/initramfs.img"), "the initramfs is the image's still");
    assert!(after.read("a/vmlinuz").is_err(), "the old kernel takes room still");
}

fn read(files: &BootPartition, name: &str) -> Vec<u8> {
    files.read(name).unwrap_or_else(|error| panic!("{error}"))
}

fn text(files: &BootPartition, name: &str) -> String {
    String::from_utf8_lossy(&read(files, name)).into_owned()
}

fn config(files: &BootPartition, tree: &str) -> BootConfig {
    let board = BoardIdentity::of_device_tree(tree);
    let (config, warnings) = read_config(&text(files, "config.txt"), &board, &|_| None);
    assert_eq!(warnings, []);
    config
}

/// What `config.txt` sets besides the names of files, in no order.
fn settings(config: &BootConfig) -> Vec<(String, String)> {
    let mut entries: Vec<_> = config.entries().iter().filter(|(key, _)| key != "kernel").cloned().collect();
    entries.sort();
    entries
}
