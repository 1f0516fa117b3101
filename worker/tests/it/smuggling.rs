//! Requests that two servers in a row could read differently: none of them gets a second answer.

use crate::server::Server;

/// What an attacker hopes will be taken for the next request.
const INNER: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

/// Heads after which the inner request follows, and the only answer they get.
const CORPUS: &[(&str, u16)] = &[
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\n\r\n", 405),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 413),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\nContent-Length: 0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x25\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 7\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length\r\n: 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n Content-Length: 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tContent-Length: 37\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nX: y\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: a\r\nContent-Length: 37\n\n", 413),
    ("GET / HTTP/1.1\r\n\r\nHost: a\r\n\r\n", 400),
    ("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 37\r\n\r\n", 413),
    ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\n\r\n", 405),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
];

#[test]
fn one_request_gets_one_answer() {
    let server = Server::start();
    for (head, status) in CORPUS {
        let mut client = server.client();
        client.send(format!("{head}{INNER}").as_bytes());
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.field("Connection")), (*status, Some("close")), "{head:?}");
        assert!(client.is_closed(), "a second answer after {head:?}");
    }
}

#[test]
fn an_answer_cannot_be_split() {
    let server = Server::start();
    for target in ["/sub?a%0d%0aX-Injected:%20b", "/sub?\u{e9}", "/a%20b?%0a"] {
        let answer = server.client().get(target);
        assert_eq!(answer.status, 301, "{target}");
        assert_eq!(answer.field("X-Injected"), None);
    }
}
