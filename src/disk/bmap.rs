//! Block maps (`.bmap`, format 2.0): which blocks of an image hold something, with a SHA-256 for each run, so that
//! `bmaptool copy` writes and checks only those. XML as bmap-tools writes it; the reading end knows just that form.

use std::fmt::Write;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::BLOCK;

/// Stands in the file's place for its own checksum while that is computed.
const NO_CHECKSUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The block map of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bmap {
    /// Length of the image in bytes.
    pub image_size: u64,
    /// Mapped runs of 4 KiB blocks in order, each with the SHA-256 of its bytes.
    pub ranges: Vec<(Range<u64>, [u8; 32])>,
}

/// A file that is no block map of ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BmapError {
    #[error("the block map has no sound `{0}`; make it anew")]
    Field(&'static str),
    #[error("the block map's own checksum is wrong; make it anew")]
    Checksum,
}

impl Bmap {
    /// The XML file.
    pub fn render(&self) -> String {
        let blank = self.render_with(NO_CHECKSUM);
        self.render_with(&hex(&Sha256::digest(&blank)))
    }

    fn render_with(&self, own_checksum: &str) -> String {
        let blocks = self.image_size.div_ceil(BLOCK);
        let mapped: u64 = self.ranges.iter().map(|(range, _)| range.end - range.start).sum();
        let mut xml = format!(
            "<?xml version=\"1.0\" ?>\n\
             <bmap version=\"2.0\">\n    \
             <ImageSize> {} </ImageSize>\n    \
             <BlockSize> {BLOCK} </BlockSize>\n    \
             <BlocksCount> {blocks} </BlocksCount>\n    \
             <MappedBlocksCount> {mapped} </MappedBlocksCount>\n    \
             <ChecksumType> sha256 </ChecksumType>\n    \
             <BmapFileChecksum> {own_checksum} </BmapFileChecksum>\n    \
             <BlockMap>\n",
            self.image_size
        );
        for (range, checksum) in &self.ranges {
            let (first, last) = (range.start, range.end - 1);
            let run = if first == last { first.to_string() } else { format!("{first}-{last}") };
            // Writing to a string cannot fail.
            let _ = writeln!(xml, "        <Range chksum=\"{}\"> {run} </Range>", hex(checksum));
        }
        xml.push_str("    </BlockMap>\n</bmap>\n");
        xml
    }

    /// Reads a file that [`Bmap::render`] wrote.
    pub fn parse(xml: &str) -> Result<Self, BmapError> {
        let own = field(xml, "BmapFileChecksum").ok_or(BmapError::Field("BmapFileChecksum"))?;
        if hex(&Sha256::digest(xml.replacen(own, NO_CHECKSUM, 1))) != own {
            return Err(BmapError::Checksum);
        }
        let image_size =
            field(xml, "ImageSize").and_then(|text| text.parse().ok()).ok_or(BmapError::Field("ImageSize"))?;
        let lines = xml.lines().filter_map(|line| line.trim().strip_prefix("<Range chksum=\""));
        let ranges: Option<Vec<_>> = lines
            .map(|line| {
                let (checksum, rest) = line.split_once("\"> ")?;
                let run = rest.strip_suffix(" </Range>")?;
                let (first, last) = run.split_once('-').unwrap_or((run, run));
                Some((first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?, unhex(checksum)?))
            })
            .collect();
        Ok(Self { image_size, ranges: ranges.ok_or(BmapError::Field("Range"))? })
    }
}

fn field<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}> "))?;
    Some(rest.split_once(&format!(" </{name}>"))?.0)
}

/// `bytes` as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    digits?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::disk::judge;

    fn bmap(content: &[u8]) -> Bmap {
        let checksum = Sha256::digest(content).into();
        Bmap { image_size: 40 * BLOCK, ranges: vec![(3..4, checksum), (7..8, checksum)] }
    }

    #[test]
    fn what_was_written_is_read() {
        let bmap = bmap(b"x");
        assert_eq!(Bmap::parse(&bmap.render()), Ok(bmap.clone()));
        assert_eq!(Bmap::parse(&bmap.render().replace(" 7 ", " 8 ")), Err(BmapError::Checksum));
    }

    #[test]
    fn bmaptool_copies_by_it_and_checks() {
        let folder = tempfile::tempdir().expect("a folder");
        let [image, copy, map] = ["image", "copy", "image.bmap"].map(|name| folder.path().join(name));
        let file = std::fs::File::create(&image).expect("an image");
        file.set_len(40 * BLOCK).expect("a hole");
        for block in [3, 7] {
            file.write_all_at(&[9; 4096], block * BLOCK).expect("a block");
        }
        std::fs::write(&map, bmap(&[9; 4096]).render()).expect("a block map");
        let arguments = ["copy".as_ref(), "--bmap".as_ref(), map.as_os_str(), image.as_os_str(), copy.as_os_str()];
        judge::run("bmaptool", &arguments);
        assert!(std::fs::read(&image).expect("the image") == std::fs::read(&copy).expect("the copy"));
        std::fs::write(&map, bmap(&[8; 4096]).render()).expect("a block map");
        assert!(!judge::ask("bmaptool", &arguments, b"").0, "a wrong checksum must be found");
    }
}
