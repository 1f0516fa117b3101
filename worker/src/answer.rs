//! What to answer to a request: the rules, without sockets.

use std::rc::Rc;
use std::time::Instant;

use crate::files::{Files, Found, Representation};
use crate::request::{Method, Request};
use crate::response::{self, Common, Then};
use crate::shared::Phase;
use crate::status::Status;
use crate::target::{self, Target};

/// What a thread needs to answer with.
#[derive(Debug)]
pub struct Desk {
    /// The site's files.
    pub files: Files,
    /// The fields of every answer.
    pub common: Common,
    /// Whether the server is being stopped.
    pub phase: Phase,
    /// When the loop last woke up.
    pub now: Instant,
    /// The name asked for; here to be used again.
    pub name: Vec<u8>,
}

/// An answer whose head, and body if that is a line of text, has been written.
#[derive(Debug)]
pub struct Answer {
    /// The file to send after it.
    pub body: Option<Rc<Representation>>,
    /// Whether the connection ends.
    pub close: bool,
    /// Whether bytes of this request may still come, which must be read for the answer to reach the client.
    pub linger: bool,
}

/// Answers a request that cannot be understood.
pub fn refuse(status: Status, desk: &Desk, out: &mut Vec<u8>) -> Answer {
    response::page(out, &desk.common, status, status.page(), b"", Then::Close, false);
    Answer { body: None, close: true, linger: true }
}

/// Answers a request.
pub fn answer(request: &Request<'_>, desk: &mut Desk, out: &mut Vec<u8>) -> Answer {
    let keep = request.keep_alive && !request.has_body && desk.phase == Phase::Serving;
    let then = match (keep, request.old) {
        (false, _) => Then::Close,
        (true, false) => Then::Keep,
        (true, true) => Then::KeepOld,
    };
    let bare = request.method == Method::Head;
    let done = |body| Answer { body, close: !keep, linger: request.has_body };

    let outcome = if request.method == Method::Other {
        Err(Status::MethodNotAllowed)
    } else if request.has_body {
        Err(Status::ContentTooLarge)
    } else {
        target::read(request.target, &mut desk.name)
    };
    let found = match outcome {
        Err(status) => Err(status),
        Ok(Target::Health) => {
            let (status, text) = match desk.phase {
                Phase::Serving => (Status::Ok, "ok\n"),
                Phase::Draining | Phase::Closing => (Status::ServiceUnavailable, "draining\n"),
            };
            response::page(out, &desk.common, status, text, b"Cache-Control: no-store\r\n", then, bare);
            return done(None);
        }
        Ok(Target::Name { directory, path, query }) => match desk.files.find(&mut desk.name, directory, desk.now) {
            Ok(Found::Directory) => {
                let status = Status::MovedPermanently;
                let location = format!("Location: {path}/{query}\r\n");
                response::page(out, &desk.common, status, status.page(), location.as_bytes(), then, bare);
                return done(None);
            }
            Ok(Found::File(file)) => Ok(file),
            Err(status) => Err(status),
        },
    };
    match found {
        Ok(file) => {
            if let (Some(tag), Some(known)) = (&file.tag, request.if_none_match)
                && has_tag(known, tag.as_bytes())
            {
                let fields: [&[u8]; 3] = [b"ETag: ", tag.as_bytes(), b"\r\n"];
                response::head(out, &desk.common, Status::NotModified, &fields, then);
                return done(None);
            }
            response::head(out, &desk.common, Status::Ok, &[&file.fields], then);
            done((!bare).then_some(file))
        }
        Err(status) => {
            let allow: &[u8] = if status == Status::MethodNotAllowed { b"Allow: GET, HEAD\r\n" } else { b"" };
            response::page(out, &desk.common, status, status.page(), allow, then, bare);
            done(None)
        }
    }
}

/// Whether `If-None-Match` names the tag; weak ones count (RFC 9110, 13.1.2).
fn has_tag(field: &[u8], tag: &[u8]) -> bool {
    field.trim_ascii() == b"*"
        || field
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .any(|known| known.strip_prefix(b"W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        let tag = b"\"1f\"";
        for field in ["\"1f\"", "W/\"1f\"", "\"2\", \"1f\"", " * ", "\"2\",W/\"1f\" "] {
            assert!(has_tag(field.as_bytes(), tag), "{field}");
        }
        for field in ["", "1f", "\"1F\"", "\"2\"", "W/"] {
            assert!(!has_tag(field.as_bytes(), tag), "{field}");
        }
    }
}
