//! What is forged in an image: fields of records, by values that are at the edge of something or that stand elsewhere.

use std::ops::Range;

use super::specimen::Specimen;

/// A sequence of numbers that depends on the seed and the case alone (SplitMix64).
#[derive(Debug)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn of(seed: u64, case: u64) -> Self {
        Self { state: seed.wrapping_mul(0xd134_2543_de82_ef95) ^ case.wrapping_mul(0x2545_f491_4f6c_dd1d) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length");
        usize::try_from(self.next() % end).expect("it is below a length")
    }

    pub(super) fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len())]
    }
}

/// Forges up to five things in the specimen's image, and makes checksums of a GPT right again. Gives the places.
pub(super) fn mutate(specimen: &mut Specimen, random: &mut Random) -> Vec<Range<usize>> {
    let Specimen { image, places: kinds, is_gpt, .. } = specimen;
    let mut touched = Vec::new();
    for _ in 0..=random.below(4) {
        // Every kind of record as often as another, the single superblock as often as the many inodes.
        let places = random.one_of(kinds);
        let place = usize::try_from(*random.one_of(places)).expect("it fits into memory");
        let (at, bytes) = match random.below(5) {
            // A record where another of its kind stands: an entry, a descriptor, a half of an inode.
            0 => {
                let length = *random.one_of(&[16, 32, 64, 128]);
                let other = usize::try_from(*random.one_of(places)).expect("it fits into memory");
                (place, image[other..].iter().take(length).copied().collect())
            }
            _ => {
                let width = *random.one_of(&[1, 2, 4, 4, 8]);
                let at = place + random.below(16 / width) * width;
                let old = image[at..].iter().take(width).rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
                (at, value(old, width, random).to_le_bytes()[..width].to_vec())
            }
        };
        let length = bytes.len().min(image.len() - at);
        image[at..at + length].copy_from_slice(&bytes[..length]);
        touched.push(at..at + length);
    }
    if *is_gpt && random.below(4) > 0 {
        touched.extend(right_checksums(image));
    }
    touched
}

/// Another value for a field of `width` bytes.
fn value(old: u64, width: usize, random: &mut Random) -> u64 {
    let most = u64::MAX >> (64 - 8 * width);
    match random.below(10) {
        0 => 0,
        1 => most,
        2 => most / 2,
        3 => most / 2 + 1,
        4 => old.wrapping_add(1),
        5 => old.wrapping_sub(1),
        6 => old << (1 + random.below(4)),
        7 => old ^ 1 << random.below(8 * width),
        8 => random.next() % 64,
        _ => random.next(),
    }
}

/// Makes the checksums of both copies of a GPT right where their headers can be found.
fn right_checksums(image: &mut [u8]) -> Vec<Range<usize>> {
    let sum = |bytes: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        sum.sum().to_le_bytes()
    };
    let mut touched = Vec::new();
    for header in [512, image.len() - 512] {
        let field =
            |at: usize| usize::try_from(u64::from_le_bytes(std::array::from_fn(|byte| image[header + at + byte])));
        let start = field(72).unwrap_or(usize::MAX).saturating_mul(512);
        // Number and size of the entries, four bytes each.
        let (count, size) = (field(80).unwrap_or(0) & 0xffff_ffff, field(80).unwrap_or(0) >> 32);
        let end = start.saturating_add(count.saturating_mul(size));
        if end <= image.len() {
            let entries = sum(&image[start..end]);
            image[header + 88..header + 92].copy_from_slice(&entries);
        }
        image[header + 16..header + 20].fill(0);
        let own = sum(&image[header..header + 92]);
        image[header + 16..header + 20].copy_from_slice(&own);
        touched.push(header..header + 92);
    }
    touched
}
