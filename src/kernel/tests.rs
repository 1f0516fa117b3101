//! Kernels made here, judged by depmod and cpio.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::tree::{Kind, Meta, Tree, TreePath};

use super::{KernelError, Modules, index, initramfs, release};

const RELEASE: &str = "6.12.0-test";
const EPOCH: i64 = 1_700_000_000;

/// A module in the making.
#[derive(Default)]
pub(super) struct Module {
    name: String,
    info: Vec<String>,
    exports: Vec<String>,
    needs: Vec<String>,
    versions: Vec<String>,
}

impl Module {
    /// A module whose file is called `name`.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// With an entry of `.modinfo`.
    pub(super) fn info(mut self, entry: &str) -> Self {
        self.info.push(entry.to_owned());
        self
    }

    pub(super) fn exports(mut self, symbol: &str) -> Self {
        self.exports.push(symbol.to_owned());
        self
    }

    pub(super) fn needs(mut self, symbol: &str) -> Self {
        self.needs.push(symbol.to_owned());
        self
    }

    /// With a symbol in `__versions`.
    pub(super) fn versioned(mut self, symbol: &str) -> Self {
        self.versions.push(symbol.to_owned());
        self
    }

    /// The ELF file, for a machine with words of 4 or 8 bytes.
    pub(super) fn bytes(&self, word: usize) -> Vec<u8> {
        let mut names = vec![0];
        let mut symbols = vec![0; if word == 4 { 16 } else { 24 }];
        let exported = self.exports.iter().map(|name| (format!("__crc_{name}"), 0xfff1_u16));
        for (name, section) in exported.chain(self.needs.iter().map(|name| (name.clone(), 0))) {
            let mut symbol = number(names.len(), 4);
            if word == 4 {
                symbol.extend([0; 8]);
            }
            symbol.extend([0x10, 0]);
            symbol.extend(section.to_le_bytes());
            symbol.resize(if word == 4 { 16 } else { 24 }, 0);
            symbols.extend(symbol);
            names.extend(name.bytes().chain([0]));
        }
        let versions = self.versions.iter().flat_map(|name| {
            let mut entry = [vec![7; word], name.as_bytes().to_vec()].concat();
            entry.resize(64, 0);
            entry
        });
        let strings = |strings: &[String]| strings.iter().flat_map(|text| text.bytes().chain([0])).collect();
        let sections: [(&str, u32, Vec<u8>); 6] = [
            (".modinfo", 1, strings(&self.info)),
            ("__ksymtab_strings", 1, strings(&self.exports)),
            ("__versions", 1, versions.collect()),
            (".symtab", 2, symbols),
            (".strtab", 3, names),
            (".shstrtab", 3, b"\0.modinfo\0__ksymtab_strings\0__versions\0.symtab\0.strtab\0.shstrtab\0".to_vec()),
        ];
        elf(word, &sections)
    }
}

/// A relocatable ELF file of sections (name, type, content), the last of which holds their names.
fn elf(word: usize, sections: &[(&str, u32, Vec<u8>)]) -> Vec<u8> {
    let header_size = if word == 4 { 52 } else { 64 };
    let mut contents = Vec::new();
    let mut headers = vec![0; if word == 4 { 40 } else { 64 }];
    let mut name = 1;
    for (index, (text, kind, content)) in sections.iter().enumerate() {
        headers.extend(number(name, 4));
        headers.extend(kind.to_le_bytes());
        for field in [0, 0, header_size + contents.len(), content.len()] {
            headers.extend(number(field, word));
        }
        // A symbol table says which section has its names: the next one.
        headers.extend(number(if *kind == 2 { index + 2 } else { 0 }, 4));
        headers.extend(number(0, 4));
        headers.extend(number(1, word));
        headers.extend(number(
            if *kind != 2 {
                0
            } else if word == 4 {
                16
            } else {
                24
            },
            word,
        ));
        name += text.len() + 1;
        contents.extend_from_slice(content);
    }
    let mut file = if word == 4 { b"\x7fELF\x01\x01\x01".to_vec() } else { b"\x7fELF\x02\x01\x01".to_vec() };
    file.resize(16, 0);
    file.extend(number(1, 2));
    file.extend(number(if word == 4 { 40 } else { 183 }, 2));
    file.extend(number(1, 4));
    file.extend(number(0, word));
    file.extend(number(0, word));
    file.extend(number(header_size + contents.len(), word));
    file.extend(number(0, 4));
    for half in [header_size, 0, 0, if word == 4 { 40 } else { 64 }, sections.len() + 1, sections.len()] {
        file.extend(number(half, 2));
    }
    [file, contents, headers].concat()
}

fn number(number: usize, size: usize) -> Vec<u8> {
    number.to_le_bytes()[..size].to_vec()
}

fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a valid path")
}

/// A tree with a kernel of these modules, in the order in which they were linked.
fn kernel(word: usize, modules: &[(&str, Module)]) -> Tree {
    let mut tree = Tree::new(Meta::directory(0));
    let root = format!("usr/lib/modules/{RELEASE}");
    let mut order = String::new();
    for (directory, module) in modules {
        let directory = format!("kernel/{directory}");
        tree.make_directories(&path(&format!("{root}/{directory}")), Meta::directory(0)).expect("fresh directories");
        let packed = liblzma::encode_all(module.bytes(word).as_slice(), 0).expect("packing in memory");
        let file = format!("{directory}/{}.ko", module.name);
        tree.write(&path(&format!("{root}/{file}.xz")), packed, Meta::file(0)).expect("the directory is there");
        order += &format!("{file}\n");
    }
    for (name, content) in [
        ("modules.order", order.as_str()),
        ("modules.builtin", "kernel/lib/crc16.ko\nkernel/drivers/usb/core/usb-common.ko\n"),
        ("modules.builtin.modinfo", "crc16.license=GPL\0usb_common.alias=usb:v*d[0-9]*\0crc16.alias=crypto-crc16\0"),
    ] {
        tree.write(&path(&format!("{root}/{name}")), content.to_owned(), Meta::file(0))
            .expect("the directory is there");
    }
    tree
}

/// A file system on jbd2 and a crypto layer, as the real ones lean on each other.
fn ext4() -> Vec<(&'static str, Module)> {
    vec![
        ("crypto", Module::new("crc32c_generic").info("alias=crypto-crc32c").info("alias=crc32c-generic")),
        ("arch/crypto", Module::new("crc32-ce").info("alias=crypto-crc32c").needs("hash_register")),
        ("crypto", Module::new("hash").exports("hash_register").exports("hash_drop").versioned("module_layout")),
        (
            "fs/ext4",
            Module::new("ext4")
                .info("depends=jbd2,mbcache,crc16")
                .info("softdep=pre: crypto-crc32c")
                .info("alias=fs-ext4")
                .needs("mb_find")
                .needs("jbd2_start")
                .needs("printk"),
        ),
        ("fs", Module::new("mbcache").info("depends=").exports("mb_find").exports("mb_add")),
        ("fs/jbd2", Module::new("jbd2").info("depends=").exports("jbd2_start").needs("crc16")),
        (
            "drivers",
            Module::new("snd-timer")
                .info("alias=char-major-116-33")
                .info("alias=devname:snd/timer")
                .info("alias=of:N*T*Cvendor,a-b[0-9-]*")
                .info("softdep=post: no-such")
                .info("weakdep=jbd2"),
        ),
    ]
}

fn names(paths: &[TreePath]) -> Vec<String> {
    paths.iter().map(|path| String::from_utf8_lossy(path.name().expect("a file")).into_owned()).collect()
}

fn modules(tree: &Tree) -> Modules {
    Modules::read(tree, RELEASE).expect("a kernel made here")
}

#[test]
fn one_kernel_is_found() {
    let mut tree = kernel(4, &ext4());
    assert_eq!(release(&tree).expect("one kernel"), RELEASE);
    tree.make_directories(&path("usr/lib/modules/6.13"), Meta::directory(0)).expect("a fresh directory");
    assert_eq!(
        release(&tree).expect_err("two kernels").to_string(),
        "more than one kernel is in the tree (6.12.0-test, 6.13): leave all but one kernel package out"
    );
    assert!(matches!(release(&Tree::new(Meta::directory(0))), Err(KernelError::NoKernel)));
}

#[test]
fn modules_load_behind_what_they_need() {
    let tree = kernel(4, &ext4());
    let order = modules(&tree).load_order(&["ext4"]).expect("a whole kernel");
    assert_eq!(names(&order), ["jbd2.ko.xz", "mbcache.ko.xz", "crc32-ce.ko.xz", "crc32c_generic.ko.xz", "ext4.ko.xz"]);
    let order = modules(&tree).load_order(&["crc32c-generic", "ext4", "crc16", "usb-common"]).expect("a whole kernel");
    assert_eq!(names(&order), ["crc32c_generic.ko.xz", "jbd2.ko.xz", "mbcache.ko.xz", "ext4.ko.xz"]);
    let order = modules(&tree).load_order(&["crc32c_generic?", "crc32d?", "ext4"]).expect("what it may lack it lacks");
    assert_eq!(names(&order), ["crc32c_generic.ko.xz", "jbd2.ko.xz", "mbcache.ko.xz", "ext4.ko.xz"]);
}

#[test]
fn unknown_modules_are_named_with_their_kernel() {
    let tree = kernel(4, &ext4());
    let error = modules(&tree).load_order(&["ext3"]).expect_err("no such module");
    assert_eq!(error.to_string(), "kernel 6.12.0-test has no module `ext3`: did you mean `ext4`?");
    let error = modules(&tree).load_order(&["zzzzzz"]).expect_err("no such module");
    assert_eq!(error.to_string(), "kernel 6.12.0-test has no module `zzzzzz`: name one that it has, or leave it out");
    let lonely = kernel(8, &[("a", Module::new("a").info("depends=gone"))]);
    assert_eq!(
        modules(&lonely).load_order(&["a"]).expect_err("an incomplete kernel").to_string(),
        "module `a` depends on `gone`, which kernel 6.12.0-test does not have: its package is incomplete"
    );
}

#[test]
fn pruning_leaves_what_is_wanted_and_no_empty_directories() {
    let mut tree = kernel(8, &ext4());
    modules(&tree).prune(&mut tree, &["ext4"]).expect("a whole kernel");
    let root = path(&format!("usr/lib/modules/{RELEASE}/kernel"));
    let left: Vec<String> =
        tree.below(&root).map(|(path, _)| path.to_string().split_off(root.as_bytes().len() + 1)).collect();
    let files: Vec<&str> = left.iter().map(String::as_str).filter(|path| path.ends_with(".xz")).collect();
    assert_eq!(
        files,
        [
            "arch/crypto/crc32-ce.ko.xz",
            "crypto/crc32c_generic.ko.xz",
            "fs/ext4/ext4.ko.xz",
            "fs/jbd2/jbd2.ko.xz",
            "fs/mbcache.ko.xz"
        ]
    );
    assert!(!left.iter().any(|path| path == "drivers"));
}

#[test]
fn circles_are_named() {
    let mut tree =
        kernel(4, &[("a", Module::new("a").exports("a").needs("b")), ("b", Module::new("b").exports("b").needs("a"))]);
    assert_eq!(
        index(&mut tree, RELEASE, EPOCH).expect_err("a circle").to_string(),
        "modules `a`, `b` of kernel 6.12.0-test need each other in a circle and can never load"
    );
}

/// SHA-256 of what depmod of kmod 34.2 (Debian trixie's) wrote for the kernel of [`ext4`]. Older ones order the nodes in
/// another way, so the host's depmod can only judge what the indices mean.
const KMOD_34: [(&str, &str); 5] = [
    ("modules.alias.bin", "6235d9afd25e0fb51a47230d2ebe0931a4c38a445c0fbfc68c505550a510676a"),
    ("modules.builtin.alias.bin", "9592ea735e4e32d3feac646eba1d6825940e68b04b122432fcb26c99d9344a03"),
    ("modules.builtin.bin", "bdae520c947f2e912c59644e90c2b3dafdb4d14cc403da757fbec77fbf047530"),
    ("modules.dep.bin", "6021f1ab819b8c9fc7e95a8c859a679a483c148f737651f6bcdab8fc10ad571a"),
    ("modules.symbols.bin", "a6709a5e7aa3a9de9715fbacd95953487f47ff173c05d5b094385331dc9d35c6"),
];

#[test]
fn the_index_is_depmods() {
    for word in [4, 8] {
        let mut tree = kernel(word, &ext4());
        let root = path(&format!("usr/lib/modules/{RELEASE}"));
        let outside = tempfile::tempdir().expect("a temporary directory");
        write_out(&tree, outside.path());
        // depmod looks for modules in /lib, which is a link as on a node.
        std::os::unix::fs::symlink("usr/lib", outside.path().join("lib")).expect("a fresh link");
        let status = Command::new("depmod").arg("-b").arg(outside.path()).arg(RELEASE).status();
        assert!(status.expect("depmod must be installed: package kmod").success());

        index(&mut tree, RELEASE, EPOCH).expect("a whole kernel");
        let mut compared = 0;
        for entry in fs::read_dir(outside.path().join(root.to_string())).expect("depmod's directory") {
            let entry = entry.expect("a directory entry");
            if entry.path().is_file() {
                let name = entry.file_name().into_string().expect("an ASCII name");
                let ours = tree.read(&root.join(name.as_bytes())).expect(&name);
                let theirs = fs::read(entry.path()).expect("depmod's file");
                if name.ends_with(".bin") {
                    assert_eq!(meaning(&ours), meaning(&theirs), "{name}");
                } else {
                    assert_eq!(ours.escape_ascii().to_string(), theirs.escape_ascii().to_string(), "{name}");
                }
                compared += 1;
            }
        }
        assert!(compared >= 13, "depmod wrote less than expected: {compared} files");
        let weakdep = tree.read(&root.join(b"modules.weakdep")).expect("the index");
        assert_eq!(weakdep, "# Weak dependencies extracted from modules themselves.\nweakdep snd_timer jbd2\n");
        let sum = |name: &str| {
            let content = tree.read(&root.join(name.as_bytes())).expect(name);
            hex::encode(Sha256::digest(content))
        };
        assert_eq!(KMOD_34.map(|(name, _)| (name, sum(name))), KMOD_34.map(|(name, sum)| (name, sum.to_owned())));
    }
}

/// Keys, priorities and values of a binary index, in the order of the keys.
fn meaning(index: &[u8]) -> Vec<(String, u32, String)> {
    assert_eq!(index[..8], *b"\xb0\x07\xf4\x57\0\x02\0\x01");
    let mut out = Vec::new();
    node(index, big_endian(&mut &index[8..]), "", &mut out);
    out
}

fn node(index: &[u8], offset: u32, key: &str, out: &mut Vec<(String, u32, String)>) {
    let rest = &mut &index[usize::try_from(offset & 0x0fff_ffff).expect("a small file")..];
    let mut key = key.to_owned();
    if offset & 0x8000_0000 != 0 {
        key += &string(rest);
    }
    let mut children = Vec::new();
    if offset & 0x2000_0000 != 0 {
        let (first, last) = (rest[0], rest[1]);
        *rest = &rest[2..];
        children = (first..=last).map(|character| (character, big_endian(rest))).collect();
    }
    if offset & 0x4000_0000 != 0 {
        for _ in 0..big_endian(rest) {
            let priority = big_endian(rest);
            out.push((key.clone(), priority, string(rest)));
        }
    }
    for (character, offset) in children.into_iter().filter(|(_, offset)| *offset != 0) {
        node(index, offset, &format!("{key}{}", char::from(character)), out);
    }
}

fn big_endian(rest: &mut &[u8]) -> u32 {
    let (number, behind) = rest.split_first_chunk().expect("a whole number");
    *rest = behind;
    u32::from_be_bytes(*number)
}

fn string(rest: &mut &[u8]) -> String {
    let end = rest.iter().position(|&byte| byte == 0).expect("a string's end");
    let text = String::from_utf8(rest[..end].to_vec()).expect("ASCII");
    *rest = &rest[end + 1..];
    text
}

#[test]
fn cpio_lists_the_initramfs() {
    let tree = kernel(4, &ext4());
    let order = modules(&tree).load_order(&["mbcache", "snd_timer"]).expect("a whole kernel");
    let archive = initramfs(&tree, &order, b"init here", EPOCH).expect("a small archive");
    assert_eq!(archive.len() % 512, 0);
    let outside = tempfile::tempdir().expect("a temporary directory");
    let file = outside.path().join("initramfs");
    fs::write(&file, &archive).expect("the temporary directory is there");
    let cpio = |arguments: &[&str]| {
        let input = Stdio::from(fs::File::open(&file).expect("just written"));
        let mut command = Command::new("cpio");
        command.args(arguments).current_dir(outside.path()).env("TZ", "UTC").stdin(input);
        let output = command.output().expect("cpio must be installed: package cpio");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let text = |arguments: &[&str]| String::from_utf8(cpio(arguments)).expect("ASCII names");
    let names = "dev modules proc run sys dev/console dev/null init modules/mbcache.ko \
                 modules/snd_timer.ko modules.list";
    assert_eq!(text(&["-t"]).lines().collect::<Vec<_>>(), names.split_whitespace().collect::<Vec<_>>());
    let long = text(&["-tv"]);
    for line in ["crw-------   1 root     root       5,   1 Nov 14  2023 dev/console", "-rwxr-xr-x   1 root"] {
        assert!(long.contains(line), "{long}");
    }
    assert_eq!(text(&["-i", "--to-stdout", "modules.list"]), "/modules/mbcache.ko\n/modules/snd_timer.ko\n");
    let unpacked = cpio(&["-i", "--to-stdout", "modules/mbcache.ko"]);
    assert_eq!(unpacked, Module::new("mbcache").info("depends=").exports("mb_find").exports("mb_add").bytes(4));
}

/// Writes the tree's directories and files to the disk.
fn write_out(tree: &Tree, to: &Path) {
    for (path, _, node) in tree.iter() {
        let path = to.join(path.to_string());
        match &node.kind {
            Kind::Directory => fs::create_dir_all(path).expect("a writable directory"),
            Kind::File(content) => fs::write(path, content.bytes().expect("in memory")).expect("a writable directory"),
            _ => {}
        }
    }
}
