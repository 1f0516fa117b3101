//! What a connection has received and not yet answered, in a borrowed buffer while it has bytes in hand.

use std::ops::Deref;

use crate::buffers::Buffers;
use crate::request::LONGEST_HEAD;

/// Bytes received; without memory of its own while empty and waiting.
#[derive(Debug, Default)]
pub struct Input(Vec<u8>);

impl Input {
    /// A buffer that takes as much as the longest head has left.
    pub fn to_fill(&mut self, buffers: &mut Buffers) -> &mut Vec<u8> {
        if self.0.capacity() < LONGEST_HEAD {
            let mut input = buffers.take();
            input.extend_from_slice(&self.0);
            self.0 = input;
        }
        &mut self.0
    }

    /// Takes away the first bytes.
    pub fn take_away(&mut self, length: usize) {
        if length == self.0.len() {
            self.0.clear();
        } else {
            self.0.drain(..length);
        }
    }

    /// Changes a byte.
    pub fn set(&mut self, place: usize, byte: u8) {
        self.0[place] = byte;
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Gives the buffer back for the time of waiting; what must be remembered is kept in as much memory as it needs.
    pub fn park(&mut self, buffers: &mut Buffers) {
        if self.0.is_empty() {
            if self.0.capacity() > 0 {
                buffers.give(std::mem::take(&mut self.0));
            }
        } else if self.0.capacity() >= LONGEST_HEAD && self.0.len() <= LONGEST_HEAD / 2 {
            let kept = self.0.as_slice().to_vec();
            buffers.give(std::mem::replace(&mut self.0, kept));
        }
    }
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_costs_what_is_remembered() {
        let (mut input, mut buffers) = (Input::default(), Buffers::default());
        input.to_fill(&mut buffers).extend_from_slice(b"GET / HT");
        input.take_away(4);
        assert_eq!(&*input, b"/ HT");
        input.park(&mut buffers);
        assert_eq!((&*input, input.0.capacity()), (&b"/ HT"[..], 4));
        assert_eq!(input.to_fill(&mut buffers).capacity(), LONGEST_HEAD);
        assert_eq!(&*input, b"/ HT");
        input.take_away(4);
        input.park(&mut buffers);
        assert_eq!((input.is_empty(), input.0.capacity()), (true, 0));
    }
}
