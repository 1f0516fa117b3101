//! Requests nobody would write: a corpus, mutated without end and always the same way.
//!
//! Each case goes the way of bytes from a socket, through the parser, the path mapper and the files of a real folder
//! with secrets around it, without the socket. `BRAMBLE_FUZZ_CASES` says how many (`make fuzz`: ten million) and
//! `BRAMBLE_FUZZ_SEED` where to begin. What a case may not do: panic, take long, or answer with a byte that is neither
//! the server's own text nor of the site.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bramble_worker::answer::{self, Desk, Peer};
use bramble_worker::arguments::ServeOptions;
use bramble_worker::counters::Registry;
use bramble_worker::hashes::Hashes;
use bramble_worker::probe::Probe;
use bramble_worker::proxy;
use bramble_worker::representation::Content;
use bramble_worker::request::{self, LONGEST_HEAD, Parsed};
use bramble_worker::settings::Settings;
use bramble_worker::shared::Shared;

/// Cases of an ordinary test run: seconds, not minutes.
const CASES: u64 = 200_000;

/// The longest that one case may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(2);

/// What a file outside of the site holds, and no file inside.
const SECRET: &[u8] = b"SECRET";

/// What every file of the site holds.
const PUBLIC: &[u8] = b"public";

/// Words that change the meaning of what they are put into.
const WORDS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    "%",
    "%2e",
    "%2f",
    "%00",
    "%5c",
    "..",
    "/../",
    "/./",
    "//",
    "\\",
    "/",
    "?",
    "#",
    "*",
    "HTTP/1.1",
    "HTTP/1.0",
    "GET ",
    "HEAD ",
    "OPTIONS ",
    "POST ",
    "http://",
    "Host: ",
    "Host: one.example\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Range: bytes=0-1,-1\r\n",
    "If-Range: *\r\n",
    "If-None-Match: \"",
    "If-Match: *\r\n",
    "Accept-Encoding: br;q=0.5,*\r\n",
    "X-Forwarded-For: 1.2.3.4\r\n",
    "index.html",
    "sub/",
    "secret",
    "etc/passwd",
    "out",
    ".git",
    "404.html",
    "18446744073709551615",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "\r\n\r\n\0\r\nQUIT\n",
    "é",
    "\u{ff}",
];

/// xorshift64*: the same cases on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits") % limit.max(1)
    }
}

fn mutate(case: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(case.len() + 1);
        let end = (at + random.below(16)).min(case.len());
        match random.below(8) {
            0 if at < case.len() => case[at] = u8::try_from(random.below(256)).expect("a byte"),
            1 if at < case.len() => case[at] ^= 1 << random.below(8),
            2 => drop(case.drain(at..end)),
            3 => case.extend_from_within(at..end),
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                case.splice(at..end, other[from..].iter().copied());
            }
            5 if at < end => {
                let piece = case[at..end].to_vec();
                case.splice(at..at, piece.repeat(1 + random.below(20)));
            }
            _ => drop(case.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
        }
    }
    // More than a connection ever holds need not be tried.
    case.truncate(LONGEST_HEAD);
}

/// A site with everything that could lead out of it.
fn world(dir: &Path) -> ServeOptions {
    let site = dir.join("site");
    let other = dir.join("sites/one.example");
    for folder in [site.join("sub"), site.join(".git"), other.clone()] {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in ["index.html", "404.html", "sub/index.html", "sub/a.css", "sub/a.css.br", "a b"] {
        fs::write(site.join(file), PUBLIC.repeat(if file.ends_with(".br") { 1 } else { 3 })).expect("a file");
    }
    fs::write(other.join("index.html"), PUBLIC).expect("a file");
    for file in [dir.join("secret"), site.join(".git/config"), site.join(".htaccess"), dir.join("sites/secret")] {
        fs::write(file, SECRET).expect("a file");
    }
    for (to, name) in
        [("../secret", "out"), ("/etc", "etc"), ("..", "sub/up"), ("/proc/self/root", "magic"), ("a b", "in")]
    {
        symlink(to, site.join(name)).expect("a link");
    }
    ServeOptions { root: site, sites: Some(dir.join("sites")), ..ServeOptions::default() }
}

fn desk(options: &ServeOptions) -> Desk {
    let registry = Registry::default();
    let hashes = Arc::new(Hashes::start().expect("a thread"));
    let settings = Settings::read(options, hashes, &registry).expect("settings");
    let shared = Shared::new(settings, registry, 64, Probe::start(options.root.clone()).expect("a thread"));
    Desk::new(shared.settings(), &shared, 0, 1, Instant::now())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Answers one case as a connection would and checks each answer.
fn check(case: &[u8], desk: &mut Desk, out: &mut Vec<u8>, seen: &mut BTreeMap<String, u64>) {
    let peer = Peer { address: IpAddr::from([192, 0, 2, 1]), is_balancer: case.len().is_multiple_of(2) };
    let mut input = match proxy::parse(case) {
        proxy::Header::Complete { length, .. } => &case[length..],
        _ => case,
    }
    .to_vec();
    loop {
        out.clear();
        let (taken, answer) = match request::parse(&input) {
            Parsed::Incomplete => return,
            Parsed::Request(request) => {
                assert!(request.length > 0 && request.length <= input.len(), "a request of its bytes");
                (request.length, answer::answer(&request, peer, desk, out))
            }
            Parsed::Newer(place) => {
                input[place] = b'1';
                continue;
            }
            Parsed::Refused(status) => (input.len(), answer::refuse(status, &input, peer, desk, out)),
        };
        if let Some(ready) = answer.body.as_ref().and_then(|body| body.head.as_ref()) {
            assert!(out.is_empty(), "two heads");
            out.extend_from_slice(ready);
        }
        let end = out.windows(4).position(|end| end == b"\r\n\r\n").expect("an end of the head");
        let head = std::str::from_utf8(&out[..end]).expect("text");
        *seen.entry(head[9..12].to_owned()).or_default() += 1;
        assert!(head.starts_with("HTTP/1.1 ") && head.contains("\r\nX-Served-By: "), "{head}");
        for line in head.split("\r\n").skip(1) {
            assert!(line.contains(": ") && !line.contains(['\r', '\n', '\0']), "an answer split by {line:?}");
        }
        // The target itself comes back in a redirect; nothing else of the outside may.
        let own = if head.starts_with("HTTP/1.1 301 ") { &out[end..] } else { &out[..] };
        assert!(!contains(own, SECRET), "a secret in {head}");
        if let Some(body) = &answer.body {
            let Content::Memory(bytes) = &body.file.content else { panic!("no file of the site is large") };
            assert!(bytes.chunks(PUBLIC.len()).all(|chunk| chunk == PUBLIC), "bytes of another file: {head}");
            assert!(body.span.start <= body.span.end && body.span.end <= body.file.length());
            let length: u64 = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .expect("a length")
                .parse()
                .expect("a number");
            let rest = &out[end + 4..];
            assert!(rest.chunks(PUBLIC.len()).all(|chunk| chunk == PUBLIC), "bytes of another file: {head}");
            assert_eq!(Ok(length - body.length()), u64::try_from(rest.len()), "{head}");
        }
        if answer.close {
            return;
        }
        input.drain(..taken);
    }
}

#[test]
fn nothing_breaks_and_nothing_leaks() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().expect(name));
    let cases = number("BRAMBLE_FUZZ_CASES").unwrap_or(CASES);
    let mut random = Random(number("BRAMBLE_FUZZ_SEED").unwrap_or(1).max(1));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    let corpus: Vec<Vec<u8>> = names.iter().map(|path| fs::read(path).expect("a file")).collect();
    assert!(corpus.len() >= 40, "the corpus is there");

    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut desk = desk(&world(dir.path()));
    let (mut out, mut seen) = (Vec::new(), BTreeMap::new());
    for case in &corpus {
        check(case, &mut desk, &mut out, &mut seen);
    }
    let mut case = Vec::new();
    for number in 0..cases {
        case.clear();
        case.extend_from_slice(&corpus[random.below(corpus.len())]);
        mutate(&mut case, &corpus, &mut random);
        let start = Instant::now();
        // The cache is looked through anew now and then, as in a running server.
        desk.now = start;
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&case, &mut desk, &mut out, &mut seen)));
        assert!(
            outcome.is_ok(),
            "case {number} of this seed; add it to fuzz/corpus: {:?}",
            String::from_utf8_lossy(&case)
        );
        assert!(
            start.elapsed() < LONGEST,
            "case {number} took {:?}: {:?}",
            start.elapsed(),
            String::from_utf8_lossy(&case)
        );
    }
    println!("answers by status: {seen:?}");
    // A mutator that breaks every request would find nothing behind the parser.
    for status in ["200", "204", "206", "301", "304", "400", "404", "405", "412", "413", "416", "505"] {
        assert!(seen.get(status).is_some_and(|number| *number >= cases / 20_000), "{status} is rare: {seen:?}");
    }
}
