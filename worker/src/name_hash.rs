//! A short hash for the names of cached files.
//!
//! The standard library's hash withstands chosen keys and costs an ARM1176 as much as parsing the request. Here only
//! names of files that exist are ever kept, and those a client cannot choose.

use std::hash::Hasher;

/// Eight bytes a step: rotate, mix, multiply.
#[derive(Debug, Default)]
pub struct NameHasher(u64);

impl NameHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.mix(rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
    }

    fn write_usize(&mut self, length: usize) {
        self.mix(u64::try_from(length).unwrap_or_default());
    }

    fn finish(&self) -> u64 {
        // A table takes its place from some bits and its tag from others; the product's upper half reaches both.
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_hashes_of_their_own() {
        let hash = |name: &str| {
            let mut hasher = NameHasher::default();
            hasher.write(name.as_bytes());
            hasher.finish()
        };
        let names: Vec<String> = (0..10_000).map(|number| format!("assets/{number}.css")).collect();
        let mut hashes: Vec<u64> = names.iter().map(|name| hash(name)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), names.len());
        assert_ne!(hash("a"), hash("a/index.html"));
    }
}
