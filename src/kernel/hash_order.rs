//! The order in which kmod's hash tables are walked (`shared/hash.c`): by bucket, inside a bucket by name.
//!
//! It shows through in what depmod writes: modules that `modules.order` does not name, and all of `modules.symbols`.

/// The buckets of depmod's table of modules and of that of symbols.
pub(super) const MODULES: u32 = 512;
pub(super) const SYMBOLS: u32 = 2048;

/// What to sort names by to get the order of a table of `buckets` (a power of two) buckets.
pub(super) fn key(name: &str, buckets: u32) -> (u32, &str) {
    (hash(name.as_bytes()) & (buckets - 1), name)
}

/// Paul Hsieh's SuperFastHash as kmod computes it. Names are ASCII, so that its signed bytes do not matter.
fn hash(key: &[u8]) -> u32 {
    let half = |bytes: &[u8], at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    // Longer names than a 32-bit number can count are no names.
    let mut hash = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let chunks = key.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        hash = hash.wrapping_add(half(chunk, 0));
        let mixed = (half(chunk, 2) << 11) ^ hash;
        hash = (hash << 16) ^ mixed;
        hash = hash.wrapping_add(hash >> 11);
    }
    match rest.len() {
        3 => {
            hash = hash.wrapping_add(half(rest, 0));
            hash ^= hash << 16;
            hash ^= u32::from(rest[2]) << 18;
            hash = hash.wrapping_add(hash >> 11);
        }
        2 => {
            hash = hash.wrapping_add(half(rest, 0));
            hash ^= hash << 11;
            hash = hash.wrapping_add(hash >> 17);
        }
        1 => {
            hash = hash.wrapping_add(u32::from(rest[0]));
            hash ^= hash << 10;
            hash = hash.wrapping_add(hash >> 1);
        }
        _ => {}
    }
    hash ^= hash << 3;
    hash = hash.wrapping_add(hash >> 5);
    hash ^= hash << 4;
    hash = hash.wrapping_add(hash >> 17);
    hash ^= hash << 25;
    hash.wrapping_add(hash >> 6)
}
