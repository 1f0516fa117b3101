//! `bramble diff`: in what two images, or a card and an image, differ. Exit status as diff(1)'s: 0 the same,
//! 1 different, 2 trouble.

use std::process::ExitCode;

use super::args::Diff;
use super::log;
use super::plain::print_text;
use crate::image::open_plain;
use crate::inspect::{Card, CompareOptions, compare};

pub(super) fn run(arguments: &Diff) -> ExitCode {
    match differ(arguments) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(error) => {
            log::failure(&error);
            ExitCode::from(2)
        }
    }
}

/// Tells the differences, and whether there are any.
fn differ(arguments: &Diff) -> anyhow::Result<bool> {
    let plain = (open_plain(&arguments.a)?, open_plain(&arguments.b)?);
    let (a, b) = (Card::open(plain.0.path())?, Card::open(plain.1.path())?);
    // A card keeps what was there before wherever nothing was written.
    let free_space = !(arguments.ignore_free_space || a.device || b.device);
    let comparison = compare(&a, &b, CompareOptions { free_space })?;
    comparison.notes.iter().for_each(|note| tracing::warn!("{note}"));
    if arguments.json {
        print_text(&(serde_json::to_string_pretty(&comparison)? + "\n"))?;
    } else {
        print_text(&comparison.to_string())?;
    }
    Ok(!comparison.is_empty())
}
