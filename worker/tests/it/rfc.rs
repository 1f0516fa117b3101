//! What the RFCs say of requests that few clients send.

use std::fs;

use crate::server::Server;

#[test]
fn each_request_gets_the_status_that_its_rfc_says() {
    let server = Server::start();
    fs::create_dir(server.path(".well-known")).expect("a folder");
    fs::write(server.path(".well-known/security.txt"), "Contact: mailto:a@example.org\n").expect("a file");
    for (request, status, rule) in [
        ("GET http:/// HTTP/1.1\r\nHost: a\r\n", 400, "9110 4.2.1"),
        ("GET / HTTP/1.1\r\nHost: [ab..cd::1]\r\n", 400, "9112 3.2"),
        ("GET / HTTP/1.1\r\nHost: []\r\n", 400, "9112 3.2"),
        ("GET / HTTP/1.1\r\nHost: a%zz\r\n", 400, "9112 3.2"),
        ("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n", 200, "9112 3.2"),
        ("GET http://a?x HTTP/1.1\r\nHost: a\r\n", 200, "9112 3.2.2"),
        ("GET / HTTP/1.2\r\nHost: a\r\n", 200, "9110 2.5"),
        ("GET / HTTP/2.0\r\nHost: a\r\n", 505, "9110 2.5"),
        ("GET / FOO/1.1\r\nHost: a\r\n", 400, "9112 3"),
        ("BREW / HTTP/1.1\r\nHost: a\r\n", 501, "9110 9.1"),
        ("get / HTTP/1.1\r\nHost: a\r\n", 501, "9110 9.1"),
        ("DELETE / HTTP/1.1\r\nHost: a\r\n", 405, "9110 9.1"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\n", 501, "9112 6.1"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n", 413, "9112 6.1"),
        ("GET /.well-known/security.txt HTTP/1.1\r\nHost: a\r\n", 200, "8615"),
        ("GET /.htaccess HTTP/1.1\r\nHost: a\r\n", 404, "8615"),
    ] {
        let mut client = server.client();
        client.send(format!("{request}\r\n").as_bytes());
        assert_eq!(client.answer(false).status, status, "{request:?}: RFC {rule}");
    }
}

#[test]
fn a_refused_head_has_no_body() {
    let server = Server::start();
    let many = "X: y\r\n".repeat(200);
    let long = "a".repeat(20_000);
    for (request, status) in [
        ("HEAD / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("\r\nHEAD / HTTP/2.0\r\nHost: a\r\n\r\n".to_owned(), 505),
        (format!("HEAD /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
        (format!("HEAD / HTTP/1.1\r\nHost: a\r\n{many}\r\n"), 431),
    ] {
        let mut client = server.client();
        client.send(request.as_bytes());
        assert_eq!(client.answer(true).status, status);
        assert!(client.is_closed(), "nothing after the head of {status}");
    }
}

#[test]
fn a_list_on_two_lines_is_one_list() {
    let server = Server::start();
    fs::write(server.path("sub/style.css.gz"), "gz").expect("a file");
    let mut client = server.client();
    let tag = client.get("/").field("ETag").expect("a tag").to_owned();
    for (fields, status) in [
        (format!("If-None-Match: {tag}\r\nIf-None-Match: \"other\"\r\n"), 304),
        (format!("If-Match: {tag}\r\nIf-Match: \"other\"\r\n"), 200),
    ] {
        assert_eq!(client.ask("GET", "/", &fields).status, status, "{fields}");
    }
    let coded = client.ask("GET", "/sub/style.css", "Accept-Encoding: gzip\r\nAccept-Encoding: deflate\r\n");
    assert_eq!(coded.field("Content-Encoding"), Some("gzip"));
}

#[test]
fn what_a_balancer_lets_through_is_not_too_large() {
    let server = Server::start();
    let mut client = server.client();
    let cookie = format!("Cookie: {}\r\n", "a".repeat(8160));
    assert_eq!(client.ask("GET", "/", &cookie).status, 200);
    assert_eq!(client.ask("GET", "/", &"X: y\r\n".repeat(100)).status, 200);
    assert_eq!(client.ask("GET", "/", &format!("Cookie: {}\r\n", "a".repeat(15_000))).status, 200);
}

#[test]
fn odd_paths_are_redirected_to_what_they_mean() {
    let server = Server::start();
    let mut client = server.client();
    for (target, location) in [
        ("//sub/", "/sub/"),
        ("/x/../index.html?a=b", "/index.html?a=b"),
        ("/./sub//style.css", "/sub/style.css"),
        ("//\\example.org/..a", "/%5Cexample.org/..a"),
    ] {
        let answer = client.get(target);
        assert_eq!((answer.status, answer.field("Location")), (301, Some(location)), "{target}");
    }
}
