//! `config.txt` and `cmdline.txt` of each board, or its boot menu, as reviewed: `tests/golden/boot/`.

use super::super::boot_texts::{cmdline_txt, config_txt, extlinux_conf};
use super::{base, boards};
use crate::config::BootMenu;
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
        let cmdline = cmdline_txt(&base, "1234abcd-02").expect("good words");
        let hold = |file: &str, text: &str| golden(&format!("boot/{}/{file}", board.name), text);
        match board.firmware.menu {
            BootMenu::ConfigTxt => {
                hold("config.txt", &config_txt(&base).expect("good settings").to_string());
                hold("cmdline.txt", &format!("{cmdline}\n"));
            }
            BootMenu::Extlinux => hold("extlinux.conf", &extlinux_conf(&base, cmdline).to_string()),
        }
    }
}
