//! Whether an image is what its inputs give: they are compared with today's, the image is built anew, and its bytes are
//! compared with what comes out.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::packages::PackageSource;
use super::{BuildError, Recipe, Workspace, base, nodes, programs};
use crate::config::{Node, Plan};
use crate::disk::sparse;
use crate::image::{Manifest, Owner, Plain, whole};

/// Bytes that are compared at once.
const CHUNK: usize = 1 << 20;

/// The finding about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Building it again gives the same bytes.
    Same,
    /// It is not what its own manifest says: somebody changed it.
    Touched { expected: String, found: String },
    /// The inputs of today are others, so building it again says nothing. A sentence for each.
    OtherInputs(Vec<String>),
    /// The same inputs give other bytes, first at this offset.
    OtherBytes(u64),
}

/// Verifies the image `plain` of a node of `plan`. The new image is built in a temporary folder and goes again.
pub fn verify(
    workspace: &Workspace,
    plan: &Plan,
    plain: &Plain,
    source: &PackageSource<'_>,
) -> Result<(Manifest, Verdict), BuildError> {
    let (path, manifest) = (plain.path(), plain.manifest()?);
    let reading = |error| BuildError::Read { path: path.to_owned(), source: error };
    let image = File::open(path).map_err(reading)?;
    let found = whole(&image, image.metadata().map_err(reading)?.len()).map_err(reading)?;
    if found != manifest.sha256 {
        let expected = manifest.sha256.clone();
        return Ok((manifest, Verdict::Touched { expected, found }));
    }
    let Some(node) =
        manifest.node.as_ref().and_then(|owner| plan.nodes.iter().find(|is| is.hostname == owner.hostname))
    else {
        let hostname = manifest.node.as_ref().map_or("", |owner| owner.hostname.as_str());
        return Err(BuildError::NotInCluster { path: path.to_owned(), hostname: hostname.to_owned() });
    };
    let other = other_inputs(workspace, plan, node, &manifest)?;
    if !other.is_empty() {
        return Ok((manifest, Verdict::OtherInputs(other)));
    }

    let temporary = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("bramble-verify-").tempdir();
    let folder = folder.map_err(|source| BuildError::Folder { path: temporary, source })?;
    let anew = Workspace { out: folder.path().to_owned(), ..workspace.clone() };
    let built = base(&anew, plan, &plan.bases[node.base], source)?;
    nodes(&anew, plan, &[node], &built, &mut |_| {})?;
    let verdict = match difference(&image, &anew.image(&node.hostname)).map_err(reading)? {
        None => Verdict::Same,
        Some(offset) => Verdict::OtherBytes(offset),
    };
    Ok((manifest, verdict))
}

/// The inputs in which the manifest and today differ.
fn other_inputs(
    workspace: &Workspace,
    plan: &Plan,
    node: &Node,
    manifest: &Manifest,
) -> Result<Vec<String>, BuildError> {
    let base = &plan.bases[node.base];
    let programs = programs::read(workspace, base.architecture)?;
    let today = Recipe::new(workspace, plan, base, &programs)?.inputs;
    let then = &manifest.origin.inputs;
    let names: BTreeSet<&String> = today.keys().chain(then.keys()).collect();
    let mut other: Vec<String> = names
        .into_iter()
        .filter_map(|name| match (then.get(name), today.get(name)) {
            (Some(then), Some(today)) if then == today => None,
            (Some(then), Some(today)) => Some(format!("`{name}` was {then} and is {today}")),
            (Some(_), None) => Some(format!("`{name}` is no input any more")),
            (None, _) => Some(format!("`{name}` was no input then")),
        })
        .collect();
    let owner = Owner::new(&plan.network, node);
    if manifest.node.as_ref() != Some(&owner) {
        other.push(format!("the cluster file gives `{}` another address or network", node.hostname));
    }
    Ok(other)
}

/// The first byte in which an image and the image at `path` differ.
fn difference(image: &File, path: &Path) -> std::io::Result<Option<u64>> {
    let other = File::open(path)?;
    let lengths = [image.metadata()?.len(), other.metadata()?.len()];
    let mut parts: Vec<Range<u64>> = [sparse::data(image)?, sparse::data(&other)?].concat();
    parts.sort_by_key(|part| part.start);
    let shorter = lengths[0].min(lengths[1]);
    let mut buffers = [vec![0; CHUNK], vec![0; CHUNK]];
    for part in parts {
        let mut at = part.start;
        while at < part.end.min(shorter) {
            let left = usize::try_from(part.end.min(shorter) - at).unwrap_or(CHUNK).min(CHUNK);
            let [one, two] = buffers.each_mut().map(|buffer| &mut buffer[..left]);
            image.read_exact_at(one, at)?;
            other.read_exact_at(two, at)?;
            if let Some(byte) = (at..).zip(one.iter().zip(&*two)).find(|(_, (one, two))| one != two) {
                return Ok(Some(byte.0));
            }
            at += u64::try_from(left).map_err(std::io::Error::other)?;
        }
    }
    Ok((lengths[0] != lengths[1]).then_some(shorter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_is_found_wherever_the_holes_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, byte: Option<u8>| {
            let path = folder.path().join(name);
            let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).expect("a file");
            file.set_len(8 << 20).expect("a hole");
            if let Some(byte) = byte {
                file.write_all_at(&[byte], (5 << 20) + 3).expect("a byte");
            }
            (file, path)
        };
        let (one, _) = file("one", Some(7));
        let first = |path: &Path| difference(&one, path).expect("readable");
        assert_eq!(first(&file("same", Some(7)).1), None);
        assert_eq!(first(&file("other", Some(8)).1), Some((5 << 20) + 3));
        assert_eq!(first(&file("hole", None).1), Some((5 << 20) + 3));
        let (longer, path) = file("longer", Some(7));
        longer.set_len(9 << 20).expect("longer");
        assert_eq!(first(&path), Some(8 << 20));
    }
}
