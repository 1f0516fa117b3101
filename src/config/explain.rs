//! What a board file says, as text for a person: `bramble explain board pi1`.

use std::path::Path;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::Keys;
use super::lookup::list;
use super::settings::PRESETS;
use super::shelf::Shelf;
use super::{Board, BootMenu, PartitionTableType};
use crate::config_txt::Model;

/// Every board of the project in `root`, in a line each.
pub fn explain_boards(root: &Path) -> Result<String, Diagnostics> {
    let boards = Board::all(root)?;
    let width = boards.iter().map(|board| board.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for board in &boards {
        line(&mut text, &format!("{:width$}  {}", board.name, board.description));
    }
    Ok(text)
}

/// Everything that the file of one board says.
pub fn explain_board(root: &Path, name: &str) -> Result<String, Diagnostics> {
    let mut found = Diagnostics::default();
    let keys = Keys::read(root, &mut found);
    let mut shelf: Shelf<Board> = Shelf::open(root, &mut found);
    if !shelf.names().iter().any(|known| known == name) {
        found.push(Diagnostic::new(format!("unknown board `{name}`")).help(shelf.instead_of(name)));
        return Err(found);
    }
    let Some((board, source)) = shelf.take(name, &mut found) else { return Err(found) };
    let (board, source) = (board.clone(), source.clone());
    board.check_keys(&source, &keys, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    let mut text = format!("{name}: {}\n\n", board.description);
    hardware(&mut text, &board);
    if board.firmware.menu != BootMenu::ConfigTxt {
        line(&mut text, "\nIts firmware reads no config.txt: there is nothing to set.");
    } else {
        settings(&mut text, &board, &keys);
        overclocks(&mut text, &board);
        rules(&mut text, &board, &keys);
    }
    Ok(text)
}

fn line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

fn hardware(text: &mut String, board: &Board) {
    let mut row = |what: &str, said: &str| line(text, &format!("  {what:11}{said}"));
    if !board.also.is_empty() {
        row("also", &board.also.join(", "));
    }
    row("processor", &board.cpu.to_string());
    let memory: Vec<String> = board.memory.iter().map(ToString::to_string).collect();
    row("memory", &format!("{} MB", memory.join(", ")));
    for (architecture, kernel) in &board.kernels {
        row("runs", &format!("{architecture}, kernel from {kernel}"));
    }
    for (suite, packages) in board.from.iter() {
        let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
        row("takes", &format!("{} from {suite}, where the system has that suite", packages.join(", ")));
    }
    for (system, reason) in &board.refuses {
        row("not with", &format!("{system}: {}", reason.trim()));
    }
    match board.partitions {
        PartitionTableType::Mbr => row("partitions", "MBR"),
    }
    for (index, name) in board.firmware.device_trees.iter().enumerate() {
        let filters = Model::of_device_tree(name).map_or(&[][..], |model| model.filters);
        let sections: Vec<String> = filters.iter().map(|filter| format!(" [{filter}]")).collect();
        row(if index == 0 { "models" } else { "" }, &format!("{name}{}", sections.concat()));
    }
    row("console", &format!("{}, {} bits per second", board.serial.device, board.serial.baud));
    match (&board.emulation, &board.no_emulation) {
        (Some(emulation), _) => {
            let instead = if emulation.stands_in { ", which takes the board's place" } else { "" };
            row("QEMU", &format!("{} -machine {}{instead}", emulation.program, emulation.machine));
        }
        (None, reason) => row("QEMU", &format!("none: {}", reason.as_deref().unwrap_or_default())),
    }
}

fn settings(text: &mut String, board: &Board, keys: &Keys) {
    line(text, "\nSettings: values, the one without the key, meaning");
    let mut rows: Vec<[String; 4]> = Vec::new();
    // `gpu_mem` first: it is no member of `settings`.
    let first = board.settings.get_key_value("gpu_mem");
    for (key, limits) in first.into_iter().chain(board.settings.iter().filter(|(key, _)| *key != "gpu_mem")) {
        let default = limits.default.map_or_else(|| "-".to_owned(), |default| default.to_string());
        let mut meaning = keys.settings.get(key).map_or_else(String::new, |meaning| meaning.meaning.clone());
        if let Some(note) = &limits.note {
            meaning = format!("{meaning} ({note})");
        }
        let range = keys.range(key, limits).trim_start_matches("from ").to_owned();
        rows.push([key.clone(), range, default, meaning]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (one, two, three) = (width(0), width(1), width(2));
    for [key, range, default, meaning] in &rows {
        line(text, &format!("  {key:one$}  {range:two$}  {default:>three$}  {meaning}"));
    }
    if !board.not_here.is_empty() {
        line(text, "\nNot here:");
        for told in &board.not_here {
            line(text, &format!("  {}: {}", told.keys.join(", "), told.reason.trim()));
        }
    }
}

fn overclocks(text: &mut String, board: &Board) {
    line(text, "\nOverclocks:");
    // From least to most, then those that raspi-config does not have.
    let rank = |preset: &str| PRESETS.iter().position(|known| *known == preset).unwrap_or(PRESETS.len());
    let mut sorted: Vec<_> = board.overclock.iter().collect();
    sorted.sort_by_key(|(preset, _)| rank(preset));
    for (preset, values) in sorted {
        let values: Vec<String> = values.iter().map(|(key, value)| format!("{key} {value}")).collect();
        let values = if values.is_empty() { "as delivered".to_owned() } else { values.join(", ") };
        line(text, &format!("  {preset:8}{values}"));
    }
    if let Some(reason) = &board.no_overclock {
        line(text, &format!("  {}", reason.trim()));
    } else if board.overclock.is_empty() {
        line(text, "  none");
    }
}

fn rules(text: &mut String, board: &Board, keys: &Keys) {
    let has = |key: &String| board.settings.contains_key(key);
    let mut told = Vec::new();
    for rule in keys.requires.iter().filter(|rule| has(&rule.setting)) {
        told.push(format!("`{}` above {} needs `{} = {}`", rule.setting, rule.above, rule.needs, rule.is));
    }
    for rule in keys.warranty.iter().filter(|rule| has(&rule.setting)) {
        let raised = list(rule.above_zero.iter().filter(|key| has(key)).map(String::as_str), "or");
        told.push(format!(
            "`{} = {}` with {raised} above 0 sets the warranty bit for good, and needs \
             `i_accept_the_warranty_bit = true`",
            rule.setting, rule.is
        ));
    }
    if !told.is_empty() {
        line(text, "\nTogether:");
    }
    for rule in told {
        line(text, &format!("  {rule}"));
    }
}
