//! A file as it is sent: its bytes, and the header fields that describe them, rendered once.
//!
//! Entity tags are hashes of the content, so that all nodes give one content one tag. `Last-Modified` is only sent
//! where a time tells something: an image carries one time for all its files, and a site that came with the next image
//! would look unchanged by it. That time is known: the program's own file carries it too.

use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::configuration::CacheRule;
use crate::hashes::{self, Hashes, Identity};
use crate::negotiate::Coding;
use crate::pattern;
use crate::ready::Ready;
use crate::response::{self, Common, Then};
use crate::status::Status;

/// Content up to this size is kept in memory and leaves with its head in one call; above, sendfile spares
/// more by not copying than its second call costs.
pub const IN_MEMORY: u64 = 8 * 1024;

/// The inputs of every rendering.
#[derive(Debug)]
pub struct Rendering {
    /// Rules for `Cache-Control`.
    pub cache: Vec<CacheRule>,
    /// The time that all files of the image carry, in seconds since 1970.
    pub image_time: Option<i64>,
    /// Hashes of files that are not kept in memory.
    pub hashes: Arc<Hashes>,
}

/// A file as it is sent.
#[derive(Debug)]
pub struct Representation {
    /// `Content-Type` and `Content-Encoding`, rendered.
    pub kind: Box<[u8]>,
    /// `Content-Length` of the whole and `Accept-Ranges`, rendered.
    pub extent: Box<[u8]>,
    /// The fields that a 304 carries too, rendered: `ETag`, `Last-Modified`, `Cache-Control`, `Vary`.
    pub validators: Box<[u8]>,
    /// Its entity tag with the quotes, where it has one.
    pub tag: Option<Box<str>>,
    /// When it changed last, where that tells something.
    pub modified: Option<SystemTime>,
    /// When it changed last, where that was later than now.
    from_future: Option<SystemTime>,
    /// Its bytes.
    pub content: Content,
    /// The answer with all of it, as of the last second it was asked for.
    ready: Ready,
    pub(crate) identity: Identity,
}

/// The place of a file's bytes.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Memory(Box<[u8]>),
    /// In the open file.
    File(File),
}

impl Representation {
    /// Reads a file and renders its fields.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or has become shorter than its metadata said.
    pub fn read(
        rendering: &Rendering,
        name: &[u8],
        media_type: &str,
        coding: Option<Coding>,
        varies: bool,
        (file, identity): (File, Identity),
    ) -> io::Result<Representation> {
        let length = identity.length();
        let (content, hash) = if length <= IN_MEMORY {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            file.read_exact_at(&mut bytes, 0)?;
            let hash = hashes::of_bytes(&bytes);
            (Content::Memory(bytes.into()), Some(hash))
        } else {
            let hash = rendering.hashes.get(&file, &identity);
            (Content::File(file), hash)
        };
        let tag = hash.map(|hash| format!("\"{hash:016x}\"").into_boxed_str());
        // A board without a clock may believe that a file comes from the future; that is no time to tell.
        let (modified, from_future) = match modified(identity.modified(), rendering.image_time) {
            Some(time) if time > SystemTime::now() => (None, Some(time)),
            time => (time, None),
        };

        let mut kind = format!("Content-Type: {media_type}\r\nX-Content-Type-Options: nosniff\r\n");
        if let Some(coding) = coding {
            field(&mut kind, "Content-Encoding", coding.token());
        }
        let extent = format!("Content-Length: {length}\r\nAccept-Ranges: bytes\r\n");
        let mut validators = String::new();
        if let Some(tag) = &tag {
            field(&mut validators, "ETag", tag);
        }
        if let Some(modified) = modified {
            field(&mut validators, "Last-Modified", &httpdate::fmt_http_date(modified));
        }
        let path = [b"/", name].concat();
        if let Some(rule) = rendering.cache.iter().find(|rule| pattern::matches(rule.path.as_bytes(), &path)) {
            field(&mut validators, "Cache-Control", &rule.control);
        }
        if varies {
            field(&mut validators, "Vary", "Accept-Encoding");
        }
        Ok(Representation {
            kind: kind.into_bytes().into(),
            extent: extent.into_bytes().into(),
            validators: validators.into_bytes().into(),
            tag,
            modified,
            from_future,
            content,
            ready: Ready::default(),
            identity,
        })
    }

    /// The answer with all of it as of this second: its head, and its bytes where they are in memory.
    pub fn ready(&self, common: &Common, then: Then) -> Rc<Vec<u8>> {
        self.ready.get(common, then, || {
            let content: &[u8] = if let Content::Memory(bytes) = &self.content { bytes } else { &[] };
            let mut text = Vec::with_capacity(512 + content.len());
            response::head(&mut text, common, Status::Ok, &[&self.kind, &self.extent, &self.validators], then);
            text.extend_from_slice(content);
            text.shrink_to_fit();
            text
        })
    }

    /// The number of its bytes.
    pub fn length(&self) -> u64 {
        self.identity.length()
    }

    /// Its share of memory, roughly.
    pub fn weight(&self) -> usize {
        let bytes = if let Content::Memory(bytes) = &self.content { bytes.len() } else { 0 };
        let fields = self.kind.len() + self.extent.len() + self.validators.len();
        // Twice, for the answer that is kept ready; its common fields, the struct and what the allocator adds.
        2 * (bytes + fields) + 1024
    }

    /// Whether its entity tag is still missing.
    pub fn lacks_tag(&self) -> bool {
        self.tag.is_none()
    }

    /// Whether its time was in the future when it was read and is not any more: the board has got a clock since.
    pub fn lacks_time(&self) -> bool {
        self.from_future.is_some_and(|time| time <= SystemTime::now())
    }
}

fn field(text: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{name}: {value}\r\n");
}

fn modified(seconds: i64, image_time: Option<i64>) -> Option<SystemTime> {
    let since = u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0 && Some(*seconds) != image_time.and_then(|time| u64::try_from(time).ok()))?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn representation(rule: bool, varies: bool, coding: Option<Coding>) -> Representation {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("a.html");
        std::fs::write(&path, "<h1>hello</h1>").expect("a file");
        let file = File::options().write(true).read(true).open(&path).expect("the file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)).expect("a time");
        let cache = vec![CacheRule { path: "*.html".to_owned(), control: "no-cache".to_owned() }];
        let rendering = Rendering {
            cache: if rule { cache } else { Vec::new() },
            image_time: (!rule).then_some(784_111_777),
            hashes: Arc::new(Hashes::start().expect("a thread")),
        };
        let identity = Identity::of(&file.metadata().expect("metadata"));
        Representation::read(&rendering, b"a.html", "text/html", coding, varies, (file, identity)).expect("a file")
    }

    #[test]
    fn fields_are_rendered() {
        let plain = representation(false, false, None);
        assert!(matches!(&plain.content, Content::Memory(bytes) if **bytes == *b"<h1>hello</h1>"));
        assert_eq!(*plain.kind, *b"Content-Type: text/html\r\nX-Content-Type-Options: nosniff\r\n");
        assert_eq!(*plain.extent, *b"Content-Length: 14\r\nAccept-Ranges: bytes\r\n");
        assert_eq!(*plain.validators, *b"ETag: \"e793bd70677a2ea8\"\r\n", "no time: it is the image's");
        let coded = representation(true, true, Some(Coding::Brotli));
        assert!(String::from_utf8_lossy(&coded.kind).ends_with("nosniff\r\nContent-Encoding: br\r\n"));
        assert_eq!(
            String::from_utf8_lossy(&coded.validators),
            "ETag: \"e793bd70677a2ea8\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nCache-Control: no-cache\r\n\
             Vary: Accept-Encoding\r\n"
        );
    }

    fn with_content(content: &[u8]) -> Representation {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("a");
        std::fs::write(&path, content).expect("a file");
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
    fn the_ready_answer_holds_head_and_content() {
        let file = with_content(b"xxx");
        let first = file.ready(&at(784_111_777), Then::Keep);
        assert_eq!(
            String::from_utf8_lossy(&first),
            "HTTP/1.1 200 OK\r\nServer: bramble\r\nX-Served-By: node3\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             Content-Type: x/y\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 3\r\nAccept-Ranges: bytes\r\n\
             ETag: \"75920d64d617a183\"\r\n\r\nxxx"
        );
        assert!(Rc::ptr_eq(&first, &file.ready(&at(784_111_777), Then::Keep)));
        let later = file.ready(&at(784_111_778), Then::Keep);
        assert!(String::from_utf8_lossy(&later).contains("08:49:38 GMT\r\n"));
        let closing = file.ready(&at(784_111_778), Then::Close);
        assert!(String::from_utf8_lossy(&closing).ends_with("\r\nConnection: close\r\n\r\nxxx"));
    }

    #[test]
    fn a_large_file_is_not_in_the_ready_answer() {
        let large = vec![b'x'; usize::try_from(IN_MEMORY + 1).expect("a length")];
        assert!(with_content(&large).ready(&at(784_111_777), Then::Keep).ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn times_that_tell_nothing_are_not_told() {
        assert_eq!(modified(0, None), None);
        assert_eq!(modified(-5, None), None);
        assert_eq!(modified(1000, Some(1000)), None);
        assert_eq!(modified(1000, Some(999)), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1000)));
    }
}
