//! Images that nobody would make: small ones by other tools, with fields of their records forged, always the same way.
//!
//! Each case goes the way of a file that somebody names: `inspect` whole, and `diff` against the sound image. What a case may
//! not do: panic, read more than a bound in proportion to the image, or take more memory than a small machine has. The cases
//! run in a process of their own, whose memory the system bounds; 10,000 of them here, and as many as
//! `BRAMBLE_FUZZ_IMAGES` says (`make fuzz`: a million). `BRAMBLE_FUZZ_SEED` says where to begin, and
//! `BRAMBLE_FUZZ_CASE` runs a single one again.

mod mutation;
mod specimen;

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use bramble::inspect::{Card, CompareOptions, compare, report};

use self::mutation::{Random, mutate};
use self::specimen::Specimen;

/// Cases of an ordinary test run: seconds, not minutes.
const CASES: u64 = 10_000;

/// Memory that the process of the cases may have, in KiB of addresses. Its threads and libraries alone take some hundreds of
/// MiB of these.
const MEMORY: u32 = 2 << 20;

/// What a case may read, as a multiple of the image's length: it is listed and read through some times over, and compared
/// with another.
const READ: u64 = 12;

/// Says to the process that it is the one for the cases, and where its images are to lie.
const FOLDER: &str = "BRAMBLE_FUZZ_FOLDER";

#[test]
fn forged_images_break_nothing() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return cases(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = std::env::current_exe().expect("this test's program");
    let name = std::thread::current().name().expect("a test's thread has its name").to_owned();
    let count = number("BRAMBLE_FUZZ_IMAGES").unwrap_or(CASES);
    // Of the processor's time: a case that never ends is found too.
    let seconds = 600 + count / 20;
    let script = format!("ulimit -v {MEMORY} && ulimit -t {seconds} && exec \"$0\" --exact \"$1\" --nocapture");
    let child = Command::new("sh").args(["-c", &script]).arg(program).arg(name).env(FOLDER, folder.path()).output();
    let child = child.expect("a shell");
    if !child.status.success() {
        let said = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
        let last = fs::read_to_string(folder.path().join("case")).unwrap_or_default();
        // Lines that begin like this would be counted as broken tests.
        panic!("the last case was {}; {}:\n{}", last.trim(), child.status, said.replace("\nerror", "\n error"));
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// Runs all cases. Images and the number of the case that runs stand in `folder`.
fn cases(folder: &Path) {
    let mut specimens = Specimen::all(folder);
    let seed = number("BRAMBLE_FUZZ_SEED").unwrap_or(1);
    let count = number("BRAMBLE_FUZZ_IMAGES").unwrap_or(CASES);
    let single = number("BRAMBLE_FUZZ_CASE");
    let log = File::create(folder.join("case")).expect("a fresh file");
    let mut failed = Vec::new();
    let (mut most, mut told) = ((0, 0), [0_u64; 2]);
    for case in single.map_or(0..count, |case| case..case + 1) {
        log.write_all_at(format!("{case:>20}").as_bytes(), 0).expect("our own file");
        let mut random = Random::of(seed, case);
        let number = random.below(specimens.len());
        let specimen = &mut specimens[number];
        let changes = mutate(specimen, &mut random);
        write(specimen, &changes);
        let before = bytes_read();
        let looked = catch_unwind(AssertUnwindSafe(|| look(specimen)));
        let read = (bytes_read() - before) / specimen.length;
        most = most.max((read, case));
        match looked {
            Ok(described) if read <= READ => told[usize::from(described)] += 1,
            Ok(_) => failed.push(format!("case {case} on {} reads {read} times its length", specimen.name)),
            Err(_) => failed.push(format!("case {case} on {} panics", specimen.name)),
        }
        if read > READ || looked.is_err() {
            fs::copy(&specimen.path, kept(case)).expect("enough space");
        }
        for change in &changes {
            specimen.image[change.clone()].copy_from_slice(&specimen.sound[change.clone()]);
        }
        write(specimen, &changes);
    }
    println!("{told:?} not described and described; case {} read {} times its image's length", most.1, most.0);
    assert!(failed.is_empty(), "seed {seed}; their images are kept in the target folder's tmp:\n{}", failed.join("\n"));
    // Mutations that leave no image behind would prove nothing.
    assert!(single.is_some() || told[1] > told[0], "{told:?}");
}

/// Brings changes of the specimen's image to its file.
fn write(specimen: &Specimen, changes: &[Range<usize>]) {
    for change in changes {
        let place = u64::try_from(change.start).expect("a place");
        specimen.forged.write_all_at(&specimen.image[change.clone()], place).expect("our own image");
    }
}

/// Where the image of a case that failed is kept.
fn kept(case: u64) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("forged-{case}.img"))
}

/// Looks at the forged image in every way that there is; says whether there was something to tell.
fn look(specimen: &Specimen) -> bool {
    let Ok(card) = Card::open(&specimen.path) else { return false };
    let told = report(&card, None).expect("no board is asked for").to_string();
    let sound = Card::open(&specimen.original).expect("the sound image");
    let compared = compare(&sound, &card, CompareOptions { free_space: true }).expect("both can be read");
    !told.is_empty() && !compared.to_string().is_empty()
}

/// Bytes that this thread has read so far, from files of any kind.
fn bytes_read() -> u64 {
    let counts = fs::read_to_string("/proc/thread-self/io").expect("a kernel that counts what a thread reads");
    let line = counts.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("a line of proc(5)");
    line.parse().expect("a number")
}
