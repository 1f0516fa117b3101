//! apt is the judge: with the pins that a node gets, it chooses what the build chose, and stays with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::text;
use crate::archive::Request;
use crate::archive::packages;
use crate::archive::pinned::{Held, Offer};
use crate::config::{Pins, System};

const SYSTEM: &str = r#"
    description = "Debian"
    mirror = "http://mirror.example/debian"
    keyring = "keys.pgp"
    architectures = ["arm64"]
    components = ["main"]
    packages = []
    suites = [{ name = "stable" }, { name = "new", on_request = true }]
"#;

/// Packages of one suite, each as a line: name, version, and what it depends on.
type Index = Vec<(String, String, String)>;

/// "name version" of each package that is chosen.
type Choice = BTreeSet<String>;

fn index(lines: &[&str]) -> Index {
    let line = |line: &&str| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        (next(), next(), next())
    };
    lines.iter().map(line).collect()
}

fn stanzas(index: &Index) -> String {
    let mut text = String::new();
    for (name, version, depends) in index {
        let _ = write!(text, "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: t\nDescription: t\n");
        if !depends.is_empty() {
            let _ = writeln!(text, "Depends: {depends}");
        }
        let _ = write!(text, "Filename: pool/{name}_{version}.deb\nSize: 1\nSHA256: {}\n\n", "0".repeat(64));
    }
    text
}

/// What the build chooses for `roots` of which `asked` come from `new`, and what it writes for apt.
fn ours(stable: &Index, new: &Index, roots: &[&str], asked: &[&str]) -> Result<(Choice, String), String> {
    let mut entries = packages::parse(&stanzas(stable), "stable").expect("valid");
    entries.extend(packages::parse(&stanzas(new), "new").expect("valid"));
    let pins: Pins = asked.iter().map(|name| ("new", *name)).collect();
    let request =
        Request { roots: roots.iter().map(|&root| root.to_owned()).collect(), pins: pins.clone(), needed: true };
    let offer = Offer::new(entries, BTreeSet::from(["new".to_owned()]), Held::new());
    let groups = offer.groups(&[request]).map_err(|error| error.to_string())?;
    let sets = groups[0].sets().map_err(|error| error.to_string())?;
    let chosen = || sets[0].closure.packages.values().map(|chosen| chosen.entry);
    let system: System = toml::from_str(SYSTEM).expect("a system");
    let came = chosen().map(|entry| (entry.suite.as_str(), entry.name.as_str()));
    let written = text(&system, &pins, came).unwrap_or_default();
    Ok((chosen().map(|entry| format!("{} {}", entry.name, entry.version)).collect(), written))
}

/// An apt with nothing but these two suites, the preferences and what is installed.
fn apt(
    folder: &Path,
    (stable, new): (&Index, &Index),
    preferences: &str,
    installed: &Index,
    words: &[&str],
) -> Option<Choice> {
    let path = |name: &str| folder.join(name);
    for made in ["lists/partial", "cache/archives/partial", "etc/preferences.d", "dpkg"] {
        fs::create_dir_all(path(made)).expect("a folder of our own");
    }
    for (suite, index) in [("stable", stable), ("new", new)] {
        let binary = path(&format!("repo/dists/{suite}/main/binary-arm64"));
        fs::create_dir_all(&binary).expect("a folder of our own");
        fs::write(binary.join("Packages"), stanzas(index)).expect("a file of our own");
        let release =
            format!("Codename: {suite}\nComponents: main\nArchitectures: arm64\nDate: Sun, 15 Jun 2025 15:06:40 UTC\n");
        fs::write(path(&format!("repo/dists/{suite}/Release")), release).expect("a file of our own");
    }
    let source = |suite: &str| format!("deb [trusted=yes] file:{} {suite} main\n", path("repo").display());
    // As on a node: where nothing was asked for, the suite is none of apt's.
    let new = if preferences.is_empty() { String::new() } else { source("new") };
    fs::write(path("etc/sources.list"), source("stable") + &new).expect("a file of our own");
    fs::write(path("etc/preferences.d/bramble"), preferences).expect("a file of our own");
    let status = stanzas(installed).replace("\nVersion", "\nStatus: install ok installed\nVersion");
    fs::write(path("dpkg/status"), status).expect("a file of our own");
    let shown = folder.display();
    let settings = format!(
        "Dir::Etc \"{shown}/etc\";\nDir::State \"{shown}\";\nDir::State::status \"{shown}/dpkg/status\";\n\
         Dir::Cache \"{shown}/cache\";\nDir::Etc::parts \"/dev/null\";\nDir::Etc::sourceparts \"/dev/null\";\n\
         APT::Architecture \"arm64\";\nAPT::Architectures {{ \"arm64\"; }};\nAPT::Sandbox::User \"root\";\n\
         Acquire::Languages \"none\";\nDir::Log \"{shown}\";\n"
    );
    fs::write(path("apt.conf"), settings).expect("a file of our own");
    let run = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["-q", "-s", "--no-install-recommends"]).args(words);
        command.env("APT_CONFIG", path("apt.conf")).env("LC_ALL", "C").output().expect("apt is on every Debian")
    };
    let mut update = Command::new("apt-get");
    update.args(["-q", "-o", "Acquire::AllowInsecureRepositories=true", "update"]);
    let update =
        update.env("APT_CONFIG", path("apt.conf")).env("LC_ALL", "C").output().expect("apt is on every Debian");
    assert!(update.status.success(), "{}", String::from_utf8_lossy(&update.stderr));
    let output = run(words);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // "Inst app [1] (2 new [all])": the version that comes stands behind the bracket, with its package before.
    let chosen = |line: &str| {
        let rest = line.strip_prefix("Inst ")?;
        let (name, version) = (rest.split(' ').next()?, rest.split('(').nth(1)?.split(' ').next()?);
        Some(format!("{name} {version}"))
    };
    output.status.success().then(|| said.lines().filter_map(chosen).collect())
}

#[track_caller]
fn chosen(stable: &[&str], new: &[&str], roots: &[&str], asked: &[&str]) -> String {
    let (stable, new) = (index(stable), index(new));
    let folder = tempfile::tempdir().expect("a folder");
    let (choice, preferences) = ours(&stable, &new, roots, asked).expect("solvable");
    let words = [&["install"], roots].concat();
    assert_eq!(apt(folder.path(), (&stable, &new), &preferences, &Index::new(), &words).as_ref(), Some(&choice));
    choice.into_iter().collect::<Vec<_>>().join(", ")
}

/// The kernel of backports as it is there: a package of a name that the other suite has too, with one below that it wants
/// newer, and parts that only this suite has.
const STABLE: [&str; 6] =
    ["image 6 image-6", "image-6 6 base (>= 4.12~)", "base 4.12", "ssh 10 lib (>= 1)", "lib 1", "tool 1 base"];
const NEW: [&str; 5] =
    ["image 7 image-7 (= 7)", "image-7 7 base (>= 4.17~), lib", "base 4.17", "lib 2", "ssh 11 lib (>= 2)"];

#[test]
fn what_is_named_and_what_it_needs_comes_from_the_suite() {
    assert_eq!(chosen(&STABLE, &NEW, &["image", "ssh"], &[]), "base 4.12, image 6, image-6 6, lib 1, ssh 10");
    assert_eq!(chosen(&STABLE, &NEW, &["image", "ssh"], &["image"]), "base 4.17, image 7, image-7 7, lib 1, ssh 10");
    assert_eq!(chosen(&STABLE, &NEW, &["ssh"], &["ssh"]), "lib 2, ssh 11");
    // Something else has chosen the old version before; it is content with the new one.
    assert_eq!(chosen(&STABLE, &NEW, &["tool", "image"], &["image"]), "base 4.17, image 7, image-7 7, lib 1, tool 1");
    // A pin alone brings nothing.
    assert_eq!(chosen(&STABLE, &NEW, &["tool"], &["image"]), "base 4.12, tool 1");
}

#[test]
fn an_upgrade_stays_with_the_suite() {
    let (stable, new) = (index(&STABLE), index(&NEW));
    let (choice, preferences) = ours(&stable, &new, &["image", "ssh"], &["image"]).expect("solvable");
    let all = stable.iter().chain(&new);
    let installed: Index =
        all.filter(|(name, version, _)| choice.contains(&format!("{name} {version}"))).cloned().collect();
    assert_eq!(installed.len(), choice.len());
    let upgraded = |stable: &[&str], new: &[&str]| {
        let folder = tempfile::tempdir().expect("a folder");
        let indices = (&index(stable), &index(new));
        let chosen = apt(folder.path(), indices, &preferences, &installed, &["dist-upgrade"]).expect("an upgrade");
        chosen.into_iter().collect::<Vec<_>>().join(", ")
    };
    // Nothing new: nothing comes, above all not the newer lib and ssh of that suite.
    assert_eq!(upgraded(&STABLE, &NEW), "");
    let later = ["image 8 image-8 (= 8)", "image-8 8 base (>= 5), lib", "base 5", "lib 3", "ssh 12 lib (>= 2)"];
    assert_eq!(upgraded(&STABLE, &later), "base 5, image 8, image-8 8");
    // A point release of the main suite, whose kernel is newer than what the other suite has now.
    let point =
        [&["image 7.5 image-7.5", "image-7.5 7.5 base", "ssh 10.1 lib (>= 1)"], &STABLE[2..3], &STABLE[4..]].concat();
    assert_eq!(upgraded(&point, &NEW), "ssh 10.1");
}

#[test]
fn apt_chooses_the_same_from_any_two_suites() {
    const NAMES: usize = 6;
    // For each package: whether each suite has it, and two dependencies with a bound.
    let package =
        (0_u8..4, prop::collection::vec((0..NAMES, 0_u8..4), 0..3), prop::collection::vec((0..NAMES, 0_u8..4), 0..3));
    let strategy = (prop::collection::vec(package, NAMES), 0..NAMES, 0..NAMES, any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let solved = std::cell::RefCell::new(BTreeMap::<&str, u32>::new());
    let outcome = runner.run(&strategy, |(packages, root, pinned, other_root)| {
        let clause = |list: &[(usize, u8)]| {
            let bound = |bound: u8| ["", " (>= 1)", " (>= 2)", " (= 2)"][usize::from(bound)];
            list.iter().map(|&(name, version)| format!("p{name}{}", bound(version))).collect::<Vec<_>>().join(", ")
        };
        let of =
            |version: &str, index: usize, list: &[(usize, u8)]| (format!("p{index}"), version.to_owned(), clause(list));
        let (mut stable, mut new) = (Index::new(), Index::new());
        for (index, (where_, one, two)) in packages.iter().enumerate() {
            if *where_ != 1 {
                stable.push(of("1", index, one));
            }
            if *where_ != 0 {
                new.push(of("2", index, two));
            }
        }
        let roots: Vec<String> =
            if other_root { vec![format!("p{root}"), format!("p{pinned}")] } else { vec![format!("p{root}")] };
        let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
        let pinned = format!("p{pinned}");
        if let Ok((choice, preferences)) = ours(&stable, &new, &roots, &[&pinned]) {
            let words = [&["install"], &roots[..]].concat();
            let folder = tempfile::tempdir().expect("a folder");
            let theirs = apt(folder.path(), (&stable, &new), &preferences, &Index::new(), &words);
            *solved.borrow_mut().entry("solved").or_default() += 1;
            if choice.iter().any(|package| package.ends_with(" 2"))
                && choice.iter().any(|package| package.ends_with(" 1"))
            {
                *solved.borrow_mut().entry("of both").or_default() += 1;
            }
            prop_assert_eq!(theirs, Some(choice), "{}", preferences);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let solved = solved.into_inner();
    assert!(solved.get("solved").is_some_and(|count| *count > 15), "{solved:?}");
    assert!(solved.get("of both").is_some_and(|count| *count > 3), "{solved:?}");
}
