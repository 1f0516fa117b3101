//! The configured tree beside what mmdebstrap made of the same packages, where every maintainer script really ran.
//!
//! The recordings (`tests/recordings/`, with the script that makes them) hold paths, owners, modes, links, sums of the
//! files that configuring writes, and dpkg's status. Every difference must be accounted for by name, with its reason,
//! and every account must still be needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bramble::archive::{Cache, Lock, control};
use bramble::assemble::{self, PackageFile};
use bramble::config::Plan;
use bramble::tree::pattern::{Backslash, matches};
use bramble::tree::{Kind, Tree, TreePath};
use sha2::{Digest, Sha256};

use crate::cluster::{built, cache, project};

/// As in `tests/recordings/record`: what a recording leaves out.
const LEFT_OUT: [&str; 10] = [
    "usr/share/doc/",
    "usr/share/man/",
    "usr/share/info/",
    "usr/share/locale/",
    "usr/share/lintian/",
    "usr/lib/modules/",
    "boot/",
    "dev/",
    "var/cache/apt/",
    "var/lib/apt/lists/",
];

/// Bases with the architecture whose recording they are held against. Every script ran under emulation for a
/// recording, which takes a quarter of an hour and more.
const RECORDED: [(&str, &str); 2] = [("worker-pi2", "armhf"), ("worker-pi3", "arm64")];

/// Path (or `package NAME`) to what is said of it.
type Listing = BTreeMap<String, String>;

#[test]
fn configuring_natively_comes_to_what_the_scripts_come_to() {
    let accounts = Accounts::read();
    let mut used = BTreeSet::new();
    let mut unaccounted = Vec::new();
    for (base, architecture) in RECORDED {
        let theirs = recording(architecture);
        let ours = configured(base);
        for path in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
            let difference = match (theirs.get(path), ours.get(path)) {
                (Some(theirs), Some(ours)) if theirs == ours => continue,
                (Some(theirs), Some(ours)) => ("differs", format!("theirs {theirs}, ours {ours}")),
                (Some(theirs), None) => ("theirs", theirs.clone()),
                (None, ours) => ("ours", ours.cloned().unwrap_or_default()),
            };
            match accounts.find(difference.0, path) {
                Some(account) => {
                    used.insert(account);
                }
                None => unaccounted.push(format!("{architecture}: {} {path}: {}", difference.0, difference.1)),
            }
        }
    }
    assert!(unaccounted.is_empty(), "{} differences have no account:\n{}", unaccounted.len(), unaccounted.join("\n"));
    let stale: Vec<&String> =
        accounts.0.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, line)| line).collect();
    assert!(stale.is_empty(), "accounts of differences that are no more: {stale:#?}");
}

fn recording(architecture: &str) -> Listing {
    let path = project().join(format!("tests/recordings/trixie.{architecture}"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(entry).collect()
}

/// "package adduser 3.1 install ok installed" or "d0755 0 0 etc" or "l0777 0 0 bin -> usr/bin", as path and the rest.
fn entry(line: &str) -> (String, String) {
    if let Some(package) = line.strip_prefix("package ") {
        let (name, rest) = package.split_once(' ').expect("a name and a version");
        return (format!("package {name}"), rest.to_owned());
    }
    let mut fields = line.splitn(4, ' ');
    let mut next = || fields.next().expect("four fields");
    let (mode, uid, gid, path) = (next(), next(), next(), next());
    let (path, rest) = match path.split_once(" -> ") {
        Some((path, target)) => (path, format!(" -> {target}")),
        None => match path.rsplit_once(' ') {
            Some((path, sum)) if sum.len() == 64 => (path, format!(" {sum}")),
            _ => (path, String::new()),
        },
    };
    (path.to_owned(), format!("{mode} {uid} {gid}{rest}"))
}

fn configured(base: &str) -> Listing {
    let plan = Plan::read(&built().path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let base = plan.bases.iter().find(|known| known.name == base).expect("a base of the example");
    let architecture = base.architecture;
    let lock = project().join(format!("rootfs/{}.{architecture}.lock", base.system.name));
    let lock = Lock::read(&lock).expect("the committed lock");
    let cache = Cache::new(cache());
    let packages = lock.closure(&assemble::roots(base)).expect("a lock for this base");
    let packages: Vec<PackageFile> =
        packages.into_iter().map(|package| (package.clone(), cache.path(package.sha256))).collect();
    let (tree, _) = assemble::configured(base, &packages, built().path(), lock.epoch).expect("the locked packages");
    let mut listing = listing(&tree);
    let status = tree.read(&TreePath::new("var/lib/dpkg/status").expect("a path")).expect("dpkg's status");
    for paragraph in control::paragraphs(&String::from_utf8_lossy(&status)) {
        let paragraph = paragraph.expect("what dpkg reads");
        let field = |name: &str| paragraph.get(name).unwrap_or_default().to_owned();
        listing.insert(format!("package {}", field("Package")), format!("{} {}", field("Version"), field("Status")));
    }
    listing
}

fn listing(tree: &Tree) -> Listing {
    let mut listing = Listing::new();
    let mut seen = BTreeSet::new();
    for (path, id, node) in tree.iter() {
        let shown = path.to_string();
        let again = !seen.insert(id);
        let inside = |folder: &str| format!("{shown}/").starts_with(folder) && format!("{shown}/") != folder;
        if shown.is_empty() || LEFT_OUT.iter().any(|folder| inside(folder)) {
            continue;
        }
        let kind = match &node.kind {
            Kind::Directory => 'd',
            Kind::File(_) => '-',
            Kind::Symlink(_) => 'l',
            Kind::CharDevice { .. } => 'c',
            Kind::BlockDevice { .. } => 'b',
            Kind::Fifo | Kind::Socket => 'p',
        };
        let meta = node.meta;
        let mut said = format!("{kind}{:04o} {} {}", meta.mode, meta.uid, meta.gid);
        if let Kind::Symlink(target) = &node.kind {
            said += &format!(" -> {}", String::from_utf8_lossy(target));
        }
        let summed = shown.starts_with("etc/") || shown.starts_with("var/lib/");
        // A recording sums a file with several names once, at its first.
        if let (Kind::File(content), true, false) = (&node.kind, summed, again) {
            said += &format!(" {}", hex::encode(Sha256::digest(content.bytes().expect("a part of its package"))));
        }
        listing.insert(shown, said);
    }
    listing
}

/// `tests/recordings/accounted`: reasons in comments, then lines of `theirs`, `ours` or `differs` and a path, in which
/// a `*` stands for anything.
struct Accounts(Vec<String>);

impl Accounts {
    fn read() -> Self {
        let text = fs::read_to_string(project().join("tests/recordings/accounted")).expect("the accounts");
        Self(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
    }

    fn find(&self, difference: &str, path: &str) -> Option<usize> {
        self.0.iter().position(|line| {
            let (kind, pattern) = line.split_once(' ').expect("a difference and a path");
            kind == difference && matches(pattern.as_bytes(), path.as_bytes(), Backslash::Plain)
        })
    }
}
