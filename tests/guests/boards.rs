//! The matrix: a test for each board.

use std::cmp::Reverse;
use std::net::Ipv4Addr;
use std::time::Instant;

use bramble::config::{Board, Network};
use bramble::emulate::{Guest, GuestOptions};
use libtest_mimic::Trial;

use crate::booted::{Card, boots_and_serves};
use crate::cluster::{Cluster, built, project};
use crate::cut_update::starts_at_every_moment;
use crate::every_run::BOOTED_IN_EVERY_RUN;
use crate::login::lets_the_key_in_and_no_password;
use crate::update;
use crate::write_log::WriteLog;

/// Boards that are nodes of the cluster that all tests share, which has a key to log in with.
const NODES: [(&str, &str); 2] = [("pi2", "node3"), ("pi3", "node7")];

/// Boards whose kernel is updated once they are up: one that Raspberry Pi's firmware starts, one whose kernel comes in parts, and
/// one that U-Boot's menu starts.
const UPDATED: [&str; 3] = ["pi3", "pi5", "virt-arm64"];

/// A test for each board, those that take longest first, so that none of them is left alone at the end.
pub(crate) fn tests() -> Vec<Trial> {
    let mut boards = Board::all(project()).expect("the board files are right");
    boards.sort_by_cached_key(|board| Reverse((boot_seconds(board) * boots(board), board.name.clone())));
    boards.into_iter().map(test).collect()
}

fn boot_seconds(board: &Board) -> u32 {
    board.emulation.as_ref().map_or(0, |emulation| emulation.boot_seconds)
}

fn boots(board: &Board) -> u32 {
    if UPDATED.contains(&board.name.as_str()) { 2 } else { 1 }
}

fn test(board: Board) -> Trial {
    let name = board.name.clone();
    // A board without a machine takes no time.
    let waits = board.emulation.is_some() && !BOOTED_IN_EVERY_RUN.contains(&name.as_str());
    Trial::test(name, move || {
        let begun = Instant::now();
        boots_or_says_why_not(&board);
        eprintln!("seconds: {:.1} guests::{}", begun.elapsed().as_secs_f64(), board.name);
        Ok(())
    })
    .with_ignored_flag(waits)
}

/// Boots the board, or holds it to the reason that it gives.
fn boots_or_says_why_not(board: &Board) {
    let name = board.name.as_str();
    if let Some(reason) = &board.no_emulation {
        return cannot_be_emulated(board, reason);
    }
    let shared = NODES.iter().find(|(board, _)| *board == name);
    let own = shared.is_none().then(|| {
        let cluster = Cluster::of_board(name);
        cluster.build(&["node1"]);
        cluster
    });
    let (cluster, node) =
        own.as_ref().map_or_else(|| (built(), shared.map_or("", |(_, node)| *node)), |own| (own, "node1"));

    is_soon_written(cluster, node);
    let card = UPDATED.contains(&name).then(|| Card::new(cluster.path(), node));
    let mut booted = boots_and_serves(cluster, node, card.as_ref());
    if shared.is_some() {
        lets_the_key_in_and_no_password(booted.guest.ssh_port(), &booted.node, &cluster.key());
    }
    match card {
        None => booted.shut_down(),
        Some(card) => {
            // The hook is the same on every board, and this one's card is fast.
            if name == "virt-arm64" {
                update::fails_without_room(&mut booted.guest);
            }
            let begun = card.written();
            update::run_hooks(&mut booted.guest);
            let ended = card.written();
            booted.shut_down();
            let log = WriteLog::read(&card.log).expect("a log of writes");
            let update = log.count(begun)..log.count(ended);
            starts_at_every_moment(board, &cluster.image(node), &log, update, cluster.path());
            update::keeps_settings_and_starts(cluster, node, &card.path);
        }
    }
}

/// Bytes of an image that are to be written to a card, at most.
const MAPPED: u64 = 260 << 20;

fn is_soon_written(cluster: &Cluster, node: &str) {
    let manifest = cluster.image(node).with_extension("img.json");
    let manifest = std::fs::read(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let mapped = manifest["mapped"].as_u64().expect("a number of bytes");
    assert!(mapped <= MAPPED, "{mapped} bytes are to be written");
}

fn cannot_be_emulated(board: &Board, reason: &str) {
    let subnet = "192.168.1.0/24".parse().expect("a network");
    let network = Network { subnet, gateway: None, dns: vec![], domain: None };
    let address = Ipv4Addr::new(192, 168, 1, 11);
    let error =
        Guest::boot("no.img".as_ref(), board, address, &network, &GuestOptions::default()).expect_err("no machine");
    assert_eq!(error.to_string(), format!("board `{}` cannot be emulated: {reason}", board.name));
    eprintln!("{}: not booted, {reason}", board.name);
}
