//! What would be modules but is built into the kernel: `modules.builtin` and `modules.builtin.modinfo`, which the kernel
//! package brings.

use std::collections::BTreeSet;

use crate::tree::{Tree, TreeError, TreePath};

use super::modinfo::normal;
use super::text;

/// The modules that are built in.
#[derive(Debug, Clone, Default)]
pub(super) struct Builtin {
    /// Names in the order of `modules.builtin`.
    pub(super) names: Vec<String>,
    /// Aliases as they stand there with the name of their module, in the order of `modules.builtin.modinfo`.
    pub(super) aliases: Vec<(String, String)>,
    /// Names, and aliases with `_` for `-`, to look something up by.
    known: BTreeSet<String>,
}

impl Builtin {
    /// Reads both files from the kernel's module directory. A kernel package without them has nothing to tell.
    pub(super) fn read(tree: &Tree, directory: &TreePath) -> Result<Self, TreeError> {
        let file = |name: &[u8]| -> Result<_, TreeError> {
            Ok(tree.read_if_there(&directory.join(name))?.unwrap_or_default())
        };
        let names: Vec<String> = text(&file(b"modules.builtin")?).lines().filter_map(builtin_name).collect();
        let modinfo = file(b"modules.builtin.modinfo")?;
        let aliases: Vec<(String, String)> = modinfo.split(|&byte| byte == 0).filter_map(alias).collect();
        let known = names.iter().cloned().chain(aliases.iter().map(|(alias, _)| normal(alias))).collect();
        Ok(Self { names, aliases, known })
    }

    /// Whether `name`, in its normal form, is a module that is built in, or something that one goes by.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }
}

/// The name in a line like `kernel/fs/ext4/ext4.ko`.
fn builtin_name(line: &str) -> Option<String> {
    if !line.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let file = line.rsplit('/').next()?;
    Some(normal(file.split('.').next()?))
}

/// Alias and name in a record like `ext4.alias=fs-ext4`.
fn alias(record: &[u8]) -> Option<(String, String)> {
    let record = text(record);
    let (name, rest) = record.split_once('.')?;
    let alias = rest.strip_prefix("alias=")?;
    (!name.is_empty() && !alias.is_empty()).then(|| (alias.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Meta;

    #[test]
    fn names_and_aliases_are_known() {
        let mut tree = Tree::new(Meta::directory(0));
        let mut write = |name: &str, content: &'static [u8]| {
            tree.write(&TreePath::new(name).expect("a valid path"), content, Meta::file(0)).expect("the root is there");
        };
        write("modules.builtin", b"kernel/fs/ext-four/ext-4.ko\nkernel/lib/crc16.ko\n");
        write("modules.builtin.modinfo", b"ext_4.alias=fs-ext4\0ext_4.license=GPL\0crc16.description=a.b=c\0");
        let builtin = Builtin::read(&tree, &TreePath::root()).expect("texts");
        assert_eq!(builtin.names, ["ext_4", "crc16"]);
        assert_eq!(builtin.aliases, [("fs-ext4".to_owned(), "ext_4".to_owned())]);
        assert!(builtin.has("fs_ext4") && builtin.has("crc16") && !builtin.has("ext2"));
    }
}
