//! Who gets which path: the claims of all packages, and the tree that follows from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Kind, Meta, Node, Tree, TreePath};

use super::entry::{self, DataEntry};
use super::replaces::replaces;
use super::{ExcludeRules, UnpackError, Unpacked};

/// The order of unpacking matters for directories alone: the first package that ships one decides its owner and mode.
/// This package, to which the directories of the system's frame belong, is first; others follow by name.
const FRAME: &str = "base-files";

/// An entry of a package: indices into the packages and the package's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    package: usize,
    entry: usize,
}

/// The winning claim for each path of the tree.
#[derive(Debug)]
pub(super) struct Claims {
    won: BTreeMap<TreePath, Claim>,
    lost: Vec<Loss>,
}

/// A path that went to another package, which replaces it.
#[derive(Debug)]
pub(super) struct Loss {
    /// Index of the package that lost it.
    pub(super) loser: usize,
    /// As the loser spells it.
    pub(super) path: TreePath,
    /// Whether the winner ships it as a conffile.
    pub(super) is_conffile: bool,
}

impl Claims {
    /// Lays the claims of all `packages` and settles conflicts between them.
    pub(super) fn lay(packages: &[Unpacked]) -> Result<Self, UnpackError> {
        let merged = Merged::of(packages);
        let mut claims = Self { won: BTreeMap::new(), lost: Vec::new() };
        let (frame, others): (Vec<usize>, Vec<usize>) =
            (0..packages.len()).partition(|&index| packages[index].package.name() == FRAME);
        for package in frame.into_iter().chain(others) {
            for entry in 0..packages[package].entries.len() {
                claims.add(packages, Claim { package, entry }, &merged)?;
            }
        }
        Ok(claims)
    }

    fn add(&mut self, packages: &[Unpacked], claim: Claim, merged: &Merged) -> Result<(), UnpackError> {
        let Unpacked { package, entries } = &packages[claim.package];
        let entry = &entries[claim.entry];
        let place = merged.place(entry);
        let Some(&other_claim) = self.won.get(&place) else {
            self.won.insert(place, claim);
            return Ok(());
        };
        let other = &packages[other_claim.package];
        let other_entry = &other.entries[other_claim.entry];
        if claim.package == other_claim.package {
            self.won.insert(place, claim);
            return Ok(());
        }
        let names = (package.name().to_owned(), other.package.name().to_owned());
        match (entry.node.is_directory(), other_entry.node.is_directory()) {
            (true, true) => {}
            (true, false) => {
                return Err(UnpackError::DirectoryConflict { path: place, directory: names.0, other: names.1 });
            }
            (false, true) => {
                return Err(UnpackError::DirectoryConflict { path: place, directory: names.1, other: names.0 });
            }
            (false, false) if replaces(package, &other.package)? => {
                let (path, is_conffile) = (other_entry.path.clone(), package.has_conffile(&entry.path));
                self.lost.push(Loss { loser: other_claim.package, path, is_conffile });
                self.won.insert(place, claim);
            }
            (false, false) if replaces(&other.package, package)? => {
                let (path, is_conffile) = (entry.path.clone(), other.package.has_conffile(&other_entry.path));
                self.lost.push(Loss { loser: claim.package, path, is_conffile });
            }
            (false, false) => {
                return Err(UnpackError::Conflict { path: place, first: names.1, second: names.0 });
            }
        }
        Ok(())
    }

    /// Puts what won, and is not excluded, into a fresh tree.
    pub(super) fn settle(
        &self,
        packages: &[Unpacked],
        exclude: &ExcludeRules,
        epoch: i64,
    ) -> Result<Tree, UnpackError> {
        let mut tree = Tree::new(Meta::directory(epoch));
        // The first name that each file of several names got; further names are links to it.
        let mut placed: BTreeMap<Claim, TreePath> = BTreeMap::new();
        for (place, &claim) in &self.won {
            let Unpacked { package, entries } = &packages[claim.package];
            let entry = &entries[claim.entry];
            let holder = matches!(entry.node.kind, Kind::Directory | Kind::Symlink(_));
            if exclude.excludes(&entry.path, holder) {
                continue;
            }
            let Some(origin) = entry::origin(entries, claim.entry) else {
                return Err(UnpackError::HardLink {
                    package: package.name().to_owned(),
                    path: entry.path.clone(),
                    target: entry.link.clone().unwrap_or_default(),
                });
            };
            let node = &entries[origin].node;
            let origin = Claim { package: claim.package, entry: origin };
            put(&mut tree, place, node, placed.get(&origin), epoch)
                .map_err(|source| UnpackError::Tree { package: package.name().to_owned(), source })?;
            placed.entry(origin).or_insert_with(|| place.clone());
        }
        Ok(tree)
    }

    /// The paths that packages lost to others.
    pub(super) fn into_lost(self) -> Vec<Loss> {
        self.lost
    }
}

/// Puts `node` at `place`, or the further name of `first` if the file is in the tree already.
fn put(
    tree: &mut Tree,
    place: &TreePath,
    node: &Node,
    first: Option<&TreePath>,
    epoch: i64,
) -> Result<(), crate::tree::TreeError> {
    let place = tree.resolve_parent(place)?;
    if let Some(parent) = place.parent() {
        tree.make_directories(&parent, Meta::directory(epoch))?;
    }
    match first {
        Some(first) => {
            let first = tree.resolve_parent(first)?;
            tree.hard_link(place, &first)
        }
        None => tree.insert(place, node.clone()).map(|_| ()),
    }
}

/// The directories of the root that are links into `/usr` (Debian's merged /usr): what other packages ship in them
/// belongs to where they lead.
#[derive(Debug)]
struct Merged(BTreeSet<TreePath>);

impl Merged {
    /// Those that some package ships as a link to the directory of the same name in `/usr`.
    fn of(packages: &[Unpacked]) -> Self {
        let leads_into_usr = |entry: &&DataEntry| {
            let target = entry.node.target().and_then(|target| target.strip_prefix(b"usr/"));
            target.is_some_and(|target| target == entry.path.as_bytes())
        };
        let entries = packages.iter().flat_map(|package| &package.entries);
        Self(entries.filter(leads_into_usr).map(|entry| entry.path.clone()).collect())
    }

    /// The place of `entry` in the tree.
    fn place(&self, entry: &DataEntry) -> TreePath {
        let path = &entry.path;
        let moves = |link: &&TreePath| path.is_below(link) || (path == *link && entry.node.is_directory());
        if self.0.iter().any(|link| moves(&link)) {
            let usr = TreePath::root().join(b"usr");
            return path.components().fold(usr, |path, component| path.join(component));
        }
        path.clone()
    }
}
