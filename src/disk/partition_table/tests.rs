use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use super::*;
use crate::disk::{MIB, judge};

const LINUX: &str = "0fc63daf-8483-4772-8e79-3d69d8477de4";
const EFI_SYSTEM: &str = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

/// A disk of 64 MiB with the table that sfdisk makes of `script`.
fn by_sfdisk(script: &str) -> tempfile::NamedTempFile {
    let disk = tempfile::NamedTempFile::new().expect("a temporary file");
    disk.as_file().set_len(64 * MIB).expect("a sparse file");
    judge::run_with_input("sfdisk", &["-q".as_ref(), disk.path().as_os_str()], script.as_bytes());
    disk
}

/// Two partitions; the table has room for 128 and uses the first and the fifth.
fn gpt() -> tempfile::NamedTempFile {
    by_sfdisk(
        "label: gpt\nlabel-id: 11111111-2222-4333-8444-555555555555\n\
         1: start=2048, size=16384, type=U, uuid=AAAAAAAA-0000-4000-8000-000000000001, name=\"boot ä\"\n\
         5: start=32768, size=65536, type=L, uuid=AAAAAAAA-0000-4000-8000-000000000005, attrs=\"LegacyBIOSBootable\"\n",
    )
}

fn read(disk: &tempfile::NamedTempFile) -> Result<PartitionTable, PartitionTableError> {
    PartitionTable::read(&Slice::whole(disk.reopen().expect("the disk")).expect("its length"))
}

fn refused(disk: &tempfile::NamedTempFile) -> String {
    read(disk).expect_err("no table").to_string()
}

/// Where the header in `sector` of the disk and its entries stand, by the header itself.
fn header(disk: &File, sector: u64) -> [u8; 92] {
    let mut header = [0; 92];
    disk.read_exact_at(&mut header, sector * SECTOR).expect("a header");
    header
}

/// Changes a header of the disk, and gives it the checksum of what it says then.
fn change_header(disk: &File, sector: u64, change: impl FnOnce(&mut [u8; 92])) {
    let mut header = header(disk, sector);
    change(&mut header);
    header[16..20].copy_from_slice(&[0; 4]);
    let sum = crc32(&header);
    header[16..20].copy_from_slice(&sum.to_le_bytes());
    disk.write_all_at(&header, sector * SECTOR).expect("a header");
}

/// Changes the entries at both ends and mends every checksum: what stands there is what somebody wants.
fn change_entries(disk: &File, change: impl Fn(&mut [u8])) {
    for sector in [1, 64 * MIB / SECTOR - 1] {
        let header = header(disk, sector);
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| header[at + byte]));
        let start = number(72) * SECTOR;
        let mut entries = vec![0; 128 * 128];
        disk.read_exact_at(&mut entries, start).expect("entries");
        change(&mut entries);
        disk.write_all_at(&entries, start).expect("entries");
        change_header(disk, sector, |header| header[88..92].copy_from_slice(&crc32(&entries).to_le_bytes()));
    }
}

/// CRC-32 as GPT, gzip and Ethernet have it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

#[test]
fn a_gpt_is_read_as_sfdisk_wrote_it() {
    let table = read(&gpt()).expect("a table");
    assert_eq!(table.identity.to_string(), "11111111-2222-4333-8444-555555555555");
    assert_eq!(table.damaged_copy, None);
    let [boot, root] = table.partitions.as_slice() else { panic!("{:?}", table.partitions) };
    assert_eq!((boot.number, boot.start, boot.length, boot.bootable), (1, MIB, 8 * MIB, false));
    assert_eq!((root.number, root.start, root.length, root.bootable), (5, 16 * MIB, 32 * MIB, true));
    assert_eq!((boot.kind.to_string().as_str(), root.kind.to_string().as_str()), (EFI_SYSTEM, LINUX));
    assert_eq!(table.partuuid(root), "aaaaaaaa-0000-4000-8000-000000000005");
    assert!(matches!(&boot.kind, PartitionKind::Gpt { name, .. } if name == "boot ä"), "{boot:?}");
}

#[test]
fn an_mbr_is_read_as_sfdisk_wrote_it() {
    let disk = by_sfdisk(
        "label: dos\nlabel-id: 0x12345678\nstart=2048, size=16384, type=c, bootable\n\
         start=32768, size=65536, type=5\n3: start=18432, size=2048, type=83\n",
    );
    let table = read(&disk).expect("a table");
    let shown: Vec<String> = table
        .partitions
        .iter()
        .map(|part| format!("{} {} {} {} {}", part.number, part.start, part.length, part.kind, part.bootable))
        .collect();
    assert_eq!(
        shown,
        ["1 1048576 8388608 0x0c true", "2 16777216 33554432 0x05 false", "3 9437184 1048576 0x83 false"]
    );
    assert_eq!(
        (table.identity.to_string(), table.partuuid(&table.partitions[1])),
        ("12345678".into(), "12345678-02".into())
    );
}

#[test]
fn a_gpt_goes_before_the_records_of_a_hybrid_mbr_but_not_for_old_firmware() {
    let disk = gpt();
    // A FAT partition in the MBR's second record.
    let mut record = [0; 16];
    record[4] = 0x0c;
    record[8..12].copy_from_slice(&2048_u32.to_le_bytes());
    record[12..].copy_from_slice(&16384_u32.to_le_bytes());
    disk.as_file().write_all_at(&record, 446 + 16).expect("a record");
    let numbers = |table: PartitionTable| table.partitions.iter().map(|part| part.number).collect::<Vec<_>>();
    assert_eq!(numbers(read(&disk).expect("a table")), [1, 5]);
    // The protective record covers the whole disk, so the two overlap; who makes a hybrid shortens it.
    disk.as_file().write_all_at(&2047_u32.to_le_bytes(), 446 + 12).expect("a length");
    let slice = Slice::whole(disk.reopen().expect("the disk")).expect("its length");
    let mbr = PartitionTable::read_mbr_alone(&slice).expect("a table");
    assert_eq!(mbr.partitions[1].kind, PartitionKind::Mbr(0x0c));
    // Without a record for it, a GPT is a rest of what the disk once held.
    disk.as_file().write_all_at(&[0; 16], 446).expect("no record");
    assert_eq!(numbers(read(&disk).expect("a table")), [2]);
}

#[test]
fn one_copy_is_enough_and_the_damaged_one_is_named() {
    let start = gpt();
    start.as_file().write_all_at(&[0xff], SECTOR + 60).expect("damage");
    let table = read(&start).expect("the copy at the end");
    assert_eq!(table.partitions, read(&gpt()).expect("a table").partitions);
    assert_eq!(
        table.damaged_copy.expect("damage").to_string(),
        "the GUID partition table at the disk's start has a header with a wrong checksum; the one at its end counts"
    );
    let entries = gpt();
    entries.as_file().write_all_at(&[0xff], 2 * SECTOR + 5).expect("damage");
    let damage = read(&entries).expect("the copy at the end").damaged_copy.expect("damage").damage;
    assert_eq!(damage.to_string(), "has entries with a wrong checksum");
    // An image that was written to a larger card.
    let end = gpt();
    end.as_file().set_len(65 * MIB).expect("a longer disk");
    assert_eq!(
        read(&end).expect("the copy at the start").damaged_copy.expect("damage").to_string(),
        "the GUID partition table at the disk's end is not there; the one at its start counts"
    );
}

#[test]
fn a_table_that_is_lost_is_said_once() {
    let disk = gpt();
    disk.as_file().write_all_at(&[0; 512], SECTOR).expect("damage");
    disk.as_file().write_all_at(&[0xff], 64 * MIB - SECTOR + 60).expect("damage");
    assert_eq!(
        refused(&disk),
        "its GUID partition table is lost: the one at the disk's start is not there, the one at its end has a header \
         with a wrong checksum; `gdisk` may find the partitions again"
    );
    let tiny = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut mbr = [0; 512];
    disk.as_file().read_exact_at(&mut mbr, 0).expect("the MBR");
    tiny.as_file().write_all_at(&mbr, 0).expect("the MBR alone");
    assert!(refused(&tiny).contains("the one at its end is not there"), "{}", refused(&tiny));
}

#[test]
fn headers_that_ask_for_too_much_take_neither_time_nor_memory() {
    let began = Instant::now();
    let damage = |change: &dyn Fn(&mut [u8; 92])| {
        let disk = gpt();
        // So long that what the header asks for would be there: entries of 512 GiB.
        disk.as_file().set_len(1 << 40).expect("a sparse file");
        change_header(disk.as_file(), 1, change);
        refused(&disk)
    };
    let said = |start: &str| {
        format!(
            "its GUID partition table is lost: the one at the disk's start {start}, the one at its end is not there; \
             `gdisk` may find the partitions again"
        )
    };
    assert_eq!(
        damage(&|header| header[80..84].copy_from_slice(&[0xff; 4])),
        said("has 4294967295 entries of 128 bytes, and only up to 1024 of 128 are read")
    );
    assert_eq!(
        damage(&|header| header[84..88].copy_from_slice(&256_u32.to_le_bytes())),
        said("has 128 entries of 256 bytes, and only up to 1024 of 128 are read")
    );
    assert_eq!(
        damage(&|header| header[72..80].copy_from_slice(&[0xff; 8])),
        said("has its entries outside of the disk")
    );
    assert_eq!(
        damage(&|header| header[24..32].copy_from_slice(&7_u64.to_le_bytes())),
        said("has a header for sector 7, where it does not stand")
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn partitions_that_cannot_be_are_refused_by_number() {
    let refused = |at: usize, number: u64| {
        let disk = gpt();
        change_entries(disk.as_file(), |entries| entries[at..at + 8].copy_from_slice(&number.to_le_bytes()));
        refused(&disk)
    };
    let outside = "of its GUID partition table ends before it begins or behind the end of the disk";
    let fifth = 4 * 128;
    assert_eq!(refused(fifth + 40, 64 * MIB / SECTOR), format!("partition 5 {outside}"));
    assert_eq!(refused(fifth + 40, u64::MAX), format!("partition 5 {outside}"));
    assert_eq!(refused(fifth + 40, 32767), format!("partition 5 {outside}"));
    assert_eq!(refused(32, 0), format!("partition 1 {outside}"));
    assert_eq!(refused(fifth + 32, 18431), "partitions 1 and 5 of its GUID partition table overlap");
}
