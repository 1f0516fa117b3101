//! Reading a request's head.
//!
//! httparse splits it; what is decided here is what keeps a request from meaning two things: one `Host`, one length,
//! never a length beside a transfer coding (RFC 9112, sections 3.2 and 6.3). Bodies are never read: a request that has
//! one is refused and its connection closed, so nothing of a body is ever taken for a request.

use std::borrow::Cow;
use std::mem::MaybeUninit;

use crate::conditional::Conditions;
use crate::status::Status;

/// The longest head, and so the most a waiting connection keeps in memory.
///
/// Not less than HAProxy takes: what a balancer passes on is not refused here.
pub const LONGEST_HEAD: usize = 16 * 1024;

/// The most header fields.
const MOST_FIELDS: usize = 128;

/// The methods that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`: as GET, without the body.
    Head,
    /// `OPTIONS`: what is allowed.
    Options,
    /// Another that RFC 9110 or RFC 5789 defines; answered with 405.
    Other,
    /// One that nobody knows; answered with 501.
    Unknown,
}

/// A complete request head.
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The method as sent, for the log.
    pub method_name: &'a str,
    /// The request target as sent.
    pub target: &'a str,
    /// Whether the client keeps the connection for another request.
    pub keep_alive: bool,
    /// Whether the client must be told that the connection is kept (HTTP/1.0).
    pub old: bool,
    /// Whether a body follows.
    pub has_body: bool,
    /// `Host`.
    pub host: Option<&'a [u8]>,
    /// What makes it conditional.
    pub conditions: Conditions<'a>,
    /// `Range`.
    pub range: Option<&'a [u8]>,
    /// `Accept-Encoding`.
    pub accept_encoding: Option<List<'a>>,
    /// `X-Forwarded-For`: each balancer adds its own at the end, or on a line of its own.
    pub forwarded_for: Option<List<'a>>,
    /// `Referer`, for the log.
    pub referer: Option<&'a [u8]>,
    /// `User-Agent`, for the log.
    pub user_agent: Option<&'a [u8]>,
    /// The head's length in bytes.
    pub length: usize,
}

/// The value of a field that is a list; one on several lines is one list (RFC 9110, 5.3).
pub type List<'a> = Cow<'a, [u8]>;

/// What the bytes received so far are.
#[derive(Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "it is taken apart where it is made, and a box would be an allocation")]
pub enum Parsed<'a> {
    /// The beginning of a request.
    Incomplete,
    /// A request.
    Request(Request<'a>),
    /// A request of a later HTTP/1, to be read as one of HTTP/1.1 (RFC 9110, 2.5): the place of the digit to change.
    Newer(usize),
    /// Something to refuse; the connection cannot go on.
    Refused(Status),
}

/// Reads a request from the start of `input`.
pub fn parse(input: &[u8]) -> Parsed<'_> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut head = httparse::Request::new(&mut []);
    let length = match head.parse_with_uninit_headers(input, &mut fields) {
        Ok(httparse::Status::Complete(length)) if length <= LONGEST_HEAD => length,
        Ok(httparse::Status::Partial) if input.len() < LONGEST_HEAD => return Parsed::Incomplete,
        Ok(_) => return Parsed::Refused(too_long(input)),
        Err(httparse::Error::TooManyHeaders) => return Parsed::Refused(Status::HeaderFieldsTooLarge),
        Err(httparse::Error::Version) => return other_version(input),
        Err(_) => return Parsed::Refused(Status::BadRequest),
    };
    match request(&head, length) {
        Ok(request) => Parsed::Request(request),
        Err(status) => Parsed::Refused(status),
    }
}

/// The request line without its end, and its place; for what could not be read as a request.
pub fn first_line(input: &[u8]) -> (usize, &[u8]) {
    // Empty lines before the request line are allowed and skipped.
    let start = input.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(input.len());
    let line = input[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    (start, line.strip_suffix(b"\r").unwrap_or(line))
}

/// What to do with a version that is not 1.0 or 1.1.
fn other_version(input: &[u8]) -> Parsed<'_> {
    let (start, line) = first_line(input);
    match line.rsplit(|byte| *byte == b' ').next() {
        Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9']) => Parsed::Newer(start + line.len() - 1),
        Some([b'H', b'T', b'T', b'P', b'/', major, b'.', minor])
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Parsed::Refused(Status::VersionNotSupported)
        }
        _ => Parsed::Refused(Status::BadRequest),
    }
}

/// Whether the request line or the fields were too much.
fn too_long(input: &[u8]) -> Status {
    let (start, _) = first_line(input);
    if input[start..].contains(&b'\n') { Status::HeaderFieldsTooLarge } else { Status::UriTooLong }
}

fn request<'a>(head: &httparse::Request<'_, 'a>, length: usize) -> Result<Request<'a>, Status> {
    let (Some(version), Some(method_name), Some(target)) = (head.version, head.method, head.path) else {
        return Err(Status::BadRequest);
    };
    let old = version == 0;
    let method = match method_name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "OPTIONS" => Method::Options,
        "POST" | "PUT" | "DELETE" | "CONNECT" | "TRACE" | "PATCH" => Method::Other,
        _ => Method::Unknown,
    };
    let mut request = Request {
        method,
        method_name,
        target,
        keep_alive: false,
        old,
        has_body: false,
        host: None,
        conditions: Conditions::default(),
        range: None,
        accept_encoding: None,
        forwarded_for: None,
        referer: None,
        user_agent: None,
        length,
    };
    let (mut content_length, mut coded, mut chunked) = (None, false, true);
    let (mut close, mut keep_alive) = (false, false);
    for field in head.headers.iter() {
        let value = field.value;
        // By length first: most fields of a browser are none of these.
        let slot = match field.name.len() {
            4 if is(field.name, "host") => {
                if request.host.is_some() {
                    return Err(Status::BadRequest);
                }
                &mut request.host
            }
            5 if is(field.name, "range") => &mut request.range,
            7 if is(field.name, "referer") => &mut request.referer,
            8 if is(field.name, "if-match") => {
                add(&mut request.conditions.matches, value);
                continue;
            }
            8 if is(field.name, "if-range") => &mut request.conditions.range,
            10 if is(field.name, "user-agent") => &mut request.user_agent,
            10 if is(field.name, "connection") => {
                for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    close |= option.eq_ignore_ascii_case(b"close");
                    keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
                continue;
            }
            13 if is(field.name, "if-none-match") => {
                add(&mut request.conditions.none_match, value);
                continue;
            }
            14 if is(field.name, "content-length") => {
                if content_length.is_some() {
                    return Err(Status::BadRequest);
                }
                content_length = Some(number(value).ok_or(Status::BadRequest)?);
                continue;
            }
            15 if is(field.name, "accept-encoding") => {
                add(&mut request.accept_encoding, value);
                continue;
            }
            15 if is(field.name, "x-forwarded-for") => {
                add(&mut request.forwarded_for, value);
                continue;
            }
            17 if is(field.name, "transfer-encoding") => {
                coded = true;
                chunked &= value.trim_ascii().eq_ignore_ascii_case(b"chunked");
                continue;
            }
            17 if is(field.name, "if-modified-since") => &mut request.conditions.modified_since,
            19 if is(field.name, "if-unmodified-since") => &mut request.conditions.unmodified_since,
            _ => continue,
        };
        *slot = Some(value);
    }
    if (request.host.is_none() && !old) || (coded && (content_length.is_some() || old)) {
        return Err(Status::BadRequest);
    }
    if coded && !chunked {
        return Err(Status::NotImplemented);
    }
    request.keep_alive = !close && (!old || keep_alive);
    request.has_body = coded || content_length.is_some_and(|length| length > 0);
    Ok(request)
}

/// Adds a line to a list. Most lists are one line, and that is not copied.
fn add<'a>(list: &mut Option<List<'a>>, line: &'a [u8]) {
    match list {
        None => *list = Some(Cow::Borrowed(line)),
        Some(list) => {
            let list = list.to_mut();
            list.extend_from_slice(b", ");
            list.extend_from_slice(line);
        }
    }
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

/// A length: digits and nothing else, no sign, no list.
fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(text: &str) -> Request<'_> {
        match parse(text.as_bytes()) {
            Parsed::Request(request) => request,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn refused(text: &str) -> Status {
        match parse(text.as_bytes()) {
            Parsed::Refused(status) => status,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_browser_s_request() {
        let text = "GET /a?b HTTP/1.1\r\nHost: node3\r\nIf-None-Match: \"1\"\r\n\r\nGET";
        let request = accepted(text);
        assert_eq!((request.method, request.target), (Method::Get, "/a?b"));
        assert_eq!(request.conditions.none_match.as_deref(), Some(&b"\"1\""[..]));
        assert_eq!(request.host, Some(&b"node3"[..]));
        assert!(request.keep_alive && !request.has_body && !request.old);
        assert_eq!(request.length, text.len() - 3);
    }

    #[test]
    fn every_beginning_is_incomplete() {
        let text = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
        for end in 0..text.len() {
            assert_eq!(parse(&text.as_bytes()[..end]), Parsed::Incomplete, "{end}");
        }
        assert_eq!(accepted(text).method, Method::Head);
    }

    #[test]
    fn every_field_that_counts_is_found() {
        let request = accepted(
            "OPTIONS * HTTP/1.1\r\nHOST: a\r\nrange: b\r\nReferer: c\r\nIf-Match: d\r\nIf-Range: e\r\nUser-Agent: f\r\n\
             If-None-Match: g\r\nIf-None-Match: G\r\nAccept-Encoding: h\r\nX-Forwarded-For: i\r\nX-Forwarded-For: j\r\n\
             If-Modified-Since: k\r\nIf-Unmodified-Since: l\r\nX-Other: m\r\n\r\n",
        );
        let all = [
            request.host,
            request.range,
            request.referer,
            request.conditions.matches.as_deref(),
            request.conditions.range,
            request.user_agent,
            request.conditions.none_match.as_deref(),
            request.accept_encoding.as_deref(),
            request.forwarded_for.as_deref(),
            request.conditions.modified_since,
            request.conditions.unmodified_since,
        ];
        assert_eq!(all.map(Option::unwrap_or_default).concat(), b"abcdefg, Ghi, jkl");
        assert_eq!((request.method, request.method_name, request.target), (Method::Options, "OPTIONS", "*"));
    }

    #[test]
    fn connections_are_kept_as_the_version_says() {
        assert!(!accepted("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, Close\r\n\r\n").keep_alive);
        assert!(!accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
        assert!(accepted("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    }

    #[test]
    fn requests_with_two_meanings_are_refused() {
        for fields in [
            "",
            "Host: a\r\nHost: b\r\n",
            "Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
            "Host: a\r\nContent-Length: +1\r\n",
            "Host: a\r\nContent-Length: 1, 1\r\n",
            "Host: a\r\nContent-Length: \r\n",
            "Host: a\r\nContent-Length: 99999999999999999999\r\n",
            "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Host: a\r\nTransfer-Encoding : chunked\r\n",
            "Host: a\r\nX: a\r\n b\r\n",
            "Host: a\r\nX: \0\r\n",
            "Host: a\r\n X: b\r\n",
        ] {
            assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{fields}\r\n")), Status::BadRequest, "{fields:?}");
        }
        assert_eq!(refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), Status::BadRequest);
        assert_eq!(refused("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), Status::BadRequest);
        assert_eq!(refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), Status::VersionNotSupported);
        assert_eq!(refused("GET / FOO/1.1\r\nHost: a\r\n\r\n"), Status::BadRequest);
        assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\n\r\n"), Status::NotImplemented);
    }

    #[test]
    fn a_later_version_is_read_as_this_one() {
        let mut text = *b"\r\nGET / HTTP/1.2\r\nHost: a\r\n\r\n";
        let Parsed::Newer(place) = parse(&text) else { panic!("{:?}", parse(&text)) };
        text[place] = b'1';
        assert!(matches!(parse(&text), Parsed::Request(request) if request.keep_alive && !request.old));
    }

    #[test]
    fn bodies_are_seen() {
        assert!(accepted("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").has_body);
        assert!(accepted("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").has_body);
        assert!(!accepted("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").has_body);
    }

    #[test]
    fn heads_have_a_limit() {
        let long = "a".repeat(LONGEST_HEAD);
        assert_eq!(refused(&format!("GET /{long}")), Status::UriTooLong);
        assert_eq!(refused(&format!("\r\nGET /{long}")), Status::UriTooLong);
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: {long}")), Status::HeaderFieldsTooLarge);
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: {long}\r\n\r\n")), Status::HeaderFieldsTooLarge);
        let many = "X: y\r\n".repeat(MOST_FIELDS + 1);
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{many}\r\n")), Status::HeaderFieldsTooLarge);
    }
}
