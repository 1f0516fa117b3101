//! A kernel update on the node: Debian's own hooks and ours run there, and what they write starts with the same settings,
//! at whichever moment the power goes.
//!
//! The hooks are run as the kernel's package runs them, for the kernel that is there; then the card is taken as the guest
//! left it and booted once more, from the files that only the hooks can have written.

use std::path::Path;
use std::time::Duration;

use bramble::config::{Board, BootMenu, Plan};
use bramble::disk::BootPartition;
use bramble::emulate::{Guest, GuestOptions};

use crate::booted::{ask, log_in, must};
use crate::cluster::{Cluster, project, shown};
use crate::{judge, restart};

/// How long anything may take here; a hook is more than a command, and other guests run beside this one.
const PATIENCE: Duration = Duration::from_secs(900);

/// Runs the hooks in a guest at whose console somebody is.
pub(crate) fn run_hooks(guest: &mut Guest) {
    let hooks = hooks(guest);
    ask(guest, &hooks, PATIENCE);
}

/// A boot partition without room for one more kernel makes the update fail, with a message. That it stays as it was is seen
/// by what comes after.
pub(crate) fn fails_without_room(guest: &mut Guest) {
    let hooks = hooks(guest);
    // Room is taken for as long as the file is open; nothing is written.
    let take = "touch /boot/firmware/full; exec 9>/boot/firmware/full; fallocate --keep-size --length \
                $(($(stat --file-system --format '%a * %S' /boot/firmware) - (20 << 20))) /boot/firmware/full";
    let said =
        ask(guest, &format!("{take} && {{ {hooks}; echo status $?; exec 9>&-; rm /boot/firmware/full; }}"), PATIENCE);
    assert!(said.contains("does not go onto /boot/firmware; the board starts what it started before"), "{said}");
    assert!(!said.contains("status 0"), "{said}");
}

/// What the kernel's package runs when it is configured, for the kernel that is there.
fn hooks(guest: &mut Guest) -> String {
    let release = ask(guest, "uname -r", PATIENCE).trim().to_owned();
    format!("linux-run-hooks image postinst {release} /boot/vmlinuz-{release} -- configure")
}

/// Holds `card`, as the guest left it, against the image that it was, and boots it once more, which must come up whole.
pub(crate) fn keeps_settings_and_starts(cluster: &Cluster, name: &str, card: &Path) {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(name).expect("a node of the cluster");
    let board = &plan.bases[node.base].board;
    let left = card.with_extension("left.img");
    judge::ask("qemu-img", &["convert", "-O", "raw", &shown(card), &shown(&left)]);
    let open = |image: &Path| BootPartition::open(image).expect("a boot partition");
    has_the_same_menu(board, &open(&cluster.image(name)), &open(&left));

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

/// The same menu but for the folder, with the same kernel and command line in it; the old folder is empty.
fn has_the_same_menu(board: &Board, before: &BootPartition, after: &BootPartition) {
    let (menu, old, new) = match board.firmware.menu {
        BootMenu::ConfigTxt => ("config.txt", "os_prefix=a/", "os_prefix=b/"),
        BootMenu::Extlinux => ("extlinux/extlinux.conf", "/a/", "/b/"),
    };
    let written = text(before, menu);
    assert!(written.contains(old), "{written}");
    assert_eq!(written.replace(old, new), text(after, menu));
    let files = |files: &BootPartition, folder: &str| -> Vec<String> {
        let names = files.list().expect("a directory");
        names.iter().filter_map(|name| name.strip_prefix(folder)).map(str::to_owned).collect()
    };
    assert_eq!(files(before, "a/"), files(after, "b/"));
    assert_eq!(files(after, "a/"), [""; 0], "the old kernel takes room still");
    for name in files(before, "a/") {
        // Ours has its modules unpacked, the one that the node made has them as the package brings them.
        let same = read(before, &format!("a/{name}")) == read(after, &format!("b/{name}"));
        assert_eq!(same, name != "initramfs.img", "{name}");
    }
}

fn read(files: &BootPartition, name: &str) -> Vec<u8> {
    files.read(name).unwrap_or_else(|error| panic!("{error}"))
}

fn text(files: &BootPartition, name: &str) -> String {
    String::from_utf8_lossy(&read(files, name)).into_owned()
}
