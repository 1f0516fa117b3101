//! `bramble verify`: whether an image is what its inputs give.

use std::path::Path;

use anyhow::bail;

use super::args::Verify;
use crate::archive::Policy;
use crate::assemble::{self, Verdict};
use crate::image::{base_and_patch, open_plain};

pub(super) fn run(arguments: &Verify) -> anyhow::Result<()> {
    let plain = open_plain(&arguments.image)?;
    // An image of another maker needs no cluster file to be told so.
    plain.manifest()?;
    let plan = arguments.project.plan()?;
    let file = base_and_patch(&arguments.image).map_or_else(|| arguments.image.clone(), |(base, _)| base);
    let out = file.parent().unwrap_or(Path::new(""));
    let workspace = arguments.project.workspace(out, arguments.payload.as_deref());
    let (manifest, verdict) = arguments
        .archive
        .with_source(Policy::Locked, |source| Ok(assemble::verify(&workspace, &plan, &plain, source)?))?;
    let image = arguments.image.display();
    match verdict {
        Verdict::Same => {
            println!("{image}: built anew from its {} inputs, the same bytes", manifest.origin.inputs.len());
        }
        Verdict::Touched { expected, found } => {
            bail!("`{image}` was changed: its SHA-256 is {found}, and its manifest says {expected}")
        }
        Verdict::OtherInputs(other) => {
            bail!("`{image}` was built from other inputs than there are now:\n  {}", other.join("\n  "))
        }
        Verdict::OtherBytes(offset) => bail!("`{image}` is not what its inputs give: byte {offset} is the first other"),
    }
    Ok(())
}
