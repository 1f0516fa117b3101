//! The matrix: every board there is a file for, built and booted on the machine that its file names. The files are looked
//! for when the tests run, so a new board is in the matrix by being there. `BOARD=cm3` takes that one alone.

use std::net::Ipv4Addr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bramble::config::{Board, Network};
use bramble::emulate::{Guest, Options};

use crate::booted::boots_and_serves;
use crate::cluster::{Cluster, project};
use crate::judge::ask;

/// Boards that every run of the tests boots beside the Pi 2 and Pi 3 of `tests/it/boot.rs`; the others wait for
/// `make test-boards`. With them both ways of starting a kernel are there.
pub(crate) const ALWAYS: &[&str] = &["virt-arm64"];

#[test]
fn boards_of_every_run_boot_or_say_why_not() {
    // What QEMU has no machine for takes no time.
    hold(|board| board.emulation.is_none() || ALWAYS.contains(&board.name.as_str()));
}

#[test]
#[ignore = "`make test-boards` boots them"]
fn all_other_boards_boot() {
    hold(|board| board.emulation.is_some() && !ALWAYS.contains(&board.name.as_str()));
}

/// Takes the chosen boards one by one; one that fails keeps no other from its turn. One at a time: most guests have a clock
/// that goes on while they wait for a processor, and a board of four processors takes more than one.
fn hold(chosen: impl Fn(&Board) -> bool) {
    let only = std::env::var("BOARD").ok();
    let boards = Board::all(project()).expect("the board files are right");
    if let Some(name) = &only {
        assert!(boards.iter().any(|board| board.name == *name), "BOARD={name}: there is no such file in board-configs");
    }
    let wanted = |board: &Board| chosen(board) && only.as_ref().is_none_or(|name| *name == board.name);
    let mut failed = Vec::new();
    for board in boards.iter().filter(|board| wanted(board)) {
        // What went wrong is on the screen already.
        match catch_unwind(AssertUnwindSafe(|| boots_or_says_why_not(board))) {
            Ok(()) => eprintln!("{}: ok", board.name),
            Err(_) => failed.push(board.name.as_str()),
        }
    }
    assert!(failed.is_empty(), "these boards fail: {}", failed.join(", "));
}

/// Boots the board, or holds it to the reason that it gives.
fn boots_or_says_why_not(board: &Board) {
    match &board.no_emulation {
        Some(reason) => cannot_be_emulated(board, reason),
        None => {
            let cluster = Cluster::of_board(&board.name);
            cluster.build(&["node1"]);
            boots_and_serves(&cluster, "node1").shut_down();
        }
    }
}

fn cannot_be_emulated(board: &Board, reason: &str) {
    let subnet = "192.168.1.0/24".parse().expect("a network");
    let network = Network { subnet, gateway: None, dns: vec![], domain: None };
    let address = Ipv4Addr::new(192, 168, 1, 11);
    let error = Guest::boot("no.img".as_ref(), board, address, &network, &Options::default()).expect_err("no machine");
    assert_eq!(error.to_string(), format!("board `{}` cannot be emulated: {reason}", board.name));
    eprintln!("{}: not booted, {reason}", board.name);
}

/// An ARM1176 dies of the first instruction that came with ARMv7. One binary of each program serves all 32-bit boards.
#[test]
fn what_travels_on_32_bit_cards_is_for_armv6() {
    for program in ["bramble-worker", "bramble-init"] {
        let path = project().join("target/payload/arm-unknown-linux-musleabihf").join(program);
        let attributes = ask("readelf", &["-A", &path.display().to_string()]);
        let architecture = attributes.lines().find_map(|line| line.trim().strip_prefix("Tag_CPU_arch: "));
        assert!(matches!(architecture, Some("v6" | "v6K" | "v6KZ")), "{program}: {attributes}");
        assert!(attributes.contains("Tag_FP_arch: VFPv2"), "{program}: {attributes}");
    }
}
