//! Many sites on one server.

use std::fs;

use crate::server::Server;

const ALIASES: &str = "[aliases]\n\"one.example\" = [\"www.one.example\", \"uno.example\"]\n";

#[test]
fn the_host_decides_about_the_site() {
    let server = Server::configured(ALIASES);
    let mut client = server.client();
    for (host, text) in [
        ("one.example", "one.example"),
        ("ONE.example:8080", "one.example"),
        ("one.example.", "one.example"),
        ("www.one.example", "one.example"),
        ("Uno.Example", "one.example"),
        ("two.example", "two.example"),
        ("three.example", "<h1>hello</h1>\n"),
        ("[::1]:80", "<h1>hello</h1>\n"),
        ("", "<h1>hello</h1>\n"),
        ("..", "<h1>hello</h1>\n"),
        ("site", "<h1>hello</h1>\n"),
    ] {
        assert_eq!(client.ask_host(host, "GET", "/", "").text(), text, "{host}");
    }
    assert_eq!(client.ask_host("two.example", "GET", "/sub/style.css", "").status, 404, "another site's file");
    assert_eq!(client.ask_host("two.example", "GET", "http://one.example/", "").text(), "one.example");
}

#[test]
fn what_is_no_host_is_a_bad_request() {
    let server = Server::start();
    for host in ["a b", "../site", "a/b", "a@one.example", "one.example:x", "[::1", "one.example,two.example/"] {
        let answer = server.client().ask_host(host, "GET", "/", "");
        assert_eq!(answer.status, 400, "{host}");
    }
}

#[test]
fn each_site_has_its_own_error_page() {
    let server = Server::start();
    fs::write(server.dir.path().join("sites/one.example/404.html"), "not in one").expect("a file");
    let mut client = server.client();
    assert_eq!(client.ask_host("one.example", "GET", "/x", "").text(), "not in one");
    assert_eq!(client.ask_host("two.example", "GET", "/x", "").text(), "404 Not Found\n");
}

#[test]
fn hangup_finds_new_sites() {
    let mut server = Server::configured("");
    let mut client = server.client();
    assert_eq!(client.ask_host("three.example", "GET", "/", "").text(), "<h1>hello</h1>\n");
    fs::create_dir(server.dir.path().join("sites/three.example")).expect("a folder");
    fs::write(server.dir.path().join("sites/three.example/index.html"), "three").expect("a file");
    server.reconfigure(ALIASES);
    assert_eq!(client.ask_host("three.example", "GET", "/", "").text(), "three");
    assert_eq!(client.ask_host("www.one.example", "GET", "/", "").text(), "one.example");
}

#[test]
fn a_wrong_configuration_is_told_and_the_old_one_stays() {
    let mut server = Server::configured(ALIASES);
    let mut client = server.client();
    let file = server.dir.path().join("worker.toml");
    fs::write(&file, "port = 80\n").expect("a file");
    let output = crate::server::worker().arg("--config").arg(&file).output().expect("the worker starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown field `port`"));
    assert_eq!(client.ask_host("uno.example", "GET", "/", "").text(), "one.example");
    server.reconfigure("");
    assert_eq!(client.ask_host("uno.example", "GET", "/", "").text(), "<h1>hello</h1>\n");
}
