//! A folder of the host, laid into the tree.
//!
//! What a checkout cannot be trusted to keep does not count: owner, group, umask, times and the order of the folder.
//! Folders are root's 0755, files 0644, and 0755 when they start with `#!`.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::OverlayError;
use crate::tree::{Content, Meta, Tree, TreePath};

/// Copies everything inside `folder` to `target`, which must lead to a directory.
pub(super) fn lay(tree: &mut Tree, folder: &Path, target: &TreePath, epoch: i64) -> Result<(), OverlayError> {
    for source in entries(folder)? {
        let name = source.file_name().unwrap_or_default();
        if name.to_str().is_none() {
            return Err(OverlayError::Name(source));
        }
        let path = tree.resolve(target)?.join(name.as_bytes());
        let kind = fs::symlink_metadata(&source).map_err(reading(&source))?.file_type();
        if kind.is_dir() {
            tree.make_directories(&path, Meta::directory(epoch))?;
            lay(tree, &source, &path, epoch)?;
        } else if kind.is_symlink() {
            let link = fs::read_link(&source).map_err(reading(&source))?;
            tree.symlink(&path, link.as_os_str().as_bytes(), Meta::file(epoch))?;
        } else if kind.is_file() {
            let content = Content::of_file(&source).map_err(reading(&source))?;
            let script = is_script(&content).map_err(reading(&source))?;
            let mode = if script { 0o755 } else { 0o644 };
            tree.write(&path, content, Meta::file(epoch).with_mode(mode))?;
        } else {
            return Err(OverlayError::Special(source));
        }
    }
    Ok(())
}

/// Whether it begins with `#!`.
fn is_script(content: &Content) -> std::io::Result<bool> {
    let mut start = [0; 2];
    if content.len() < 2 {
        return Ok(false);
    }
    content.open()?.read_exact_at(&mut start, 0)?;
    Ok(start == *b"#!")
}

/// The entries of `folder` in byte order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, OverlayError> {
    let mut entries = fs::read_dir(folder)
        .and_then(|listing| listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
        .map_err(reading(folder))?;
    entries.sort();
    Ok(entries)
}

fn reading(path: &Path) -> impl FnOnce(std::io::Error) -> OverlayError {
    let path = path.to_owned();
    |source| OverlayError::Read { path, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn modes_come_from_the_content_and_not_from_the_checkout() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("sub")).expect("a fresh folder");
        fs::write(path("sub/script"), "#!/bin/sh\n").expect("a fresh file");
        fs::write(path("plain"), "text").expect("a fresh file");
        symlink("plain", path("link")).expect("a fresh link");
        fs::set_permissions(path("plain"), fs::Permissions::from_mode(0o777)).expect("our own file");
        fs::set_permissions(path("sub/script"), fs::Permissions::from_mode(0o600)).expect("our own file");

        let mut tree = Tree::new(Meta::directory(7));
        lay(&mut tree, folder.path(), &TreePath::root(), 7).expect("a folder of plain things");

        let shown: Vec<(String, u16, i64)> =
            tree.iter().map(|(path, _, node)| (path.to_string(), node.meta.mode, node.meta.mtime)).collect();
        let expected = [("", 0o755), ("link", 0o777), ("plain", 0o644), ("sub", 0o755), ("sub/script", 0o755)];
        assert_eq!(shown, expected.map(|(path, mode)| (path.to_owned(), mode, 7)));
    }

    #[test]
    fn what_is_no_file_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a fresh socket");
        let mut tree = Tree::new(Meta::directory(0));
        let error = lay(&mut tree, folder.path(), &TreePath::root(), 0).expect_err("a socket is no file");
        let expected = format!(
            "`{}` is neither a file, a folder nor a symbolic link; take it out of the overlay or the site",
            socket.display()
        );
        assert_eq!(error.to_string(), expected);
    }
}
