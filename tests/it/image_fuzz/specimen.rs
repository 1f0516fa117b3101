//! The sound images: partition table, FAT and ext4 in the forms that there are, as small as their tools make them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use bramble::disk::{Area, EntryKind, FileSystem, PartitionTable, Slice};

use crate::cluster::shown;
use crate::judge::ask;

/// An image, the same image for forging, and where its records stand.
#[derive(Debug)]
pub(super) struct Specimen {
    pub(super) name: String,
    pub(super) original: PathBuf,
    pub(super) path: PathBuf,
    pub(super) forged: File,
    pub(super) sound: Vec<u8>,
    /// As it is with what is forged.
    pub(super) image: Vec<u8>,
    /// In bytes.
    pub(super) length: u64,
    pub(super) is_gpt: bool,
    /// Places of 16 bytes that hold something, by what they belong to.
    pub(super) places: Vec<Vec<u64>>,
}

/// Names of an image, its FAT file system's options and length in KiB, and those of its ext4.
const FORMS: [(&str, &[&str], u64, &str, u64); 6] = [
    ("dos-12-4096", &["-F", "12", "-s", "1"], 256, "-t ext4 -b 4096 -O ^has_journal,^metadata_csum", 1024),
    ("gpt-16-1024", &["-F", "16", "-s", "1"], 2200, "-t ext4 -b 1024 -O ^has_journal,^metadata_csum,64bit", 768),
    ("dos-12-ext2", &["-F", "12", "-s", "2"], 256, "-t ext2 -b 1024 -O ^resize_inode", 768),
    // FAT32 begins at 65525 clusters.
    (
        "gpt-32-meta",
        &["-F", "32", "-s", "1"],
        33_500,
        "-t ext4 -b 1024 -g 256 -O meta_bg,^resize_inode,^has_journal,64bit,^metadata_csum",
        1024,
    ),
    ("dos-12-sums", &["-F", "12", "-s", "2"], 256, "-t ext4 -b 1024 -O ^has_journal,metadata_csum", 768),
    (
        "dos-16-2048",
        &["-F", "16", "-s", "1"],
        2200,
        "-t ext4 -b 2048 -O ^metadata_csum,^64bit,^has_journal,bigalloc -C 8192",
        5120,
    ),
];

/// The first partition's first sector.
const FIRST: u64 = 64;

impl Specimen {
    /// All images, written to `folder`.
    pub(super) fn all(folder: &Path) -> Vec<Self> {
        let tree = folder.join("tree");
        plant(&tree);
        FORMS
            .iter()
            .map(|(name, fat, fat_size, ext4, ext4_size)| {
                let (boot, root) = (folder.join(format!("{name}.boot")), folder.join(format!("{name}.root")));
                make_fat(&boot, fat, *fat_size, folder);
                let options = ext4.split(' ').map(str::to_owned);
                let fixed = ["-q", "-F", "-N", "128", "-m", "0", "-U", "11111111-2222-4333-8444-555555555555", "-E"];
                let fixed = fixed
                    .into_iter()
                    .chain(["hash_seed=11111111-2222-4333-8444-555555555555", "-d"])
                    .map(str::to_owned);
                let rest = [shown(&tree), shown(&root), format!("{ext4_size}k")];
                let arguments: Vec<String> =
                    fixed.chain([rest[0].clone()]).chain(options).chain(rest[1..].to_vec()).collect();
                ask("mke2fs", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
                Self::joined(name, folder, [&boot, &root])
            })
            .collect()
    }

    /// The disk of two partitions.
    fn joined(name: &str, folder: &Path, parts: [&Path; 2]) -> Self {
        let parts = parts.map(|part| fs::read(part).expect("a partition"));
        let is_gpt = name.starts_with("gpt");
        let sectors = parts.each_ref().map(|part| u64::try_from(part.len()).expect("a length") / 512);
        let second = FIRST + sectors[0];
        let at = |sector: u64| usize::try_from(sector * 512).expect("it fits into memory");
        let mut disk = vec![0; at(second + sectors[1] + if is_gpt { 64 } else { 0 })];
        for (start, part) in [(FIRST, &parts[0]), (second, &parts[1])] {
            disk[at(start)..at(start) + part.len()].copy_from_slice(part);
        }
        let (original, path) = (folder.join(format!("{name}.img")), folder.join(format!("{name}-forged.img")));
        fs::write(&original, &disk).expect("enough space");
        let (label, types) = if is_gpt { ("gpt", ["U", "L"]) } else { ("dos", ["c", "83"]) };
        let id = if is_gpt { "11111111-2222-4333-8444-555555555555" } else { "0x12345678" };
        let mut script = format!("label: {label}\nlabel-id: {id}\nfirst-lba: {FIRST}\n");
        for (index, (start, size)) in [(FIRST, sectors[0]), (second, sectors[1])].into_iter().enumerate() {
            script += &format!("start={start}, size={size}, type={}", types[index]);
            script +=
                &if is_gpt { format!(", uuid=AAAAAAAA-0000-4000-8000-00000000000{index}\n") } else { "\n".to_owned() };
        }
        let file = folder.join("script");
        fs::write(&file, script).expect("a fresh file");
        ask("sh", &["-c", "sfdisk -q \"$1\" < \"$2\"", "sh", &shown(&original), &shown(&file)]);
        let whole = folder.join("whole");
        fs::rename(&original, &whole).expect("our own file");
        for copy in [&original, &path] {
            ask("cp", &["--sparse=always", &shown(&whole), &shown(copy)]);
        }
        let sound = fs::read(&original).expect("the image");
        let forged = File::options().read(true).write(true).open(&path).expect("the image");
        let (name, length) = (name.to_owned(), u64::try_from(sound.len()).expect("a length"));
        let (image, places) = (sound.clone(), places(&original, &sound));
        Self { name, original, path, forged, sound, image, length, is_gpt, places }
    }
}

/// The files of a system, and files that lie in pieces.
fn plant(tree: &Path) {
    let status = "Package: hello\nStatus: install ok installed\nArchitecture: armhf\nVersion: 1:2.10-3+b1\n\n";
    let files = [
        ("etc/os-release", "PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"13\"\n"),
        ("etc/hostname", "node\n"),
        ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"),
        ("etc/shadow", "root::1::::::\n"),
        ("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nMatch all\nPasswordAuthentication no\n"),
        ("etc/ssh/sshd_config.d/10.conf", "PermitRootLogin no\n"),
        ("usr/sbin/sshd", "program"),
        ("etc/systemd/network/10.network", "[Match]\nName=eth0\n[Network]\nAddress=10.0.0.2/8\n"),
        ("etc/systemd/system/serial-getty@.service.d/10.conf", "[Service]\nExecStart=\nExecStart=-/bin/sh\n"),
        ("var/lib/dpkg/status", status),
        ("var/lib/dpkg/info/hello.list", "/.\n/usr\n/usr/sbin\n/usr/sbin/sshd\n"),
        (
            "boot/extlinux/extlinux.conf",
            "default a\nlabel a\n kernel /k\n append console=ttyS0 root=PARTUUID=12345678-02\n",
        ),
    ];
    for (path, content) in files {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a fresh folder");
        fs::write(path, content).expect("a fresh file");
    }
    fs::create_dir(tree.join("many")).expect("a fresh folder");
    for index in 0..8 {
        fs::write(tree.join(format!("many/{}{index}", "long".repeat(50))), "").expect("a fresh file");
    }
    let torn = File::create(tree.join("torn")).expect("a fresh file");
    for piece in 0..8 {
        std::os::unix::fs::FileExt::write_all_at(&torn, &[7; 5000], piece * 24_576).expect("a piece");
    }
    symlink("usr/sbin", tree.join("sbin")).expect("a fresh link");
    symlink("x".repeat(100), tree.join("long")).expect("a fresh link");
    fs::hard_link(tree.join("torn"), tree.join("again")).expect("a fresh link");
}

fn make_fat(image: &Path, options: &[&str], kibibytes: u64, folder: &Path) {
    let (path, size) = (shown(image), kibibytes.to_string());
    ask("mkfs.fat", &[options, &["--invariant", "-n", "BOOT", "-C", &path, &size]].concat());
    let file = folder.join("file");
    ask("mmd", &["-i", &path, "::overlays", "::overlays/inner"]);
    for (name, content) in [
        ("config.txt", "gpu_mem=16\n[pi4]\narm_64bit=1\ninclude more.txt\n".to_owned()),
        ("cmdline.txt", "console=serial0,115200 root=PARTUUID=12345678-02 rootwait\n".to_owned()),
        ("overlays/a long name of a file.dtbo", "x".repeat(5000)),
        ("overlays/inner/kernel8.img", "y".repeat(3000)),
    ] {
        fs::write(&file, content).expect("a fresh file");
        ask("mcopy", &["-D", "o", "-i", &path, &shown(&file), &format!("::{name}")]);
    }
}

/// Where records stand that say where something else does: all but the contents of large files and what is free.
fn places(image: &Path, sound: &[u8]) -> Vec<Vec<u64>> {
    let disk = Slice::whole(File::open(image).expect("the image")).expect("its length");
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let table = PartitionTable::read(&disk).expect("a table");
    let end = table.partitions.iter().map(|partition| partition.start + partition.length).max().unwrap_or(0);
    let holds_something = |at: &u64| {
        let start = usize::try_from(*at).expect("it fits into memory");
        sound[start..start + 16] != [0; 16]
    };
    for at in (0..FIRST * 512).chain(end..disk.length()).step_by(16).filter(holds_something) {
        found.entry("partition table".to_owned()).or_default().push(at);
    }
    for partition in &table.partitions {
        let slice = disk.part(partition.start, partition.length).expect("a partition");
        let file_system = FileSystem::open(slice).expect("sound").expect("a file system");
        let listing = file_system.list().expect("sound");
        let areas = file_system.areas(&listing).expect("sound");
        let places = (partition.start..partition.start + partition.length).step_by(16);
        for place in places.filter(holds_something) {
            let owner = match areas.at(place - partition.start).map(|(_, owner)| owner) {
                Some(Area::Free) => continue,
                Some(Area::Path(path)) => match listing.get(path) {
                    Some(entry) if entry.kind == EntryKind::Directory => "directories".to_owned(),
                    Some(entry) if entry.size < 1000 => "texts".to_owned(),
                    _ => continue,
                },
                Some(records) => records.to_string(),
                None => "unknown".to_owned(),
            };
            // What is of the same kind in another file system is another kind: a record is put where its like stands.
            found.entry(format!("{}: {owner}", partition.number)).or_default().push(place);
        }
    }
    found.into_values().collect()
}
