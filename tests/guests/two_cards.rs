//! Two cards of one cluster in one machine: whichever the root is on, the boot partition is the one beside it.

use std::time::Instant;

use bramble::config::Plan;
use bramble::emulate::{Beside, Guest, GuestOptions};
use libtest_mimic::Trial;

use crate::booted::{PATIENCE, ask, must};
use crate::cluster::{Cluster, project};

const BOARD: &str = "virt-arm64";

pub(crate) fn test() -> Trial {
    Trial::test("two-cards", || {
        let begun = Instant::now();
        let cluster = Cluster::of_board(BOARD).with_node("node2", "192.168.1.12", BOARD);
        cluster.build(&["node1", "node2"]);
        let roots = [true, false].map(|before| root_with_its_boot_partition(&cluster, before));
        assert_ne!(roots[0], roots[1], "the other card was found at the same place both times");
        eprintln!("seconds: {:.1} guests::two-cards", begun.elapsed().as_secs_f64());
        Ok(())
    })
}

/// Boots node1 with the card of node2 beside it, and gives whose root came up.
fn root_with_its_boot_partition(cluster: &Cluster, before: bool) -> String {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node("node1").expect("a node of the cluster");
    let board = &plan.bases[node.base].board;
    let transcript = Some(cluster.path().join(format!("two-cards-{before}.log")));
    let beside = Some(Beside { image: cluster.image("node2"), before });
    let options = GuestOptions { isolated: true, transcript, beside, ..GuestOptions::default() };
    let mut guest = must(Guest::boot(&cluster.image("node1"), board, node.address, &plan.network, &options));

    must(guest.console().wait_for(":~#", PATIENCE));
    ask(&mut guest, "dmesg --console-off", PATIENCE);
    let state = ask(&mut guest, "systemctl is-system-running --wait || systemctl --failed", PATIENCE);
    assert_eq!(state.trim(), "running");
    let disk = |guest: &mut Guest, folder: &str| {
        let source =
            ask(guest, &format!("ls {folder} >/dev/null; findmnt --noheadings --real -o SOURCE {folder}"), PATIENCE);
        let source = source.lines().last().unwrap_or_default().trim().to_owned();
        assert!(source.starts_with("/dev/vd"), "{folder} is {source}");
        source.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned()
    };
    assert_eq!(disk(&mut guest, "/"), disk(&mut guest, "/boot/firmware"));
    let hostname = ask(&mut guest, "hostname", PATIENCE);
    must(guest.shutdown(PATIENCE));
    hostname
}
