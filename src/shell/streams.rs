//! What descriptors lead to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::Text;

/// An open file; copies of a descriptor share it.
pub(super) type Stream = Rc<RefCell<Open>>;

#[derive(Debug)]
pub(super) enum Open {
    /// What is read, and how far.
    Input { bytes: Text, at: usize },
    /// What was written.
    Output(Text),
    /// A file that is written to at its end.
    File(Text),
    /// `/dev/null`
    Nothing,
}

/// The descriptors of a shell.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams(pub(super) BTreeMap<u32, Stream>);

impl Streams {
    /// Standard input of these bytes; what is written to standard output and standard error is kept.
    pub(super) fn new(input: Text) -> (Self, Stream, Stream) {
        let (output, errors) = (stream(Open::Output(Text::new())), stream(Open::Output(Text::new())));
        let all = [(0, self::input(input)), (1, Rc::clone(&output)), (2, Rc::clone(&errors))];
        (Self(all.into()), output, errors)
    }

    pub(super) fn get(&self, descriptor: u32) -> Option<&Stream> {
        self.0.get(&descriptor)
    }
}

pub(super) fn stream(open: Open) -> Stream {
    Rc::new(RefCell::new(open))
}

pub(super) fn input(bytes: Text) -> Stream {
    stream(Open::Input { bytes, at: 0 })
}

/// All that is left to read.
pub(super) fn rest(stream: Option<&Stream>) -> Text {
    let Some(stream) = stream else { return Text::new() };
    match &mut *stream.borrow_mut() {
        Open::Input { bytes, at } => {
            let rest = bytes.get(*at..).unwrap_or_default().to_vec();
            *at = bytes.len();
            rest
        }
        Open::Output(_) | Open::File(_) | Open::Nothing => Text::new(),
    }
}

/// The next byte to read.
pub(super) fn next(stream: Option<&Stream>) -> Option<u8> {
    match &mut *stream?.borrow_mut() {
        Open::Input { bytes, at } => {
            let byte = bytes.get(*at).copied()?;
            *at += 1;
            Some(byte)
        }
        Open::Output(_) | Open::File(_) | Open::Nothing => None,
    }
}

/// What was written to a stream that keeps it.
pub(super) fn taken(stream: &Stream) -> Text {
    match &mut *stream.borrow_mut() {
        Open::Output(bytes) => std::mem::take(bytes),
        Open::Input { .. } | Open::File(_) | Open::Nothing => Text::new(),
    }
}
