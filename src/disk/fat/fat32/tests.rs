use std::os::unix::fs::FileExt;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::disk::mbr::{FAT32_LBA, Mbr, PartitionRecord};
use crate::disk::{BootPartition, MIB, judge};

/// Where the partition of the test images begins, in sectors.
const START: u32 = 2048;
const SECTORS: u32 = 70_000;

fn parameters() -> Fat32Parameters {
    Fat32Parameters {
        sectors: SECTORS,
        sectors_per_cluster: 1,
        hidden_sectors: START,
        volume_id: 0x1234_abcd,
        label: "BOOT".into(),
        epoch: 1_709_210_098,
    }
}

fn files<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> BTreeMap<String, Bytes> {
    files.into_iter().map(|(path, content)| (path.to_owned(), content.into())).collect()
}

/// A disk image with `volume` as its only partition.
fn image(volume: &Volume) -> tempfile::NamedTempFile {
    let image = tempfile::NamedTempFile::new().expect("a temporary file");
    let partition = PartitionRecord { active: true, kind: FAT32_LBA, start: START, sectors: volume.parameters.sectors };
    let table = Mbr { signature: 1, partitions: [Some(partition), None, None, None] };
    let (start, length) = (u64::from(START) * SECTOR, u64::from(volume.parameters.sectors) * SECTOR);
    image.as_file().set_len(start + length).expect("a sparse file");
    image.as_file().write_all_at(&table.encode().expect("a sound table"), 0).expect("the table");
    volume.write(&mut Region::new(image.as_file(), start, length)).expect("the volume");
    image
}

/// What fsck.fat, which takes no offset, says of the volume alone.
fn check(volume: &Volume) -> String {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let length = u64::from(volume.parameters.sectors) * SECTOR;
    file.as_file().set_len(length).expect("a sparse file");
    volume.write(&mut Region::new(file.as_file(), 0, length)).expect("the volume");
    judge::run("fsck.fat", &["-n".as_ref(), "-v".as_ref(), file.path().as_os_str()])
}

fn mtools(tool: &str, image: &Path, arguments: &[&str]) -> String {
    let drive = format!("{}@@{}", image.display(), u64::from(START) * SECTOR);
    let mut all = vec!["-i".as_ref(), drive.as_ref()];
    all.extend(arguments.iter().map(std::ffi::OsStr::new));
    judge::run(tool, &all)
}

#[test]
fn others_read_what_was_written() {
    let content = files([
        ("config.txt", b"kernel=kernel7.img\n".to_vec()),
        // As the volume is called.
        ("BOOT", b"loader".to_vec()),
        ("KERNEL7.IMG", vec![7; 100_000]),
        ("overlays/disable-bt.dtbo", b"overlay".to_vec()),
        ("overlays/deep/er/empty", Vec::new()),
    ]);
    let volume = Volume::plan(&content, parameters()).expect("a volume");
    let image = image(&volume);
    check(&volume);
    assert_eq!(mtools("mtype", image.path(), &["::overlays/disable-bt.dtbo"]), "overlay");
    let listing = mtools("mdir", image.path(), &["::"]);
    assert!(listing.contains("Volume in drive : is BOOT"), "{listing}");
    assert!(listing.contains("Volume Serial Number is 1234-ABCD"), "{listing}");
    assert!(listing.contains("CONFIG   TXT        19 2024-02-29  12:34  config.txt"), "{listing}");

    let boot = BootPartition::open(image.path()).expect("a boot partition");
    assert_eq!(boot.list().expect("a directory"), content.keys().cloned().collect::<Vec<_>>());
    for (path, bytes) in &content {
        assert!(boot.read(path).expect("the file") == *bytes, "{path}");
    }
}

#[test]
fn the_free_count_is_the_one_that_fsck_counts() {
    let content = files([("a", vec![1; 1000]), ("b/c", vec![2; 513])]);
    let volume = Volume::plan(&content, parameters()).expect("a volume");
    let verdict = check(&volume);
    // The root, b, two clusters for each file; fsck.fat would also say "Free cluster summary wrong".
    assert!(verdict.contains(&format!(", 6/{} clusters", volume.clusters)), "{verdict}");
    assert!(!verdict.contains("wrong"), "{verdict}");
    assert_eq!(volume.used(), 6 * 512);
}

#[test]
fn clusters_of_other_sizes_and_full_directories_are_sound() {
    let many: Vec<String> = (0..700).map(|number| format!("overlays/a-device-tree-overlay-{number}.dtbo")).collect();
    let content = files(many.iter().map(|path| (path.as_str(), path.clone().into_bytes())));
    for sectors_per_cluster in [1, 4, 8] {
        let parameters = Fat32Parameters { sectors: 1 << 20, sectors_per_cluster, ..parameters() };
        let volume = Volume::plan(&content, parameters).expect("a volume");
        let image = image(&volume);
        check(&volume);
        let boot = BootPartition::open(image.path()).expect("a boot partition");
        assert_eq!(boot.read(&many[699]).expect("the file"), many[699].as_bytes());
    }
}

#[test]
fn what_is_not_used_is_not_written() {
    let image = image(&Volume::plan(&files([("a", vec![1; 9000])]), parameters()).expect("a volume"));
    let allocated = std::os::unix::fs::MetadataExt::blocks(&image.as_file().metadata().expect("the image")) * 512;
    assert!(allocated < MIB / 8, "{allocated} bytes for a file of 9000");
}

#[test]
fn the_used_blocks_make_a_sound_volume_wherever_they_are_copied_to() {
    let content = files([("a", vec![1; 9000]), ("b/c", vec![2; 513])]);
    for sectors_per_cluster in [1, 16] {
        let parameters = Fat32Parameters { sectors: 1 << 21, sectors_per_cluster, ..parameters() };
        let length = u64::from(parameters.sectors) * SECTOR;
        let file = tempfile::tempfile().expect("a temporary file");
        file.set_len(length).expect("a sparse file");
        let mut region = Region::new(&file, 0, length);
        Volume::plan(&content, parameters).expect("a volume").write(&mut region).expect("the volume");
        let card = judge::card(&file, &region.into_used(), length);
        judge::run("fsck.fat", &["-n".as_ref(), card.path().as_os_str()]);
    }
}

#[test]
fn what_cannot_be_is_said_with_its_place() {
    let plan = |paths: &[&str], parameters| {
        let content = files(paths.iter().map(|path| (*path, vec![0; 600])));
        Volume::plan(&content, parameters).expect_err("no volume").to_string()
    };
    assert_eq!(plan(&["a", "a/b"], parameters()), "`/a` is to be a file and a directory; rename one of them");
    assert_eq!(plan(&["x/a?"], parameters()), "in `/x`: the name `a?` holds '?', which FAT does not allow; rename it");
    assert_eq!(
        plan(&["/a"], parameters()),
        "path `/a` is no plain relative path; write it without a leading slash and without `.` and `..`"
    );
    assert_eq!(
        plan(&["a"], Fat32Parameters { sectors_per_cluster: 64, ..parameters() }),
        "70000 sectors in clusters of 64 make no FAT32 volume; use a larger volume or smaller clusters"
    );
    assert_eq!(
        plan(&["a"], Fat32Parameters { label: "boot".into(), ..parameters() }),
        "label `boot` is not 1 to 11 capitals, digits, `-` or `_`; choose another"
    );
    let large = files([("large", vec![0; 40 << 20])]);
    assert_eq!(
        Volume::plan(&large, parameters()).expect_err("no room").to_string(),
        format!(
            "the files need {} bytes and the volume holds {}; make the volume larger",
            (40 << 20) + 512,
            68_872 * 512
        )
    );
}

/// Names of all sorts that FAT allows.
fn name() -> impl Strategy<Value = String> {
    let plain = "[A-Za-z0-9_~-]{1,8}(\\.[A-Za-z0-9]{1,3})?";
    let odd = "[a-zA-Z0-9 .+,;=\\[\\]äß日本\u{1f353}-]{0,40}[a-z0-9é\u{1f353}]";
    let long = "[a-z]{120,255}";
    prop_oneof![5 => plain, 4 => odd, 1 => long].prop_filter("no dot names", |name| name != "." && name != "..")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_names_come_back(
        paths in prop::collection::vec(prop::collection::vec(name(), 1..4), 0..40),
        sizes in prop::collection::vec(0_usize..3000, 40),
    ) {
        let mut content = BTreeMap::new();
        for (index, (components, size)) in paths.iter().zip(sizes).enumerate() {
            let byte = u8::try_from(index).expect("few files");
            let mut with = content.clone();
            with.insert(components.join("/"), Bytes::from(vec![byte; size]));
            // What clashes with a name that is there is not this test's affair.
            if Volume::plan(&with, parameters()).is_ok() {
                content = with;
            }
        }
        let volume = Volume::plan(&content, parameters()).expect("a volume");
        let image = image(&volume);
        check(&volume);
        let boot = BootPartition::open(image.path()).expect("a boot partition");
        prop_assert_eq!(boot.list().expect("a directory"), content.keys().cloned().collect::<Vec<_>>());
        for (path, bytes) in &content {
            prop_assert!(boot.read(path).expect("the file") == *bytes, "{}", path);
        }
        if let Some((path, bytes)) = content.iter().find(|(path, bytes)| path.is_ascii() && !bytes.is_empty()) {
            let theirs = mtools("mtype", image.path(), &[&format!("::{}", path.replace('[', "\\["))]);
            prop_assert_eq!(theirs.as_str(), &*String::from_utf8_lossy(bytes));
        }
    }
}
