//! What HTTP offers besides whole files: conditions, codings, error pages, rules for caches.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::server::{LARGE, Server};

fn set_time(server: &Server, name: &str, seconds: u64) {
    let file = File::options().write(true).open(server.path(name)).expect("the file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
}

#[test]
fn conditions_are_kept() {
    let server = Server::start();
    set_time(&server, "index.html", 784_111_777);
    let mut client = server.client();
    let whole = client.get("/");
    let tag = whole.field("ETag").expect("a tag").to_owned();
    assert_eq!(whole.field("Last-Modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    for (fields, status) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        (format!("If-None-Match: \"a\", \"b,c\",W/{tag}\r\n"), 304),
        ("If-None-Match: \"a\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n".to_owned(), 200),
        ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n".to_owned(), 304),
        ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n".to_owned(), 304),
        ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n".to_owned(), 200),
        ("If-Modified-Since: never\r\n".to_owned(), 200),
        (format!("If-Match: {tag}\r\n"), 200),
        (format!("If-Match: W/{tag}\r\n"), 412),
        ("If-Match: *\r\n".to_owned(), 200),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n".to_owned(), 412),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n".to_owned(), 200),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = client.ask(method, "/", &fields);
            assert_eq!(answer.status, status, "{method} {fields}");
            assert_eq!(answer.field("ETag"), Some(tag.as_str()), "{fields}");
            assert_eq!(answer.field("Content-Length").is_none(), status == 304, "{fields}");
        }
    }
    assert_eq!(client.ask("GET", "/missing", "If-None-Match: *\r\n").status, 404);
}

#[test]
fn the_image_s_time_is_no_file_s_time() {
    let server = Server::start();
    let program = fs::metadata(env!("CARGO_BIN_EXE_bramble-worker")).expect("the program").modified().expect("a time");
    let seconds = program.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    set_time(&server, "index.html", seconds);
    set_time(&server, "empty.js", seconds - 1);
    set_time(&server, "medium.bin", 10 * seconds);
    let mut client = server.client();
    assert!(client.get("/empty.js").field("Last-Modified").is_some());
    assert_eq!(client.get("/medium.bin").field("Last-Modified"), None, "the future");
    if std::env::var_os("BRAMBLE_WORKER").is_none() {
        assert_eq!(client.get("/").field("Last-Modified"), None);
    }
}

#[test]
fn large_files_get_a_tag_when_it_is_known() {
    let server = Server::start();
    let mut client = server.client();
    let mut tag = None;
    for _ in 0..50 {
        let answer = client.ask("HEAD", "/large.bin", "");
        assert_eq!(answer.field("Content-Length"), Some(LARGE.to_string().as_str()));
        tag = answer.field("ETag").map(str::to_owned);
        if tag.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let tag = tag.expect("a tag within ten seconds");
    assert_eq!(client.ask("GET", "/large.bin", &format!("If-None-Match: {tag}\r\n")).status, 304);
}

#[test]
fn codings_are_negotiated() {
    let server = Server::start();
    for (name, content) in [("page.html", "plain text of the page"), ("page.html.gz", "gz"), ("page.html.br", "br")] {
        fs::write(server.path(name), content).expect("a file");
    }
    fs::write(server.path("photo.jpg"), "a photograph").expect("a file");
    fs::write(server.path("photo.jpg.gz"), "gz").expect("a file");
    let mut client = server.client();
    for (accept, coding, body) in [
        ("", None, "plain text of the page"),
        ("Accept-Encoding: gzip, deflate, br, zstd\r\n", Some("br"), "br"),
        ("Accept-Encoding: br;q=0.1, gzip;q=0.2\r\n", Some("gzip"), "gz"),
        ("Accept-Encoding: zstd\r\n", None, "plain text of the page"),
        ("Accept-Encoding: br;q=0\r\n", None, "plain text of the page"),
    ] {
        let answer = client.ask("GET", "/page.html", accept);
        assert_eq!((answer.field("Content-Encoding"), answer.text()), (coding, body), "{accept}");
        assert_eq!(answer.field("Vary"), Some("Accept-Encoding"));
        assert_eq!(answer.field("Content-Type"), Some("text/html; charset=utf-8"));
    }
    let plain = client.get("/page.html").field("ETag").map(str::to_owned);
    let coded = client.ask("GET", "/page.html", "Accept-Encoding: br\r\n").field("ETag").map(str::to_owned);
    assert_ne!(plain, coded, "different bytes, different tags");
    let photo = client.ask("GET", "/photo.jpg", "Accept-Encoding: gzip\r\n");
    assert_eq!((photo.field("Vary"), photo.text()), (None, "a photograph"));
    assert_eq!(client.get("/page.html.gz").field("Content-Type"), Some("application/gzip"));
}

#[test]
fn a_site_may_have_its_own_error_pages() {
    let server = Server::start();
    fs::write(server.path("404.html"), "<h1>Nothing here</h1>\n").expect("a file");
    let mut client = server.client();
    for target in ["/missing", "/a/b/c", "/.git/config", "/no-index/"] {
        let answer = client.get(target);
        assert_eq!((answer.status, answer.text()), (404, "<h1>Nothing here</h1>\n"), "{target}");
        assert_eq!(answer.field("Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!((answer.field("ETag"), answer.field("Last-Modified")), (None, None), "an error is nobody's content");
    }
    assert_eq!(client.ask("HEAD", "/missing", "").field("Content-Length"), Some("22"));
    assert_eq!(client.get("/404.html").status, 200);
    assert_eq!(client.get("/").status, 200);
}

#[test]
fn options_tell_what_is_allowed() {
    let server = Server::start();
    let mut client = server.client();
    for target in ["*", "/", "/missing", "/sub/"] {
        let answer = client.ask("OPTIONS", target, "");
        assert_eq!((answer.status, answer.field("Allow")), (204, Some("GET, HEAD, OPTIONS")), "{target}");
        assert_eq!(answer.field("Content-Length"), None, "RFC 9110, 8.6");
    }
    assert_eq!(client.ask("OPTIONS", "nothing", "").status, 400);
    assert_eq!(client.ask("GET", "*", "").status, 400);
}

#[test]
fn rules_for_caches_go_by_path() {
    let server = Server::configured(
        "[[cache]]\npath = \"/sub/*.css\"\ncontrol = \"max-age=60\"\n[[cache]]\npath = \"*.html\"\ncontrol = \"no-cache\"\n",
    );
    let mut client = server.client();
    for (target, control) in [
        ("/", Some("no-cache")),
        ("/sub/", Some("no-cache")),
        ("/sub/style.css", Some("max-age=60")),
        ("/inside.css", None),
        ("/medium.bin", None),
    ] {
        assert_eq!(client.get(target).field("Cache-Control"), control, "{target}");
    }
    let again = client.ask("GET", "/sub/style.css", "If-None-Match: *\r\n");
    assert_eq!((again.status, again.field("Cache-Control")), (304, Some("max-age=60")));
}
