//! Every form that mke2fs gives a file system and resize2fs and Linux leave behind, read as e2fsprogs reads it.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::*;
use crate::disk::{Area, EntryKind, judge};

/// An image of the form that mke2fs makes of `options`, from a tree with a torn file, holes and a large directory, grown to
/// `size` by resize2fs where that is given.
fn made(options: &str, grown: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (tree, image) = (folder.path().join("tree"), folder.path().join("image"));
    fs::create_dir_all(tree.join("many")).expect("a fresh folder");
    for index in 0..400 {
        fs::write(tree.join(format!("many/a-file-with-a-rather-long-name-{index}")), format!("{index}\n"))
            .expect("a file");
    }
    // In a block map: over the edges of the inode's numbers and of the first and second tree of blocks of 1024 bytes.
    let large: Vec<u8> = (0..9_000_u32).flat_map(|part| [u8::try_from(part % 251).unwrap_or(0); 977]).collect();
    fs::write(tree.join("large"), &large).expect("a file");
    let sparse = fs::File::create(tree.join("sparse")).expect("a file");
    for place in [0, 5_000_000, 80_000_000] {
        std::os::unix::fs::FileExt::write_all_at(&sparse, &large[..30_000], place).expect("a piece");
    }
    std::os::unix::fs::symlink("y".repeat(60), tree.join("sixty")).expect("a link");
    let mut arguments = vec!["-q", "-F", "-E", "lazy_itable_init=1", "-d"];
    let (tree, image_path) = (tree.display().to_string(), image.display().to_string());
    arguments.push(&tree);
    arguments.extend(options.split(' '));
    let size = if grown.is_some() { "32M" } else { "400M" };
    arguments.extend([image_path.as_str(), size]);
    run("mke2fs", &arguments);
    if let Some(size) = grown {
        run("resize2fs", &["-f", &image_path, size]);
    }
    folder
}

fn run(tool: &str, arguments: &[&str]) -> String {
    let arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(std::ffi::OsStr::new).collect();
    judge::run(tool, &arguments)
}

/// Holds every name, every content and every free block against what debugfs and dumpe2fs say.
fn is_read(folder: &Path, form: &str) {
    let image = folder.join("image");
    let file = fs::File::open(&image).expect("the image");
    let ext4 = Ext4::open(Slice::whole(file).expect("its length")).unwrap_or_else(|error| panic!("{form}: {error}"));
    let listing = ext4.list().unwrap_or_else(|error| panic!("{form}: {error}"));
    assert_eq!(listing.unread().collect::<Vec<_>>(), [], "{form}");
    let dumped = folder.join("dumped");
    fs::create_dir(&dumped).expect("a fresh folder");
    run("debugfs", &["-R", &format!("rdump / {}", dumped.display()), &image.display().to_string()]);
    let mut files = 0;
    for (path, entry) in listing.iter() {
        let there = dumped.join(path.to_string());
        match &entry.kind {
            EntryKind::File => {
                let mut content = Vec::new();
                ext4.content(path, entry).expect("its blocks").read_to_end(&mut content).expect("its content");
                assert!(content == fs::read(&there).expect("the same file"), "{form}: /{path} differs");
                files += 1;
            }
            EntryKind::Symlink(target) => {
                let other = fs::read_link(&there).expect("the same link");
                assert_eq!(target.as_slice(), other.as_os_str().as_encoded_bytes(), "{form}");
            }
            other => assert!(*other == EntryKind::Directory && there.is_dir(), "{form}: /{path}"),
        }
    }
    assert_eq!(files, 402, "{form}");

    let areas = ext4.areas(&listing).expect("whose everything is");
    let facts = run("dumpe2fs", &["-h", &image.display().to_string()]);
    let value = |name: &str| -> u64 {
        let line = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).expect("a line");
        line.trim().parse().expect("a number")
    };
    let block = ext4.geometry.block;
    let all = value("Block count");
    let mut free = 0;
    let mut at = 0;
    while at < all * block {
        let (bytes, owner) = areas.at(at).map_or((at..at + block, None), |(bytes, owner)| (bytes, Some(owner)));
        if owner == Some(&Area::Free) {
            free += (bytes.end - bytes.start) / block;
        }
        at = bytes.end;
    }
    assert_eq!(free, value("Free blocks"), "{form}: free blocks");
    assert_eq!(ext4.facts().free, free * block, "{form}");
}

#[test]
fn every_block_size_and_either_way_to_map_a_file_is_read() {
    for form in [
        "-t ext2 -b 1024",
        "-t ext3 -b 1024",
        "-t ext3 -b 4096",
        "-t ext2 -b 4096 -r 0 -O none",
        "-t ext4 -b 1024 -O 64bit,metadata_csum",
        "-t ext4 -b 1024 -O ^64bit,^metadata_csum",
        "-t ext4 -b 2048 -O 64bit,metadata_csum,metadata_csum_seed",
        "-t ext4 -b 4096 -I 128 -O ^64bit,^flex_bg,uninit_bg,^metadata_csum",
        "-t ext4 -b 4096 -O ^64bit,sparse_super2,^resize_inode",
        "-t ext4 -b 1024 -O sparse_super2,^resize_inode,^sparse_super",
        "-t ext4 -b 4096 -O quota,project,orphan_file,mmp,large_dir,casefold",
    ] {
        is_read(made(form, None).path(), form);
    }
}

#[test]
fn descriptors_in_their_groups_are_found() {
    for form in [
        "-t ext4 -b 1024 -O meta_bg,^resize_inode,64bit",
        "-t ext4 -b 1024 -O meta_bg,^resize_inode,^64bit,^sparse_super",
        "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,64bit,sparse_super2",
        "-t ext4 -b 4096 -g 4096 -O meta_bg,^resize_inode,64bit,^flex_bg",
        "-t ext2 -b 2048 -O meta_bg,^resize_inode",
    ] {
        is_read(made(form, None).path(), form);
    }
}

#[test]
fn descriptors_of_both_kinds_are_found_as_linux_leaves_them_when_it_grows_a_file_system() {
    let form = "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,64bit,sparse_super2,^metadata_csum -E num_backup_sb=1";
    let folder = made(form, None);
    // The first block of descriptors lies behind the superblock either way.
    let image = folder.path().join("image").display().to_string();
    run("debugfs", &["-w", "-R", "set_super_value first_meta_bg 1", &image]);
    is_read(folder.path(), form);
}

#[test]
fn what_resize2fs_has_grown_is_read() {
    for (form, size) in [
        ("-t ext4 -b 1024", "600M"),
        ("-t ext4 -b 1024 -O meta_bg,^resize_inode,64bit", "600M"),
        ("-t ext4 -b 4096 -O ^resize_inode,64bit", "20G"),
        ("-t ext4 -b 4096 -O ^resize_inode,^64bit,meta_bg", "20G"),
        ("-t ext4 -b 4096 -E resize=30000", "20G"),
    ] {
        is_read(made(form, Some(size)).path(), form);
    }
}
