//! Parts of files.

use std::time::Duration;

use crate::server::{LARGE, Server};

fn content(range: std::ops::Range<usize>) -> Vec<u8> {
    (0..=250).cycle().skip(range.start % 251).take(range.len()).collect()
}

#[test]
fn one_part_is_sent_as_it_is() {
    let server = Server::start();
    let mut client = server.client();
    let last = LARGE - 1;
    for (target, length) in [("/medium.bin", 40_000), ("/large.bin", LARGE)] {
        for (range, part) in [
            ("0-0", 0..1),
            ("100-199", 100..200),
            ("39990-", 39_990..length),
            ("-7", length - 7..length),
            ("0-99999999999", 0..length),
            ("-99999999999", 0..length),
        ] {
            let answer = client.ask("GET", target, &format!("Range: bytes={range}\r\n"));
            assert_eq!(answer.status, 206, "{target} {range}");
            let expected = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            assert_eq!(answer.field("Content-Range"), Some(expected.as_str()));
            assert!(answer.body == content(part), "{target} {range}");
        }
    }
    assert_eq!(client.ask("GET", "/large.bin", &format!("Range: bytes={last}-\r\n")).body.len(), 1);
    let small = client.ask("GET", "/", "Range: bytes=4-8\r\n");
    assert_eq!((small.status, small.text()), (206, "hello"));
    assert_eq!(client.get("/").field("Accept-Ranges"), Some("bytes"));
}

#[test]
fn several_parts_are_sent_with_their_heads() {
    let server = Server::start();
    let mut client = server.client();
    for target in ["/", "/medium.bin", "/large.bin"] {
        let whole = client.get(target).body;
        let answer = client.ask("GET", target, "Range: bytes=1-3, 5-5,-2\r\n");
        assert_eq!(answer.status, 206, "{target}");
        let kind = answer.field("Content-Type").expect("a type");
        let boundary = kind.strip_prefix("multipart/byteranges; boundary=").expect("a boundary").to_owned();
        let mut expected = Vec::new();
        for part in [1..4, 5..6, whole.len() - 2..whole.len()] {
            let head = format!("\r\nContent-Range: bytes {}-{}/{}\r\n\r\n", part.start, part.end - 1, whole.len());
            expected.push((head.into_bytes(), whole[part].to_vec()));
        }
        let mut rest = answer.body.as_slice();
        for (head, part) in expected {
            let delimiter = format!("\r\n--{boundary}\r\nContent-Type: ");
            rest = rest.strip_prefix(delimiter.as_bytes()).expect("a delimiter");
            let at = rest.windows(head.len()).position(|window| window == head).expect("the part's extent");
            rest = rest[at + head.len()..].strip_prefix(part.as_slice()).expect("the part");
        }
        assert_eq!(rest, format!("\r\n--{boundary}--\r\n").as_bytes());
    }
    assert_eq!(client.get("/").status, 200, "the connection is still in step");
}

#[test]
fn impossible_and_odd_ranges() {
    let server = Server::start();
    let mut client = server.client();
    let impossible = client.ask("GET", "/", "Range: bytes=15-\r\n");
    assert_eq!((impossible.status, impossible.field("Content-Range")), (416, Some("bytes */15")));
    assert_eq!(client.ask("GET", "/empty.js", "Range: bytes=0-\r\n").status, 416);
    let many = "0-0,".repeat(40);
    for range in ["bytes=2-1", "lines=1-2", "bytes=x", "bytes=0-,0-,0-", &format!("bytes={many}")] {
        let answer = client.ask("GET", "/", &format!("Range: {range}\r\n"));
        assert_eq!((answer.status, answer.text()), (200, "<h1>hello</h1>\n"), "{range}");
    }
    let head = client.ask("HEAD", "/", "Range: bytes=0-0\r\n");
    assert_eq!((head.status, head.field("Content-Length")), (200, Some("15")), "ranges are GET's");
}

#[test]
fn if_range_guards_against_mixing_contents() {
    let server = Server::start();
    let mut client = server.client();
    let tag = client.get("/").field("ETag").expect("a tag").to_owned();
    for (guard, status) in [(tag.clone(), 206), (format!("W/{tag}"), 200), ("\"other\"".to_owned(), 200)] {
        let answer = client.ask("GET", "/", &format!("Range: bytes=0-3\r\nIf-Range: {guard}\r\n"));
        assert_eq!(answer.status, status, "{guard}");
    }
    let file = std::fs::File::options().write(true).open(server.path("sub/style.css")).expect("the file");
    file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(784_111_777)).expect("a time");
    for (guard, status) in [("Sun, 06 Nov 1994 08:49:37 GMT", 206), ("Sun, 06 Nov 1994 08:49:38 GMT", 200)] {
        let answer = client.ask("GET", "/sub/style.css", &format!("Range: bytes=0-3\r\nIf-Range: {guard}\r\n"));
        assert_eq!(answer.status, status, "{guard}");
    }
}
