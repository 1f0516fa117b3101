//! Directory entries, read: short names, the long names that stand before them, and what else an entry says.

use super::name::{ENTRY, UNITS, checksum};
use super::time::moment;

pub(super) const READ_ONLY: u8 = 0x01;
pub(super) const HIDDEN: u8 = 0x02;
pub(super) const SYSTEM: u8 = 0x04;
const VOLUME_LABEL: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
/// What a part of a long name has among these bits.
const ATTRIBUTES: u8 = 0x3f;
const LONG_NAME: u8 = 0x0f;

/// The first byte of an entry that is free, and of one behind which there is none.
const FREE: u8 = 0xe5;
const END: u8 = 0;

/// Most entries of one long name.
const LONG_ENTRIES: u8 = 20;

/// A file or a directory as the directory that holds it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The long name, or else the short one in the letters that it asks for.
    pub(super) name: String,
    short_name: String,
    pub(super) attributes: u8,
    /// The first cluster; 0 for none.
    pub(super) cluster: u32,
    pub(super) size: u32,
    /// Last change of the content: seconds since 1970-01-01, taken for UTC.
    pub(super) modified: i64,
}

impl Record {
    pub(super) fn is_directory(&self) -> bool {
        self.attributes & DIRECTORY != 0
    }

    /// Whether the entry is `.` or `..`.
    pub(super) fn is_dots(&self) -> bool {
        self.name == "." || self.name == ".."
    }

    /// Whether `name` is one of its two names, whatever the capitals.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let name = name.to_uppercase();
        self.name.to_uppercase() == name || self.short_name.to_uppercase() == name
    }
}

/// Takes the entries of a directory one after another.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) records: Vec<Record>,
    /// The volume's label, which stands in the root directory.
    pub(super) label: Option<String>,
    long_name: LongName,
}

impl Entries {
    /// Takes the next entry; says whether there may be one behind it.
    pub(super) fn take(&mut self, entry: &[u8; ENTRY]) -> bool {
        let attributes = entry[11];
        match entry[0] {
            END => return false,
            FREE => self.long_name.forget(),
            _ if attributes & ATTRIBUTES == LONG_NAME => self.long_name.take(entry),
            _ if attributes & VOLUME_LABEL != 0 => {
                self.long_name.forget();
                self.label.get_or_insert_with(|| text(&entry[..11]));
            }
            _ => {
                let record = self.record(entry);
                self.records.push(record);
            }
        }
        true
    }

    fn record(&mut self, entry: &[u8; ENTRY]) -> Record {
        let short: [u8; 11] = std::array::from_fn(|at| entry[at]);
        let long_name = self.long_name.finish(&short);
        let number = |at: usize| u16::from_le_bytes([entry[at], entry[at + 1]]);
        let (high, low) = (u32::from(number(20)), u32::from(number(26)));
        // Windows NT's marks for a short name in small letters.
        let small = |mark: u8| entry[12] & mark != 0;
        let name = long_name.unwrap_or_else(|| short_name(&short, small(0x08), small(0x10)));
        Record {
            name,
            short_name: short_name(&short, false, false),
            attributes: entry[11],
            cluster: high << 16 | low,
            size: u32::from(number(30)) << 16 | u32::from(number(28)),
            modified: moment(number(24), number(22)),
        }
    }
}

/// The parts of a long name so far. They come last part first, and belong to the short name behind them only when
/// their numbers go down to 1 and their checksum is that name's.
#[derive(Debug, Default)]
struct LongName {
    units: Vec<u16>,
    checksum: u8,
    /// The number of the part taken last; 0 before the first.
    number: u8,
}

impl LongName {
    fn forget(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self, entry: &[u8; ENTRY]) {
        let (number, is_last) = (entry[0] & 0x1f, entry[0] & 0x40 != 0);
        let follows = number + 1 == self.number && entry[13] == self.checksum;
        if !(1..=LONG_ENTRIES).contains(&number) || !(is_last || follows) {
            return self.forget();
        }
        if is_last {
            *self = Self { units: Vec::new(), checksum: entry[13], number };
        }
        self.number = number;
        let part = UNITS.map(|at| u16::from_le_bytes([entry[at], entry[at + 1]]));
        self.units.splice(0..0, part);
    }

    /// The name, if it is `short`'s.
    fn finish(&mut self, short: &[u8; 11]) -> Option<String> {
        let Self { mut units, checksum: sum, number } = std::mem::take(self);
        if let Some(end) = units.iter().position(|unit| *unit == 0) {
            units.truncate(end);
        }
        (number == 1 && sum == checksum(short) && !units.is_empty()).then(|| String::from_utf16_lossy(&units))
    }
}

/// A short name as it is shown.
fn short_name(short: &[u8; 11], small_base: bool, small_extension: bool) -> String {
    let mut short = *short;
    // The byte itself would say that the entry is free.
    if short[0] == 0x05 {
        short[0] = FREE;
    }
    let part = |bytes: &[u8], small: bool| if small { text(bytes).to_ascii_lowercase() } else { text(bytes) };
    let (base, extension) = (part(&short[..8], small_base), part(&short[8..], small_extension));
    if extension.is_empty() { base } else { format!("{base}.{extension}") }
}

/// A text padded with spaces. What is not ASCII depends on the maker's code page, and nobody knows that.
pub(super) fn text(bytes: &[u8]) -> String {
    let shown = |&byte: &u8| if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER };
    let text: String = bytes.iter().map(shown).collect();
    text.trim_end_matches(' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::name::assign;
    use super::*;

    /// The names that come of entries.
    fn names(entries: &[[u8; ENTRY]]) -> Vec<String> {
        let mut taken = Entries::default();
        entries.iter().for_each(|entry| assert!(taken.take(entry)));
        taken.records.into_iter().map(|record| record.name).collect()
    }

    fn file(short: &[u8; 11]) -> [u8; ENTRY] {
        let mut entry = [0; ENTRY];
        entry[..11].copy_from_slice(short);
        entry[11] = 0x20;
        entry
    }

    #[test]
    fn a_long_name_counts_only_when_it_is_whole_and_belongs_to_the_short_one() {
        let name = &assign(&["The quick brown.fox"]).expect("a name")[0];
        let long = name.long_entries();
        let own = file(&name.short);
        assert_eq!(names(&[long[0], long[1], own]), ["The quick brown.fox"]);
        let short = ["THEQUI~1.FOX"];
        assert_eq!(names(&[long[0], own]), short);
        assert_eq!(names(&[long[1], own]), short);
        assert_eq!(names(&[long[1], long[0], own]), short);
        assert_eq!(names(&[long[0], long[1], file(b"OTHER   FOX")]), ["OTHER.FOX"]);
        let mut free = own;
        free[0] = FREE;
        assert_eq!(names(&[long[0], free, long[1], own]), short);
        let mut endless = long[0];
        endless[0] = 0x40 | 0x1f;
        assert_eq!(names(&[endless, own]), short);
    }

    #[test]
    fn short_names_are_shown_as_they_ask_for() {
        let mut small = file(b"README  TXT");
        small[12] = 0x18;
        assert_eq!(
            names(&[small, file(b"NOEXT      "), file(b"\x05BC     \x80  ")]),
            ["readme.txt", "NOEXT", "\u{fffd}BC.\u{fffd}"]
        );
    }
}
