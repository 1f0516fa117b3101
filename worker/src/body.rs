//! The body of an answer: a file, a part of it, or several parts (`multipart/byteranges`, RFC 9110, 14.6).

use std::io::Write;
use std::ops::Range;
use std::rc::Rc;

use crate::representation::{Content, Representation};

/// Everything that is sent after the head.
#[derive(Debug)]
pub struct Body {
    /// The file.
    pub file: Rc<Representation>,
    /// The head, where one of this second was there already (see [`Representation::ready`]).
    pub head: Option<Rc<Vec<u8>>>,
    /// The span of its bytes that is sent.
    pub span: Range<u64>,
    /// The parts that follow, the last one first: text, then bytes of the file.
    pub rest: Vec<(Vec<u8>, Range<u64>)>,
}

impl Body {
    /// A whole file.
    pub fn whole(file: Rc<Representation>) -> Body {
        let span = 0..file.length();
        Body { file, head: None, span, rest: Vec::new() }
    }

    /// A whole file with its head, which ends with the file's bytes where those are in memory.
    pub fn ready(file: Rc<Representation>, head: Rc<Vec<u8>>) -> Body {
        let start = if matches!(file.content, Content::Memory(_)) { file.length() } else { 0 };
        let span = start..file.length();
        Body { file, head: Some(head), span, rest: Vec::new() }
    }

    /// One part of a file.
    pub fn part(file: Rc<Representation>, span: Range<u64>) -> Body {
        Body { file, head: None, span, rest: Vec::new() }
    }

    /// Several parts of a file, each with its own head.
    pub fn parts(file: Rc<Representation>, parts: &[Range<u64>]) -> Body {
        let boundary = boundary(&file);
        let mut rest = Vec::with_capacity(parts.len() + 1);
        rest.push((format!("\r\n--{boundary}--\r\n").into_bytes(), 0..0));
        for part in parts.iter().rev() {
            let mut text = format!("\r\n--{boundary}\r\n").into_bytes();
            text.extend_from_slice(&file.kind);
            content_range(&mut text, part, file.length());
            text.extend_from_slice(b"\r\n");
            rest.push((text, part.clone()));
        }
        Body { file, head: None, span: 0..0, rest }
    }

    /// The number of bytes in all.
    pub fn length(&self) -> u64 {
        let size = |span: &Range<u64>| span.end - span.start;
        let rest = self.rest.iter().map(|(text, span)| u64::try_from(text.len()).unwrap_or_default() + size(span));
        size(&self.span) + rest.sum::<u64>()
    }
}

/// Writes `Content-Range`.
pub fn content_range(out: &mut Vec<u8>, part: &Range<u64>, length: u64) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "Content-Range: bytes {}-{}/{length}\r\n", part.start, part.end - 1);
}

/// The separator of parts, made of the content's hash: a file that holds its own separator takes an age to find.
pub fn boundary(file: &Representation) -> String {
    format!("bramble-{}", file.tag.as_deref().unwrap_or("\"untagged\"").trim_matches('"'))
}
