//! Downloads from good and bad mirrors.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::super::Progress;
use super::super::cache::Cache;
use super::super::download::{Content, DownloadError, Downloader};
use super::Silent;
use super::server::{File, Server};

const PATH: &str = "/debian/pool/a.deb";

struct Case {
    server: Server,
    cache: Cache,
    folder: tempfile::TempDir,
    content: Vec<u8>,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        Self { server: Server::start(), cache: Cache::new(folder.path()), folder, content }
    }

    fn expected(&self) -> Content {
        Content::of(&self.content)
    }

    fn url(&self) -> String {
        format!("{}{PATH}", self.server.url)
    }

    fn fetch(&self) -> Result<PathBuf, DownloadError> {
        self.fetch_from(&self.url())
    }

    fn fetch_from(&self, url: &str) -> Result<PathBuf, DownloadError> {
        Downloader::new(3, Duration::from_millis(1)).fetch(url, self.expected(), &self.cache, &Silent)
    }

    fn refusal(&self) -> String {
        self.fetch().expect_err("must fail").to_string().replace(&self.server.url, "http://M")
    }

    fn partial(&self) -> PathBuf {
        self.folder.path().join("partial").join(self.expected().sha256.to_string())
    }
}

#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Progress for Counter {
    fn begin(&self, _what: &str, _total_bytes: u64) {}
    fn advance(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
    fn done(&self) {}
}

#[test]
fn a_file_is_fetched_once() {
    let case = Case::new();
    case.server.put(PATH, &case.content);
    let path = case.fetch().expect("served");
    assert_eq!(std::fs::read(&path).expect("there"), case.content);
    assert!(!case.partial().exists());
    assert_eq!(case.fetch().expect("cached"), path);
    assert_eq!(case.server.requests(), [PATH]);
}

#[test]
fn a_broken_connection_is_resumed_and_bytes_count_once() {
    let case = Case::new();
    case.server.put_file(PATH, File { content: case.content.clone(), dies_after: Some(700_000), ..File::default() });
    let counter = Counter::default();
    Downloader::new(3, Duration::from_millis(1))
        .fetch(&case.url(), case.expected(), &case.cache, &counter)
        .expect("served in two parts");
    let requests = case.server.requests();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(first, PATH);
    assert!(second.starts_with(&format!("{PATH} bytes=")), "{second}");
    assert_eq!(counter.0.into_inner(), case.expected().size);
}

#[test]
fn the_beginning_that_a_killed_build_left_is_used() {
    let case = Case::new();
    case.server.put(PATH, &case.content);
    std::fs::create_dir_all(case.partial().parent().expect("folder")).expect("writable");
    std::fs::write(case.partial(), &case.content[..1000]).expect("writable");
    case.fetch().expect("served");
    assert_eq!(case.server.requests(), [format!("{PATH} bytes=1000-")]);
}

#[test]
fn a_spoilt_beginning_and_a_mirror_without_ranges_do_not_matter() {
    let case = Case::new();
    std::fs::create_dir_all(case.partial().parent().expect("folder")).expect("writable");
    case.server.put(PATH, &case.content);
    std::fs::write(case.partial(), b"spoilt").expect("writable");
    case.fetch().expect("begun anew");
    assert_eq!(case.server.requests(), [format!("{PATH} bytes=6-"), PATH.to_owned()]);

    let case = Case::new();
    std::fs::create_dir_all(case.partial().parent().expect("folder")).expect("writable");
    std::fs::write(case.partial(), &case.content[..1000]).expect("writable");
    case.server.put_file(PATH, File { content: case.content.clone(), no_ranges: true, ..File::default() });
    case.fetch().expect("served whole");
}

#[test]
fn a_lying_mirror_is_found_out() {
    let case = Case::new();
    let lie = vec![7; 10];
    case.server.put(PATH, &lie);
    assert_eq!(
        case.refusal(),
        format!(
            "http://M{PATH} is not what it should be: expected {}, got {}; name another mirror with --mirror",
            case.expected(),
            Content::of(&lie)
        )
    );
    assert!(!case.cache.path(case.expected().sha256).exists());
    // The next mirror is not asked to go on from the lie.
    case.server.requests();
    case.server.put(PATH, &case.content);
    case.fetch().expect("honest now");
    assert_eq!(case.server.requests(), [PATH]);
}

#[test]
fn missing_refused_and_dead_are_told_apart() {
    let case = Case::new();
    assert_eq!(case.refusal(), format!("http://M{PATH} is not there (404)"));
    assert!(!case.partial().exists());
    case.server.put_file(PATH, File { status: Some(503), ..File::default() });
    assert_eq!(
        case.refusal(),
        format!("http://M{PATH}: the mirror answered 503; try again, or name another with --mirror")
    );
    // A port that nobody listens on any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr().expect("bound").port();
    let dead = case.fetch_from(&format!("http://localhost:{port}/debian/a")).expect_err("dead");
    assert_eq!(
        dead.to_string(),
        format!(
            "mirror `localhost:{port}` does not answer: connection refused; name another with --mirror or BRAMBLE_MIRROR"
        )
    );
}

#[test]
fn a_full_disk_is_said_with_its_path() {
    let case = Case::new();
    case.server.put(PATH, &case.content);
    std::fs::create_dir_all(case.partial().parent().expect("folder")).expect("writable");
    // Linux's own full disk in the place of the file.
    std::os::unix::fs::symlink("/dev/full", case.partial()).expect("writable");
    let message = case.fetch().expect_err("full").to_string();
    let path = case.partial().display().to_string();
    assert_eq!(message, format!("no space left for {path}; free some, or name another cache folder"));
}

#[test]
fn small_files_have_a_limit() {
    let case = Case::new();
    case.server.put("/InRelease", b"0123456789");
    let download = Downloader::new(1, Duration::ZERO);
    let url = format!("{}/InRelease", case.server.url);
    assert_eq!(download.get(&url, 10).expect("short enough"), b"0123456789");
    assert_eq!(
        download.get(&url, 9).expect_err("too long").to_string(),
        format!("{url} has more than 9 bytes, too many for what it should be")
    );
}
