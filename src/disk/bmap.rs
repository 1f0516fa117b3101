//! Block maps (`.bmap`, format 2.0): which blocks of an image hold something, with a SHA-256 for each run, so that
//! `bmaptool copy` writes and checks only those. XML as bmap-tools writes it.

use std::fmt::Write;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::BLOCK;

/// The placeholder for the file's own checksum while that is computed.
const NO_CHECKSUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The block map of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bmap {
    /// Length of the image in bytes.
    pub image_size: u64,
    /// Mapped runs of 4 KiB blocks in order, each with the SHA-256 of its bytes.
    pub ranges: Vec<(Range<u64>, [u8; 32])>,
}

impl Bmap {
    /// The XML file.
    pub fn render(&self) -> String {
        let blank = self.render_with(NO_CHECKSUM);
        self.render_with(&hex::encode(Sha256::digest(&blank)))
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
            let _ = writeln!(xml, "        <Range chksum=\"{}\"> {run} </Range>", hex::encode(checksum));
        }
        xml.push_str("    </BlockMap>\n</bmap>\n");
        xml
    }
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
