//! File systems that mke2fs made, held against what e2fsprogs' own tools say of them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::*;
use crate::disk::{Area, BLOCK, EntryKind, judge};

/// Makes a file system of 64 MiB with the given options of mke2fs from the tree in `folder`.
fn made(options: &[&str], folder: &Path) -> tempfile::NamedTempFile {
    let image = tempfile::NamedTempFile::new().expect("a temporary file");
    let (image_path, folder) = (image.path().as_os_str(), folder.as_os_str());
    let mut arguments: Vec<&std::ffi::OsStr> = vec!["-q".as_ref(), "-F".as_ref(), "-d".as_ref(), folder];
    arguments.extend(options.iter().map(|option| std::ffi::OsStr::new(*option)));
    arguments.extend([image_path, "64M".as_ref()]);
    judge::run("mke2fs", &arguments);
    image
}

fn slice(image: &tempfile::NamedTempFile) -> Slice {
    let file = image.reopen().expect("the image");
    let length = file.metadata().expect("its length").len();
    Slice::new(file, 0, length)
}

fn debugfs(image: &tempfile::NamedTempFile, command: &str) -> String {
    judge::run("debugfs", &["-w".as_ref(), "-R".as_ref(), command.as_ref(), image.path().as_os_str()])
}

/// A value of dumpe2fs' table.
fn field(image: &tempfile::NamedTempFile, name: &str) -> String {
    let table = judge::run("dumpe2fs", &["-h".as_ref(), image.path().as_os_str()]);
    let line = table.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).expect("a line of dumpe2fs");
    line.trim().to_owned()
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("etc/many")).expect("a fresh folder");
    for index in 0..300 {
        fs::write(path(&format!("etc/many/a-file-with-a-rather-long-name-{index}")), "").expect("a fresh file");
    }
    fs::write(path("etc/hostname"), "pi\n").expect("a fresh file");
    fs::set_permissions(path("etc/hostname"), fs::Permissions::from_mode(0o4711)).expect("our own file");
    fs::write(path("large"), vec![7; 3_000_000]).expect("a fresh file");
    symlink("etc/hostname", path("short")).expect("a fresh link");
    symlink("x".repeat(200), path("long")).expect("a fresh link");
    folder
}

const FOREIGN: [&str; 6] = ["-b", "4096", "-L", "other", "-O", "extent,64bit,metadata_csum,metadata_csum_seed,flex_bg"];

#[test]
fn a_foreign_file_system_is_read_as_its_makers_read_it() {
    let image = made(&FOREIGN, tree().path());
    debugfs(&image, "ea_set /etc/hostname user.colour red");
    debugfs(&image, "mknod tty c 4 64");
    debugfs(&image, "set_inode_field /etc/hostname uid 100000");
    debugfs(&image, "set_inode_field /etc/hostname mtime @5000000000");
    let ext4 = Ext4::open(slice(&image)).expect("it can be read");
    let facts = ext4.facts();
    assert_eq!(facts.label, "other");
    assert_eq!((facts.free / BLOCK).to_string(), field(&image, "Free blocks"));
    assert_eq!(facts.free_inodes.to_string(), field(&image, "Free inodes"));
    assert_eq!(hex::encode(facts.uuid), field(&image, "Filesystem UUID").replace('-', ""));

    let listing = ext4.list().expect("it can be read");
    let path = |name: &str| TreePath::new(name).expect("a path");
    let hostname = listing.get(&path("etc/hostname")).expect("a file");
    assert_eq!((hostname.mode, hostname.owner.map(|owner| owner.0)), (Some(0o4711), Some(100_000)));
    assert_eq!((hostname.size, hostname.mtime), (3, 5_000_000_000));
    assert_eq!(hostname.attributes, [("user.colour".to_owned(), b"red".to_vec())].into());
    assert_eq!(listing.get(&path("tty")).expect("a device").kind, EntryKind::CharDevice { major: 4, minor: 64 });
    assert_eq!(listing.get(&path("long")).expect("a link").kind, EntryKind::Symlink(vec![b'x'; 200]));
    assert_eq!(listing.get(&path("short")).expect("a link").kind, EntryKind::Symlink(b"etc/hostname".to_vec()));
    assert_eq!(listing.children(&path("etc/many")).count(), 300);
    let mut content = Vec::new();
    let large = path("large");
    let mut file = ext4.content(&large, listing.get(&large).expect("a file")).expect("its extents");
    file.read_to_end(&mut content).expect("its content");
    assert!(content == vec![7; 3_000_000], "the content differs");
}

#[test]
fn every_block_has_the_owner_that_debugfs_names() {
    let image = made(&FOREIGN, tree().path());
    let ext4 = Ext4::open(slice(&image)).expect("it can be read");
    let areas = ext4.areas(&ext4.list().expect("it can be read")).expect("its extents");
    for path in ["large", "etc/hostname", "etc/many"] {
        let printed = debugfs(&image, &format!("blocks /{path}"));
        let blocks: Vec<u64> = printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert!(!blocks.is_empty(), "{printed}");
        for block in blocks {
            let (_, owner) = areas.at(block * BLOCK + 17).expect("an owner");
            assert_eq!(owner.to_string(), format!("/{path}"));
        }
    }
    let free = (0..64 * 256).filter(|block| matches!(areas.at(block * BLOCK), Some((_, Area::Free)))).count();
    assert_eq!(free.to_string(), field(&image, "Free blocks"));
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let said = |image: &tempfile::NamedTempFile| Ext4::open(slice(image)).expect_err("it cannot be read").to_string();
    let folder = tree();
    let inline = made(&["-t", "ext4", "-b", "4096", "-O", "inline_data"], folder.path());
    assert_eq!(said(&inline), "it has features that are not read: inline_data");
    let dirty = made(&FOREIGN, folder.path());
    debugfs(&dirty, "feature needs_recovery");
    assert_eq!(said(&dirty), "it was not unmounted, and its journal holds changes");
    let damaged = made(&FOREIGN, folder.path());
    std::os::unix::fs::FileExt::write_all_at(damaged.as_file(), b"x", 1024 + 0x78).expect("another label");
    assert_eq!(said(&damaged), "its superblock has a wrong checksum");
    let odd = made(&["-t", "ext2", "-b", "4096"], folder.path());
    std::os::unix::fs::FileExt::write_all_at(odd.as_file(), &[0; 4], 1024 + 0x20).expect("no blocks in a group");
    assert_eq!(said(&odd), "its superblock has 0 as blocks per group, which no ext4 file system has");
}

#[test]
fn one_file_that_is_damaged_is_named_and_the_others_are_listed() {
    let image = made(&["-b", "4096", "-O", "extent,64bit,^metadata_csum"], tree().path());
    debugfs(&image, "set_inode_field /etc/hostname mode 0");
    debugfs(&image, "set_inode_field /large block[5] 0xffffffff");
    let ext4 = Ext4::open(slice(&image)).expect("it can be read");
    let listing = ext4.list().expect("the rest");
    let unread: Vec<String> = listing.unread().map(|(path, reason)| format!("{path}: {reason}")).collect();
    assert_eq!(unread.len(), 2, "{unread:?}");
    assert!(unread[0].starts_with("etc/hostname: ") && unread[0].ends_with(" is of no known type"), "{unread:?}");
    assert!(unread[1].starts_with("large: "), "{unread:?}");
    assert_eq!(listing.children(&TreePath::new("etc/many").expect("a path")).count(), 300);
    ext4.areas(&listing).expect("whose the rest is");
}

/// A node of an extent tree in a block: its level, and 340 times the same child.
fn forged_node(depth: u16, child: u32) -> Vec<u8> {
    const ENTRIES: u16 = 340;
    let mut node = Vec::new();
    for field in [0xf30a, ENTRIES, ENTRIES, depth] {
        node.extend(field.to_le_bytes());
    }
    node.extend([0; 4]);
    for _ in 0..ENTRIES {
        node.extend(0_u32.to_le_bytes());
        node.extend(child.to_le_bytes());
        node.extend([0; 4]);
    }
    node.resize(4096, 0);
    node
}

#[test]
fn a_forged_extent_tree_is_no_tree() {
    let image = made(&["-b", "4096", "-O", "extent,64bit,^metadata_csum"], tree().path());
    let printed = debugfs(&image, "blocks /large");
    let blocks: Vec<u32> = printed.split_whitespace().filter_map(|word| word.parse().ok()).take(6).collect();
    // From the root down: level 5 in the inode, then one block for each level.
    debugfs(&image, "set_inode_field /large block[0] 0x0004f30a");
    debugfs(&image, "set_inode_field /large block[1] 0x00050004");
    for entry in 0..4 {
        for (field, value) in [(3, 0), (4, blocks[0]), (5, 0)] {
            debugfs(&image, &format!("set_inode_field /large block[{}] {value}", field + 3 * entry));
        }
    }
    let file = image.reopen().expect("the image");
    for (depth, pair) in (0..5).rev().zip(blocks.windows(2)) {
        let node = forged_node(depth, pair[1]);
        std::os::unix::fs::FileExt::write_all_at(&file, &node, u64::from(pair[0]) * BLOCK)
            .expect("a block of the image");
    }
    let ext4 = Ext4::open(slice(&image)).expect("it can be read so far");
    let listing = ext4.list().expect("the rest");
    let (path, error) = listing.unread().next().expect("no tree");
    let twice = format!("block {} stands in it twice", blocks[0]);
    assert!(path.to_string() == "large" && error.contains(&twice), "{path}: {error}");
}

#[test]
fn folders_in_each_other_end_where_no_path_leads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Longer than a path may be, so made from the inside out.
    let name = "d".repeat(250);
    let mut inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("a fresh folder");
    for _ in 0..17 {
        let outer = folder.path().join("outer");
        fs::create_dir(&outer).expect("a fresh folder");
        fs::rename(&inner, outer.join(&name)).expect("our own folder");
        inner = folder.path().join("inner");
        fs::rename(&outer, &inner).expect("our own folder");
    }
    let image = made(&FOREIGN, folder.path());
    let listing = Ext4::open(slice(&image)).and_then(|ext4| ext4.list()).expect("what paths lead to");
    let told: Vec<&str> = listing.unread().map(|(_, reason)| reason).collect();
    assert_eq!(told, ["a path in it has more than 4096 bytes, and no program could name it"]);
    assert!(listing.iter().all(|(path, _)| path.as_bytes().len() <= 4096));
}

#[test]
fn holes_are_known() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = fs::File::create(folder.path().join("sparse")).expect("a fresh file");
    file.set_len(1_200 << 30).expect("a length");
    std::os::unix::fs::FileExt::write_all_at(&file, &[7; 4096], 1 << 40).expect("written");
    let image = made(&FOREIGN, folder.path());
    let ext4 = Ext4::open(slice(&image)).expect("it can be read");
    let (path, listing) = (TreePath::new("sparse").expect("a path"), ext4.list().expect("it can be read"));
    let mut content = ext4.content(&path, listing.get(&path).expect("a file")).expect("its extents");
    assert_eq!(content.hole(), 1 << 40);
    content.skip(1 << 40);
    assert_eq!(content.hole(), 0);
    let mut block = [0; 4096];
    content.read_exact(&mut block).expect("a block");
    assert_eq!(block, [7; 4096]);
    assert_eq!(content.hole(), (1_200 << 30) - (1 << 40) - 4096);
}

#[test]
fn a_listing_takes_no_more_than_it_may() {
    let image = made(&FOREIGN, tree().path());
    let ext4 = Ext4::open(slice(&image)).expect("it can be read");
    let error = walk::list(&ext4, 50_000).expect_err("300 names").to_string();
    assert_eq!(error, "its names and paths take more than 50000 bytes together");
}
