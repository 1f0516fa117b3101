//! The boots: the image of every board there is a file for, on the machine that its file names, asked over the serial
//! console, HTTP and ssh. The files are looked for when the tests run, so a new board is a test by being there.
//!
//! cargo runs this only when it is named (`--test guests`), because it takes long; `tools/test` does.

mod boards;
mod booted;
mod cut_update;
mod least;
mod login;
mod plug;
mod restart;
mod two_cards;
mod update;
mod write_log;

#[allow(dead_code, reason = "tests of both kinds share it, and each takes a part")]
#[path = "../support/cluster.rs"]
mod cluster;
#[path = "../support/every_run.rs"]
mod every_run;
#[allow(dead_code, reason = "tests of both kinds share it, and each takes a part")]
#[path = "../support/judge.rs"]
mod judge;

use std::process::ExitCode;

use libtest_mimic::Arguments;

/// Guests that run side by side: each takes a processor for itself and half a gigabyte. More of them only wait for each
/// other, and an emulated board that waits too long loses its card or its network.
const GUESTS: usize = 2;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(GUESTS);
    let mut tests = boards::tests();
    tests.insert(0, plug::test());
    tests.extend([least::test(), two_cards::test()]);
    libtest_mimic::run(&arguments, tests).exit_code()
}
