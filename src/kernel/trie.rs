//! The binary index files of modprobe (`modules.*.bin`): a trie from keys to values.
//!
//! The format is that of kmod's `libkmod/libkmod-index.c`, version 2.1, in big-endian numbers. After the header (magic,
//! version, the root's offset) stand the nodes in pre-order. An offset's high bits say which parts its node has:
//!
//! - prefix: the characters that all keys of the node share, NUL-terminated;
//! - children: the first and last character that keys go on with, and an offset for each character between;
//! - values: a count, and for each a priority and a NUL-terminated string, lowest priority first.
//!
//! Only writing is for here; the kernel's user space reads.

use std::collections::BTreeMap;

use super::KernelError;

const MAGIC: u32 = 0xb007_f457;
const VERSION: u32 = 0x0002_0001;
const HEADER: u32 = 12;

const PREFIX: u32 = 0x8000_0000;
const VALUES: u32 = 0x4000_0000;
const CHILDREN: u32 = 0x2000_0000;

/// The keys of an index with their values.
#[derive(Debug, Default)]
pub(super) struct Trie {
    entries: BTreeMap<Vec<u8>, Vec<Value>>,
}

#[derive(Debug)]
struct Value {
    priority: u32,
    text: Vec<u8>,
}

/// A node with everything below it, laid out.
struct Node<'a> {
    prefix: &'a [u8],
    values: &'a [Value],
    /// By the character that leads to them.
    children: BTreeMap<u8, Node<'a>>,
}

impl Trie {
    /// Adds a value to a key. Of equal priorities the later comes first, as depmod has it.
    pub(super) fn insert(&mut self, key: &str, value: &str, priority: u32) -> Result<(), KernelError> {
        if let Some(other) = [key, value].into_iter().find(|text| !text.is_ascii()) {
            return Err(KernelError::NotAscii(other.to_owned()));
        }
        let values = self.entries.entry(key.as_bytes().to_vec()).or_default();
        let at = values.partition_point(|value| value.priority < priority);
        values.insert(at, Value { priority, text: value.as_bytes().to_vec() });
        Ok(())
    }

    /// The content of the index file.
    pub(super) fn write(&self) -> Vec<u8> {
        let entries: Vec<(&[u8], &[Value])> =
            self.entries.iter().map(|(key, values)| (key.as_slice(), values.as_slice())).collect();
        // The root never has a prefix, even if all keys begin alike.
        let root = Node::below(&entries, 0, 0);
        let mut out = Vec::new();
        for number in [MAGIC, VERSION, HEADER | root.parts()] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        root.write(&mut out);
        out
    }
}

impl<'a> Node<'a> {
    /// The node of the sorted `entries`, whose keys are alike up to `start`, and whose prefix reaches from there to
    /// `end`.
    fn below(entries: &[(&'a [u8], &'a [Value])], start: usize, end: usize) -> Self {
        let mut rest = entries;
        let mut node = Self { prefix: &[], values: &[], children: BTreeMap::new() };
        if let Some(&(key, values)) = entries.first() {
            node.prefix = &key[start..end];
            if key.len() == end {
                node.values = values;
                rest = &entries[1..];
            }
        }
        for group in rest.chunk_by(|(a, _), (b, _)| a[end] == b[end]) {
            // Sorted, so what the first and the last share all between them share.
            let (first, last) = (group[0].0, group[group.len() - 1].0);
            let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
            node.children.insert(first[end], Self::below(group, end + 1, shared));
        }
        node
    }

    /// The parts that the node has, as the high bits of its offset.
    fn parts(&self) -> u32 {
        [(PREFIX, self.prefix.is_empty()), (VALUES, self.values.is_empty()), (CHILDREN, self.children.is_empty())]
            .into_iter()
            .filter_map(|(part, absent)| (!absent).then_some(part))
            .sum()
    }

    /// Writes the node and everything below it to the end of `out`.
    fn write(&self, out: &mut Vec<u8>) {
        if !self.prefix.is_empty() {
            out.extend_from_slice(self.prefix);
            out.push(0);
        }
        let bounds = self.children.keys().next().zip(self.children.keys().next_back());
        let mut offsets_at = 0;
        if let Some((&first, &last)) = bounds {
            out.extend_from_slice(&[first, last]);
            offsets_at = out.len();
            out.resize(offsets_at + 4 * (usize::from(last - first) + 1), 0);
        }
        if !self.values.is_empty() {
            out.extend_from_slice(&count(self.values.len()).to_be_bytes());
            for value in self.values {
                out.extend_from_slice(&value.priority.to_be_bytes());
                out.extend_from_slice(&value.text);
                out.push(0);
            }
        }
        for (&character, child) in &self.children {
            let offset = count(out.len()) | child.parts();
            let slot = offsets_at + 4 * usize::from(character - bounds.map_or(0, |(&first, _)| first));
            out[slot..slot + 4].copy_from_slice(&offset.to_be_bytes());
            child.write(out);
        }
    }
}

/// A length as the format has it. It has 28 bits for an offset; the largest kernel's index takes 21.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_index_is_a_header() {
        assert_eq!(Trie::default().write(), b"\xb0\x07\xf4\x57\0\x02\0\x01\0\0\0\x0c");
    }

    #[test]
    fn keys_share_their_beginnings() {
        let mut trie = Trie::default();
        for (key, value, priority) in [("on", "b", 2), ("once", "c", 0), ("on", "a", 1), ("on", "z", 2)] {
            trie.insert(key, value, priority).expect("ASCII");
        }
        let mut expected = Vec::new();
        expected.extend_from_slice(b"\xb0\x07\xf4\x57\0\x02\0\x01\x20\0\0\x0c");
        // The root: one child, `o`.
        expected.extend_from_slice(b"oo\xe0\0\0\x12");
        // `on`: its prefix, one child, three values.
        expected.extend_from_slice(b"n\0cc\xc0\0\0\x30\0\0\0\x03\0\0\0\x01a\0\0\0\0\x02z\0\0\0\0\x02b\0");
        // `once`.
        expected.extend_from_slice(b"e\0\0\0\0\x01\0\0\0\0c\0");
        assert_eq!(trie.write(), expected);
    }

    #[test]
    fn other_characters_are_refused() {
        let error = Trie::default().insert("ä", "", 0).expect_err("not ASCII");
        assert_eq!(error.to_string(), "`ä` cannot be put into a module index, which takes 7-bit ASCII alone");
    }
}
