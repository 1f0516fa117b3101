//! Suites on request, from the signed archive of `locking`.

use std::fs;

use super::super::fetch::{Policy, obtain};
use super::super::indices::Wishes;
use super::super::lock::Lock;
use super::super::sets::Request;
use super::super::signature::tests::{SECRET, sign};
use super::super::{ArchiveError, relock};
use super::locking::{Case, SIGNED, pool, versions};
use crate::config::{Architecture, Pins};

/// A lock for a base that asks for `app` and one that wants `package` of it from backports.
fn lock_from(case: &Case, package: &str, needed: bool, without: &[String]) -> Result<Lock, ArchiveError> {
    let pins: Pins = [("backports", package)].into_iter().collect();
    let request = |pins: Pins, needed| Request { roots: vec!["app".to_owned()], pins, needed };
    let requests = [request(Pins::default(), true), request(pins, needed)];
    let wishes = Wishes { without_suites: without, since: &[] };
    case.with(|access, folder| relock::lock(access, &case.system, folder, Architecture::Armhf, &requests, wishes))
}

#[test]
fn a_suite_on_request_is_read_verified_and_locked_for_who_asks() {
    let case = Case::new();
    let newer = [("app", "2.0", "Depends: lib (>= 2), base\n"), ("lib", "2", ""), ("base", "9", "Essential: yes\n")];
    case.publish("debian", "backports", &newer);
    let plain = case.lock(&[]).expect("consistent");
    assert_eq!(plain.suites.len(), 2, "nobody asked for the third");

    let lock = lock_from(&case, "app", true, &[]).expect("consistent");
    assert_eq!(versions(&lock), ["app 1.0+b1", "app 2.0", "base 1", "lib 1", "lib 2"]);
    let path = case.folder.path().join("l");
    lock.write(&path).expect("writable");
    assert_eq!(Lock::read(&path).expect("just written"), lock);
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains("name = \"backports\"\non-request = true\n"), "{text}");
    assert!(
        text.contains("[set.pins]\nbackports = [\"app\"]\n\n[set.from]\nbackports = [\"app\", \"lib\"]\n"),
        "{text}"
    );

    let pins: Pins = [("backports", "app")].into_iter().collect();
    let of = |lock: &Lock, pins: &Pins| -> String {
        let packages = lock.closure_with(&["app"], pins).expect("locked");
        packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(of(&lock, &Pins::default()), "app 1.0+b1, base 1, lib 1");
    assert_eq!(of(&lock, &pins), "app 2.0, base 1, lib 2");
    assert_eq!(
        plain.closure_with(&["app"], &pins).expect_err("not asked for when it was written").to_string(),
        "the lock for armhf has no packages with what a board, role or node wants from suite `backports` now; write it anew \
         with `bramble lock`"
    );

    // What left the mirror is locked anew from where it came, and each base keeps its own.
    case.publish("debian", "backports", &[("app", "2.1", "Depends: lib (>= 2)\n"), ("lib", "2", ""), ("lib", "3", "")]);
    case.mirror.remove(&format!("/debian/{}", pool("app", "2.0")));
    let obtained =
        case.with(|access, folder| obtain(access, &case.system, folder, &lock, &["app"], &pins, Policy::Relock));
    let (new, changes) = obtained.expect("locked anew").relocked.expect("changed");
    assert_eq!(changes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["app 2.0 → 2.1"]);
    assert_eq!(
        (of(&new, &Pins::default()).as_str(), of(&new, &pins).as_str()),
        ("app 1.0+b1, base 1, lib 1", "app 2.1, base 1, lib 2")
    );
}

#[test]
fn a_suite_on_request_is_refused_like_any_other() {
    let case = Case::new();
    case.publish("debian", "backports", &[("app", "2.0", "")]);
    assert_eq!(
        case.message(&lock_from(&case, "ap", true, &[]).expect_err("no such package")),
        "suite `backports` has no package `ap`, which a board, role or node wants from it (`[from]`); check its spelling"
    );
    let without = ["backports".to_owned()];
    assert_eq!(
        case.message(&lock_from(&case, "app", true, &without).expect_err("it is needed")),
        "suite `backports` was left out, and a board, role or node wants `app` from it (`[from]`)"
    );
    // A board that no node has is no reason to stop.
    let lock = lock_from(&case, "app", false, &without).expect("only may be asked for");
    assert_eq!(versions(&lock), ["app 1.0+b1", "base 1", "lib 1"]);

    let release = "Suite: x\nCodename: backports\nDate: Sun, 15 Jun 2025 15:06:40 UTC\nSHA256:\n";
    let signed = sign(release, SECRET, SIGNED).replace("15:06:40", "15:06:41");
    case.mirror.put("/debian/dists/backports/InRelease", signed.as_bytes());
    let message = case.message(&lock_from(&case, "app", true, &[]).expect_err("forged"));
    assert!(message.ends_with(" does not fit the text; it was changed after it was signed"), "{message}");
}
