//! What a guest wrote to its card, and the card as a power cut would have left it.
//!
//! Source: Linux, `drivers/md/dm-log-writes.c`, whose form QEMU's filter `blklogwrites` has: a sector that tells what the
//! file is, then for each request a sector with its place, length and flags, and its data behind it.

use std::fs::{self, File};
use std::io;
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

    /// Makes `card`, a copy of the image that the guest started with, what it is when the power goes after `count`
    /// requests: it has everything up to the last flush, and of what came after that whatever `keeps` says.
    pub(crate) fn cut(&self, card: &Path, count: usize, mut keeps: impl FnMut() -> bool) -> io::Result<()> {
        let card = fs::OpenOptions::new().write(true).open(card)?;
        let made = &self.requests[..count];
        let kept = made.iter().rposition(|request| request.flush).unwrap_or(0);
        let mut buffer = Vec::new();
        for (index, request) in made.iter().enumerate() {
            if let Some(data) = request.data
                && (index < kept || keeps())
            {
                buffer.resize(usize::try_from(request.length).map_err(io::Error::other)?, 0);
                self.file.read_exact_at(&mut buffer, data)?;
                card.write_all_at(&buffer, request.offset)?;
            }
        }
        Ok(())
    }
}
