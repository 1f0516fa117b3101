//! `bramble explain`: what the data says, without a cluster file.

use super::args::{Explain, Topic};
use super::plain::print_text;
use super::rendered;
use crate::config::{explain_board, explain_boards};

pub(super) fn run(arguments: &Explain) -> anyhow::Result<()> {
    let Topic::Board { name, project } = &arguments.topic;
    let told = match name {
        Some(name) => explain_board(project.folder(), name),
        None => explain_boards(project.folder()),
    };
    Ok(print_text(&told.map_err(|diagnostics| rendered(&diagnostics))?)?)
}
