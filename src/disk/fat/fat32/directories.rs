//! The files of a FAT volume, sorted into its directories.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::FatError;
use crate::disk::fat::name::{self, Name};

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: String,
    /// Index of the folder that holds it; the root is its own.
    pub(super) parent: usize,
    pub(super) children: Vec<Child>,
    pub(super) run: Run,
}

#[derive(Debug)]
pub(super) struct Child {
    pub(super) name: Name,
    pub(super) node: Node,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Node {
    Folder(usize),
    File(usize),
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) content: Bytes,
    pub(super) run: Run,
}

/// Clusters that follow one another.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) first: u32,
    pub(super) count: u32,
}

/// Sorts files into folders, a folder's parent always before it.
pub(super) fn arrange(files: &BTreeMap<String, Bytes>) -> Result<(Vec<Folder>, Vec<File>), FatError> {
    let mut index = BTreeMap::from([("", 0_usize)]);
    let mut parents = vec![("", 0_usize)];
    let mut names: Vec<Vec<(&str, Node)>> = vec![Vec::new()];
    for (number, path) in files.keys().enumerate() {
        if path.split('/').any(|component| matches!(component, "" | "." | "..")) {
            return Err(FatError::Path(path.clone()));
        }
        let mut holder = 0;
        let mut start = 0;
        for (slash, _) in path.match_indices('/') {
            let folder = &path[..slash];
            if files.contains_key(folder) {
                return Err(FatError::FileAndDirectory(folder.to_owned()));
            }
            let known = index.get(folder).copied();
            holder = known.unwrap_or_else(|| {
                let fresh = parents.len();
                index.insert(folder, fresh);
                parents.push((folder, holder));
                names[holder].push((&path[start..slash], Node::Folder(fresh)));
                names.push(Vec::new());
                fresh
            });
            start = slash + 1;
        }
        names[holder].push((&path[start..], Node::File(number)));
    }
    let mut folders = Vec::new();
    for ((path, parent), named) in parents.into_iter().zip(names) {
        let plain: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        let assigned = name::assign(&plain).map_err(|error| FatError::Name { directory: path.to_owned(), error })?;
        let children = assigned.into_iter().zip(named).map(|(name, (_, node))| Child { name, node }).collect();
        folders.push(Folder { path: path.to_owned(), parent, children, run: Run::default() });
    }
    let files =
        files.iter().map(|(path, content)| File { path: path.clone(), content: content.clone(), run: Run::default() });
    Ok((folders, files.collect()))
}
