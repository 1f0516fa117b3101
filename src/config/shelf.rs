//! Boards, systems and roles by name: which there are, and each read once when it is first asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::nearest::suggestion;
use super::source::{Place, SourceFile};

/// One kind of thing that a cluster file names.
pub(super) trait Named: Sized + fmt::Debug {
    /// "board"
    const KIND: &'static str;
    /// Folder below the project's.
    const FOLDER: &'static str;
    /// What stands after the name in the path of its TOML file: ".toml", or "/role.toml" where each has a folder.
    const TAIL: &'static str;

    /// Further names that people have for it, in small letters.
    fn also(&self) -> &[String] {
        &[]
    }

    /// Reads and checks one. None when the mistakes that it noted leave nothing to work with.
    fn read(name: &str, source: &Arc<SourceFile>, folder: &Path, found: &mut Diagnostics) -> Option<Self>;
}

/// All things of one kind.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    folder: PathBuf,
    names: Vec<String>,
    read: BTreeMap<String, Option<(T, Arc<SourceFile>)>>,
}

impl<T: Named> Shelf<T> {
    /// Looks which names there are.
    pub(super) fn open(root: &Path, found: &mut Diagnostics) -> Self {
        let folder = root.join(T::FOLDER);
        let names = names::<T>(&folder).unwrap_or_else(|error| {
            let title = format!("cannot list the {}s in `{}`: {error}", T::KIND, folder.display());
            found.push(Diagnostic::new(title));
            Vec::new()
        });
        Self { folder, names, read: BTreeMap::new() }
    }

    /// The thing of this name; a mistake is noted at the place that names it, one in its own file there. By another name
    /// that people have for it, it is given too, so that what else is wrong is found at once.
    pub(super) fn get(&mut self, name: &str, place: &Place, found: &mut Diagnostics) -> Option<&(T, Arc<SourceFile>)> {
        if self.names.iter().any(|known| known == name) {
            return self.take(name, found);
        }
        found.push(Diagnostic::new(format!("unknown {} `{name}`", T::KIND)).at(place, "").help(self.instead_of(name)));
        let called = self.called(name)?.to_owned();
        self.take(&called, found)
    }

    /// What to say about a name that there is not: which one is meant by it, or may be.
    pub(super) fn instead_of(&self, name: &str) -> String {
        match self.called(name) {
            Some(known) => format!("write `{known}`: that file is for it"),
            None => suggestion(name, self.names.iter().map(String::as_str)),
        }
    }

    /// The name of the thing that people call this too.
    fn called(&self, name: &str) -> Option<&str> {
        let also = |known: &&String| {
            let source = SourceFile::read(&self.path(known)).ok();
            // What else is wrong with that file is told when it is asked for.
            let thing = source.and_then(|source| T::read(known, &source, &self.folder, &mut Diagnostics::default()));
            thing.is_some_and(|thing| thing.also().contains(&name.to_lowercase()))
        };
        self.names.iter().find(also).map(String::as_str)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{}", T::TAIL))
    }

    /// Every thing there is, by name; mistakes are noted.
    pub(super) fn all(mut self, found: &mut Diagnostics) -> Vec<T> {
        for name in self.names.clone() {
            self.take(&name, found);
        }
        self.read.into_values().flatten().map(|(thing, _)| thing).collect()
    }

    /// All names, sorted.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The thing of a name that is among [`Shelf::names`].
    pub(super) fn take(&mut self, name: &str, found: &mut Diagnostics) -> Option<&(T, Arc<SourceFile>)> {
        if !self.read.contains_key(name) {
            let thing = match SourceFile::read(&self.path(name)) {
                Ok(source) => T::read(name, &source, &self.folder, found).map(|thing| (thing, source)),
                Err(unreadable) => {
                    found.push(unreadable.into());
                    None
                }
            };
            self.read.insert(name.to_owned(), thing);
        }
        self.read.get(name).and_then(Option::as_ref)
    }
}

fn names<T: Named>(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        // A name that is not UTF-8 cannot stand in a TOML file.
        let Some(name) = name.to_str() else { continue };
        if T::TAIL.starts_with('/') {
            if folder.join(format!("{name}{}", T::TAIL)).is_file() {
                names.push(name.to_owned());
            }
        } else if let Some(stem) = name.strip_suffix(T::TAIL) {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    Ok(names)
}
