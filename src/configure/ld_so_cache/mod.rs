//! `/etc/ld.so.cache`, byte for byte what the system's own `ldconfig` would write, so that a first boot has no need to.
//!
//! Source: glibc 2.41, `elf/ldconfig.c` (where libraries are looked for, and which names count), `elf/readelflib.c` with
//! `sysdeps/unix/sysv/linux/arm/readelflib.c` (what is read of them), `elf/cache.c` and `sysdeps/generic/dl-cache.h` (the
//! file). `/var/cache/ldconfig/aux-cache` is not written: it spares ldconfig reading what has not changed since, by inode
//! number and time.

mod cache_file;
mod library;

use std::collections::{BTreeMap, BTreeSet};

use cache_file::{Entry, cache_file, version_order};
use library::Library;

use super::ConfigureError;
use crate::config::Architecture;
use crate::tree::{Kind, Meta, Tree, TreeError, TreePath, pattern};

const CACHE: &str = "etc/ld.so.cache";
const LDCONFIG: &str = "usr/sbin/ldconfig";

/// Names that package managers and others give to files that only look like libraries.
const NO_LIBRARIES: [&str; 4] = [".dpkg-new", ".dpkg-tmp", ".#prelink#", "-gdb.py"];

/// A library under one of its names.
struct Found {
    file_name: String,
    flags: u32,
    is_link: bool,
}

/// Writes the cache, and the links by sonames that ldconfig would make. Nothing is written where the system has no ldconfig,
/// or libraries for some processors only (`glibc-hwcaps`), which are left to the node's own.
pub fn write(tree: &mut Tree, architecture: Architecture, epoch: i64) -> Result<(), ConfigureError> {
    let Some(generator) = generator(tree)? else { return Ok(()) };
    let folders = folders(tree, architecture)?;
    if folders.iter().any(|(_, real)| tree.contains(&real.join(b"glibc-hwcaps"))) {
        tracing::info!("/{CACHE} is left to the first boot: some libraries are for some processors only");
        return Ok(());
    }
    let mut entries = Vec::new();
    for (path, real) in folders {
        for (soname, found) in libraries(tree, &real)? {
            if !found.is_link {
                link(tree, &real, &soname, &found.file_name, epoch)?;
            }
            entries.push(Entry { path: format!("{path}/{soname}"), soname, flags: found.flags });
        }
    }
    Ok(tree.write(&TreePath::new(CACHE)?, cache_file(entries, &generator), Meta::file(epoch))?)
}

/// What ldconfig calls itself in the files it writes ("ldconfig (Debian GLIBC 2.41-12) stable release version 2.41"): a
/// string in the program.
fn generator(tree: &Tree) -> Result<Option<String>, ConfigureError> {
    let Some(program) = tree.read_if_there(&TreePath::new(LDCONFIG)?)? else { return Ok(None) };
    let strings = program.split(|&byte| byte == 0).filter_map(|string| std::str::from_utf8(string).ok());
    let mut names = strings.filter(|string| string.starts_with("ldconfig ("));
    Ok(names.find(|string| string.contains(" release version ")).map(str::to_owned))
}

/// The folders that are searched, each by the name it was found under and its real path: those of `/etc/ld.so.conf`, then
/// the built-in ones. One that was there before by another name (`/usr/lib` after `/lib`) is passed over.
fn folders(tree: &Tree, architecture: Architecture) -> Result<Vec<(String, TreePath)>, ConfigureError> {
    let mut names = Vec::new();
    configured(tree, "/etc/ld.so.conf", &mut BTreeSet::new(), &mut names)?;
    let multiarch = architecture.multiarch();
    names.extend([format!("/lib/{multiarch}"), format!("/usr/lib/{multiarch}"), "/lib".into(), "/usr/lib".into()]);
    let mut seen = BTreeSet::new();
    let mut folders = Vec::new();
    for name in names {
        let name = name.trim_end_matches('/').to_owned();
        let Ok(real) = tree.resolve(&TreePath::new(&name)?) else { continue };
        if tree.get(&real).is_some_and(crate::tree::Node::is_directory) && seen.insert(real.clone()) {
            folders.push((name, real));
        }
    }
    Ok(folders)
}

/// The folders that a configuration file names, and the files that it includes.
fn configured(
    tree: &Tree,
    file: &str,
    read: &mut BTreeSet<TreePath>,
    names: &mut Vec<String>,
) -> Result<(), ConfigureError> {
    let content = match tree.resolve(&TreePath::new(file)?).and_then(|path| Ok((tree.read(&path)?, path))) {
        Ok((content, path)) if read.insert(path.clone()) => content,
        Ok(_) | Err(TreeError::Missing(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for line in String::from_utf8_lossy(&content).lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.split_once(char::is_whitespace) {
            Some(("include", patterns)) => {
                for pattern in patterns.split_whitespace() {
                    for included in matching(tree, file, pattern)? {
                        configured(tree, &included, read, names)?;
                    }
                }
            }
            Some(("hwcap", _)) => {}
            _ if line.starts_with('/') => names.push(line.to_owned()),
            _ => {}
        }
    }
    Ok(())
}

/// The files of one folder that a pattern matches, in the order of their names, as glob(3) gives them. A relative pattern
/// starts where the file lies that holds it.
fn matching(tree: &Tree, file: &str, pattern: &str) -> Result<Vec<String>, ConfigureError> {
    let near = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("{near}/{pattern}") };
    let (folder, names) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
    let Ok(real) = tree.resolve(&TreePath::new(folder)?) else { return Ok(Vec::new()) };
    let children = tree.children(&real).filter_map(|(path, _)| path.name());
    let matching = children.filter(|name| {
        !name.starts_with(b".") && pattern::matches(names.as_bytes(), name, pattern::Backslash::Escapes)
    });
    Ok(matching.map(|name| format!("{folder}/{}", String::from_utf8_lossy(name))).collect())
}

/// The libraries of a folder by their sonames; of several files with one soname, the file before the link, then the newest.
fn libraries(tree: &Tree, folder: &TreePath) -> Result<BTreeMap<String, Found>, ConfigureError> {
    let mut libraries: BTreeMap<String, Found> = BTreeMap::new();
    for (path, node) in tree.children(folder) {
        let Some(name) = path.name().and_then(|name| std::str::from_utf8(name).ok()) else { continue };
        if !may_be_library(name) {
            continue;
        }
        let Some(content) = tree.read_if_there(path)? else { continue };
        let Some(Library { flags, soname }) = Library::read(&content) else { continue };
        let soname = soname.unwrap_or_else(|| name.to_owned());
        // A link that is neither the soname nor the name for the linker (libfoo.so for libfoo.so.1) counts as a file.
        let for_linker = name.ends_with(".so") && soname.starts_with(name);
        let is_link = matches!(node.kind, Kind::Symlink(_)) && (name == soname || for_linker);
        let soname = if is_link { name.to_owned() } else { soname };
        let found = Found { file_name: name.to_owned(), flags, is_link };
        match libraries.get_mut(&soname) {
            Some(before) => {
                let newer = before.is_link == is_link && version_order(&before.file_name, name).is_lt();
                if (!is_link && before.is_link) || newer {
                    *before = found;
                }
            }
            None => {
                libraries.insert(soname, found);
            }
        }
    }
    Ok(libraries)
}

fn may_be_library(name: &str) -> bool {
    (name.starts_with("lib") || name.starts_with("ld-"))
        && name.contains(".so")
        && !NO_LIBRARIES.iter().any(|suffix| name.ends_with(suffix))
}

/// Links the soname to the file, unless it leads there already.
fn link(tree: &mut Tree, folder: &TreePath, soname: &str, file: &str, epoch: i64) -> Result<(), ConfigureError> {
    let place = folder.join(soname.as_bytes());
    let target = |path: &TreePath| tree.resolve(path).ok().and_then(|real| tree.id(&real));
    let leads_there = target(&place).is_some() && target(&place) == target(&folder.join(file.as_bytes()));
    let is_file = tree.get(&place).is_some_and(|node| node.target().is_none());
    if leads_there || is_file {
        return Ok(());
    }
    tree.remove(&place);
    Ok(tree.symlink(&place, file, Meta::file(epoch))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libraries() {
        for name in ["libc.so.6", "ld-linux-aarch64.so.1", "libfoo-1.2.so"] {
            assert!(may_be_library(name), "{name}");
        }
        for name in ["klibc-x.so", "libfoo.a", "libfoo.so.1.dpkg-new", "libstdc++.so.6.0.33-gdb.py", "engine.so"] {
            assert!(!may_be_library(name), "{name}");
        }
    }

    #[test]
    fn configuration_files_include_others_and_folders_count_once() {
        let mut tree = Tree::new(Meta::directory(1));
        for folder in ["usr/lib/aarch64-linux-gnu", "usr/local/lib", "etc/ld.so.conf.d", "opt/lib"] {
            tree.make_directories(&TreePath::new(folder).expect("a path"), Meta::directory(1)).expect("fresh");
        }
        tree.symlink(&TreePath::new("lib").expect("a path"), "usr/lib", Meta::file(1)).expect("fresh");
        for (path, text) in [
            ("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n/opt/lib # ours\n"),
            ("etc/ld.so.conf.d/b.conf", "# none\n/lib/aarch64-linux-gnu\n/nowhere\n"),
            ("etc/ld.so.conf.d/a.conf", "/usr/local/lib\ninclude b.conf\n"),
            ("etc/ld.so.conf.d/c.txt", "/usr/share\n"),
        ] {
            tree.write(&TreePath::new(path).expect("a path"), text, Meta::file(1)).expect("fresh");
        }
        let folders = folders(&tree, Architecture::Arm64).expect("readable");
        let names: Vec<&str> = folders.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["/usr/local/lib", "/lib/aarch64-linux-gnu", "/opt/lib", "/lib"]);
    }
}
