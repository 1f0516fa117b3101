mod damage;

use std::ffi::OsStr;

use super::*;
use crate::disk::judge;

/// A file system of `mebibytes` by mkfs.fat, filled by mtools.
fn made(bits: &str, mebibytes: u64) -> tempfile::NamedTempFile {
    let image = tempfile::NamedTempFile::new().expect("a temporary file");
    image.as_file().set_len(mebibytes << 20).expect("a sparse file");
    let path = image.path().as_os_str();
    judge::run("mkfs.fat", &["-F".as_ref(), bits.as_ref(), "-n".as_ref(), "PI".as_ref(), path]);
    judge::run("mmd", &["-i".as_ref(), path, "::overlays".as_ref()]);
    for (name, length) in [("::overlays/Long-Name.dtbo", 5), ("::start.elf", 700_000)] {
        let content = vec![b'x'; length];
        judge::run_with_input("mcopy", &["-i".as_ref(), path, "-".as_ref(), name.as_ref()], &content);
    }
    judge::run("mattrib", &["-i".as_ref(), path, "+r".as_ref(), "::start.elf".as_ref()]);
    image
}

fn open(image: &tempfile::NamedTempFile) -> FatVolume {
    let file = image.reopen().expect("the image");
    let length = file.metadata().expect("its length").len();
    let slice = Slice::new(file, 0, length);
    assert!(FatVolume::is_at(&slice));
    FatVolume::open(slice).expect("it can be read")
}

#[test]
fn names_sizes_and_free_space_are_those_of_mtools() {
    for (bits, mebibytes) in [("12", 4), ("16", 20), ("32", 64)] {
        let image = made(bits, mebibytes);
        let volume = open(&image);
        let facts = volume.facts().expect("its tables");
        assert_eq!((facts.kind, facts.label.as_str()), (format!("FAT{bits}").as_str(), "PI"));
        let printed = judge::run("mdir", &["-i".as_ref(), image.path().as_os_str(), "::".as_ref()]);
        let free = printed.lines().find_map(|line| line.strip_suffix("bytes free")).expect("mdir's last line");
        assert_eq!(facts.free.to_string(), free.replace(' ', ""));
        let listing = volume.list().expect("its directories");
        let shown: Vec<String> = listing.iter().map(|(path, entry)| format!("{path} {}", entry.size)).collect();
        assert_eq!(shown, [" 0", "overlays 0", "overlays/Long-Name.dtbo 5", "start.elf 700000"]);
        let start = listing.get(&TreePath::new("start.elf").expect("a path")).expect("a file");
        assert_eq!(start.attributes, [("dos.read-only".to_owned(), vec![])].into());
    }
}

#[test]
fn clusters_have_the_owner_that_mtools_names() {
    let image = made("32", 64);
    let volume = open(&image);
    let areas = volume.areas().expect("its contents");
    let arguments: [&OsStr; 3] = ["-i".as_ref(), image.path().as_os_str(), "::start.elf".as_ref()];
    let printed = judge::run("mshowfat", &arguments);
    // "::/start.elf <5-1372>"
    let (_, range) = printed.trim().trim_end_matches('>').split_once('<').expect("a range of clusters");
    let (first, last) = range.split_once('-').expect("first and last");
    let cluster = volume.boot.cluster_bytes;
    for number in [first, last] {
        let number: u64 = number.parse().expect("a cluster");
        let (_, owner) = areas.at(volume.boot.data + (number - 2) * cluster).expect("an owner");
        assert_eq!(owner.to_string(), "/start.elf");
    }
    let shown = |at: u64| areas.at(at).map(|(_, area)| area.to_string());
    assert_eq!(shown(0).as_deref(), Some("boot sector and its like"));
    assert_eq!(shown(volume.boot.tables).as_deref(), Some("allocation tables"));
    assert_eq!(shown(volume.boot.data).as_deref(), Some("/"));
    assert_eq!(shown(volume.boot.end - 1).as_deref(), Some("free space"));
}
