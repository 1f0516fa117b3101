//! Buffers that connections borrow while they have bytes in hand, so that a waiting connection costs none.

use crate::request::LONGEST_HEAD;

/// Spare buffers kept; a loop rarely has more requests in hand at once.
const SPARE: usize = 16;

/// A thread's spare buffers, each with room for the longest request head.
#[derive(Debug, Default)]
pub struct Buffers {
    spare: Vec<Vec<u8>>,
}

impl Buffers {
    /// An empty buffer with [`LONGEST_HEAD`] bytes of room.
    pub fn take(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_else(|| Vec::with_capacity(LONGEST_HEAD))
    }

    /// Takes a buffer back. One that has grown is freed: its owner was an exception.
    pub fn give(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() == LONGEST_HEAD && self.spare.len() < SPARE {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty() {
        let mut buffers = Buffers::default();
        let mut buffer = buffers.take();
        buffer.extend_from_slice(b"GET");
        buffers.give(buffer);
        assert_eq!(buffers.spare.len(), 1);
        assert!(buffers.take().is_empty());
        buffers.give(Vec::new());
        buffers.give(Vec::with_capacity(3 * LONGEST_HEAD));
        assert!(buffers.spare.is_empty());
    }
}
