//! `bramble inspect`: what is on an image or card.

use super::args::{Inspect, Sbom};
use super::plain::print_text;
use crate::image::open_plain;
use crate::inspect::{self, Card};

pub(super) fn run(arguments: &Inspect) -> anyhow::Result<()> {
    let image = open_plain(&arguments.image)?;
    let card = Card::open(image.path())?;
    let report = inspect::report(&card, arguments.board.as_deref())?;
    let json = match arguments.sbom {
        Some(Sbom::Spdx) => inspect::spdx(&report),
        Some(Sbom::Cyclonedx) => inspect::cyclonedx(&report),
        None if arguments.json => serde_json::to_value(&report)?,
        None => return Ok(print_text(&report.to_string())?),
    };
    Ok(print_text(&(serde_json::to_string_pretty(&json)? + "\n"))?)
}
