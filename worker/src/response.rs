//! Rendering heads: fixed pieces laid end to end, nothing formatted while a request waits.

use std::time::{Duration, SystemTime};

use crate::status::Status;

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It waits for the next request.
    Keep,
    /// The same, and an HTTP/1.0 client must be told.
    KeepOld,
    /// It is closed.
    Close,
}

impl Then {
    const fn field(self) -> &'static str {
        match self {
            Then::Keep => "",
            Then::KeepOld => "Connection: keep-alive\r\n",
            Then::Close => "Connection: close\r\n",
        }
    }
}

/// The fields of every answer, rendered once a second for the date.
#[derive(Debug)]
pub struct Common {
    hostname: String,
    second: u64,
    date: String,
    text: String,
}

impl Common {
    /// For the node of this name; what cannot stand in a header field is left out of it.
    pub fn new(hostname: &str) -> Common {
        let hostname = hostname.chars().filter(char::is_ascii_graphic).collect();
        Common { hostname, second: u64::MAX, date: String::new(), text: String::new() }
    }

    /// Renders anew when the second has changed.
    pub fn tick(&mut self, now: SystemTime) {
        let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if second != self.second {
            self.second = second;
            let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
            self.text = format!("Server: bramble\r\nX-Served-By: {}\r\nDate: {date}\r\n", self.hostname);
            self.date = date;
        }
    }

    /// The second these fields are of.
    pub fn second(&self) -> u64 {
        self.second
    }

    /// The date as in the `Date` field.
    pub fn date(&self) -> &str {
        &self.date
    }
}

/// Writes a head: status, common fields, `fields` (each with its line end), end.
pub fn head(out: &mut Vec<u8>, common: &Common, status: Status, fields: &[&[u8]], then: Then) {
    out.extend_from_slice(status.line().as_bytes());
    out.extend_from_slice(common.text.as_bytes());
    for field in fields {
        out.extend_from_slice(field);
    }
    out.extend_from_slice(then.field().as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Writes an answer that is a line of text, with its body unless `bare`.
pub fn page(out: &mut Vec<u8>, common: &Common, status: Status, text: &str, fields: &[u8], then: Then, bare: bool) {
    let mut length = [0; 20];
    let length = decimal(text.len(), &mut length);
    let described: [&[u8]; 4] =
        [b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: ", length, b"\r\n", fields];
    head(out, common, status, &described, then);
    if !bare {
        out.extend_from_slice(text.as_bytes());
    }
}

/// The digits of a number, without a string.
fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            return &digits[start..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common() -> Common {
        let mut common = Common::new("node3\r\nX: y");
        common.tick(SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_999));
        common
    }

    #[test]
    fn a_page_is_rendered() {
        let mut out = Vec::new();
        page(&mut out, &common(), Status::NotFound, Status::NotFound.page(), b"", Then::Close, false);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "HTTP/1.1 404 Not Found\r\nServer: bramble\r\nX-Served-By: node3X:y\r\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 14\r\n\
             Connection: close\r\n\r\n404 Not Found\n"
        );
    }

    #[test]
    fn numbers_are_written() {
        for number in [0, 9, 10, 1234567890, usize::MAX] {
            assert_eq!(decimal(number, &mut [0; 20]), number.to_string().as_bytes());
        }
    }

    #[test]
    fn a_head_is_rendered() {
        let mut out = Vec::new();
        head(&mut out, &common(), Status::Ok, &[b"A: b\r\n", b"C: d\r\n"], Then::KeepOld);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "HTTP/1.1 200 OK\r\nServer: bramble\r\nX-Served-By: node3X:y\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             A: b\r\nC: d\r\nConnection: keep-alive\r\n\r\n"
        );
    }
}
