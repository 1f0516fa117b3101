//! What a module says of itself (`.modinfo`) and which symbols it gives and takes.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::archive::compression::Compression;
use crate::tree::TreePath;

use super::elf::Elf;
use super::{KernelError, text};

/// A module's own word on itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Modinfo {
    /// Modules that must be loaded before, by name, as modpost found them.
    pub(super) depends: Vec<String>,
    /// What the module is asked for by, with shell wildcards.
    pub(super) aliases: Vec<String>,
    /// `pre: a b post: c`, each as it stands there.
    pub(super) softdeps: Vec<String>,
    /// Modules that may be loaded with it at its own choice.
    pub(super) weakdeps: Vec<String>,
}

/// The symbols of a module that other modules are concerned with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Symbols {
    /// Exported to other modules.
    pub(super) exported: Vec<String>,
    /// Needed from the kernel or from other modules, in the order in which kmod finds them, on which depmod's order of
    /// dependencies rests.
    pub(super) needed: Vec<String>,
}

/// The name of a module from its file's: up to the first dot, with `_` for every `-`. Nothing for other files.
pub(super) fn module_name(path: &TreePath) -> Option<String> {
    let file = text(path.name()?);
    let (name, _) = compression(&file)?;
    Some(normal(name))
}

/// How a module is called whichever of `-` and `_` it is written with.
pub(super) fn normal(name: &str) -> String {
    name.replace('-', "_")
}

/// The module's file as the kernel loads it.
pub(super) fn unpacked(path: &TreePath, content: Bytes) -> Result<Bytes, KernelError> {
    match path.name().map(text).as_deref().and_then(compression) {
        Some((_, Compression::None)) | None => Ok(content),
        Some((_, packed)) => packed
            .unpack(&content)
            .map(Bytes::from)
            .map_err(|source| KernelError::Compression { path: path.clone(), source }),
    }
}

/// The name before `.ko` and the compression behind it.
fn compression(file: &str) -> Option<(&str, Compression)> {
    let (name, suffix) = file.split_once('.')?;
    Some((name, Compression::of(suffix, "ko")?))
}

impl Modinfo {
    pub(super) fn read(elf: &Elf<'_>) -> Self {
        let mut info = Self::default();
        for entry in elf.strings(".modinfo") {
            let entry = text(entry);
            match entry.split_once('=') {
                Some(("depends", list)) => {
                    info.depends.extend(list.split(',').filter(|name| !name.is_empty()).map(normal));
                }
                Some(("alias", alias)) => info.aliases.push(alias.to_owned()),
                Some(("softdep", softdep)) => info.softdeps.push(softdep.to_owned()),
                Some(("weakdep", weakdep)) => info.weakdeps.push(weakdep.to_owned()),
                _ => {}
            }
        }
        info
    }

    /// What is to be loaded before the module if it is there, by names or aliases.
    pub(super) fn before(&self) -> impl Iterator<Item = &str> {
        self.soft("pre:")
    }

    /// What is to be loaded after the module if it is there, by names or aliases.
    pub(super) fn after(&self) -> impl Iterator<Item = &str> {
        self.soft("post:")
    }

    /// The words behind `mark` and before the next mark, over all soft dependencies.
    fn soft<'a>(&'a self, mark: &'static str) -> impl Iterator<Item = &'a str> {
        self.softdeps.iter().flat_map(move |softdep| {
            let mut marked = false;
            softdep.split_ascii_whitespace().filter(move |&word| {
                let is_mark = matches!(word, "pre:" | "post:");
                if is_mark {
                    marked = word == mark;
                }
                marked && !is_mark
            })
        })
    }
}

impl Symbols {
    /// As `kmod_elf_get_symbols` and `kmod_elf_get_dependency_symbols` of libkmod read them.
    pub(super) fn read(elf: &Elf<'_>) -> Self {
        let checked = |name: &[u8]| name.strip_prefix(b"__crc_").map(text);
        let mut exported: Vec<String> = elf.symbols().filter_map(|symbol| checked(symbol.name)).collect();
        if exported.is_empty() {
            // A kernel without module versions has no checksums to go by.
            exported = elf.strings("__ksymtab_strings").map(text).collect();
        }
        let undefined: Vec<&[u8]> = elf.symbols().filter(|symbol| symbol.undefined).map(|symbol| symbol.name).collect();
        let seen: BTreeSet<&[u8]> = undefined.iter().copied().collect();
        // `__versions` adds what no instruction refers to (`module_layout`).
        let further = elf.versions().filter(|name| !seen.contains(name));
        let needed = undefined.iter().copied().chain(further).map(|name| name.strip_prefix(b".").unwrap_or(name));
        Self { exported, needed: needed.map(text).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::tests::Module;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).expect("a valid path")
    }

    #[test]
    fn names_come_from_files() {
        assert_eq!(module_name(&path("kernel/a/snd-soc-x.ko.xz")).as_deref(), Some("snd_soc_x"));
        assert_eq!(module_name(&path("kernel/a/b.ko")).as_deref(), Some("b"));
        for other in ["modules.dep", "kernel/a/b.ko.sig", "kernel/Makefile"] {
            assert_eq!(module_name(&path(other)), None, "{other}");
        }
    }

    #[test]
    fn soft_dependencies_belong_to_the_last_mark() {
        let info = Modinfo { softdeps: vec!["gcm pre: a  b post: c".into(), "pre: d".into()], ..Modinfo::default() };
        assert_eq!(info.before().collect::<Vec<_>>(), ["a", "b", "d"]);
        assert_eq!(info.after().collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn a_module_tells_its_story() {
        let module = Module::new("a").info("depends=b-c,d").info("alias=pci:v*").info("license=GPL").needs("f");
        let bytes = module.versioned("f").versioned("module_layout").exports("g").bytes(8);
        let elf = Elf::read(&bytes).expect("a module made here");
        let info = Modinfo::read(&elf);
        assert_eq!((info.depends, info.aliases), (vec!["b_c".to_owned(), "d".into()], vec!["pci:v*".to_owned()]));
        let symbols = Symbols::read(&elf);
        assert_eq!(symbols.exported, ["g"]);
        assert_eq!(symbols.needed, ["f", "module_layout"]);
    }
}
