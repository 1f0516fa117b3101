//! `config.txt` and `cmdline.txt` of each board, as reviewed: `tests/golden/boot/`.

use super::super::boot_files::{cmdline_txt, config_txt};
use super::{base, boards};
use crate::config::tests::{Project, golden};

/// From least to most.
const PRESETS: [&str; 5] = ["none", "modest", "medium", "high", "turbo"];

#[test]
fn every_board_with_the_least_gpu_memory_and_the_highest_overclock() {
    let project = Project::with_all_boards();
    for board in boards(&project) {
        let mut lines = format!("board = \"{}\"\n", board.name);
        if let Some(limits) = board.settings.get("gpu_mem") {
            lines += &format!("gpu_mem = {}\n", limits.min);
        }
        if let Some(preset) = PRESETS.iter().rev().find(|preset| board.overclock.contains_key(**preset)) {
            lines += &format!("overclock = \"{preset}\"\n");
        }
        let base = base(&project, &lines);
        golden(&format!("boot/{}/config.txt", board.name), &config_txt(&base).expect("good settings").to_string());
        let cmdline = cmdline_txt(&base, "1234abcd-02").expect("good words");
        golden(&format!("boot/{}/cmdline.txt", board.name), &format!("{cmdline}\n"));
    }
}
