//! Locks as text, and what bases get from them.

use proptest::prelude::*;

use super::super::closure::tests::universe;
use super::super::sets;
use super::*;

const GOLDEN: &str = r#"# The packages of every image of this system. Written by `bramble lock`, which verifies the archive's signatures;
# builds trust the sums below. Do not edit: run `bramble lock` again.

format = 1
system = "trixie"
architecture = "armhf"
epoch = 1789199741
roots = ["app"]
without-suites = ["trixie-security"]

[[suite]]
name = "trixie"
date = "2026-09-12T07:55:41Z"
inrelease-sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

[[package]]
name = "app"
version = "1:2.0~rc1-1+b1"
architecture = "armhf"
suite = "trixie"
filename = "pool/main/a/app/app_2.0~rc1-1+b1_armhf.deb"
size = 1234
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
depends = ["base", "lib"]

[[package]]
name = "base"
version = "1"
architecture = "all"
suite = "trixie"
filename = "pool/main/b/base/base_1_all.deb"
size = 1
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
essential = true

[[package]]
name = "lib"
version = "1"
architecture = "armhf"
suite = "trixie"
filename = "pool/main/l/lib/lib_1_armhf.deb"
size = 1
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"#;

#[test]
fn text_and_back() {
    let lock = Lock::parse(GOLDEN).expect("valid");
    assert_eq!(lock.to_text().expect("text"), GOLDEN);
    assert_eq!(lock.suites[0].date, 1_789_199_741);
    assert_eq!(lock.packages[0].depends, ["base", "lib"]);
}

#[test]
fn files_are_written_whole_and_read_again() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("trixie.armhf.lock");
    let lock = Lock::parse(GOLDEN).expect("valid");
    lock.write(&path).expect("writable");
    assert_eq!(Lock::read(&path).expect("just written"), lock);
    let names: Vec<_> = folder.path().read_dir().expect("folder").collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn the_closure_is_what_roots_reach() {
    let lock = Lock::parse(GOLDEN).expect("valid");
    let names = |roots: &[&str]| -> Vec<String> {
        lock.closure(roots).expect("locked").iter().map(|package| package.name.clone()).collect()
    };
    assert_eq!(names(&[]), ["base"]);
    assert_eq!(names(&["lib"]), ["base", "lib"]);
    assert_eq!(names(&["app", "app"]), ["app", "base", "lib"]);
    assert_eq!(
        lock.closure(&["haproxy"]).expect_err("not locked").to_string(),
        "the lock for armhf has no package `haproxy`; add it with `bramble lock`"
    );
}

#[test]
fn faults_are_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("l");
    let shown = path.display().to_string();
    let message = |text: &str| {
        std::fs::write(&path, text).expect("writable");
        Lock::read(&path).expect_err("broken").to_string().replace(&shown, "L")
    };
    let missing = Lock::read(&folder.path().join("x")).expect_err("missing").to_string();
    assert!(missing.ends_with("x is missing; write it with `bramble lock`"), "{missing}");
    assert_eq!(
        message(&GOLDEN.replace("format = 1", "format = 2")),
        "lock L cannot be read: its format is 2, this bramble knows 1; write it anew with `bramble lock`"
    );
    assert_eq!(
        message(&GOLDEN.replace("name = \"lib\"", "name = \"bib\"")),
        "lock L cannot be read: `app` depends on `lib`, which is not locked; write it anew with `bramble lock`"
    );
    assert_eq!(
        message(&GOLDEN.replace("name = \"trixie\"", "name = \"other\"")),
        "lock L cannot be read: `app` is of suite `trixie`, which is not locked; write it anew with `bramble lock`"
    );
    assert_eq!(
        message(&GOLDEN.replace("sha256 = \"e3", "sha256 = \"z3")),
        format!(
            "lock L cannot be read: `z3{}` is no SHA-256 sum of 64 hexadecimal digits; \
             write it anew with `bramble lock`",
            &Sha256::of(b"").to_string()[2..]
        )
    );
}

/// A lock of what `lists` of names ask for, by way of its text.
fn locked(lines: &[impl AsRef<str>], lists: &[&[&str]]) -> Lock {
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    let universe = universe(&lines);
    let suites = Lock::parse(GOLDEN).expect("valid").suites.into_iter();
    // The name of the suite that the tests' universe is of.
    let suites = suites.map(|suite| LockedSuite { name: "test".to_owned(), ..suite });
    let requests: Vec<Request> = lists.iter().map(|list| request(list)).collect();
    let sets = sets::choose(&universe, &requests).expect("solvable");
    let lock = Lock::new("trixie", Architecture::Armhf, suites.collect(), &sets);
    let read = Lock::parse(&lock.to_text().expect("text")).expect("what was written");
    assert_eq!(read, lock);
    read
}

fn request(roots: &[&str]) -> Request {
    let roots: BTreeSet<String> = roots.iter().map(|&root| root.to_owned()).collect();
    Request { roots: roots.into_iter().collect(), pins: Pins::default(), needed: true }
}

fn names(lock: &Lock, roots: &[&str]) -> Result<String, String> {
    let closure = lock.closure(roots).map_err(|error| error.to_string())?;
    Ok(closure.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(" "))
}

/// Two roles: one has a mail server of its own, the other takes any.
const MAIL: [&str; 7] = [
    "libc 1; Essential: yes",
    "ssh 1",
    "app 1; Depends: mail-a | mail-b, ssh",
    "mail-a 1; Depends: lib-a",
    "mail-b 1; Conflicts: mail-a; Depends: lib-b",
    "lib-a 1",
    "lib-b 1",
];

#[test]
fn each_set_says_what_it_has_besides_the_others() {
    let lock = locked(&MAIL, &[&["ssh", "app"], &["ssh", "app", "mail-b"]]);
    let text = lock.to_text().expect("text");
    let (_, sets) = text.split_once("[[set]]\n").expect("sets");
    let (sets, packages) = sets.split_once("[[package]]\n").expect("packages");
    assert_eq!(sets, "roots = []\nwithout = [\"mail-b\"]\n\n[[set]]\nroots = [\"mail-b\"]\nwithout = [\"mail-a\"]\n\n");
    assert!(text.contains("\nroots = [\"app\", \"ssh\"]\n"), "{text}");
    assert!(packages.contains("depends = [\"mail-a\", \"mail-b\", \"ssh\"]"), "{packages}");
    assert_eq!(names(&lock, &["app", "ssh"]).as_deref(), Ok("app lib-a libc mail-a ssh"));
    assert_eq!(names(&lock, &["app", "mail-b", "ssh"]).as_deref(), Ok("app lib-b libc mail-b ssh"));
    // A role that asks for less than when the lock was written.
    assert_eq!(names(&lock, &["mail-b"]).as_deref(), Ok("lib-b libc mail-b"));
}

#[test]
fn what_was_not_locked_together_is_refused_by_name() {
    let lock = locked(&MAIL, &[&["ssh", "mail-a"], &["ssh", "mail-b"]]);
    assert_eq!(
        names(&lock, &["mail-a", "mail-b", "ssh"]),
        Err("the lock for armhf has no set of packages with `mail-a` and `mail-b` together: it was written for other roles \
             and boards; write it anew with `bramble lock`"
            .to_owned())
    );
    assert_eq!(
        names(&lock, &["mail-a", "nginx"]),
        Err("the lock for armhf has no package `nginx`; add it with `bramble lock`".to_owned())
    );
}

#[test]
fn what_a_lock_was_asked_for_can_be_asked_again() {
    for lists in [&[&["app", "ssh"][..], &["mail-b", "ssh"]][..], &[&["mail-a"], &["ssh", "app"]]] {
        let lock = locked(&MAIL, lists);
        let again: Vec<Vec<String>> = lock.requests().into_iter().map(|request| request.roots).collect();
        let again: Vec<Vec<&str>> = again.iter().map(|roots| roots.iter().map(String::as_str).collect()).collect();
        assert_eq!(locked(&MAIL, &again.iter().map(Vec::as_slice).collect::<Vec<_>>()), lock);
    }
}

proptest! {
    /// Eight packages, each with two clauses of alternatives and some conflicts, and three bases.
    #[test]
    fn a_base_has_from_its_lock_what_it_has_alone(
        clauses in prop::collection::vec(prop::collection::vec(0_usize..8, 1..3), 16),
        conflicts in prop::collection::vec((0_usize..8, 0_usize..8), 0..4),
        bases in prop::collection::vec(prop::collection::btree_set(0_usize..8, 1..4), 3),
    ) {
        let name = |index: usize| format!("p{index}");
        let lines: Vec<String> = (0..8)
            .map(|package| {
                let clause = |list: &Vec<usize>| list.iter().map(|&index| name(index)).collect::<Vec<_>>().join(" | ");
                let refused: Vec<_> = conflicts.iter().filter(|pair| pair.0 == package).map(|pair| name(pair.1)).collect();
                let depends = format!("{}, {}", clause(&clauses[package * 2]), clause(&clauses[package * 2 + 1]));
                let conflicts = if refused.is_empty() { String::new() } else { format!("; Conflicts: {}", refused.join(", ")) };
                format!("{} 1; Depends: {depends}{conflicts}", name(package))
            })
            .collect();
        let universe = universe(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let bases: Vec<Vec<String>> = bases.iter().map(|base| base.iter().map(|&index| name(index)).collect()).collect();
        let solvable: Vec<Vec<&str>> = bases
            .iter()
            .filter(|base| universe.closure(base).is_ok())
            .map(|base| base.iter().map(String::as_str).collect())
            .collect();
        if solvable.is_empty() {
            return Ok(());
        }
        let lock = locked(&lines, &solvable.iter().map(Vec::as_slice).collect::<Vec<_>>());
        for base in &solvable {
            let alone = universe.closure(&base.iter().map(|&root| root.to_owned()).collect::<Vec<_>>()).expect("solvable");
            prop_assert_eq!(names(&lock, base), Ok(alone.packages.keys().copied().collect::<Vec<_>>().join(" ")));
        }
    }
}
