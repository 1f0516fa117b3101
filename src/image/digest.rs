//! SHA-256 of an image and of its mapped runs in one pass that never reads a hole and can be resumed.
//!
//! All nodes of a base have the same bytes up to the first identity slot, which lies behind all other content. The
//! checksums up to there are computed once and kept with the base; a node takes them on from there.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256};

use crate::disk::bmap::Bmap;
use crate::disk::{BLOCK, BlockMap};

/// What is hashed for a hole, and how much is read at once.
const CHUNK: usize = 1 << 20;
static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// Where the blocks of an image are read from.
pub trait Blocks: Sync {
    /// Fills `buffer` with the bytes at `offset`.
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl Blocks for File {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }
}

/// Checksums under way.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Digester {
    /// Of everything so far.
    whole: Sha256,
    /// Of the mapped run that the position is in.
    run: Sha256,
    finished: Vec<(Range<u64>, [u8; 32])>,
    /// The first block not yet taken in.
    position: u64,
}

/// The checksums of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub sha256: [u8; 32],
    pub bmap: Bmap,
}

impl Digester {
    /// Takes in the blocks of `image` up to block `end`. Blocks outside `mapped` must read as zeros.
    pub fn advance(&mut self, image: &impl Blocks, mapped: &BlockMap, end: u64) -> io::Result<()> {
        for run in mapped.runs().filter(|run| run.end > self.position).collect::<Vec<_>>() {
            if run.start >= end {
                break;
            }
            self.skip(run.start);
            self.read(image, run.end.min(end))?;
            if run.end <= end {
                self.finished.push((run, std::mem::take(&mut self.run).finalize().into()));
            }
        }
        self.skip(end);
        Ok(())
    }

    /// Takes in the rest of an image of `length` bytes, which must be a multiple of 4096.
    pub fn finish(mut self, image: &impl Blocks, mapped: &BlockMap, length: u64) -> io::Result<Digest> {
        self.advance(image, mapped, length / BLOCK)?;
        let bmap = Bmap { image_size: length, ranges: self.finished };
        Ok(Digest { sha256: self.whole.finalize().into(), bmap })
    }

    /// A hole up to block `end`.
    fn skip(&mut self, end: u64) {
        let mut left = end.saturating_sub(self.position) * BLOCK;
        while left > 0 {
            let zeros = usize::try_from(left).map_or(&ZEROS[..], |left| &ZEROS[..left.min(CHUNK)]);
            self.whole.update(zeros);
            left = left.saturating_sub(u64::try_from(zeros.len()).unwrap_or(left));
        }
        self.position = self.position.max(end);
    }

    /// A part of a mapped run up to block `end`.
    fn read(&mut self, image: &impl Blocks, end: u64) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        while self.position < end {
            let left = usize::try_from((end - self.position) * BLOCK).unwrap_or(CHUNK);
            let chunk = &mut buffer[..left.min(CHUNK)];
            image.read(chunk, self.position * BLOCK)?;
            let (whole, run) = (&mut self.whole, &mut self.run);
            rayon::join(|| whole.update(&*chunk), || run.update(&*chunk));
            self.position += u64::try_from(chunk.len()).map_err(io::Error::other)? / BLOCK;
        }
        Ok(())
    }
}

/// A [`Digester`] as it is kept in a file.
#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    whole: Vec<u8>,
    run: Vec<u8>,
    finished: Vec<(Range<u64>, [u8; 32])>,
    position: u64,
}

impl From<Digester> for Saved {
    fn from(digester: Digester) -> Self {
        let state = |hash: &Sha256| hash.serialize().to_vec();
        Self {
            whole: state(&digester.whole),
            run: state(&digester.run),
            finished: digester.finished,
            position: digester.position,
        }
    }
}

impl TryFrom<Saved> for Digester {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let state = |bytes: &[u8]| {
            let state = SerializedState::<Sha256>::try_from(bytes).map_err(|_| "a hash state of another length")?;
            Sha256::deserialize(&state).map_err(|_| "a hash state that is none")
        };
        Ok(Self {
            whole: state(&saved.whole)?,
            run: state(&saved.run)?,
            finished: saved.finished,
            position: saved.position,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::judge;

    /// 3 MiB with two runs, one of them longer than a chunk.
    fn image() -> (tempfile::NamedTempFile, BlockMap) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.as_file().set_len(3 << 20).expect("a hole");
        let mut mapped = BlockMap::default();
        for (block, length) in [(2, 300_000), (100, 1_500_000)] {
            let content: Vec<u8> =
                (0..length).map(|at: u32| at.to_le_bytes()[usize::from(at.is_multiple_of(3))]).collect();
            file.as_file().write_all_at(&content, block * BLOCK).expect("written");
            mapped.insert_bytes(block * BLOCK, u64::from(length));
        }
        (file, mapped)
    }

    #[test]
    fn the_checksum_is_the_one_that_sha256sum_computes() {
        let (image, mapped) = image();
        let digest = Digester::default().finish(image.as_file(), &mapped, 3 << 20).expect("a digest");
        let theirs = judge::run("sha256sum", &[image.path().as_os_str()]);
        assert!(theirs.starts_with(&hex::encode(digest.sha256)), "{theirs}");
        let runs: Vec<_> = digest.bmap.ranges.iter().map(|(run, _)| run.clone()).collect();
        assert_eq!(runs, [2..76, 100..467]);
    }

    #[test]
    fn checksums_resume_anywhere_even_from_a_file() {
        let (image, mapped) = image();
        let straight = Digester::default().finish(image.as_file(), &mapped, 3 << 20).expect("a digest");
        for stop in [0, 1, 2, 40, 76, 90, 100, 400, 467, 700, 768] {
            let mut begun = Digester::default();
            begun.advance(image.as_file(), &mapped, stop).expect("advanced");
            let saved = serde_json::to_string(&begun).expect("saved");
            let resumed: Digester = serde_json::from_str(&saved).expect("restored");
            assert_eq!(resumed.finish(image.as_file(), &mapped, 3 << 20).expect("a digest"), straight, "stop {stop}");
        }
    }
}
