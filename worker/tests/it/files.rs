//! What is served, and how it is described.

use std::fs;
use std::time::Duration;

use crate::server::{LARGE, Server};

#[test]
fn files_come_with_their_type_and_length() {
    let server = Server::start();
    let mut client = server.client();
    for (target, media_type, body) in [
        ("/", "text/html; charset=utf-8", "<h1>hello</h1>\n"),
        ("/index.html", "text/html; charset=utf-8", "<h1>hello</h1>\n"),
        ("/?query", "text/html; charset=utf-8", "<h1>hello</h1>\n"),
        ("/sub/", "text/html; charset=utf-8", "<h1>sub</h1>\n"),
        ("/sub/style.css", "text/css; charset=utf-8", "body {}\n"),
        ("/inside.css", "text/css; charset=utf-8", "body {}\n"),
        ("/a%20b/%C3%A9.txt", "text/plain; charset=utf-8", "accent\n"),
        ("/empty.js", "text/javascript; charset=utf-8", ""),
        ("http://node3/sub/", "text/html; charset=utf-8", "<h1>sub</h1>\n"),
    ] {
        let answer = client.get(target);
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.field("Content-Type"), Some(media_type), "{target}");
        assert_eq!(answer.text(), body, "{target}");
        assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
        assert!(answer.field("Date").is_some_and(|date| date.ends_with(" GMT")));
    }
}

#[test]
fn every_answer_names_the_node() {
    let server = Server::start();
    let node = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for target in ["/", "/missing", "/sub", "/healthz"] {
        assert_eq!(server.client().get(target).field("X-Served-By"), Some(node.as_str()), "{target}");
    }
}

#[test]
fn large_files_arrive_whole_at_slow_readers() {
    let server = Server::start();
    let mut client = server.client();
    for (target, length) in [("/medium.bin", 40_000), ("/large.bin", LARGE), ("/medium.bin", 40_000)] {
        client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        // The socket's buffers fill up meanwhile, so that the server has to wait for this client.
        std::thread::sleep(Duration::from_millis(200));
        let answer = client.answer(false);
        assert_eq!((answer.status, answer.body.len()), (200, length));
        assert!(answer.body.iter().zip((0..=250_u8).cycle()).all(|(got, expected)| *got == expected));
    }
}

#[test]
fn head_is_get_without_the_body() {
    let server = Server::start();
    let mut client = server.client();
    while client.ask("HEAD", "/large.bin", "").field("ETag").is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    for target in ["/", "/large.bin", "/missing", "/sub", "/healthz", "/%"] {
        let head = client.ask("HEAD", target, "");
        let get = client.get(target);
        assert_eq!(head.status, get.status, "{target}");
        for field in ["Content-Length", "Content-Type", "ETag", "Location", "Cache-Control"] {
            assert_eq!(head.field(field), get.field(field), "{target}");
        }
    }
}

#[test]
fn other_methods_are_told_what_is_allowed() {
    let server = Server::start();
    let mut client = server.client();
    for method in ["POST", "PUT", "DELETE", "TRACE", "PATCH"] {
        let answer = client.ask(method, "/", "");
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.field("Allow"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(answer.text(), "405 Method Not Allowed: this server answers GET, HEAD and OPTIONS\n");
    }
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn directories_are_redirected_to_their_slash() {
    let server = Server::start();
    let mut client = server.client();
    let answer = client.get("/sub?a=b");
    assert_eq!(answer.status, 301);
    assert_eq!(answer.field("Location"), Some("/sub/?a=b"));
    assert_eq!(client.get("/a%20b").field("Location"), Some("/a%20b/"));
    assert_eq!(client.get("/no-index/").status, 404);
    assert_eq!(client.get("/index.html/").status, 404);
}

#[test]
fn known_content_is_not_sent_again() {
    let server = Server::start();
    let mut client = server.client();
    let tag = client.get("/").field("ETag").expect("a tag").to_owned();
    let again = client.ask("GET", "/", &format!("If-None-Match: \"x\", W/{tag}\r\n"));
    assert_eq!(again.status, 304);
    assert_eq!(again.field("ETag"), Some(tag.as_str()));
    assert_eq!(client.ask("GET", "/", "If-None-Match: \"x\"\r\n").status, 200);

    // The same length and the same time, as in two images: only the content tells them apart.
    let time = fs::metadata(server.path("index.html")).expect("metadata").modified().expect("a time");
    fs::write(server.path("index.html"), "<h1>HELLO</h1>\n").expect("a file");
    let file = fs::File::options().write(true).open(server.path("index.html")).expect("the file");
    file.set_modified(time).expect("a time");
    std::thread::sleep(Duration::from_millis(1100));
    let changed = client.ask("GET", "/", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((changed.status, changed.text()), (200, "<h1>HELLO</h1>\n"));
}
