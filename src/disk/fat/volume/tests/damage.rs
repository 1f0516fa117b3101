//! Damaged and malicious file systems: each ends in one error, soon.

use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::*;
use super::{made, open};
use crate::disk::fat::name::ENTRY;
use crate::disk::fat::walk::DIRECTORY_ENTRIES;
use crate::disk::sparse;

/// A file system of mkfs.fat's that is to be damaged, and what the sound one says of its places.
struct Patient {
    image: tempfile::NamedTempFile,
    boot: BootSector,
}

impl Patient {
    fn new(bits: &str, mebibytes: u64) -> Self {
        let image = made(bits, mebibytes);
        let boot = open(&image).boot;
        Self { image, boot }
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        self.image.as_file().write_all_at(bytes, at).expect("damage");
    }

    /// Where the entry with this short name stands in the directory that begins at `place`.
    fn entry(&self, place: u64, short: &[u8; 11]) -> u64 {
        let mut content = vec![0; 4096];
        self.image.as_file().read_exact_at(&mut content, place).expect("a directory");
        let found = content.chunks(ENTRY).position(|entry| entry.starts_with(short)).expect("the entry");
        place + u64::try_from(found * ENTRY).expect("a small number")
    }

    fn root(&self) -> u64 {
        if self.boot.width == Width::Fat32 { self.boot.place(self.boot.root_cluster) } else { self.boot.root }
    }

    /// The first cluster in the root directory's entry of this short name.
    fn first(&self, short: &[u8; 11]) -> u32 {
        let mut low = [0; 2];
        self.image.as_file().read_exact_at(&mut low, self.entry(self.root(), short) + 26).expect("a cluster");
        u16::from_le_bytes(low).into()
    }

    /// Lets `cluster` be followed by `next`.
    fn link(&self, cluster: u32, next: u32) {
        let number = u64::from(cluster);
        let bytes = next.to_le_bytes();
        match self.boot.width {
            Width::Fat12 => {
                let at = self.boot.table + number + number / 2;
                let mut old = [0; 2];
                self.image.as_file().read_exact_at(&mut old, at).expect("the table");
                let [low, high] = [u16::from_le_bytes(old), u16::try_from(next).expect("twelve bits")];
                let new = if number % 2 == 0 { low & 0xf000 | high } else { low & 0x000f | high << 4 };
                self.write(at, &new.to_le_bytes());
            }
            Width::Fat16 => self.write(self.boot.table + number * 2, &bytes[..2]),
            Width::Fat32 => self.write(self.boot.table + number * 4, &bytes),
        }
    }

    /// What is said of the damaged file system by everybody who reads all of it; it must not take long.
    fn verdict(&self) -> String {
        let began = Instant::now();
        let read = || {
            let volume = FatVolume::open(Slice::whole(self.image.reopen()?)?)?;
            volume.facts()?;
            let listing = volume.list()?;
            volume.areas()?;
            if let Some((_, reason)) = listing.unread().next() {
                return Ok(reason.to_owned());
            }
            volume.content("start.elf")?.read_to_end(&mut Vec::new())?;
            Ok::<_, FatReadError>("sound".to_owned())
        };
        let verdict = read().unwrap_or_else(|error| error.to_string());
        assert!(began.elapsed() < Duration::from_secs(5), "{verdict} after {:?}", began.elapsed());
        verdict
    }
}

const START: &[u8; 11] = b"START   ELF";
const OVERLAYS: &[u8; 11] = b"OVERLAYS   ";

/// The verdict on a file system of each kind after `damage`.
fn verdicts(damage: impl Fn(&Patient)) -> [String; 3] {
    [("12", 4), ("16", 20), ("32", 64)].map(|(bits, mebibytes)| {
        let patient = Patient::new(bits, mebibytes);
        damage(&patient);
        patient.verdict()
    })
}

/// As [`verdicts`], where all three must be one. The text may hold `{first}` and `{next}`: the first cluster of the
/// file `start.elf` or the directory `overlays`, and the one after it.
fn all_say(of: &[u8; 11], damage: impl Fn(&Patient, u32), expected: &str) {
    for (bits, mebibytes) in [("12", 4), ("16", 20), ("32", 64)] {
        let patient = Patient::new(bits, mebibytes);
        let first = patient.first(of);
        damage(&patient, first);
        let expected = expected.replace("{first}", &first.to_string()).replace("{next}", &(first + 1).to_string());
        assert_eq!(patient.verdict(), expected.replace("{last}", &patient.boot.last_cluster().to_string()));
    }
}

#[test]
fn a_sound_one_passes() {
    assert_eq!(verdicts(|_| ()), ["sound", "sound", "sound"]);
}

#[test]
fn files_whose_clusters_go_wrong_are_refused() {
    all_say(
        START,
        |patient, first| patient.link(first, first),
        "the clusters of `/start.elf` come to cluster {first} a second time",
    );
    all_say(
        START,
        |patient, first| {
            patient.link(first, first + 1);
            patient.link(first + 1, first);
        },
        "the clusters of `/start.elf` come to cluster {first} a second time",
    );
    let beyond = |patient: &Patient, first| patient.link(first, patient.boot.last_cluster() + 1);
    for (bits, mebibytes) in [("12", 4), ("16", 20), ("32", 64)] {
        let patient = Patient::new(bits, mebibytes);
        beyond(&patient, patient.first(START));
        let last = patient.boot.last_cluster();
        assert_eq!(
            patient.verdict(),
            format!("`/start.elf` leads to cluster {}, and there are clusters 2 to {last}", last + 1)
        );
    }
    all_say(
        START,
        |patient, first| patient.link(first, 1),
        "`/start.elf` leads to cluster 1, and there are clusters 2 to {last}",
    );
    all_say(
        START,
        |patient, first| patient.link(first, 0),
        "`/start.elf` leads to cluster {first}, which is marked as free or bad",
    );
    let end = |patient: &Patient, first| {
        let end = if patient.boot.width == Width::Fat32 { 0x0fff_ffff } else { 0xffff };
        patient.link(first, if patient.boot.width == Width::Fat12 { 0xfff } else { end });
    };
    all_say(START, end, "the clusters of `/start.elf` end before its 700000 bytes do");
    all_say(
        START,
        |patient, _| patient.write(patient.entry(patient.root(), START) + 26, &1_u16.to_le_bytes()),
        "`/start.elf` leads to cluster 1, and there are clusters 2 to {last}",
    );
}

#[test]
fn a_file_of_4_gib_in_a_tiny_file_system_is_not_read() {
    let huge = |patient: &Patient, _| patient.write(patient.entry(patient.root(), START) + 28, &[0xff; 4]);
    all_say(START, huge, "`/start.elf` is said to have 4294967295 bytes, more than the file system has left");
    // Not even when nobody lists it first.
    let patient = Patient::new("16", 20);
    huge(&patient, 0);
    let error = open(&patient.image).content("START.ELF").map(drop).expect_err("too large").to_string();
    assert_eq!(error, "`/START.ELF` is said to have 4294967295 bytes, more than the file system has left");
}

#[test]
fn directories_that_have_no_end_are_refused() {
    // A cluster full of entries that is followed by itself.
    let full = |patient: &Patient, first: u32| {
        let mut entry = [0; ENTRY];
        entry[..12].copy_from_slice(b"A       TXT\x20");
        let count = usize::try_from(patient.boot.cluster_bytes).expect("a small number") / ENTRY;
        patient.write(patient.boot.place(first), &entry.repeat(count));
        patient.link(first, first);
    };
    all_say(OVERLAYS, full, "the directory `/overlays` has cluster {first}, which it or another directory has already");
    let own_child = |patient: &Patient, first: u32| {
        let mut entry = [0; ENTRY];
        entry[..12].copy_from_slice(b"SELF       \x10");
        entry[26..28].copy_from_slice(&u16::try_from(first).expect("a small number").to_le_bytes());
        patient.write(patient.boot.place(first) + 64, &entry);
    };
    all_say(
        OVERLAYS,
        own_child,
        "the directory `/overlays/SELF` has cluster {first}, which it or another directory has already",
    );
    let nowhere = |patient: &Patient, _| patient.write(patient.entry(patient.root(), OVERLAYS) + 26, &[0, 0]);
    all_say(OVERLAYS, nowhere, "`/overlays` leads to cluster 0, and there are clusters 2 to {last}");
}

#[test]
fn a_directory_of_more_entries_than_fat_allows_is_refused() {
    let patient = Patient::new("16", 20);
    let first = patient.first(OVERLAYS);
    let mut entry = [0; ENTRY];
    entry[..12].copy_from_slice(b"A       TXT\x20");
    let per_cluster = usize::try_from(patient.boot.cluster_bytes).expect("a small number") / ENTRY;
    let count = u32::try_from(DIRECTORY_ENTRIES / per_cluster).expect("a small number");
    // Clusters behind those of the files.
    let clusters: Vec<u32> = std::iter::once(first).chain(1000..1000 + count).collect();
    for pair in clusters.windows(2) {
        patient.link(pair[0], pair[1]);
        patient.write(patient.boot.place(pair[0]), &entry.repeat(per_cluster));
    }
    assert_eq!(patient.verdict(), "the directory `/overlays` has more than the 65536 entries that FAT allows");
}

#[test]
fn paths_without_end_are_refused() {
    let patient = Patient::new("16", 20);
    // Directories of one long name, each in the one before: clusters 1000, 1001 and so on.
    let name = &crate::disk::fat::name::assign(&["d".repeat(255).as_str()]).expect("a name")[0];
    for cluster in 1000_u16..1100 {
        let mut entry = [0; ENTRY];
        entry[..11].copy_from_slice(&name.short);
        entry[11] = 0x10;
        entry[26..28].copy_from_slice(&(cluster + 1).to_le_bytes());
        let entries = [name.long_entries().concat(), entry.to_vec()].concat();
        patient.write(patient.boot.place(cluster.into()), &entries);
        patient.link(cluster.into(), 0xffff);
    }
    patient.write(patient.entry(patient.root(), OVERLAYS) + 26, &1000_u16.to_le_bytes());
    let verdict = patient.verdict();
    assert!(verdict.ends_with("ddd` has a longer path than Linux takes (4095 bytes)"), "{verdict}");
}

#[test]
fn boot_sectors_that_make_no_sense_are_refused() {
    let verdict = |at: u64, bytes: &[u8]| {
        let patient = Patient::new("16", 20);
        patient.write(at, bytes);
        patient.verdict()
    };
    let none = |what: &str| format!("its boot sector has {what}, which no FAT file system has");
    assert_eq!(verdict(11, &[0, 0]), none("0 as bytes per sector"));
    assert_eq!(verdict(11, &[0, 0x80]), none("32768 as bytes per sector"));
    assert_eq!(verdict(13, &[0]), none("0 as sectors per cluster"));
    assert_eq!(verdict(13, &[3]), none("3 as sectors per cluster"));
    assert_eq!(verdict(14, &[0, 0]), none("0 as reserved sectors"));
    assert_eq!(verdict(16, &[0]), none("0 as number of tables"));
    assert_eq!(verdict(17, &[0, 0]), none("0 as entries of the root directory"));
    assert_eq!(verdict(19, &[0; 2]), none("0 as sectors"));
    // 255 tables of 65535 sectors.
    let patient = Patient::new("16", 20);
    patient.write(16, &[255]);
    patient.write(22, &[0xff; 2]);
    assert!(
        patient.verdict().starts_with("its boot sector puts the end of its tables at byte 8556"),
        "{}",
        patient.verdict()
    );

    let patient = Patient::new("32", 64);
    patient.write(36, &[0xff; 4]);
    assert!(
        patient.verdict().starts_with("its boot sector puts the end of its tables at byte 4398046"),
        "{}",
        patient.verdict()
    );
    let patient = Patient::new("32", 64);
    patient.write(40, &[0x85]);
    assert_eq!(patient.verdict(), none("5 as number of the table that counts"));
    let patient = Patient::new("32", 64);
    patient.write(44, &[0xff; 4]);
    let last = patient.boot.last_cluster();
    assert_eq!(patient.verdict(), format!("`/` leads to cluster 4294967295, and there are clusters 2 to {last}"));
    // More sectors than the partition has: an image that was cut off, whose files may still be there.
    let patient = Patient::new("32", 64);
    patient.write(32, &(1_u32 << 20).to_le_bytes());
    assert_eq!(patient.verdict(), "sound");
}

#[test]
fn an_image_that_ends_early_is_said_to() {
    let patient = Patient::new("16", 20);
    patient.image.as_file().set_len(patient.boot.place(patient.first(START)) + 5000).expect("a shorter file");
    assert_eq!(patient.verdict(), "unexpected end of file");
}

/// Reads all that is there to read.
fn read_all(image: &std::fs::File) -> Result<(), FatReadError> {
    let volume = FatVolume::open(Slice::whole(image.try_clone()?)?)?;
    volume.facts()?;
    volume.areas()?;
    for (path, entry) in volume.list()?.iter() {
        if entry.kind == EntryKind::File {
            volume.content(&path.to_string())?.read_to_end(&mut Vec::new())?;
        }
    }
    Ok(())
}

#[test]
fn whatever_bytes_are_damaged_reading_ends() {
    let mut outcomes = [0, 0];
    for (bits, mebibytes) in [("12", 4), ("16", 20), ("32", 64)] {
        let sound = made(bits, mebibytes);
        // Everything but the contents of files: boot sector, tables, directories.
        let records = open(&sound).boot.data + (64 << 10);
        let boot_sector = (0..90_u64, any::<u8>());
        let near_the_start = (0..records.min(8192), any::<u8>());
        let anywhere = (0..records, any::<u8>());
        let damage = prop::collection::vec(prop_oneof![1 => boot_sector, 10 => near_the_start, 10 => anywhere], 1..60);
        let mut runner = TestRunner::new(ProptestConfig::with_cases(60));
        let counted = std::cell::RefCell::new([0, 0]);
        let outcome = runner.run(&damage, |damage| {
            let image = tempfile::tempfile().expect("a temporary file");
            sparse::copy(sound.as_file(), &[&image]).expect("a copy");
            for (at, byte) in damage {
                image.write_all_at(&[byte], at).expect("damage");
            }
            let began = Instant::now();
            let verdict = read_all(&image);
            prop_assert!(began.elapsed() < Duration::from_secs(5), "{verdict:?} after {:?}", began.elapsed());
            counted.borrow_mut()[usize::from(verdict.is_err())] += 1;
            Ok(())
        });
        outcome.expect("reading ends, with or without an error");
        let counted = counted.into_inner();
        outcomes = [outcomes[0] + counted[0], outcomes[1] + counted[1]];
    }
    assert!(outcomes[1] > 0, "no damage was found in {outcomes:?}");
}
