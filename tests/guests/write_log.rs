//! What a guest wrote to its card, and the card as a power cut would have left it.
//!
//! Source: Linux, `drivers/md/dm-log-writes.c`, whose form QEMU's filter `blklogwrites` has: a sector that tells what the
//! file is, then for each request a sector with its place, length and flags, and its data behind it.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

const SECTOR: u64 = 512;
const MAGIC: u64 = 0x006a_7366_7773_6872;
const FLUSH: u64 = 1;
const DISCARD: u64 = 4;

/// A request of the guest, in bytes of its card.
#[derive(Debug)]
struct Request {
    offset: u64,
    length: u64,
    /// The card must keep what came before it.
    flush: bool,
    /// Where it stands in the log, and its data, where it has any.
    place: u64,
    data: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct WriteLog {
    file: File,
    requests: Vec<Request>,
}

impl WriteLog {
    /// Reads the log of a guest that has ended.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let end = file.metadata()?.len();
        let word = |at: u64| -> io::Result<u64> {
            let mut bytes = [0; 8];
            file.read_exact_at(&mut bytes, at)?;
            Ok(u64::from_le_bytes(bytes))
        };
        assert_eq!(word(0)?, MAGIC, "a log of writes");
        let mut requests = Vec::new();
        let mut at = SECTOR;
        while at < end {
            let (offset, length, flags) = (word(at)? * SECTOR, word(at + 8)? * SECTOR, word(at + 16)?);
            let data = (length > 0 && flags & DISCARD == 0).then_some(at + SECTOR);
            requests.push(Request { offset, length, flush: flags & FLUSH != 0, place: at, data });
            at += SECTOR + if data.is_some() { length } else { 0 };
        }
        Ok(Self { file, requests })
    }

    /// How many requests the guest had made when the log was `length` bytes long.
    pub(crate) fn count(&self, length: u64) -> usize {
        self.requests.partition_point(|request| request.place < length)
    }

    /// How many of the first `count` requests the card keeps whatever happens: those up to the last flush. A card that is
    /// never asked for one has no cache, and keeps all.
    pub(crate) fn kept(&self, count: usize) -> usize {
        if self.requests.iter().any(|request| request.flush) {
            self.requests[..count].iter().rposition(|request| request.flush).unwrap_or(0)
        } else {
            count
        }
    }

    /// Makes `card`, a copy of the image that the guest started with, what it is when the power goes after `count`
    /// requests: it has everything up to the last flush, and of what came after that whatever `keeps` says.
    pub(crate) fn cut(&self, card: &Path, count: usize, keeps: impl FnMut() -> bool) -> io::Result<()> {
        let kept = self.kept(count);
        self.write(card, 0..kept, || true)?;
        self.write(card, kept..count, keeps)
    }

    /// Does to `card` those of the requests that `keeps` says.
    pub(crate) fn write(&self, card: &Path, requests: Range<usize>, mut keeps: impl FnMut() -> bool) -> io::Result<()> {
        let card = fs::OpenOptions::new().write(true).open(card)?;
        let mut buffer = Vec::new();
        for request in &self.requests[requests] {
            if let Some(data) = request.data
                && keeps()
            {
                buffer.resize(usize::try_from(request.length).map_err(io::Error::other)?, 0);
                self.file.read_exact_at(&mut buffer, data)?;
                card.write_all_at(&buffer, request.offset)?;
            }
        }
        Ok(())
    }

    /// The moments within `requests` at which something else begins in the first `end` bytes of the card: each request there
    /// that does not go on where the one before it ended. What lies between two of them is the middle of one file.
    pub(crate) fn turns(&self, requests: Range<usize>, end: u64) -> Vec<usize> {
        let mut at = 0;
        let mut turns = Vec::new();
        for index in requests {
            let request = &self.requests[index];
            if request.data.is_some() && request.offset < end {
                if request.offset != at {
                    turns.push(index);
                }
                at = request.offset + request.length;
            }
        }
        turns
    }
}
