//! The card of an emulated board: a qcow2 overlay over the image, rounded up to a size that SD cards have.
//!
//! Source: QEMU, `docs/interop/qcow2.rst`, version 3. Written here is the least that is an overlay: no cluster of its
//! own yet, everything from the backing file, zeros beyond its end. QEMU does all reading and changing; writing it
//! ourselves spares the user a further package for one file of 256 KiB.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Bytes of a cluster, the format's unit: 2^16, QEMU's own default.
const CLUSTER_BITS: u32 = 16;
const CLUSTER: u64 = 1 << CLUSTER_BITS;

/// Guest bytes that one entry of the first-level table maps: a cluster full of 8-byte entries for a cluster each.
const L1_REACH: u64 = CLUSTER * (CLUSTER / 8);

/// Longest name of a backing file that the format allows, in bytes.
const BACKING_NAME_LIMIT: usize = 1023;

/// Header extension that names the backing file's format.
const BACKING_FORMAT_EXTENSION: u32 = 0xe279_2aca;

/// Where things stand, in clusters. The table of a card of 2 TiB, the largest there is, fits its one cluster.
const REFCOUNT_TABLE: u64 = 1;
const REFCOUNT_BLOCK: u64 = 2;
const L1_TABLE: u64 = 3;
const CLUSTERS: u64 = 4;

/// Smallest card, which leaves a node room to grow as every card on sale does, and largest. QEMU refuses sizes that are
/// no power of two, as no real card has such a one.
const SMALLEST: u64 = 1 << 30;
const LARGEST: u64 = 2 << 40;

/// Bytes of the smallest card that `length` bytes fit on; none when there is no such card.
pub(super) fn card_size(length: u64) -> Option<u64> {
    length.max(SMALLEST).checked_next_power_of_two().filter(|&size| size <= LARGEST)
}

/// Writes at `path` an overlay of `size` bytes over the raw image `backing`, an absolute path.
pub(super) fn write_overlay(path: &Path, backing: &Path, size: u64) -> io::Result<()> {
    fs::write(path, overlay(backing.as_os_str(), size)?)
}

/// The overlay file's content.
fn overlay(backing: &OsStr, size: u64) -> io::Result<Vec<u8>> {
    let name = backing.as_bytes();
    if name.len() > BACKING_NAME_LIMIT {
        return Err(io::Error::other(format!("the path of the image is longer than {BACKING_NAME_LIMIT} bytes")));
    }
    let number = |value: usize| u32::try_from(value).map_err(io::Error::other);
    let l1_entries = u32::try_from(size.div_ceil(L1_REACH)).map_err(io::Error::other)?;

    let mut extensions = Vec::new();
    extensions.extend(BACKING_FORMAT_EXTENSION.to_be_bytes());
    extensions.extend(3_u32.to_be_bytes());
    extensions.extend(*b"raw\0\0\0\0\0"); // padded to a multiple of eight
    extensions.extend([0; 8]); // end of the extensions
    let header_length = 104;

    let mut file = Vec::new();
    file.extend(*b"QFI\xfb");
    file.extend(3_u32.to_be_bytes()); // version
    file.extend(u64::try_from(header_length + extensions.len()).map_err(io::Error::other)?.to_be_bytes());
    file.extend(number(name.len())?.to_be_bytes());
    file.extend(CLUSTER_BITS.to_be_bytes());
    file.extend(size.to_be_bytes());
    file.extend(0_u32.to_be_bytes()); // no encryption
    file.extend(l1_entries.to_be_bytes());
    file.extend((L1_TABLE * CLUSTER).to_be_bytes());
    file.extend((REFCOUNT_TABLE * CLUSTER).to_be_bytes());
    file.extend(1_u32.to_be_bytes()); // clusters of the refcount table
    file.extend(0_u32.to_be_bytes()); // snapshots
    file.extend(0_u64.to_be_bytes()); // their table
    file.extend([0; 24]); // feature bits: incompatible, compatible, autoclear
    file.extend(4_u32.to_be_bytes()); // refcounts of 2^4 bits
    file.extend(number(header_length)?.to_be_bytes());
    debug_assert_eq!(file.len(), header_length);
    file.extend(extensions);
    file.extend(name);

    let mut write = |cluster: u64, content: &[u8]| {
        let start = usize::try_from(cluster * CLUSTER).map_err(io::Error::other)?;
        file.resize(start, 0);
        file.extend(content);
        io::Result::Ok(())
    };
    write(REFCOUNT_TABLE, &(REFCOUNT_BLOCK * CLUSTER).to_be_bytes())?;
    let refcounts: Vec<u8> = (0..CLUSTERS).flat_map(|_| 1_u16.to_be_bytes()).collect();
    write(REFCOUNT_BLOCK, &refcounts)?;
    write(L1_TABLE, &[])?;
    write(CLUSTERS, &[])?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn cards_have_sizes_of_real_cards() {
        assert_eq!(card_size(1), Some(1 << 30));
        assert_eq!(card_size(1 << 30), Some(1 << 30));
        assert_eq!(card_size((1 << 30) + 1), Some(2 << 30));
        assert_eq!(card_size((2 << 40) + 1), None);
    }

    #[test]
    fn qemu_finds_the_overlay_sound() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (image, card) = (folder.path().join("a.img"), folder.path().join("card.qcow2"));
        fs::write(&image, vec![0x5a; 3 << 20]).expect("an image");
        write_overlay(&card, &image, 64 << 20).expect("an overlay");
        let qemu_img = |arguments: &[&str]| {
            let output = Command::new("qemu-img").args(arguments).arg(&card).output();
            let output = output.expect("qemu-img runs; install it with `apt install qemu-utils`");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        assert!(qemu_img(&["check"]).contains("No errors were found"));
        let info = qemu_img(&["info", "--output=json"]);
        let info: serde_json::Value = serde_json::from_str(&info).expect("JSON");
        assert_eq!(info["virtual-size"], 64 << 20);
        assert_eq!(info["backing-filename"], image.to_str().expect("a path of plain letters"));
        assert_eq!(info["backing-filename-format"], "raw");
    }
}
