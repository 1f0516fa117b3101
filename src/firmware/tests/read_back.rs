//! What is written for a board, that board reads back, whatever is set.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::boot_texts::config_txt;
use super::{base, boards};
use crate::config::tests::Project;
use crate::config::{Board, BootMenu, Limits};
use crate::config_txt::{BoardIdentity, Model, read_config};

/// Those that read config.txt.
static BOARDS: LazyLock<Vec<Board>> = LazyLock::new(|| {
    let mut boards = boards(&Project::with_all_boards());
    boards.retain(|board| board.firmware.menu == BootMenu::ConfigTxt);
    boards
});

/// A key of the board and a value within its limits.
fn setting(board: &Board, key: Index, value: Index) -> (String, i64) {
    let keys: Vec<_> = board.settings.iter().filter(|(key, _)| *key != "gpu_mem").collect();
    let (key, limits) = key.get(&keys);
    let mut limits = (*limits).clone();
    // What the GPU may take at most, and 96 MB for Linux: less is an error.
    if let ("total_mem", Some(gpu_mem)) = (key.as_str(), board.settings.get("gpu_mem")) {
        limits.min = limits.min.max(gpu_mem.max + 96).min(limits.max);
    }
    ((*key).clone(), within(&limits, value))
}

/// A value within the limits.
fn within(limits: &Limits, value: Index) -> i64 {
    let values = usize::try_from(limits.max - limits.min + 1).expect("limits in order");
    limits.min + i64::try_from(value.index(values)).expect("a small number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_board_reads_what_was_set(
        which in 0..BOARDS.len(),
        gpu_mem in any::<Option<Index>>(),
        typed in prop::collection::vec(any::<(Index, Index)>(), 0..12),
        sections in prop::collection::vec(any::<(Index, Index, Index)>(), 0..4),
        turbo in any::<bool>(),
    ) {
        let board = &BOARDS[which];
        let mut settings: BTreeMap<String, i64> =
            typed.into_iter().map(|(key, value)| setting(board, key, value)).collect();
        let models: Vec<Model> =
            board.firmware.device_trees.iter().filter_map(|name| Model::of_device_tree(name)).collect();
        let filters: Vec<&str> = models.iter().flat_map(|model| model.filters.iter().copied()).collect();
        let mut extra: Vec<(&str, (String, i64))> = Vec::new();
        for (filter, key, value) in sections {
            if !filters.is_empty() && !board.settings.is_empty() {
                let (filter, (key, value)) = (*filter.get(&filters), setting(board, key, value));
                // Twice is an error, and so is more voltage where it is switched off.
                let twice = extra.iter().any(|(other, (known, _))| *other == filter && *known == key);
                if !twice && key != "force_turbo" {
                    extra.push((filter, (key, value)));
                }
            }
        }
        // More than 6 steps are an error without it.
        let raised = extra.iter().any(|(_, (key, _))| key == "over_voltage") || settings.contains_key("over_voltage");
        if turbo || raised {
            settings.insert("force_turbo".to_owned(), 1);
        }
        let mut lines = format!("board = \"{}\"\ni_accept_the_warranty_bit = true\n", board.name);
        let gpu_mem = gpu_mem.zip(board.settings.get("gpu_mem")).map(|(value, limits)| within(limits, value));
        if let Some(gpu_mem) = gpu_mem {
            lines += &format!("gpu_mem = {gpu_mem}\n");
        }
        let typed: Vec<String> = settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        lines += &format!("settings = {{ {} }}\n", typed.join(", "));
        let typed: Vec<String> =
            extra.iter().map(|(filter, (key, value))| format!("\"[{filter}]\", \"{key}={value}\"")).collect();
        lines += &format!("extra = [{}]\n", typed.join(", "));
        let text = config_txt(&base(&Project::with_all_boards(), &lines)).expect("good settings").to_string();
        for name in &board.firmware.device_trees {
            let identity = BoardIdentity::of_device_tree(name);
            let mut wanted = settings.clone();
            wanted.extend(gpu_mem.map(|gpu_mem| ("gpu_mem".to_owned(), gpu_mem)));
            for (filter, (key, value)) in &extra {
                if identity.model.is_some_and(|model| model.sees(filter)) {
                    wanted.insert(key.clone(), *value);
                }
            }
            let (config, _) = read_config(&text, &identity, &|_| None);
            for key in board.settings.keys() {
                prop_assert_eq!(config.number(key), wanted.get(key).copied(), "{} on {}:\n{}", key, name, text);
            }
            prop_assert_eq!(config.get("kernel"), Some(board.firmware.kernel.as_str()));
        }
    }
}
