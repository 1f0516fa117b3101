//! The bases that lie ready in the output folder: used again as long as they are wanted, and few enough to forget about.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{BuildError, Workspace};

/// So many stay besides those of the cluster that is built: of some 250 MB each.
const KEPT: usize = 8;

/// Notes that a base was used just now.
pub(super) fn used(image: &Path) {
    // It only says which one goes first.
    if let Ok(file) = File::options().append(true).open(image) {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Takes away the bases that were not used for longest, so that [`KEPT`] stay besides the `wanted` that were used last.
/// Gives their number.
pub fn prune(workspace: &Workspace, wanted: usize) -> Result<usize, BuildError> {
    remove_beyond(workspace, wanted + KEPT)
}

/// Takes all of them away. Gives their number.
pub fn clean(workspace: &Workspace) -> Result<usize, BuildError> {
    remove_beyond(workspace, 0)
}

fn remove_beyond(workspace: &Workspace, kept: usize) -> Result<usize, BuildError> {
    let folder = workspace.bases();
    let mut images: Vec<(SystemTime, PathBuf)> = Vec::new();
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(|source| BuildError::Folder { path: folder, source })?,
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "img")
            && let Ok(used) = entry.metadata().and_then(|metadata| metadata.modified())
        {
            images.push((used, path));
        }
    }
    images.sort_by(|one, other| other.cmp(one));
    let gone = images.split_off(kept.min(images.len()));
    for (_, image) in &gone {
        // The image first: it is never there without the file that describes it.
        for path in [image.clone(), image.with_extension("json")] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(BuildError::Remove { path, source: error });
                }
                _ => {}
            }
        }
    }
    Ok(gone.len())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_least_recently_used_go_first() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let workspace = Workspace { project: ".".into(), out: folder.path().to_owned(), payload: ".".into() };
        assert_eq!(clean(&workspace).expect("nothing there"), 0);
        fs::create_dir(workspace.bases()).expect("a fresh folder");
        let image = |number: usize| workspace.bases().join(format!("base.{number:02}.img"));
        for number in 0..12 {
            fs::write(image(number), "").expect("a fresh file");
            fs::write(image(number).with_extension("json"), "").expect("a fresh file");
            let then = SystemTime::now() - Duration::from_secs(3600 * u64::try_from(20 - number).expect("few"));
            File::options().append(true).open(image(number)).and_then(|file| file.set_modified(then)).expect("ours");
        }
        used(&image(0));
        assert_eq!(prune(&workspace, 1).expect("ours"), 3);
        let mut left: Vec<_> =
            fs::read_dir(workspace.bases()).expect("ours").flatten().map(|entry| entry.path()).collect();
        left.sort();
        let wanted = [0, 4, 5, 6, 7, 8, 9, 10, 11]
            .into_iter()
            .flat_map(|number| [image(number), image(number).with_extension("json")]);
        assert_eq!(left, wanted.collect::<Vec<_>>());
        assert_eq!(clean(&workspace).expect("ours"), 9);
        assert_eq!(fs::read_dir(workspace.bases()).expect("ours").count(), 0);
    }
}
