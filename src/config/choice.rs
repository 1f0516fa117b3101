//! Which architecture of the system a board runs, and why none.

use std::sync::Arc;

use super::cluster::{Cluster, NodeTable};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::lookup::list;
use super::source::{Place, SourceFile};
use super::{Architecture, Board, System};

/// The architecture that the node asks for, else the first of the system's that the board can run, with the package
/// that brings its kernel.
pub(super) fn architecture(
    source: &Arc<SourceFile>,
    cluster: &Cluster,
    node: &NodeTable,
    system: &System,
    board: &Board,
    found: &mut Diagnostics,
) -> Option<(Architecture, String)> {
    let board_place = Place::of(source, node.board.as_ref()?);
    let system_place = Place::of(source, &cluster.system);
    if let Some(reason) = board.refuses.get(&system.name) {
        found.push(
            Diagnostic::new(format!("{} does not run on {}", system.description, board.description))
                .at(&board_place, "")
                .at(&system_place, "")
                .help(reason),
        );
        return None;
    }
    let runs = |architecture: Architecture| Some((architecture, system.kernel(board, architecture)?.to_owned()));
    let usual = system.architectures.iter().copied().find_map(runs);
    let Some(typed) = &node.architecture else {
        if usual.is_none() {
            found.push(none(system, board).at(&board_place, needs(board)).at(&system_place, offers(system)));
        }
        return usual;
    };
    let asked = *typed.get_ref();
    if let Some(choice) = runs(asked) {
        return Some(choice);
    }
    let place = Place::of(source, typed);
    let title = format!("{asked} of {} does not run on {}", system.description, board.description);
    let diagnostic = if !system.architectures.contains(&asked) {
        none(system, board).at(&place, "").at(&system_place, offers(system))
    } else if system.cpu(asked) > board.cpu {
        let made_for = format!("made for {} processors and above", system.cpu(asked));
        Diagnostic::new(title).at(&place, made_for).at(&board_place, format!("this board has an {}", board.cpu))
    } else {
        Diagnostic::new(title).at(&place, "").at(&board_place, needs(board))
    };
    found.push(match usual {
        Some((other, _)) => diagnostic.help(format!("take the line out: {other} runs on it")),
        None => diagnostic,
    });
    None
}

fn none(system: &System, board: &Board) -> Diagnostic {
    Diagnostic::new(format!("{} has nothing that runs on {}", system.description, board.description))
}

fn needs(board: &Board) -> String {
    let kernels = board.kernels.keys().map(|architecture| architecture.name());
    format!("this board has an {} and kernels for {}", board.cpu, list(kernels, "and"))
}

fn offers(system: &System) -> String {
    let has =
        system.architectures.iter().map(|&architecture| format!("{architecture} for {}", system.cpu(architecture)));
    format!("this system has {}", has.collect::<Vec<_>>().join(", "))
}
