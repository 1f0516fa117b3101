//! A power cut during a kernel update: the card as it would be at each moment, and what a board would start from it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, copy};
use std::ops::Range;
use std::path::Path;

use bramble::config::Board;
use bramble::disk::BootPartition;
use bramble::emulate::{Boot, play};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::cluster::shown;
use crate::judge;
use crate::write_log::WriteLog;

/// Moments that are looked at, at most; of more, as many evenly among them.
const MOMENTS: usize = 80;

/// The moments and what is lost at them are always the same.
const SEED: [u8; 32] = *b"some of it is on the card by now";

const SECTOR: u64 = 512;

/// Goes through the moments of `update`, counted in requests of `log`, and holds what `board` would start from the card,
/// before and after the check that a node does, against what it started before the update and starts after it. `image`
/// is what the guest started with; `folder` has room for some copies of its boot partition.
pub(crate) fn starts_at_every_moment(board: &Board, image: &Path, log: &WriteLog, update: Range<usize>, folder: &Path) {
    let [whole, cut, mended, partition] =
        ["whole.img", "cut.img", "mended.img", "boot.fat"].map(|name| folder.join(name));
    let (start, length) = place(image);
    judge::ask("cp", &["--sparse=always", &shown(image), &shown(&whole)]);
    log.write(&whole, 0..update.end, || true).expect("a card");
    let [before, after] = [image, &whole].map(|card| started(board, card).unwrap_or_else(|error| panic!("{error}")));
    assert!(before != after, "the update changed nothing that a board starts");

    judge::ask("cp", &["--sparse=always", &shown(image), &shown(&whole)]);
    let turns = log.turns(update.clone(), start + length);
    assert!(!turns.is_empty(), "the update wrote nothing to the boot partition");
    let every = turns.len().div_ceil(MOMENTS);
    let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let (mut done, mut old, mut new) = (0, 0, 0);
    for moment in turns.iter().copied().step_by(every).chain([update.end]) {
        let kept = log.kept(moment);
        log.write(&whole, done..kept, || true).expect("a card");
        done = kept;
        part(&whole, 0..start + length, &cut, 0);
        log.write(&cut, kept..moment, || chance.next_u32().is_multiple_of(2)).expect("a card");
        part(&cut, start..start + length, &partition, 0);
        // 1: there were errors, and they are corrected.
        judge::ask("sh", &["-c", "fsck.fat -a \"$1\" || [ $? = 1 ]", "sh", &shown(&partition)]);
        part(&cut, 0..start, &mended, 0);
        part(&partition, 0..length, &mended, start);
        for card in [&cut, &mended] {
            let boot =
                started(board, card).unwrap_or_else(|error| panic!("request {moment}, {}: {error}", shown(card)));
            assert!(boot == before || boot == after, "request {moment}, {}: neither the old nor the new", shown(card));
            *(if boot == before { &mut old } else { &mut new }) += 1;
        }
    }
    eprintln!("{}: {old} cards start the old kernel, {new} the new one, of {} turns", board.name, turns.len());
    assert!(old > 0 && new > 0, "no moment is on one side of the switch");
    for file in [whole, cut, mended, partition] {
        fs::remove_file(file).expect("a file of ours");
    }
}

/// What the firmware of `board` starts from `card`.
fn started(board: &Board, card: &Path) -> Result<Boot, String> {
    let tree = board.emulation.as_ref().and_then(|emulation| emulation.device_tree.clone());
    let files = BootPartition::open(card).map_err(|error| error.to_string())?;
    let boot = play(&files, tree.as_deref()).map_err(|error| error.to_string())?;
    // Its name has the folder.
    Ok(Boot { device_tree_name: None, ..boot })
}

/// Where the boot partition, the first one, starts in `image`, and how long it is, in bytes.
fn place(image: &Path) -> (u64, u64) {
    let table: serde_json::Value =
        serde_json::from_str(&judge::ask("sfdisk", &["--json", &shown(image)])).expect("JSON");
    let first = &table["partitiontable"]["partitions"][0];
    let sectors = |key: &str| first[key].as_u64().expect("a number of sectors") * SECTOR;
    (sectors("start"), sectors("size"))
}

/// Copies bytes of a file into another one, which need not be there.
fn part(from: &Path, bytes: Range<u64>, to: &Path, place: u64) {
    let mut source = File::open(from).expect("a card");
    source.seek(SeekFrom::Start(bytes.start)).expect("a place in it");
    let mut target = fs::OpenOptions::new().create(true).truncate(false).write(true).open(to).expect("a file of ours");
    target.seek(SeekFrom::Start(place)).expect("a place in it");
    copy(&mut source.take(bytes.end - bytes.start), &mut target).expect("room for it");
}
