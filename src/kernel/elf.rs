//! The little of ELF that kernel modules are read for: sections by name, the symbol table, and the strings in them.
//!
//! ELF-32 and ELF-64, little-endian, as `include/uapi/linux/elf.h` lays them out. Relocations, segments and the code
//! itself are not for here.

/// The number of a section that is none: a symbol defined elsewhere.
const UNDEFINED: u16 = 0;

/// Size of an entry of `__versions`: a checksum as long as a word of the machine, and a name that fills the rest.
const VERSION_SIZE: usize = 64;

/// A relocatable object in memory.
#[derive(Debug)]
pub(super) struct Elf<'a> {
    bytes: &'a [u8],
    /// Byte length of an address: 4 or 8.
    word: usize,
    sections: Vec<Section<'a>>,
}

#[derive(Debug)]
struct Section<'a> {
    name: &'a [u8],
    content: &'a [u8],
}

/// A name in the symbol table.
#[derive(Debug)]
pub(super) struct Symbol<'a> {
    pub(super) name: &'a [u8],
    /// Whether another object must define it.
    pub(super) undefined: bool,
}

impl<'a> Elf<'a> {
    /// Reads the section table. The error says what is wrong with the bytes.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let word = match bytes.get(..6) {
            Some(b"\x7fELF\x01\x01") => 4,
            Some(b"\x7fELF\x02\x01") => 8,
            _ => return Err("its first bytes are others"),
        };
        let mut elf = Self { bytes, word, sections: Vec::new() };
        elf.sections = elf.read_sections().ok_or("its section table is broken")?;
        Ok(elf)
    }

    /// The content of the first section of that name.
    pub(super) fn section(&self, name: &str) -> Option<&'a [u8]> {
        self.sections.iter().find(|section| section.name == name.as_bytes()).map(|section| section.content)
    }

    /// The NUL-terminated strings of a section, without empty ones (padding).
    pub(super) fn strings(&self, section: &str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let content = self.section(section).unwrap_or_default();
        content.split(|&byte| byte == 0).filter(|string| !string.is_empty())
    }

    /// The symbols that have a name, in the order of `.symtab`.
    pub(super) fn symbols(&self) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        let names = self.section(".strtab").unwrap_or_default();
        let table = self.section(".symtab").unwrap_or_default();
        // st_name comes first in both; st_shndx is behind value and size in ELF-32 and before them in ELF-64.
        let (size, index_at) = if self.word == 4 { (16, 14) } else { (24, 6) };
        table.chunks_exact(size).skip(1).filter_map(move |symbol| {
            let name = string(names, usize::try_from(u32_at(symbol, 0)?).ok()?)?;
            let undefined = u16_at(symbol, index_at)? == UNDEFINED;
            (!name.is_empty()).then_some(Symbol { name, undefined })
        })
    }

    /// The names in `__versions`: symbols of other objects whose checksums the module was built with.
    pub(super) fn versions(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let word = self.word;
        let table = self.section("__versions").unwrap_or_default();
        table.chunks_exact(VERSION_SIZE).filter_map(move |entry| string(entry, word))
    }

    fn read_sections(&self) -> Option<Vec<Section<'a>>> {
        let (table_at, numbers_at, entry_size) = if self.word == 4 { (32, 46, 40) } else { (40, 58, 64) };
        let table = self.word_at(self.bytes, table_at)?;
        let [size, count, names] = [0, 2, 4].map(|offset| u16_at(self.bytes, numbers_at + offset));
        if usize::from(size?) != entry_size {
            return None;
        }
        let table = self.bytes.get(table..)?.get(..usize::from(count?) * entry_size)?;
        let headers: Vec<&[u8]> = table.chunks_exact(entry_size).collect();
        let names = self.content(headers.get(usize::from(names?))?)?;
        let section = |header: &&[u8]| {
            let name = string(names, usize::try_from(u32_at(header, 0)?).ok()?)?;
            Some(Section { name, content: self.content(header)? })
        };
        // Section 0 is none; kmod passes over sections that it cannot read, and so does this.
        Some(headers.iter().skip(1).filter_map(section).collect())
    }

    /// The bytes of the section that `header` describes. A section without bytes in the file (`.bss`) is passed over
    /// when it seems to reach over the end.
    fn content(&self, header: &[u8]) -> Option<&'a [u8]> {
        let at = if self.word == 4 { 16 } else { 24 };
        let offset = self.word_at(header, at)?;
        self.bytes.get(offset..)?.get(..self.word_at(header, at + self.word)?)
    }

    fn word_at(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let word = if self.word == 4 {
            u64::from(u32_at(bytes, at)?)
        } else {
            u64::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?)
        };
        usize::try_from(word).ok()
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

/// The string that begins at `at`, without its NUL.
fn string(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    Some(&rest[..rest.iter().position(|&byte| byte == 0)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::tests::Module;

    #[test]
    fn both_word_lengths_read_alike() {
        for word in [4, 8] {
            let module = Module::new("a").exports("there").needs("elsewhere").versioned("layout");
            let bytes = module.bytes(word);
            let elf = Elf::read(&bytes).expect("a module made here");
            let symbols: Vec<(&[u8], bool)> = elf.symbols().map(|symbol| (symbol.name, symbol.undefined)).collect();
            assert_eq!(symbols, [(b"__crc_there".as_slice(), false), (b"elsewhere", true)], "{word}");
            assert_eq!(elf.versions().collect::<Vec<_>>(), [b"layout".as_slice()], "{word}");
            assert_eq!(elf.strings("__ksymtab_strings").collect::<Vec<_>>(), [b"there".as_slice()], "{word}");
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(Elf::read(b"#!/bin/sh\n").expect_err("no ELF"), "its first bytes are others");
        let bytes = Module::new("a").bytes(4);
        assert_eq!(Elf::read(&bytes[..bytes.len() - 10]).expect_err("cut"), "its section table is broken");
    }
}
