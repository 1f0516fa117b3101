//! The README's table of boards is what the board files say.

use std::fmt::Write as _;
use std::fs;

use bramble::config::{Architecture, Board};

use crate::cluster::project;
use crate::every_run::BOOTED_IN_EVERY_RUN;

const BEGIN: &str = "<!-- boards -->\n";
const END: &str = "<!-- /boards -->\n";

#[test]
fn the_table_of_boards_is_what_the_board_files_say() {
    let path = project().join("README.md");
    let readme = fs::read_to_string(&path).expect("the README");
    let (head, rest) = readme.split_once(BEGIN).expect("where the table begins");
    let (shown, tail) = rest.split_once(END).expect("where the table ends");
    let table = table(&Board::all(project()).expect("the board files are right"));
    if std::env::var_os("BRAMBLE_WRITE_README").is_some() {
        fs::write(&path, [head, BEGIN, &table, END, tail].concat()).expect("a README of our own");
        return;
    }
    assert_eq!(
        shown, table,
        "`BRAMBLE_WRITE_README=1 cargo test --test it readme` writes the table from the board files; look at it then"
    );
}

fn table(boards: &[Board]) -> String {
    let mut table = "| `board` | what it is | Debian | how it is proven |\n|---|---|---|---|\n".to_owned();
    for board in boards {
        let architectures: Vec<&str> = board.kernels.keys().copied().map(Architecture::name).collect();
        let mut debian = architectures.join(", ");
        for system in board.refuses.keys() {
            let _ = write!(debian, ", not {system}");
        }
        let _ = writeln!(table, "| `{}` | {} | {debian} | {} |", board.name, board.description, proof(board));
    }
    table
}

fn proof(board: &Board) -> String {
    let name = board.name.as_str();
    match (&board.emulation, &board.no_emulation) {
        (Some(emulation), _) => {
            let tests = if BOOTED_IN_EVERY_RUN.contains(&name) { "test" } else { "test-boards" };
            let instead = if emulation.stands_in { ", which takes its place," } else { "" };
            format!("boots on QEMU's `{}`{instead} in `make {tests}`", emulation.machine)
        }
        (None, reason) => format!("not booted: {}", reason.as_deref().unwrap_or("nobody says why")),
    }
}
