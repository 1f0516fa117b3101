//! What ldconfig reads of a shared library: for which processor and calling convention it is, and its soname.

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const ET_DYN: u16 = 3;

const DT_STRTAB: u64 = 5;
const DT_SONAME: u64 = 14;

/// `FLAG_ELF_LIBC6` of `elf/cache.c`: for glibc 2.
const LIBC6: u32 = 3;
const ARM_HARD_FLOAT: u32 = 0x0900;
const AARCH64: u32 = 0x0a00;
const ARM_SOFT_FLOAT: u32 = 0x0b00;

/// Bits of `e_flags`: the two floating-point conventions of ARM's EABI.
const EF_ARM_ABI_FLOAT_HARD: u32 = 0x400;
const EF_ARM_ABI_FLOAT_SOFT: u32 = 0x200;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Library {
    /// As the cache has them.
    pub(super) flags: u32,
    pub(super) soname: Option<String>,
}

/// A file's bytes with the length of its addresses, 4 or 8.
#[derive(Clone, Copy)]
struct Image<'a> {
    bytes: &'a [u8],
    word: usize,
}

/// A piece of the file: where it lies there and where it comes to lie in memory.
struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

impl Library {
    /// None for what is no shared library, or whose headers lead out of the file.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let word = match bytes.get(..6)? {
            b"\x7fELF\x01\x01" => 4,
            b"\x7fELF\x02\x01" => 8,
            _ => return None,
        };
        let image = Image { bytes, word };
        if image.u16_at(16)? != ET_DYN {
            return None;
        }
        let segments = image.segments()?;
        let dynamic = segments.iter().find(|segment| segment.kind == PT_DYNAMIC)?;
        let table = bytes.get(usize::try_from(dynamic.offset).ok()?..)?.get(..usize::try_from(dynamic.size).ok()?)?;
        // The table ends with a tag of zero.
        let entries = table.chunks_exact(2 * word).map(|entry| (number(&entry[..word]), number(&entry[word..])));
        let entries: Vec<(u64, u64)> = entries.take_while(|(tag, _)| *tag != 0).collect();
        let value = |wanted| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
        let strings = value(DT_STRTAB)?;
        let holder = segments.iter().find(|segment| {
            segment.kind == PT_LOAD && strings.checked_sub(segment.address).is_some_and(|at| at < segment.size)
        })?;
        let strings = strings - holder.address + holder.offset;
        let soname = match value(DT_SONAME) {
            Some(at) => Some(image.string(strings.checked_add(at)?)?),
            None => None,
        };
        Some(Self { flags: image.flags()?, soname })
    }
}

impl Image<'_> {
    fn flags(self) -> Option<u32> {
        if self.word == 8 {
            return Some(AARCH64 | LIBC6);
        }
        let flags = self.u32_at(36)?;
        Some(match flags {
            _ if flags & EF_ARM_ABI_FLOAT_HARD != 0 => ARM_HARD_FLOAT | LIBC6,
            _ if flags & EF_ARM_ABI_FLOAT_SOFT != 0 => ARM_SOFT_FLOAT | LIBC6,
            // Not marked: taken to be compatible with both.
            _ => LIBC6,
        })
    }

    fn segments(self) -> Option<Vec<Segment>> {
        let (table_at, numbers_at, size) = if self.word == 4 { (28, 42, 32) } else { (32, 54, 56) };
        let table = usize::try_from(self.word_at(table_at)?).ok()?;
        if usize::from(self.u16_at(numbers_at)?) != size {
            return None;
        }
        let table = self.bytes.get(table..)?.get(..usize::from(self.u16_at(numbers_at + 2)?) * size)?;
        let segment = |header: &[u8]| {
            let header = Image { bytes: header, word: self.word };
            // The flags of a segment come second in ELF-64 and last but one in ELF-32.
            let (offset, address, size) = if self.word == 4 { (4, 8, 16) } else { (8, 16, 32) };
            Some(Segment {
                kind: header.u32_at(0)?,
                offset: header.word_at(offset)?,
                address: header.word_at(address)?,
                size: header.word_at(size)?,
            })
        };
        table.chunks_exact(size).map(segment).collect()
    }

    fn string(self, at: u64) -> Option<String> {
        let rest = self.bytes.get(usize::try_from(at).ok()?..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        String::from_utf8(rest[..end].to_vec()).ok()
    }

    fn word_at(self, at: usize) -> Option<u64> {
        Some(number(self.bytes.get(at..)?.get(..self.word)?))
    }

    fn u32_at(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    fn u16_at(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }
}

/// Little-endian.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF-64 of one segment that holds everything: headers, dynamic section, strings.
    fn library(soname: &str) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01".to_vec();
        bytes.resize(16, 0);
        bytes.extend(ET_DYN.to_le_bytes());
        bytes.resize(32, 0);
        bytes.extend(64_u64.to_le_bytes());
        bytes.resize(54, 0);
        bytes.extend([56, 0, 2, 0]);
        bytes.resize(64, 0);
        let strings = 64 + 2 * 56 + 3 * 16;
        let size = u64::try_from(strings + soname.len() + 2).expect("small");
        for (kind, offset, size) in [(PT_LOAD, 0, size), (PT_DYNAMIC, 64 + 2 * 56, 48)] {
            bytes.extend([kind, 0].into_iter().flat_map(u32::to_le_bytes));
            bytes.extend([offset, 0x1000 + offset, 0, size, size, 0].into_iter().flat_map(u64::to_le_bytes));
        }
        let address = 0x1000 + u64::try_from(strings).expect("small");
        bytes.extend([DT_STRTAB, address, DT_SONAME, 1, 0, 0].into_iter().flat_map(u64::to_le_bytes));
        bytes.push(0);
        bytes.extend(soname.as_bytes());
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_soname_is_found_through_the_segments() {
        let found = Library::read(&library("libfoo.so.1")).expect("a library");
        assert_eq!(found, Library { flags: 0x0a03, soname: Some("libfoo.so.1".into()) });
    }

    #[test]
    fn cut_and_twisted_files_are_none() {
        let whole = library("libfoo.so.1");
        for length in 0..whole.len() {
            assert_eq!(Library::read(&whole[..length]), None, "{length} bytes");
        }
        for at in 0..whole.len() {
            let mut twisted = whole.clone();
            twisted[at] = 0xff;
            // Whatever it says, it says something.
            let _ = Library::read(&twisted);
        }
    }
}
