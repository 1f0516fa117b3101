//! The cache's form: a header, an entry for each library with two strings, the strings, and who wrote it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A library as the loader looks it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) soname: String,
    pub(super) path: String,
    pub(super) flags: u32,
}

const MAGIC: &[u8; 20] = b"glibc-ld.so.cache1.1";
/// `cache_file_new_flags_endian_little`.
const LITTLE_ENDIAN: u32 = 2;
const EXTENSION_MAGIC: u32 = 0xeaa4_2174;
const TAG_GENERATOR: u32 = 0;
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// The file, for entries in the order in which their folders are searched.
pub(super) fn cache_file(mut entries: Vec<Entry>, generator: &str) -> Vec<u8> {
    // The loader looks for a name by halves. Stable: of two alike, the one from the folder that is searched first.
    entries.sort_by(|a, b| version_order(&b.soname, &a.soname).then(b.flags.cmp(&a.flags)));
    let (strings, places) = strings(entries.iter().flat_map(|entry| [entry.soname.as_str(), entry.path.as_str()]));
    let start = HEADER + entries.len() * ENTRY;
    let extension = (start + strings.len()).next_multiple_of(4);

    let mut file = MAGIC.to_vec();
    let mut numbers = |numbers: &[u32]| file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    numbers(&[small(entries.len()), small(strings.len()), LITTLE_ENDIAN, small(extension), 0, 0, 0]);
    for entry in &entries {
        let place = |string: &str| small(start + places[string]);
        // What follows was once the kernel's version and the processor's abilities.
        numbers(&[entry.flags, place(&entry.soname), place(&entry.path), 0, 0, 0]);
    }
    file.extend(strings);
    file.resize(extension, 0);
    let header = 6 * 4;
    let fields = [EXTENSION_MAGIC, 1, TAG_GENERATOR, 0, small(extension + header), small(generator.len())];
    file.extend(fields.iter().flat_map(|number| number.to_le_bytes()));
    file.extend(generator.as_bytes());
    file
}

/// The numbers of this format have 32 bits; all libraries' names together are some kilobytes.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// All strings in one, each with a NUL behind it, and where each begins. One that another ends in is not there again
/// (`elf/stringtable.c`): the strings are sorted backwards, descending.
fn strings<'a>(all: impl Iterator<Item = &'a str>) -> (Vec<u8>, BTreeMap<&'a str, usize>) {
    let mut sorted: Vec<&str> = all.collect();
    sorted.sort_by(|a, b| b.bytes().rev().cmp(a.bytes().rev()));
    sorted.dedup();
    let mut bytes = Vec::new();
    let mut places = BTreeMap::new();
    let mut before: Option<(&str, usize)> = None;
    for string in sorted {
        let place = match before {
            Some((longer, at)) if longer.ends_with(string) => at + longer.len() - string.len(),
            _ => {
                let at = bytes.len();
                bytes.extend(string.as_bytes());
                bytes.push(0);
                at
            }
        };
        places.insert(string, place);
        before = Some((string, place));
    }
    (bytes, places)
}

/// Names with numbers in them, compared as people would (`_dl_cache_libcmp` of `elf/dl-cache.c`): a number is greater than
/// what is none.
pub(super) fn version_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (None, None) => return Ordering::Equal,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (one, other) = (leading_number(&mut a), leading_number(&mut b));
                if one != other {
                    return one.cmp(&other);
                }
            }
            (Some(x), _) if x.is_ascii_digit() => return Ordering::Greater,
            (_, Some(y)) if y.is_ascii_digit() && !a.is_empty() => return Ordering::Less,
            (x, y) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// Takes the digits off the front. Their value wraps, as an `int` does there.
fn leading_number(text: &mut &[u8]) -> u32 {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    digits.iter().fold(0, |number: u32, digit| number.wrapping_mul(10).wrapping_add(u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let less = [("libfoo.so.9", "libfoo.so.10"), ("libfoo.so", "libfoo.so.1"), ("libfoo-x.so", "libfoo1.so")];
        for (a, b) in less {
            assert_eq!((version_order(a, b), version_order(b, a)), (Ordering::Less, Ordering::Greater), "{a} {b}");
        }
        assert_eq!(version_order("libfoo.so.01", "libfoo.so.1"), Ordering::Equal);
    }

    #[test]
    fn a_string_that_another_ends_in_is_shared() {
        let (bytes, places) = strings(["libc.so.6", "/lib/libc.so.6", "libm.so.6", "/lib/libm.so.6"].into_iter());
        assert_eq!(bytes, b"/lib/libm.so.6\0/lib/libc.so.6\0");
        assert_eq!((places["libc.so.6"], places["libm.so.6"]), (20, 5));
    }

    #[test]
    fn the_file_has_the_form_that_glibc_reads() {
        let entry = |soname: &str| Entry { soname: soname.into(), path: format!("/lib/{soname}"), flags: 0x0a03 };
        let file = cache_file(vec![entry("liba.so.1"), entry("libb.so.1")], "ldconfig (x) stable release version 1");
        let number = |at: usize| u32::from_le_bytes(*file[at..].first_chunk().expect("four bytes"));
        assert_eq!((number(20), number(28)), (2, 2));
        let string = |at: u32| {
            let rest = &file[usize::try_from(at).expect("small")..];
            String::from_utf8_lossy(rest.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned()
        };
        // Descending.
        assert_eq!((string(number(52)), string(number(56))), ("libb.so.1".into(), "/lib/libb.so.1".into()));
        assert_eq!((string(number(76)), string(number(80))), ("liba.so.1".into(), "/lib/liba.so.1".into()));
        assert!(file.ends_with(b"ldconfig (x) stable release version 1"));
        assert_eq!(number(32) % 4, 0);
    }
}
