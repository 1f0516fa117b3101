//! Identifiers that other tools draw at random, derived from names by SHA-256: the same names, the same ids.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Names to derive ids from, taken together with a label that says what the id is for.
#[derive(Debug, Clone)]
pub struct Names(Sha256);

/// The ids of one disk with a FAT and an ext4 file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    /// Bytes 440 to 443 of the partition table's sector; never 0, which means none.
    pub disk_signature: u32,
    /// The FAT volume's serial number.
    pub fat_volume_id: u32,
    /// The ext4 file system's UUID.
    pub filesystem_uuid: [u8; 16],
    /// The seed of ext4's directory hashes.
    pub hash_seed: [u32; 4],
}

impl Names {
    /// Starts from `names`; their order and their borders count.
    pub fn new(names: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for name in names {
            Self::feed(&mut hash, name);
        }
        Self(hash)
    }

    /// A UUID of version 8 (RFC 9562, section 5.8: what the bits mean is the maker's own affair).
    pub fn uuid(&self, label: &str) -> [u8; 16] {
        let mut uuid: [u8; 16] = self.bytes(label);
        uuid[6] = (uuid[6] & 0x0f) | 0x80;
        uuid[8] = (uuid[8] & 0x3f) | 0x80;
        uuid
    }

    /// A number that is not 0.
    pub fn number(&self, label: &str) -> u32 {
        u32::from_le_bytes(self.bytes(label)).max(1)
    }

    /// Four numbers, not all 0.
    pub fn numbers(&self, label: &str) -> [u32; 4] {
        [0, 1, 2, 3].map(|index| self.number(&format!("{label} {index}")))
    }

    fn bytes<const N: usize>(&self, label: &str) -> [u8; N] {
        let mut hash = self.0.clone();
        Self::feed(&mut hash, label);
        let digest = hash.finalize();
        std::array::from_fn(|index| digest[index])
    }

    /// The length goes before the text, so that ("ab", "c") and ("a", "bc") part ways.
    fn feed(hash: &mut Sha256, text: &str) {
        hash.update(text.len().to_string());
        hash.update(":");
        hash.update(text);
    }
}

impl Ids {
    pub fn derive(names: &Names) -> Self {
        Self {
            disk_signature: names.number("disk signature"),
            fat_volume_id: names.number("fat volume id"),
            filesystem_uuid: names.uuid("file system"),
            hash_seed: names.numbers("hash seed"),
        }
    }

    /// What the kernel calls partition `number` (from 1) of this disk: `root=PARTUUID=<this>`.
    pub fn partuuid(&self, number: u8) -> String {
        format!("{:08x}-{number:02x}", self.disk_signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_names_and_nothing_else() {
        let ids = Ids::derive(&Names::new(&["home", "worker-pi2"]));
        assert_eq!(ids, Ids::derive(&Names::new(&["home", "worker-pi2"])));
        assert_ne!(ids, Ids::derive(&Names::new(&["homew", "orker-pi2"])));
        assert_ne!(ids.disk_signature, ids.fat_volume_id);
    }

    #[test]
    fn ids_stay_what_they_were_when_cards_were_first_made() {
        let ids = Ids::derive(&Names::new(&["home", "worker-pi2"]));
        assert_eq!(ids.partuuid(2), "485a3781-02");
    }

    #[test]
    fn uuids_carry_their_version_and_variant() {
        let uuid = Names::new(&["x"]).uuid("y");
        assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (8, 0b10));
    }
}
