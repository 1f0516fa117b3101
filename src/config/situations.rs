//! What one card may meet: each model of its board, with each condition that its `[…]` lines ask for met and not met.
//!
//! The firmware takes the last value of a key whose filters hold, so what is set together can be said of a situation only.

use super::Board;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::setting::Asked;
use crate::config_txt::{BoardIdentity, Filter};

/// More are not gone through: two models with 100 serial numbers and 4 pins make 3232.
const MOST: usize = 4096;

/// The situations that differ in what is asked for. Where they are too many to go through, that was noted and none is
/// given.
pub(super) fn of(board: &Board, asked: &[Asked], found: &mut Diagnostics) -> Vec<BoardIdentity> {
    let mut situations: Vec<BoardIdentity> =
        board.models().map(|model| BoardIdentity { model: Some(model), ..BoardIdentity::default() }).collect();
    if situations.is_empty() {
        // A board of another maker has settings of config.txt for none.
        situations.push(BoardIdentity::default());
    }
    for one in asked {
        for filter in one.filters.iter() {
            let more = met(filter, &situations);
            if situations.len() + more.len() > MOST {
                found.push(
                    Diagnostic::new(format!("settings below `{filter}` depend on too many conditions to be checked"))
                        .at(&one.place, "")
                        .help("let fewer sections of `extra` set what the others set too"),
                );
                return Vec::new();
            }
            situations.extend(more);
        }
    }
    situations
}

/// Each situation once more, with what the filter asks for. None where some have it already, or where the model decides.
fn met(filter: &Filter, situations: &[BoardIdentity]) -> Vec<BoardIdentity> {
    let mut more = situations.to_vec();
    match filter {
        Filter::Serial(serial) => {
            // A board has one serial number, and most have another than any that is named.
            more.retain(|board| board.serial.is_none());
            more.iter_mut().for_each(|board| board.serial = Some(*serial));
        }
        Filter::Tryboot => more.iter_mut().for_each(|board| board.tryboot = true),
        Filter::Gpio { pin, .. } => more.iter_mut().for_each(|board| board.high_pins.extend([*pin])),
        Filter::Edid(name) => more.iter_mut().for_each(|board| board.monitors.extend([name.clone()])),
        Filter::All | Filter::None | Filter::Model(_) | Filter::BoardType(_) | Filter::Hdmi(_) => more.clear(),
    }
    more.retain(|board| !situations.contains(board));
    more
}

/// What counts of a key in a situation: the last of those whose filters hold.
pub(super) fn counts<'a>(asked: &'a [Asked], key: &str, board: &BoardIdentity) -> Option<&'a Asked> {
    asked.iter().rev().find(|one| one.key == key && one.filters.against(board).is_none())
}
