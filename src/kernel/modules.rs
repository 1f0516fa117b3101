//! Which modules a kernel has, which of them belong together, and in what order they load.
//!
//! A kernel has thousands of modules, packed, and a board needs a few dozen: only those that are asked for, and what
//! they lead to, are unpacked and read.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use rayon::prelude::*;

use crate::tree::{Content, Tree, TreeError, TreePath};

use super::builtin::Builtin;
use super::elf::Elf;
use super::modinfo::{self, Modinfo, normal};
use super::nearest::nearest;
use super::{KernelError, directory, text};

/// The modules of one kernel in a tree.
#[derive(Debug)]
pub struct Modules {
    release: String,
    /// By name, with `_` for `-`.
    files: BTreeMap<String, File>,
    builtin: Builtin,
}

/// A module's file, as the package ships it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: TreePath,
    pub(super) content: Content,
}

/// How far what belongs to a module reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To what must be loaded before it. Of several modules that would do as well, those that are wanted by name.
    Load,
    /// To what modprobe could load with it.
    Keep,
}

/// What the modules read so far say of themselves.
struct Survey<'a> {
    modules: &'a Modules,
    infos: BTreeMap<&'a str, Modinfo>,
}

impl Modules {
    /// Takes stock of the modules of kernel `release`.
    pub fn read(tree: &Tree, release: &str) -> Result<Self, KernelError> {
        let directory = directory(release)?;
        Ok(Self {
            release: release.to_owned(),
            files: files(tree, &directory),
            builtin: Builtin::read(tree, &directory)?,
        })
    }

    /// The files of the `wanted` modules and of all that must be loaded before them (`depends`, `softdep pre`), in an
    /// order in which they can be loaded. Names may have `-` or `_`, and a `?` behind them where a kernel may do without;
    /// what is built into the kernel needs no file. A soft
    /// dependency that the kernel does not have is none, as for modprobe.
    pub fn load_order(&self, wanted: &[impl AsRef<str>]) -> Result<Vec<TreePath>, KernelError> {
        let order = self.closure(wanted, Reach::Load)?;
        Ok(order.iter().map(|name| self.files[*name].path.clone()).collect())
    }

    /// Takes all modules out of `tree` but those named in `keep` and what they need, with `softdep post` too, and the
    /// directories that become empty so.
    pub fn prune(&self, tree: &mut Tree, keep: &[impl AsRef<str>]) -> Result<(), KernelError> {
        let kept: BTreeSet<&str> = self.closure(keep, Reach::Keep)?.into_iter().collect();
        let directory = directory(&self.release)?;
        let goes = |path: &TreePath| {
            modinfo::module_name(path)
                .is_some_and(|name| !kept.contains(name.as_str()) || self.files[&name].path != *path)
        };
        let files = tree.below(&directory).filter(|(path, node)| node.content().is_some() && goes(path));
        let doomed: Vec<TreePath> = files.map(|(path, _)| path.clone()).collect();
        for path in doomed {
            tree.remove(&path);
            let emptied: Vec<TreePath> =
                path.ancestors().into_iter().rev().take_while(|ancestor| ancestor.is_below(&directory)).collect();
            for ancestor in emptied {
                if tree.children(&ancestor).next().is_some() {
                    break;
                }
                tree.remove(&ancestor);
            }
        }
        Ok(())
    }

    /// The names of the wanted modules and of what belongs to them, each behind what it needs.
    fn closure<'a>(&'a self, wanted: &[impl AsRef<str>], reach: Reach) -> Result<Vec<&'a str>, KernelError> {
        let mut names = Vec::new();
        for name in wanted {
            let (name, needed) = bramble_init::wanted_module(name.as_ref());
            let normal = normal(name);
            match self.files.get_key_value(&normal) {
                Some((name, _)) => names.push(name.as_str()),
                None if self.builtin.has(&normal) || !needed => {}
                None => return Err(self.unknown(name, &normal)),
            }
        }
        let mut survey = Survey { modules: self, infos: BTreeMap::new() };
        let edges = survey.edges(&names, reach)?;
        let mut order = Order { edges: &edges, seen: BTreeSet::new(), names: Vec::new() };
        for name in names {
            order.visit(name);
        }
        Ok(order.names)
    }

    fn unknown(&self, name: &str, normal: &str) -> KernelError {
        let known = self.files.keys().chain(&self.builtin.names).map(String::as_str);
        KernelError::Unknown { release: self.release.clone(), name: name.to_owned(), near: nearest(normal, known) }
    }
}

/// A module with those that go before it and those that go after it.
type Edges<'a> = BTreeMap<&'a str, (Vec<&'a str>, Vec<&'a str>)>;

impl<'a> Survey<'a> {
    /// Reads `wanted` and everything that they lead to, round by round.
    fn edges(&mut self, wanted: &[&'a str], reach: Reach) -> Result<Edges<'a>, KernelError> {
        let mut edges = Edges::new();
        let mut round: BTreeSet<&str> = wanted.iter().copied().collect();
        while !round.is_empty() {
            self.read(round.iter().copied())?;
            let mut next = BTreeSet::new();
            for name in round {
                let info = self.infos.get(name).cloned().unwrap_or_default();
                let mut before = self.depends(name, &info)?;
                let mut after = Vec::new();
                for soft in info.before() {
                    before.extend(self.soft(soft, wanted, reach)?);
                }
                if reach == Reach::Keep {
                    for soft in info.after() {
                        after.extend(self.soft(soft, wanted, reach)?);
                    }
                }
                next.extend(before.iter().chain(&after).copied());
                edges.insert(name, (before, after));
            }
            round = next.into_iter().filter(|name| !edges.contains_key(name)).collect();
        }
        Ok(edges)
    }

    /// The modules that `name` depends on, without those that are built in.
    fn depends(&self, name: &str, info: &Modinfo) -> Result<Vec<&'a str>, KernelError> {
        let modules = self.modules;
        let file = |dependency: &String| match modules.files.get_key_value(dependency) {
            Some((dependency, _)) => Some(Ok(dependency.as_str())),
            None if modules.builtin.has(dependency) => None,
            None => Some(Err(KernelError::Dependency {
                release: modules.release.clone(),
                module: name.to_owned(),
                name: dependency.clone(),
            })),
        };
        info.depends.iter().filter_map(file).collect()
    }

    /// The modules that a soft dependency means: one of that name, or all that have the alias.
    fn soft(&mut self, soft: &str, wanted: &[&str], reach: Reach) -> Result<Vec<&'a str>, KernelError> {
        let modules = self.modules;
        let soft = normal(soft);
        if let Some((name, _)) = modules.files.get_key_value(&soft) {
            return Ok(vec![name]);
        }
        if modules.builtin.has(&soft) {
            return Ok(Vec::new());
        }
        let carriers = self.carriers(&soft)?;
        let chosen: Vec<&str> = carriers.iter().copied().filter(|name| wanted.contains(name)).collect();
        Ok(if reach == Reach::Load && !chosen.is_empty() { chosen } else { carriers })
    }

    /// The modules with the alias `alias`. Nearly every soft dependency that is no module's name is on an algorithm of
    /// the crypto layer, so its directories are looked through first, and the rest of the kernel only in vain.
    fn carriers(&mut self, alias: &str) -> Result<Vec<&'a str>, KernelError> {
        let modules = self.modules;
        let crypto = |file: &File| file.path.components().any(|component| component == b"crypto");
        let (first, rest): (Vec<_>, Vec<_>) = modules.files.iter().partition(|(_, file)| crypto(file));
        for group in [first, rest] {
            let names = || group.iter().map(|(name, _)| name.as_str());
            self.read(names())?;
            let carries = |name: &&str| {
                self.infos.get(name).is_some_and(|info| info.aliases.iter().any(|other| normal(other) == alias))
            };
            let carriers: Vec<&str> = names().filter(carries).collect();
            if !carriers.is_empty() {
                return Ok(carriers);
            }
        }
        Ok(Vec::new())
    }

    /// Reads what the modules `names` say of themselves, unless it is known.
    fn read(&mut self, names: impl Iterator<Item = &'a str>) -> Result<(), KernelError> {
        let unread: Vec<&str> = names.filter(|name| !self.infos.contains_key(name)).collect();
        let read: Vec<Result<Modinfo, KernelError>> =
            unread.par_iter().map(|name| self.modules.files[*name].modinfo()).collect();
        for (name, info) in unread.into_iter().zip(read) {
            self.infos.insert(name, info?);
        }
        Ok(())
    }
}

/// A walk that names every module once, behind what goes before it.
struct Order<'a, 'b> {
    edges: &'b Edges<'a>,
    seen: BTreeSet<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Order<'a, '_> {
    fn visit(&mut self, name: &'a str) {
        let edges = self.edges;
        if !self.seen.insert(name) {
            return;
        }
        let Some((before, after)) = edges.get(name) else { return };
        for name in before {
            self.visit(name);
        }
        self.names.push(name);
        for name in after {
            self.visit(name);
        }
    }
}

impl File {
    /// The module as the kernel loads it.
    pub(super) fn unpacked(&self) -> Result<Bytes, KernelError> {
        modinfo::unpacked(&self.path, self.content.bytes().map_err(TreeError::reading(&self.path))?)
    }

    fn modinfo(&self) -> Result<Modinfo, KernelError> {
        let module = self.unpacked()?;
        let elf = Elf::read(&module).map_err(|what| KernelError::Elf { path: self.path.clone(), what })?;
        Ok(Modinfo::read(&elf))
    }
}

/// The module files below `directory` by name. As depmod has it by default, a module in `updates/` goes before another
/// of its name, and links to kernel sources are passed over.
pub(super) fn files(tree: &Tree, directory: &TreePath) -> BTreeMap<String, File> {
    let updates = directory.join(b"updates");
    let mut files = BTreeMap::<String, File>::new();
    for (path, node) in tree.below(directory) {
        let (Some(name), Some(content)) = (modinfo::module_name(path), node.content()) else { continue };
        let sources = |component: &[u8]| matches!(component, b"build" | b"source");
        if path.components().skip(directory.components().count()).any(sources) {
            continue;
        }
        if !files.contains_key(&name) || path.is_below(&updates) {
            files.insert(name, File { path: path.clone(), content: content.clone() });
        }
    }
    files
}

/// The path of a module below its kernel's directory, as index files have it.
pub(super) fn relative(path: &TreePath, directory: &TreePath) -> String {
    let skipped = directory.components().count();
    path.components().skip(skipped).map(text).collect::<Vec<_>>().join("/")
}
