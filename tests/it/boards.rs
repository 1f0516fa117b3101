//! The matrix: every board there is a file for, built and booted on the machine that its file names. `build.rs` makes a
//! test of each file, so a new board is in the matrix by being there.

use std::net::Ipv4Addr;

use bramble::config::{Board, Network};
use bramble::emulate::{Guest, Options};

use crate::booted::boots_and_serves;
use crate::cluster::{Cluster, project};
use crate::judge::ask;

include!(concat!(env!("OUT_DIR"), "/boards.rs"));

/// Boots the board, or holds it to the reason that it gives.
fn boots_or_says_why_not(name: &str) {
    let boards = Board::all(project()).expect("the board files are right");
    let board = boards.iter().find(|board| board.name == name).expect("the file that this test was made of");
    match &board.no_emulation {
        Some(reason) => cannot_be_emulated(board, reason),
        None => {
            let cluster = Cluster::of_board(name);
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
