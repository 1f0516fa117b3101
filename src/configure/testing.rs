//! Packages and trees for the tests of this room and of those that work with it.

use bytes::Bytes;

use crate::archive::{Deb, Paragraph};
use crate::config::Architecture;
use crate::tree::{Meta, Tree};
use crate::unpack::{self, ExcludeRules, Package};

use super::ConfigureOptions;

pub(crate) const EPOCH: i64 = 1_700_000_000;

/// An unpacked package without files, from its control paragraph and the other files of its control archive.
pub(crate) fn package(control: &str, control_files: &[(&str, &str)]) -> Package {
    let deb = Deb {
        control: Paragraph::parse(control).expect("a control paragraph"),
        control_files: control_files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect(),
        // A tar archive ends with two empty blocks.
        data_tar: Bytes::from_static(&[0; 1024]).into(),
    };
    let (_, mut packages) = unpack::unpack(vec![deb], &ExcludeRules::default(), 0).expect("an empty package");
    packages.remove(0)
}

pub(crate) fn tree() -> Tree {
    let mut tree = Tree::new(Meta::directory(EPOCH));
    for (path, content) in
        [("etc/passwd", "root:x:0:0::/:/bin/sh\nkit:x:77:78::/:/bin/sh\n"), ("etc/group", "kit:x:78:\n")]
    {
        let path = crate::tree::TreePath::new(path).expect("valid");
        tree.make_directories(&path.parent().expect("has one"), Meta::directory(EPOCH)).expect("fresh");
        tree.write(&path, content, Meta::file(EPOCH)).expect("fresh");
    }
    tree
}

pub(crate) fn options() -> ConfigureOptions {
    ConfigureOptions {
        architecture: Architecture::Armhf,
        epoch: EPOCH,
        debconf: std::collections::BTreeMap::new(),
        second_stage: Vec::new(),
    }
}
