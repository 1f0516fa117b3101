//! What every configuring step works on, with the operations that all of them need.

use std::collections::BTreeMap;

use crate::tree::{Content, Kind, Meta, Tree, TreePath};
use crate::unpack::Package;

use super::debconf::{self, Answers};
use super::{ConfigureError, ConfigureOptions, Diversion};

/// The tree being configured, its packages and the options.
#[derive(Debug)]
pub struct Context<'a> {
    pub tree: &'a mut Tree,
    pub packages: &'a [Package],
    pub options: &'a ConfigureOptions,
    /// dpkg-statoverride's list: path (with leading slash) to (user, group, mode), as the scripts registered it.
    pub statoverrides: BTreeMap<String, (String, String, u16)>,
    /// dpkg-divert's list, as the scripts registered it.
    pub diversions: Vec<Diversion>,
    /// What scripts did with debconf's questions, besides defaults and [`ConfigureOptions::debconf`].
    pub debconf: Answers,
}

impl<'a> Context<'a> {
    pub fn new(tree: &'a mut Tree, packages: &'a [Package], options: &'a ConfigureOptions) -> Self {
        Self {
            tree,
            packages,
            options,
            statoverrides: BTreeMap::new(),
            diversions: Vec::new(),
            debconf: Answers::default(),
        }
    }

    /// A place in the tree; a leading slash means nothing.
    pub fn path(path: &str) -> Result<TreePath, ConfigureError> {
        Ok(TreePath::new(path)?)
    }

    /// Root's 0644 at the build's epoch.
    pub const fn file(&self) -> Meta {
        Meta::file(self.options.epoch)
    }

    /// Root's 0755 at the build's epoch.
    pub const fn directory(&self) -> Meta {
        Meta::directory(self.options.epoch)
    }

    /// Whether `path`, with every symbolic link in it followed, is there (`test -e`).
    pub fn exists(&self, path: &str) -> Result<bool, ConfigureError> {
        let path = self.tree.resolve(&Self::path(path)?)?;
        Ok(self.tree.contains(&path))
    }

    /// The text of the file at `path`.
    pub fn read(&self, path: &str) -> Result<String, ConfigureError> {
        let content = self.tree.read(&Self::path(path)?)?;
        String::from_utf8(content.to_vec())
            .map_err(|_| ConfigureError::Malformed { path: path.to_owned(), what: "is not UTF-8".to_owned() })
    }

    /// Writes a file, making missing directories above it root's 0755.
    pub fn write(&mut self, path: &str, content: impl Into<Content>, meta: Meta) -> Result<(), ConfigureError> {
        let path = Self::path(path)?;
        self.make_parent(&path)?;
        Ok(self.tree.write(&path, content, meta)?)
    }

    /// Makes a symbolic link, with missing directories above it; what was there and is no directory gives way.
    pub fn symlink(&mut self, path: &str, target: &str) -> Result<(), ConfigureError> {
        let path = Self::path(path)?;
        self.make_parent(&path)?;
        Ok(self.tree.symlink(&path, target, self.file())?)
    }

    /// Makes `path` a directory with exactly `meta`, and missing ones above it root's 0755. One that is there already
    /// stays as it is.
    pub fn make_directory(&mut self, path: &str, meta: Meta) -> Result<(), ConfigureError> {
        let path = self.tree.resolve(&Self::path(path)?)?;
        if self.tree.contains(&path) {
            return Ok(());
        }
        self.make_parent(&path)?;
        Ok(self.tree.make_directories(&path, meta)?)
    }

    /// Gives what is at `path`, symbolic links followed, another owner, group and mode.
    pub fn set_meta(&mut self, path: &str, user: &str, group: &str, mode: u16) -> Result<(), ConfigureError> {
        let (uid, gid) = (self.user(user)?, self.group(group)?);
        let resolved = self.tree.resolve(&Self::path(path)?)?;
        let node = self.tree.get_mut(&resolved).ok_or_else(|| crate::tree::TreeError::Missing(resolved.clone()))?;
        node.meta = Meta { mode, uid, gid, ..node.meta };
        Ok(())
    }

    /// The number of the user `name`, from `/etc/passwd`; digits stand for themselves.
    pub fn user(&self, name: &str) -> Result<u32, ConfigureError> {
        self.number("etc/passwd", name)?.ok_or_else(|| ConfigureError::UnknownUser(name.to_owned()))
    }

    /// The number of the group `name`, from `/etc/group`; digits stand for themselves.
    pub fn group(&self, name: &str) -> Result<u32, ConfigureError> {
        self.number("etc/group", name)?.ok_or_else(|| ConfigureError::UnknownGroup(name.to_owned()))
    }

    /// The third field of the line of `name` in a table of accounts.
    fn number(&self, table: &str, name: &str) -> Result<Option<u32>, ConfigureError> {
        if name == "root" {
            return Ok(Some(0));
        }
        if let Ok(number) = name.parse() {
            return Ok(Some(number));
        }
        let text = self.read(table)?;
        let line = text.lines().find(|line| line.split(':').next() == Some(name));
        Ok(line.and_then(|line| line.split(':').nth(2)).and_then(|number| number.parse().ok()))
    }

    /// `dpkg-statoverride --update --add`.
    pub fn statoverride(&mut self, path: &str, user: &str, group: &str, mode: u16) -> Result<(), ConfigureError> {
        self.statoverrides.insert(path.to_owned(), (user.to_owned(), group.to_owned(), mode));
        if self.exists(path)? {
            self.set_meta(path, user, group, mode)?;
        }
        Ok(())
    }

    /// `dpkg-divert --no-rename --add`. Both paths with a leading slash.
    pub fn divert(&mut self, package: &str, path: &str, to: &str) -> Result<(), ConfigureError> {
        let diversion = Diversion { from: Self::path(path)?, to: Self::path(to)?, package: Some(package.to_owned()) };
        if !self.diversions.contains(&diversion) {
            self.diversions.push(diversion);
        }
        Ok(())
    }

    /// The answer to a debconf question: what a script set, the option, or the default of the template.
    pub fn answer(&self, question: &str) -> Option<String> {
        let given = || self.options.debconf.get(question).map(|answer| &answer.value);
        let set = self.debconf.values.get(question).or_else(given).cloned();
        set.or_else(|| debconf::default(self.packages, self.debconf.template_of(question)))
    }

    fn make_parent(&mut self, path: &TreePath) -> Result<(), ConfigureError> {
        let meta = self.directory();
        if let Some(parent) = path.parent() {
            self.tree.make_directories(&parent, meta)?;
        }
        Ok(())
    }

    /// The regular files directly in `directory` (none when it is missing), by name in byte order.
    pub fn files_in(&self, directory: &str) -> Result<Vec<TreePath>, ConfigureError> {
        let directory = self.tree.resolve(&Self::path(directory)?)?;
        let files =
            self.tree.children(&directory).filter(|(_, node)| matches!(node.kind, Kind::File(_) | Kind::Symlink(_)));
        Ok(files.map(|(path, _)| path.clone()).collect())
    }
}
