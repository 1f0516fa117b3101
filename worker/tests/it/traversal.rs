//! Nothing gets out of the site, and nothing hidden is served.

use crate::server::Server;

/// Targets that must be answered with the status and never with a file.
const CORPUS: &[(&str, u16)] = &[
    ("/..", 301),
    ("/../", 301),
    ("/../secret", 301),
    ("/../../../../../../../../etc/passwd", 301),
    ("/sub/../../secret", 301),
    ("/sub/../index.html", 301),
    ("/./index.html", 301),
    ("/sub/.", 301),
    ("/%2e%2e/secret", 301),
    ("/%2E%2E/secret", 301),
    ("/.%2e/secret", 301),
    ("/%2e%2e%2fsecret", 404),
    ("/..%2fsecret", 404),
    ("/sub%2findex.html", 404),
    ("/sub%2f..%2f..%2fsecret", 404),
    ("/%2fetc%2fpasswd", 404),
    ("//", 301),
    ("//etc/passwd", 301),
    ("///etc/passwd", 301),
    ("//sub", 301),
    ("/sub//index.html", 301),
    ("/sub//", 301),
    ("/..\\secret", 404),
    ("\\..\\secret", 400),
    ("/..%5csecret", 404),
    ("/sub\\..\\..\\secret", 404),
    ("/%252e%252e/secret", 404),
    ("/%252fetc%252fpasswd", 404),
    ("/..%c0%afsecret", 404),
    ("/%c0%ae%c0%ae/secret", 404),
    ("/%e0%80%ae%e0%80%ae/secret", 404),
    ("/%u002e%u002e/secret", 400),
    ("/index.html%00", 404),
    ("/%00", 404),
    ("/index.html%00.png", 404),
    ("/etc/passwd", 404),
    ("/etc/", 404),
    ("/passwd", 404),
    ("/upwards", 404),
    ("/absolute.html", 404),
    ("/magic/etc/passwd", 404),
    ("/loop", 404),
    ("/pipe", 404),
    ("/.htaccess", 404),
    ("/%2ehtaccess", 404),
    ("/.git/config", 404),
    ("/.git/", 404),
    ("/%", 400),
    ("/%4", 400),
    ("/%zz", 400),
    ("/index.html%", 400),
    ("/a#b", 400),
    ("*", 400),
    ("index.html", 400),
    ("file:///etc/passwd", 400),
    ("https://node3/", 400),
    ("http://node3//etc/passwd", 301),
    ("http://node3/../secret", 301),
];

#[test]
fn nothing_gets_out() {
    let server = Server::start();
    for (target, status) in CORPUS {
        let answer = server.client().get(target);
        assert_eq!(answer.status, *status, "{target}");
        if let Some(location) = answer.field("Location") {
            assert!(location.starts_with('/') && !location.starts_with("//"), "another host: {location}");
            let after = server.client().get(location);
            assert!(!after.text().contains("secret") && !after.text().contains("root:"), "{target} -> {location}");
        }
        assert!(!answer.text().contains("secret") && !answer.text().contains("root:"), "{target}");
    }
}

#[test]
fn names_may_not_be_longer_than_the_kernel_s() {
    let server = Server::start();
    let mut client = server.client();
    assert_eq!(client.get(&format!("/{}", "a".repeat(256))).status, 404);
    assert_eq!(client.get(&format!("/{}", "a/".repeat(3000))).status, 404);
    assert_eq!(client.get(&format!("/{}", "%2e%2e/".repeat(1000))).status, 301);
    assert_eq!(client.get(&format!("/{}", "a".repeat(17_000))).status, 414);
}

#[test]
fn raw_bytes_are_no_request() {
    let server = Server::start();
    for bytes in
        [&b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"[..], b"GET /\x01 HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0"]
    {
        let mut client = server.client();
        client.send(bytes);
        assert_eq!(client.answer(false).status, 400);
        assert!(client.is_closed());
    }
}
