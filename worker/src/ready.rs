//! Answers kept ready: the head of a whole file, and the file behind it where it is in memory.
//!
//! Of all fields of such an answer only the date changes, once a second. A file asked for often is thus rendered once a
//! second, and each of its answers is a piece of memory that is there already: nothing is copied before the kernel does.

use std::cell::RefCell;
use std::rc::Rc;

use crate::representation::{Content, Representation};
use crate::response::{self, Common, Then};
use crate::status::Status;

/// The last answer with all of a file.
#[derive(Debug, Default)]
pub struct Ready(RefCell<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    second: u64,
    then: Then,
    text: Rc<Vec<u8>>,
}

impl Ready {
    /// The answer as of this second; `file` is the one this belongs to.
    pub fn get(&self, file: &Representation, common: &Common, then: Then) -> Rc<Vec<u8>> {
        let mut kept = self.0.borrow_mut();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.second == common.second() && kept.then == then) {
            return Rc::clone(&kept.text);
        }
        let text = Rc::new(render(file, common, then));
        *kept = Some(Kept { second: common.second(), then, text: Rc::clone(&text) });
        text
    }
}

fn render(file: &Representation, common: &Common, then: Then) -> Vec<u8> {
    let content: &[u8] = if let Content::Memory(bytes) = &file.content { bytes } else { &[] };
    let mut text = Vec::with_capacity(512 + content.len());
    response::head(&mut text, common, Status::Ok, &[&file.kind, &file.extent, &file.validators], then);
    text.extend_from_slice(content);
    text.shrink_to_fit();
    text
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::hashes::{Hashes, Identity};
    use crate::representation::{IN_MEMORY, Rendering};

    fn file(length: u64) -> Representation {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("a");
        std::fs::write(&path, vec![b'x'; usize::try_from(length).expect("a length")]).expect("a file");
        let file = File::open(&path).expect("the file");
        let identity = Identity::of(&file.metadata().expect("metadata"));
        let hashes = Arc::new(Hashes::start().expect("a thread"));
        let rendering = Rendering { cache: Vec::new(), image_time: Some(identity.modified()), hashes };
        Representation::read(&rendering, b"a", "x/y", None, false, (file, identity)).expect("a file")
    }

    fn at(seconds: u64) -> Common {
        let mut common = Common::new("node3");
        common.tick(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        common
    }

    #[test]
    fn an_answer_is_rendered_once_a_second() {
        let file = file(3);
        let first = file.ready.get(&file, &at(784_111_777), Then::Keep);
        assert_eq!(
            String::from_utf8_lossy(&first),
            "HTTP/1.1 200 OK\r\nServer: bramble\r\nX-Served-By: node3\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             Content-Type: x/y\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 3\r\nAccept-Ranges: bytes\r\n\
             ETag: \"bff7b2198029378f\"\r\n\r\nxxx"
        );
        assert!(Rc::ptr_eq(&first, &file.ready.get(&file, &at(784_111_777), Then::Keep)));
        let later = file.ready.get(&file, &at(784_111_778), Then::Keep);
        assert!(String::from_utf8_lossy(&later).contains("08:49:38 GMT\r\n"));
        let closing = file.ready.get(&file, &at(784_111_778), Then::Close);
        assert!(String::from_utf8_lossy(&closing).ends_with("\r\nConnection: close\r\n\r\nxxx"));
    }

    #[test]
    fn a_large_file_stays_where_it_is() {
        let file = file(IN_MEMORY + 1);
        assert!(file.ready.get(&file, &at(784_111_777), Then::Keep).ends_with(b"\"\r\n\r\n"));
    }
}
