//! Locks from a tiny signed archive, and builds from them while the mirror moves on.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::super::cache::Cache;
use super::super::download::{Content, Downloader};
use super::super::fetch::{FetchError, Policy, fetch, obtain};
use super::super::hash::Sha256;
use super::super::indices::Wishes;
use super::super::lock::Lock;
use super::super::mirror::Mirrors;
use super::super::relock;
use super::super::sets::Request;
use super::super::signature::tests::{PUBLIC, SECRET, sign};
use super::super::{Access, ArchiveError};
use super::Silent;
use super::server::Server;
use crate::config::{Architecture, Pins, System};

pub(super) const SIGNED: u32 = 1_750_000_000;

/// A mirror, a snapshot archive, and a build's folders.
pub(super) struct Case {
    pub(super) mirror: Server,
    snapshot: Server,
    pub(super) system: System,
    pub(super) folder: tempfile::TempDir,
}

/// Name, version, further fields.
pub(super) type Stanza = (&'static str, &'static str, &'static str);

const ONE: [Stanza; 3] =
    [("base", "1", "Essential: yes\n"), ("app", "1.0+b1", "Depends: lib (>= 1)\n"), ("lib", "1", "")];

impl Case {
    pub(super) fn new() -> Self {
        let (mirror, snapshot) = (Server::start(), Server::start());
        let folder = tempfile::tempdir().expect("temporary folder");
        fs::write(folder.path().join("test.asc"), PUBLIC).expect("writable");
        let mut system: System = toml::from_str(&format!(
            r#"
            description = "test"
            mirror = "{}/debian"
            snapshot = "{}/archive/debian/{{time}}/"
            keyring = "test.asc"
            architectures = ["armhf"]
            suites = [{{ name = "trixie" }}, {{ name = "trixie-security", mirror = "debian-security", optional = true }},
                {{ name = "backports", on_request = true, optional = true }}]
            components = ["main"]
            packages = []
            "#,
            mirror.url, snapshot.url
        ))
        .expect("valid");
        system.name = "trixie".to_owned();
        let case = Self { mirror, snapshot, system, folder };
        case.publish("debian", "trixie", &ONE);
        case.publish("debian-security", "trixie-security", &[]);
        case
    }

    /// Makes this the state of a suite: packages, index and signed release.
    pub(super) fn publish(&self, archive: &str, suite: &str, stanzas: &[Stanza]) {
        self.publish_at("Date: Sun, 15 Jun 2025 15:06:40 UTC", archive, suite, stanzas);
    }

    /// As [`Case::publish`], with the lines of the release that say when.
    fn publish_at(&self, times: &str, archive: &str, suite: &str, stanzas: &[Stanza]) {
        let mut index = String::new();
        for (name, version, fields) in stanzas {
            let content = deb(name, version);
            let Content { size, sha256 } = Content::of(&content);
            let path = pool(name, version);
            index += &format!(
                "Package: {name}\nVersion: {version}\nArchitecture: armhf\n{fields}Filename: {path}\nSize: {size}\n\
                 SHA256: {sha256}\n\n"
            );
            self.mirror.put(&format!("/{archive}/{path}"), &content);
        }
        let mut packed = liblzma::write::XzEncoder::new(Vec::new(), 1);
        packed.write_all(index.as_bytes()).expect("in memory");
        let packed = packed.finish().expect("in memory");
        let listed = Content::of(&packed);
        self.mirror
            .put(&format!("/{archive}/dists/{suite}/main/binary-armhf/by-hash/SHA256/{}", listed.sha256), &packed);
        self.mirror.put(&format!("/{archive}/dists/{suite}/main/binary-armhf/Packages.xz"), &packed);
        let release = format!(
            "Suite: x\nCodename: {suite}\n{times}\nAcquire-By-Hash: yes\nSHA256:\n \
             {} {} main/binary-armhf/Packages.xz\n",
            listed.sha256, listed.size
        );
        self.mirror.put(&format!("/{archive}/dists/{suite}/InRelease"), sign(&release, SECRET, SIGNED).as_bytes());
    }

    pub(super) fn with<T>(&self, run: impl FnOnce(&Access<'_>, &Path) -> T) -> T {
        let mirrors = Mirrors::choose(&self.system, None, None, Path::new("/nowhere")).expect("valid");
        let download = Downloader::new(2, Duration::from_millis(1));
        let cache = Cache::new(self.folder.path().join("cache"));
        let now = i64::from(SIGNED);
        let access = Access { mirrors: &mirrors, download: &download, cache: &cache, progress: &Silent, now };
        run(&access, self.folder.path())
    }

    pub(super) fn lock(&self, without: &[&str]) -> Result<Lock, ArchiveError> {
        self.lock_for(&["app"], without)
    }

    /// A lock for bases that ask for one package each.
    fn lock_for(&self, bases: &[&str], without: &[&str]) -> Result<Lock, ArchiveError> {
        let without: Vec<_> = without.iter().map(|suite| (*suite).to_owned()).collect();
        let wishes = Wishes { without_suites: &without, since: &[] };
        let request = |base: &&str| Request { roots: vec![(*base).to_owned()], pins: Pins::default(), needed: true };
        let requests: Vec<Request> = bases.iter().map(request).collect();
        self.with(|access, folder| relock::lock(access, &self.system, folder, Architecture::Armhf, &requests, wishes))
    }

    fn refusal(&self, without: &[&str]) -> String {
        self.message(&self.lock(without).expect_err("must fail"))
    }

    pub(super) fn message(&self, error: &ArchiveError) -> String {
        let strip = |server: &Server| server.url.trim_start_matches("http://").to_owned();
        error.to_string().replace(&strip(&self.mirror), "MIRROR").replace(&strip(&self.snapshot), "SNAPSHOT")
    }

    fn obtain(&self, lock: &Lock, policy: Policy) -> Result<super::super::Obtained, ArchiveError> {
        self.obtain_for("app", lock, policy)
    }

    fn obtain_for(&self, base: &str, lock: &Lock, policy: Policy) -> Result<super::super::Obtained, ArchiveError> {
        self.with(|access, folder| obtain(access, &self.system, folder, lock, &[base], &Pins::default(), policy))
    }
}

fn deb(name: &str, version: &str) -> Vec<u8> {
    format!("the file of {name} {version}").into_bytes()
}

pub(super) fn pool(name: &str, version: &str) -> String {
    format!("pool/main/{name}_{version}_armhf.deb")
}

pub(super) fn versions(lock: &Lock) -> Vec<String> {
    lock.packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

#[test]
fn a_lock_says_what_the_signed_indices_say() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    assert_eq!(versions(&lock), ["app 1.0+b1", "base 1", "lib 1"]);
    assert_eq!(lock.epoch, 1_750_000_000);
    assert_eq!(lock.roots, ["app"]);
    let suites: Vec<_> = lock.suites.iter().map(|suite| (suite.name.as_str(), suite.mirror.as_deref())).collect();
    assert_eq!(suites, [("trixie", None), ("trixie-security", Some("debian-security"))]);
    let app = &lock.packages[0];
    assert_eq!(
        (app.filename.as_str(), app.sha256),
        (pool("app", "1.0+b1").as_str(), Sha256::of(&deb("app", "1.0+b1")))
    );
    assert_eq!(app.depends, ["lib"]);
    assert_eq!(case.lock(&[]).expect("consistent"), lock);
    let path = case.folder.path().join("l");
    lock.write(&path).expect("writable");
    assert!(!fs::read_to_string(&path).expect("text").contains("127.0.0.1"), "the mirror's name must not be locked");
}

#[test]
fn a_newer_version_in_another_suite_is_taken_from_there() {
    let case = Case::new();
    case.publish("debian-security", "trixie-security", &[("lib", "1+deb13u1", "")]);
    let lock = case.lock(&[]).expect("consistent");
    assert_eq!(versions(&lock), ["app 1.0+b1", "base 1", "lib 1+deb13u1"]);
    assert_eq!(case.obtain(&lock, Policy::Locked).expect("served from its own path").packages.len(), 3);
}

#[test]
fn an_inconsistent_suite_stops_until_it_is_left_out() {
    let case = Case::new();
    let folder = "/debian-security/dists/trixie-security/main/binary-armhf";
    case.publish("debian-security", "trixie-security", &[("lib", "2", "")]);
    let requests = {
        case.mirror.requests();
        case.lock(&[]).expect("consistent");
        case.mirror.requests()
    };
    let by_hash = requests.iter().find(|path| path.starts_with(folder)).expect("asked by hash").clone();
    let expected = by_hash.rsplit('/').next().expect("a sum").to_owned();
    let _ = fs::remove_dir_all(case.folder.path().join("cache"));

    case.mirror.remove(&by_hash);
    case.mirror.put(&format!("{folder}/Packages.xz"), b"another state");
    let message = case.refusal(&[]);
    let (head, tail) = message.split_once(" bytes with sha256 ").expect("names the size");
    let head = head.trim_end_matches(|digit: char| digit.is_ascii_digit());
    assert_eq!(
        head,
        "suite `trixie-security` is inconsistent on mirror `MIRROR`: its signed InRelease names \
         main/binary-armhf/Packages.xz with "
    );
    assert_eq!(
        tail,
        format!(
            "{expected}, but the mirror serves {}; try again later or with another --mirror, \
             or leave the suite out: `bramble lock --without-suite trixie-security`",
            Content::of(b"another state")
        )
    );
    case.mirror.remove(&format!("{folder}/Packages.xz"));
    let message = case.refusal(&[]);
    assert!(message.contains("but the mirror serves nothing there (404); try again later"), "{message}");

    let lock = case.lock(&["trixie-security"]).expect("left out");
    assert_eq!(versions(&lock), ["app 1.0+b1", "base 1", "lib 1"]);
    assert_eq!(lock.without_suites, ["trixie-security"]);
    assert_eq!(
        case.refusal(&["trixie"]),
        "suite `trixie` cannot be left out: the system file does not call it optional"
    );
    assert_eq!(
        case.refusal(&["sid"]),
        "the system has no suite `sid` to leave out; it has trixie, trixie-security, backports"
    );
}

#[test]
fn unsigned_changes_and_other_suites_are_refused() {
    let case = Case::new();
    let release = "Suite: x\nCodename: bookworm\nDate: Sun, 15 Jun 2025 15:06:40 UTC\nSHA256:\n";
    let signed = sign(release, SECRET, SIGNED);
    case.mirror.put("/debian/dists/trixie/InRelease", signed.as_bytes());
    assert_eq!(
        case.refusal(&[]),
        "http://MIRROR/debian/dists/trixie/InRelease is of suite `x` (bookworm), not of `trixie`; \
         the mirror serves the wrong suite"
    );
    case.mirror.put("/debian/dists/trixie/InRelease", signed.replace("bookworm", "trixie").as_bytes());
    let message = case.refusal(&[]);
    assert!(message.starts_with("http://MIRROR/debian/dists/trixie/InRelease signature of key "), "{message}");
    assert!(message.ends_with(" does not fit the text; it was changed after it was signed"), "{message}");
}

#[test]
fn packages_come_in_order_and_once() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    let packages = lock.closure(&["app"]).expect("locked");
    let paths = case.with(|access, _| fetch(access, &lock, &packages)).expect("served");
    for (package, path) in packages.iter().zip(&paths) {
        assert_eq!(fs::read(path).expect("there"), deb(&package.name, &package.version));
    }
    case.mirror.requests();
    case.with(|access, _| fetch(access, &lock, &packages)).expect("cached");
    assert!(case.mirror.requests().is_empty());
}

#[test]
fn what_left_the_mirror_comes_from_the_snapshot_archive() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    let path = pool("app", "1.0+b1");
    case.mirror.remove(&format!("/debian/{path}"));
    // Came with the update itself: in the state after it.
    case.snapshot.put(&format!("/archive/debian/20250616T150640Z/{path}"), &deb("app", "1.0+b1"));
    let obtained = case.obtain(&lock, Policy::Locked).expect("found");
    assert_eq!(obtained.relocked, None);
    assert_eq!(obtained.packages.len(), 3);
    assert_eq!(
        case.snapshot.requests(),
        [format!("/archive/debian/20250615T150640Z/{path}"), format!("/archive/debian/20250616T150640Z/{path}")]
    );
}

#[test]
fn what_is_gone_is_locked_anew_unless_the_lock_is_insisted_on() {
    let case = Case::new();
    case.publish("debian", "trixie", &[ONE[0], ONE[1], ("lib", "1", ""), ("lib", "2", "")]);
    let without = case.lock(&["trixie-security"]).expect("left out");
    assert_eq!(versions(&without), ["app 1.0+b1", "base 1", "lib 2"]);

    // A point release: app is dropped for a newer one, base has a newer one beside the old.
    case.publish(
        "debian",
        "trixie",
        &[ONE[0], ("base", "2", "Essential: yes\n"), ("app", "1.1", "Depends: new\n"), ("new", "1", "")],
    );
    case.mirror.remove(&format!("/debian/{}", pool("app", "1.0+b1")));
    let refused = case.obtain(&without, Policy::Locked).expect_err("insisted on");
    let path = pool("app", "1.0+b1").replace('+', "%2B");
    assert_eq!(
        case.message(&refused),
        format!(
            "the mirror has dropped app 1.0+b1 and the snapshot archive does not help \
             (http://SNAPSHOT/archive/debian/20250616T150640Z/{path} is not there (404)); run `bramble lock`"
        )
    );
    assert!(matches!(refused, ArchiveError::Fetch(FetchError::Gone { packages, .. }) if packages.len() == 1));

    let obtained = case.obtain(&without, Policy::Relock).expect("locked anew");
    let (lock, changes) = obtained.relocked.expect("changed");
    assert_eq!(versions(&lock), ["app 1.1", "base 1", "new 1"]);
    assert_eq!(lock.without_suites, ["trixie-security"]);
    let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["app 1.0+b1 → 1.1", "lib 2 (no longer needed)", "new 1 (new)"]);
    let names: Vec<_> = obtained.packages.iter().map(|(package, _)| package.name.as_str()).collect();
    assert_eq!(names, ["app", "base", "new"]);
}

#[test]
fn bases_whose_packages_refuse_each_other_share_a_lock() {
    let case = Case::new();
    let other = ("other", "1", "Depends: lib\nConflicts: app\n");
    case.publish("debian", "trixie", &[ONE[0], ONE[1], ONE[2], other]);
    let lock = case.lock_for(&["app", "other"], &[]).expect("on different nodes");
    assert_eq!(versions(&lock), ["app 1.0+b1", "base 1", "lib 1", "other 1"]);
    let installed = |base: &str, lock: &Lock, policy: Policy| {
        let obtained = case.obtain_for(base, lock, policy).expect("served");
        let names = obtained.packages.iter().map(|(package, _)| format!("{} {}", package.name, package.version));
        (names.collect::<Vec<_>>().join(", "), obtained.relocked)
    };
    assert_eq!(installed("app", &lock, Policy::Locked), ("app 1.0+b1, base 1, lib 1".to_owned(), None));
    assert_eq!(installed("other", &lock, Policy::Locked), ("base 1, lib 1, other 1".to_owned(), None));

    // What one base lacks is locked anew for all, and they stay apart.
    let newer = ("other", "2", "Depends: lib, more\nConflicts: app\n");
    case.publish("debian", "trixie", &[ONE[0], ("app", "1.1", "Depends: lib\n"), ONE[2], ("more", "1", ""), newer]);
    case.mirror.remove(&format!("/debian/{}", pool("other", "1")));
    fs::remove_dir_all(case.folder.path().join("cache")).expect("what was fetched before");
    let (names, relocked) = installed("other", &lock, Policy::Relock);
    assert_eq!(names, "base 1, lib 1, more 1, other 2");
    let (new, _) = relocked.expect("changed");
    assert_eq!(new.sets.len(), 2);
    assert_eq!(installed("app", &new, Policy::Locked).0, "app 1.1, base 1, lib 1");
}

#[test]
fn an_archive_that_went_back_in_time_is_refused_by_name() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    let older: [Stanza; 3] = [ONE[0], ("app", "0.9", "Depends: lib (>= 1)\n"), ONE[2]];
    case.publish_at("Date: Sat, 14 Jun 2025 15:06:40 UTC", "debian", "trixie", &older);
    case.mirror.remove(&format!("/debian/{}", pool("app", "1.0+b1")));
    assert_eq!(
        case.message(&case.obtain(&lock, Policy::Relock).expect_err("rolled back")),
        "suite `trixie` on mirror `MIRROR` is of 2025-06-14T15:06:40Z, and the lock has it of 2025-06-15T15:06:40Z: the \
         mirror is stale, or somebody rolled it back; name another mirror with --mirror, or say \
         `bramble lock --allow-older` if that is meant"
    );
    // Whoever means it gets it.
    assert_eq!(versions(&case.lock(&[]).expect("allowed")), ["app 0.9", "base 1", "lib 1"]);
}

#[test]
fn a_build_takes_no_expired_archive() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    let times = "Date: Sun, 15 Jun 2025 15:06:40 UTC\nValid-Until: Sun, 15 Jun 2025 15:06:39 UTC";
    case.publish_at(times, "debian", "trixie", &[ONE[0], ("app", "1.1", ""), ONE[2]]);
    case.mirror.remove(&format!("/debian/{}", pool("app", "1.0+b1")));
    let message = case.message(&case.obtain(&lock, Policy::Relock).expect_err("expired"));
    assert!(message.ends_with("was valid until 2025-06-15T15:06:39Z only; the mirror is stale"), "{message}");
}

#[test]
fn a_wrong_package_stops_the_build_by_name() {
    let case = Case::new();
    let lock = case.lock(&[]).expect("consistent");
    case.mirror.put(&format!("/debian/{}", pool("lib", "1")), b"a lie");
    let message = case.message(&case.obtain(&lock, Policy::Relock).expect_err("a lie"));
    assert_eq!(
        message,
        format!(
            "package lib: http://MIRROR/debian/pool/main/lib_1_armhf.deb is not what it should be: \
             expected {}, got {}; name another mirror with --mirror",
            Content::of(&deb("lib", "1")),
            Content::of(b"a lie")
        )
    );
}
