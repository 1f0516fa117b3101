//! What depmod(8) writes: the index files in a kernel's module directory that `modprobe` and udev work from.
//!
//! The dependencies come from the modules' symbols, as depmod finds them, and the files are the same byte for byte as
//! those of kmod 34 without a configuration of its own (`etc/depmod.d` is not read).

use std::collections::BTreeMap;
use std::fmt::Write;

use rayon::prelude::*;

use crate::tree::{Meta, Tree, TreePath};

use super::builtin::Builtin;
use super::depends::depends;
use super::elf::Elf;
use super::modinfo::{Modinfo, Symbols, normal};
use super::modules::{File, files, relative};
use super::trie::Trie;
use super::{KernelError, directory, hash_order, text};

/// A module in the order of the index.
struct Module {
    name: String,
    /// Below the kernel's directory.
    path: String,
    info: Modinfo,
    symbols: Symbols,
}

/// All modules of a kernel with what depends on what.
struct Index {
    modules: Vec<Module>,
    /// Which module exports a symbol.
    owners: BTreeMap<String, usize>,
    /// For each module all that must be loaded before it: the last to be loaded first.
    depends: Vec<Vec<usize>>,
    builtin: Builtin,
}

/// Writes the index files of kernel `release` for the modules that are in `tree`, each with the time `epoch`.
pub fn index(tree: &mut Tree, release: &str, epoch: i64) -> Result<(), KernelError> {
    let directory = directory(release)?;
    let index = Index::read(tree, release, &directory)?;
    let contents = [
        ("modules.dep", index.dep().into_bytes()),
        ("modules.dep.bin", index.dep_bin()?),
        ("modules.alias", index.alias().into_bytes()),
        ("modules.alias.bin", index.alias_bin()?),
        ("modules.softdep", index.softdep().into_bytes()),
        ("modules.weakdep", index.weakdep().into_bytes()),
        ("modules.symbols", index.symbols().into_bytes()),
        ("modules.symbols.bin", index.symbols_bin()?),
        ("modules.builtin.bin", index.builtin_bin()?),
        ("modules.builtin.alias.bin", index.builtin_alias_bin()?),
        ("modules.devname", index.devname().into_bytes()),
    ];
    for (name, content) in contents {
        tree.write(&directory.join(name.as_bytes()), content, Meta::file(epoch))?;
    }
    Ok(())
}

impl Index {
    fn read(tree: &Tree, release: &str, directory: &TreePath) -> Result<Self, KernelError> {
        let read: Vec<Result<Module, KernelError>> = files(tree, directory)
            .into_par_iter()
            .map(|(name, file)| Module::read(name, &file, relative(&file.path, directory)))
            .collect();
        let mut modules = read.into_iter().collect::<Result<Vec<Module>, KernelError>>()?;
        let order = order(tree, directory)?;
        modules.sort_by_cached_key(|module| {
            let place = order.get(module.unpacked_path()).copied().unwrap_or(usize::MAX);
            let (bucket, name) = hash_order::key(&module.name, hash_order::MODULES);
            (place, bucket, name.to_owned())
        });
        let mut owners = BTreeMap::new();
        for (owner, module) in modules.iter().enumerate() {
            owners.extend(module.symbols.exported.iter().map(|symbol| (symbol.clone(), owner)));
        }
        let needed = modules.iter().map(|module| module.symbols.needed.as_slice());
        let depends = depends(needed, &owners).map_err(|circle| KernelError::Cycle {
            release: release.to_owned(),
            names: circle.iter().map(|&index| format!("`{}`", modules[index].name)).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self { modules, owners, depends, builtin: Builtin::read(tree, directory)? })
    }

    /// The modules with their priority in binary indices.
    fn numbered(&self) -> impl Iterator<Item = (u32, &Module)> {
        (0..).zip(&self.modules)
    }

    /// `path: path path`, a line for each module.
    fn dep_lines(&self) -> impl Iterator<Item = String> {
        self.modules.iter().zip(&self.depends).map(|(module, depends)| {
            let paths = depends.iter().map(|&index| format!(" {}", self.modules[index].path));
            format!("{}:{}", module.path, paths.collect::<String>())
        })
    }

    fn dep(&self) -> String {
        self.dep_lines().map(|line| line + "\n").collect()
    }

    fn dep_bin(&self) -> Result<Vec<u8>, KernelError> {
        let mut trie = Trie::default();
        for ((priority, module), line) in self.numbered().zip(self.dep_lines()) {
            trie.insert(&module.name, &line, priority)?;
        }
        Ok(trie.write())
    }

    fn alias(&self) -> String {
        let mut out = String::from("# Aliases extracted from modules themselves.\n");
        for module in &self.modules {
            for alias in &module.info.aliases {
                line(&mut out, format_args!("alias {alias} {}", module.name));
            }
        }
        out
    }

    fn alias_bin(&self) -> Result<Vec<u8>, KernelError> {
        let mut trie = Trie::default();
        for (priority, module) in self.numbered() {
            for alias in module.info.aliases.iter().filter_map(|alias| normal_alias(alias)) {
                trie.insert(&alias, &module.name, priority)?;
            }
        }
        Ok(trie.write())
    }

    fn softdep(&self) -> String {
        let mut out = String::from("# Soft dependencies extracted from modules themselves.\n");
        for module in &self.modules {
            for softdep in &module.info.softdeps {
                line(&mut out, format_args!("softdep {} {softdep}", module.name));
            }
        }
        out
    }

    fn weakdep(&self) -> String {
        let mut out = String::from("# Weak dependencies extracted from modules themselves.\n");
        for module in &self.modules {
            for weakdep in &module.info.weakdeps {
                line(&mut out, format_args!("weakdep {} {weakdep}", module.name));
            }
        }
        out
    }

    fn symbols(&self) -> String {
        let mut symbols: Vec<(&String, usize)> = self.owners.iter().map(|(symbol, &owner)| (symbol, owner)).collect();
        symbols.sort_by_key(|(symbol, _)| hash_order::key(symbol, hash_order::SYMBOLS));
        let mut out = String::from("# Aliases for symbols, used by symbol_request().\n");
        for (symbol, owner) in symbols {
            line(&mut out, format_args!("alias symbol:{symbol} {}", self.modules[owner].name));
        }
        out
    }

    fn symbols_bin(&self) -> Result<Vec<u8>, KernelError> {
        let priorities: Vec<u32> = self.numbered().map(|(priority, _)| priority).collect();
        let mut trie = Trie::default();
        for (symbol, &owner) in &self.owners {
            trie.insert(&format!("symbol:{symbol}"), &self.modules[owner].name, priorities[owner])?;
        }
        Ok(trie.write())
    }

    fn builtin_bin(&self) -> Result<Vec<u8>, KernelError> {
        let mut trie = Trie::default();
        for name in &self.builtin.names {
            trie.insert(name, "", 0)?;
        }
        Ok(trie.write())
    }

    fn builtin_alias_bin(&self) -> Result<Vec<u8>, KernelError> {
        let mut trie = Trie::default();
        for (alias, name) in &self.builtin.aliases {
            if let Some(alias) = normal_alias(alias) {
                trie.insert(&alias, name, 0)?;
            }
        }
        Ok(trie.write())
    }

    /// The device nodes whose opening loads a module.
    fn devname(&self) -> String {
        let mut out = String::new();
        for module in &self.modules {
            if let Some((name, kind, major, minor)) = device(&module.info.aliases) {
                line(&mut out, format_args!("{} {name} {kind}{major}:{minor}", module.name));
            }
        }
        if !out.is_empty() {
            out.insert_str(0, "# Device nodes to trigger on-demand module loading.\n");
        }
        out
    }
}

impl Module {
    fn read(name: String, file: &File, path: String) -> Result<Self, KernelError> {
        let content = file.unpacked()?;
        let elf = Elf::read(&content).map_err(|what| KernelError::Elf { path: file.path.clone(), what })?;
        Ok(Self { name, path, info: Modinfo::read(&elf), symbols: Symbols::read(&elf) })
    }

    /// The path with `.ko` at the end, as `modules.order` has it.
    fn unpacked_path(&self) -> &str {
        self.path.rfind(".ko").map_or(&self.path, |at| &self.path[..at + 3])
    }
}

/// The place of each module's path in the order in which the kernel was linked.
fn order(tree: &Tree, directory: &TreePath) -> Result<BTreeMap<String, usize>, KernelError> {
    let content = text(&tree.read_if_there(&directory.join(b"modules.order"))?.unwrap_or_default());
    let mut order = BTreeMap::new();
    for (place, line) in content.lines().enumerate() {
        order.entry(line.to_owned()).or_insert(place);
    }
    Ok(order)
}

/// An alias as binary indices have it: `_` for `-` outside of brackets. Nothing if a bracket is left open.
fn normal_alias(alias: &str) -> Option<String> {
    let mut out = String::with_capacity(alias.len());
    let mut rest = alias;
    while let Some(open) = rest.find(['[', ']']) {
        let close = rest[open..].strip_prefix('[')?.find(']')? + open + 2;
        out += &normal(&rest[..open]);
        out += &rest[open..close];
        rest = &rest[close..];
    }
    Some(out + &normal(rest))
}

/// The device node that a module asks for by a `devname:` alias and the first `char-major-` or `block-major-` alias
/// with two numbers: name, `c` or `b`, major and minor.
fn device(aliases: &[String]) -> Option<(&str, char, u32, u32)> {
    let (mut name, mut numbers) = (None, None);
    for alias in aliases {
        if let Some(devname) = alias.strip_prefix("devname:") {
            name = Some(devname);
        } else if let Some((major, minor)) = alias.strip_prefix("char-major-").and_then(two_numbers) {
            numbers = Some(('c', major, minor));
        } else if let Some((major, minor)) = alias.strip_prefix("block-major-").and_then(two_numbers) {
            numbers = Some(('b', major, minor));
        }
        if let (Some(name), Some((kind, major, minor))) = (name, numbers) {
            return Some((name, kind, major, minor));
        }
    }
    None
}

/// `10-229`, whatever comes behind.
fn two_numbers(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('-')?;
    let digits = minor.find(|character: char| !character.is_ascii_digit()).unwrap_or(minor.len());
    Some((major.parse().ok()?, minor[..digits].parse().ok()?))
}

fn line(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{line}");
}
