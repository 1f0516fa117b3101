//! A kernel update on the node: Debian's own hooks and ours run there, and what they write starts with the same settings.
//!
//! The hooks are run as the kernel's package runs them, for the kernel that is there; then the card is taken as the guest
//! left it and booted once more, from the files that only the hooks can have written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bramble::config::{Board, Network, Node, Plan};
use bramble::config_txt::{BoardIdentity, BootConfig, read_config};
use bramble::disk::BootPartition;
use bramble::emulate::{Guest, Options};

use crate::booted::{Place, ask, log_in, must};
use crate::cluster::{Cluster, built, project, shown};
use crate::judge;

/// How long anything may take here; a hook is more than a command, and other guests run beside this one.
const PATIENCE: Duration = Duration::from_secs(900);

#[test]
fn a_kernel_update_keeps_the_settings_and_starts() {
    let updated = Updated::run(built(), "node7");
    let Updated { before, after, release, .. } = &updated;
    let tree = updated.board.emulation.as_ref().and_then(|emulation| emulation.device_tree.clone()).expect("a Pi 3");
    let (was, is) = (config(before, &tree), config(after, &tree));
    assert_eq!(settings(&was), settings(&is));
    let words = |files: &BootPartition| -> Vec<String> {
        text(files, "cmdline.txt").split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(words(before), words(after));
    // The names are the hook's own, so what starts below is what the hooks put there.
    assert_eq!(is.get("kernel"), Some(format!("vmlinuz-{release}").as_str()));
    assert_eq!(is.initramfs().map(|(file, _)| file.to_owned()), Some(format!("initrd.img-{release}")));
    updated.starts();
}

#[test]
fn where_a_menu_starts_the_kernel_an_update_puts_its_files_there() {
    let cluster = Cluster::of_board("virt-arm64");
    cluster.build(&["node1"]);
    let updated = Updated::run(&cluster, "node1");
    let Updated { before, after, .. } = &updated;
    for same in ["extlinux/extlinux.conf", "vmlinuz"] {
        assert!(read(before, same) == read(after, same), "{same} is another one");
    }
    // Ours has its modules unpacked, the one that the node made has them as the package brings them.
    assert!(read(before, "initramfs.img") != read(after, "initramfs.img"), "the initramfs is the image's still");
    updated.starts();
}

/// A card before and after the hooks of a kernel package have run on its node.
struct Updated<'a> {
    cluster: &'a Cluster,
    board: Board,
    network: Network,
    node: Node,
    /// Of the kernel, as `uname -r` has it.
    release: String,
    before: BootPartition,
    after: BootPartition,
    /// The card as the guest left it.
    image: PathBuf,
    _place: Place,
}

impl<'a> Updated<'a> {
    fn run(cluster: &'a Cluster, name: &str) -> Self {
        let place = Place::take();
        let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
        let node = plan.node(name).expect("a node of the cluster").clone();
        let board = plan.bases[node.base].board.clone();
        let (image, card) = (cluster.image(name), cluster.path().join("updated.qcow2"));
        let mut guest = boot(cluster, &board, &plan.network, &node, &image, Some(&card));
        let release = ask(&mut guest, "uname -r", PATIENCE).trim().to_owned();
        let hooks = format!("linux-run-hooks image postinst {release} /boot/vmlinuz-{release} -- configure");
        ask(&mut guest, &hooks, PATIENCE);
        must(guest.shutdown(PATIENCE));

        let left = cluster.path().join("updated.img");
        judge::ask("qemu-img", &["convert", "-O", "raw", &shown(&card), &shown(&left)]);
        let open = |image: &Path| BootPartition::open(image).expect("a boot partition");
        let (before, after) = (open(&image), open(&left));
        Self { cluster, board, network: plan.network, node, release, before, after, image: left, _place: place }
    }

    /// Boots the card once more, which must come up whole.
    fn starts(&self) {
        let mut guest = boot(self.cluster, &self.board, &self.network, &self.node, &self.image, None);
        let state = ask(&mut guest, "systemctl is-system-running --wait || systemctl --failed", PATIENCE);
        assert_eq!(state.trim(), "running");
        must(guest.shutdown(PATIENCE));
    }
}

/// Boots `image`, with what is written going to `card`, until it serves and somebody is at its console.
fn boot(cluster: &Cluster, board: &Board, network: &Network, node: &Node, image: &Path, card: Option<&Path>) -> Guest {
    let log = format!("update-{}.log", if card.is_some() { "before" } else { "after" });
    let transcript = Some(cluster.path().join(log));
    let options = Options { isolated: true, transcript, card: card.map(Path::to_owned), ..Options::default() };
    let mut guest = must(Guest::boot(image, board, node.address, network, &options));
    must(guest.wait_http(3 * guest.deadline()));
    log_in(&mut guest, &node.hostname, PATIENCE);
    guest
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
