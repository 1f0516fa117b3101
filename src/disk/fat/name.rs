//! FAT file names: the 8.3 name that every entry has, and the long name in UTF-16 that stands before it.
//!
//! Rules as in Microsoft's "FAT: General Overview of On-Disk Format" 1.03. A name that is 8.3 in capitals is its own
//! short name and needs no long one; any other gets both.

use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a directory entry.
pub(super) const ENTRY: usize = 32;

/// UTF-16 units in one entry of a long name, and where they stand.
pub(super) const UNITS: [usize; 13] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/// A name as a directory holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Eight characters and three, padded with spaces.
    pub(super) short: [u8; 11],
    /// Empty when the short name says it all.
    long: Vec<u16>,
}

/// Why names cannot stand in a FAT directory. Each carries the name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    #[error("the name `{0}` is longer than 255 UTF-16 units; shorten it")]
    TooLong(String),
    #[error("the name `{name}` holds {character:?}, which FAT does not allow; rename it")]
    Character { name: String, character: char },
    #[error("the name `{0}` is empty or ends in a dot or a space, which FAT readers cut off; rename it")]
    End(String),
    #[error("`{0}` and `{1}` are one name to FAT, which does not tell capitals from small letters; rename one")]
    Clash(String, String),
    #[error("too many names like `{0}` in one directory")]
    TooMany(String),
}

impl Name {
    /// How many directory entries the name takes, the file's own included.
    pub(super) fn entries(&self) -> usize {
        self.long.len().div_ceil(UNITS.len()) + 1
    }

    /// The entries of the long name, last part first, as they stand before the file's own.
    pub(super) fn long_entries(&self) -> Vec<[u8; ENTRY]> {
        let checksum = checksum(&self.short);
        let parts: Vec<&[u16]> = self.long.chunks(UNITS.len()).collect();
        let numbered = (1_u8..=20).zip(&parts).rev();
        let last = parts.len();
        numbered
            .map(|(number, part)| {
                let mut entry = [0; ENTRY];
                entry[0] = if usize::from(number) == last { number | 0x40 } else { number };
                entry[11] = 0x0f;
                entry[13] = checksum;
                // One NUL ends a name that does not fill its last entry, 0xffff pads the rest.
                let units = part.iter().copied().chain([0]).chain(std::iter::repeat(0xffff));
                for (at, unit) in UNITS.into_iter().zip(units) {
                    entry[at..at + 2].copy_from_slice(&unit.to_le_bytes());
                }
                entry
            })
            .collect()
    }
}

/// What a long name's entries say of the short name that they belong to.
pub(super) fn checksum(short: &[u8; 11]) -> u8 {
    short.iter().fold(0, |sum: u8, &byte| sum.rotate_right(1).wrapping_add(byte))
}

/// Gives every name of one directory its place. Names that are short by nature keep theirs; the others are numbered in
/// the order given.
pub(super) fn assign(names: &[&str]) -> Result<Vec<Name>, NameError> {
    let mut folded = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for name in names {
        check(name)?;
        if let Some(other) = folded.insert(name.to_uppercase(), *name) {
            return Err(NameError::Clash(other.to_owned(), (*name).to_owned()));
        }
        taken.extend(natural(name));
    }
    let mut next = BTreeMap::new();
    names
        .iter()
        .map(|name| {
            let long: Vec<u16> = name.encode_utf16().collect();
            match natural(name) {
                Some(short) if !name.bytes().any(|byte| byte.is_ascii_lowercase()) => {
                    Ok(Name { short, long: Vec::new() })
                }
                Some(short) => Ok(Name { short, long }),
                None => Ok(Name { short: numbered(name, &mut taken, &mut next)?, long }),
            }
        })
        .collect()
}

fn check(name: &str) -> Result<(), NameError> {
    if name.encode_utf16().count() > 255 {
        return Err(NameError::TooLong(name.to_owned()));
    }
    if let Some(character) = name.chars().find(|&character| character.is_control() || "\"*/:<>?\\|".contains(character))
    {
        return Err(NameError::Character { name: name.to_owned(), character });
    }
    if name.is_empty() || name.ends_with(['.', ' ']) {
        return Err(NameError::End(name.to_owned()));
    }
    Ok(())
}

/// The byte of a short name for `character`, if it may stand in one.
fn short_byte(character: char) -> Option<u8> {
    let byte = u8::try_from(character).ok()?.to_ascii_uppercase();
    (byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"$%'-_@~`!(){}^#&".contains(&byte)).then_some(byte)
}

/// The short name of a name that is 8.3 once its letters are capitals.
fn natural(name: &str) -> Option<[u8; 11]> {
    let (base, extension) = match name.rsplit_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (name, ""),
    };
    let base: Vec<u8> = base.chars().map(short_byte).collect::<Option<_>>()?;
    let extension: Vec<u8> = extension.chars().map(short_byte).collect::<Option<_>>()?;
    ((1..=8).contains(&base.len()) && extension.len() <= 3).then(|| pad(&base, &extension))
}

/// A short name `BASE~N.EXT` that is not yet taken. `next` remembers where each base and extension got to.
fn numbered(
    name: &str,
    taken: &mut BTreeSet<[u8; 11]>,
    next: &mut BTreeMap<(Vec<u8>, Vec<u8>), u32>,
) -> Result<[u8; 11], NameError> {
    let trimmed = name.trim_start_matches(['.', ' ']);
    let (base, extension) = trimmed.rsplit_once('.').unwrap_or((trimmed, ""));
    let shorten = |text: &str, length: usize| -> Vec<u8> {
        let kept = text.chars().filter(|&character| character != ' ' && character != '.');
        kept.map(|character| short_byte(character).unwrap_or(b'_')).take(length).collect()
    };
    let (base, extension) = (shorten(base, 6), shorten(extension, 3));
    let number = next.entry((base.clone(), extension.clone())).or_insert(0);
    loop {
        *number += 1;
        let tail = format!("~{number}");
        if tail.len() > 7 {
            return Err(NameError::TooMany(name.to_owned()));
        }
        let kept = base.len().min(8 - tail.len());
        let short = pad(&[&base[..kept], tail.as_bytes()].concat(), &extension);
        if taken.insert(short) {
            return Ok(short);
        }
    }
}

fn pad(base: &[u8], extension: &[u8]) -> [u8; 11] {
    let mut short = [b' '; 11];
    short[..base.len()].copy_from_slice(base);
    short[8..8 + extension.len()].copy_from_slice(extension);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(names: &[&str]) -> Vec<String> {
        let assigned = assign(names).expect("names that FAT allows");
        assigned.iter().map(|name| String::from_utf8_lossy(&name.short).into_owned()).collect()
    }

    #[test]
    fn capitals_need_no_long_name() {
        let names = assign(&["KERNEL7.IMG", "kernel7.img2", "config.txt"]).expect("plain names");
        assert_eq!(names.iter().map(Name::entries).collect::<Vec<_>>(), [1, 2, 2]);
    }

    #[test]
    fn short_names_are_unique_and_natural_ones_come_first() {
        assert_eq!(
            shorts(&["bcm2709-rpi-2-b.dtb", "bcm2710-rpi-3-b.dtb", "BCM270~1.DTB", "cmdline.txt"]),
            ["BCM270~2DTB", "BCM271~1DTB", "BCM270~1DTB", "CMDLINE TXT"]
        );
        assert_eq!(
            shorts(&[".profile", "a b.c", "grün", "x.y.z", "日本"]),
            ["PROFIL~1   ", "AB~1    C  ", "GR_N~1     ", "XY~1    Z  ", "__~1       "]
        );
    }

    #[test]
    fn numbers_push_the_base_aside() {
        let names: Vec<String> = (0..12).map(|number| format!("overlay-{number:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(shorts(&names)[8..11], ["OVERLA~9   ", "OVERL~10   ", "OVERL~11   "]);
    }

    #[test]
    fn what_fat_cannot_hold_is_refused_by_name() {
        assert_eq!(assign(&["a:b"]), Err(NameError::Character { name: "a:b".into(), character: ':' }));
        assert_eq!(assign(&["a."]), Err(NameError::End("a.".into())));
        assert_eq!(
            assign(&["Config.txt", "config.TXT"]),
            Err(NameError::Clash("Config.txt".into(), "config.TXT".into()))
        );
        assert!(matches!(assign(&["x".repeat(256).as_str()]), Err(NameError::TooLong(_))));
    }

    #[test]
    fn long_entries_are_as_windows_writes_them() {
        // The example of Microsoft's paper: "The quick brown.fox" with the short name THEQUI~1FOX.
        let name = &assign(&["The quick brown.fox"]).expect("the paper's example")[0];
        assert_eq!(&name.short, b"THEQUI~1FOX");
        let entries = name.long_entries();
        assert_eq!((entries[0][0], entries[1][0]), (0x42, 1));
        assert_eq!(entries[1][1..11], *b"T\0h\0e\0 \0q\0");
        assert_eq!(entries[0][1..11], *b"w\0n\0.\0f\0o\0");
        assert_eq!(entries[0][14..20], *b"x\0\0\0\xff\xff");
        assert_eq!(entries[0][13], entries[1][13]);
    }
}
