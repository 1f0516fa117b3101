//! Metrics, read as Prometheus reads them.

use std::fs;
use std::io::BufRead;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::client::Client;
use crate::server::Server;

fn start() -> (Server, SocketAddr) {
    let mut server = Server::start_with(&["--metrics", "127.0.0.1:0"], |_| {});
    let mut line = String::new();
    server.stderr.read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("bramble-worker: metrics at ").expect("an address").parse();
    (server, address.expect("an address"))
}

fn page(address: SocketAddr) -> String {
    // What a turn did is counted at its end, which its clients do not wait for.
    std::thread::sleep(Duration::from_millis(50));
    let answer = Client::connect(address).get("/metrics");
    assert_eq!(answer.field("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text().to_owned()
}

fn number(page: &str, name: &str) -> f64 {
    let value = page.lines().filter_map(|line| line.rsplit_once(' ')).find(|(known, _)| *known == name);
    value.unwrap_or_else(|| panic!("no {name} in {page}")).1.parse().expect("a number")
}

#[test]
fn what_happened_is_counted() {
    let (server, address) = start();
    let mut client = server.client();
    for _ in 0..3 {
        client.get("/");
    }
    client.get("/missing");
    client.ask_host("one.example", "GET", "/", "");
    client.get("/large.bin");
    let page = page(address);
    assert_eq!(number(&page, "bramble_requests_total{site=\"default\",code=\"200\"}"), 4.0);
    assert_eq!(number(&page, "bramble_requests_total{site=\"default\",code=\"404\"}"), 1.0);
    assert_eq!(number(&page, "bramble_requests_total{site=\"one.example\",code=\"200\"}"), 1.0);
    assert_eq!(number(&page, "bramble_request_seconds_count"), 6.0);
    assert_eq!(number(&page, "bramble_request_seconds_bucket{le=\"+Inf\"}"), 6.0);
    assert!(number(&page, "bramble_request_seconds_bucket{le=\"1\"}") >= 5.0);
    assert!(number(&page, "bramble_request_seconds_sum") > 0.0);
    assert!(number(&page, "bramble_sent_bytes_total") > 5_000_000.0);
    assert_eq!(number(&page, "bramble_connections"), 1.0);
    assert_eq!(number(&page, "bramble_connections_total"), 1.0);
    assert!(number(&page, "bramble_memory_bytes{kind=\"total\"}") > 1e6);
    let held = fs::read_dir(format!("/proc/{}/fd", server.process.id())).expect("a process").count();
    let told = number(&page, "process_open_fds");
    assert!((told - f64::from(u32::try_from(held).expect("few"))).abs() <= 3.0, "{told} {held}");
    assert!(number(&page, "process_max_fds") >= told);
    let started = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(number(&page, "process_start_time_seconds"));
    assert!(started <= SystemTime::now());
    assert!(number(&page, "process_resident_memory_bytes") > 1e5);
}

#[test]
fn the_page_is_well_formed() {
    let (server, address) = start();
    server.client().get("/");
    let page = page(address);
    let mut family = "";
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().expect("a name");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            assert!(name.starts_with(family), "{line} in {family}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}

#[test]
fn a_switched_site_tells_since_when() {
    let (server, address) = start();
    let since = |page: &str| number(page, "bramble_site_since_seconds{site=\"default\"}");
    let switches = |page: &str| number(page, "bramble_site_switches_total{site=\"default\"}");
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let before = page(address);
    assert!((seconds(SystemTime::now()) - since(&before)).abs() < 20.0);
    assert_eq!(switches(&before), 0.0);
    assert_eq!(switches(&page(address)), 0.0);

    let site = server.path("").components().collect::<PathBuf>();
    let (next, old) = (site.with_file_name("next"), site.with_file_name("old"));
    fs::create_dir(&next).expect("a folder");
    fs::write(next.join("index.html"), "next").expect("a file");
    fs::File::open(&next)
        .and_then(|folder| folder.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)))
        .expect("a time");
    fs::rename(&site, old).expect("renamed");
    fs::rename(&next, &site).expect("renamed");
    // A switch is seen within a second, by the loop that is asked.
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = server.client();
    assert_eq!(client.get("/").text(), "next");
    let after = page(address);
    assert_eq!(switches(&after), 1.0);
    assert_eq!(number(&after, "bramble_site_modified_seconds{site=\"default\"}"), 784_111_777.0);
    assert!(since(&after) > since(&before));
}

#[test]
fn only_the_page_is_there_and_only_for_the_patient() {
    let (server, address) = start();
    assert_eq!(Client::connect(address).get("/").status, 404);
    assert_eq!(Client::connect(address).ask("POST", "/metrics", "").status, 405);
    assert_eq!(server.client().get("/metrics").status, 404, "not on the sites' port");
    let mut silent = Client::connect(address);
    assert!(silent.is_closed());
    assert!(page(address).contains("bramble_requests_total"));
}

#[test]
fn counting_goes_on_over_a_reload() {
    let (mut server, address) = start();
    let mut client = server.client();
    client.get("/");
    server.signal(rustix::process::Signal::HUP);
    assert_eq!(server.said(), "bramble-worker: reloaded\n");
    std::thread::sleep(Duration::from_millis(100));
    client.get("/");
    let reloaded = page(address);
    assert_eq!(number(&reloaded, "bramble_requests_total{site=\"default\",code=\"200\"}"), 2.0);
    assert_eq!(number(&reloaded, "bramble_reloads_total"), 1.0);
    assert_eq!(number(&reloaded, "bramble_config_last_reload_successful"), 1.0);

    fs::rename(server.path(""), server.dir.path().join("gone")).expect("rename");
    server.signal(rustix::process::Signal::HUP);
    assert!(server.said().starts_with("bramble-worker: not reloaded: cannot open the site "));
    let failed = page(address);
    assert_eq!(number(&failed, "bramble_reloads_total"), 1.0);
    assert_eq!(number(&failed, "bramble_config_last_reload_successful"), 0.0);
}
