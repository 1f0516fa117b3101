//! The scripts of the tests' own systems, run by our shell, against what is known of them by hash and form: the same tree, but
//! for what is accounted for here.

use std::collections::{BTreeMap, BTreeSet};

use bramble::archive::{Cache, Deb, Lock};
use bramble::config::Plan;
use bramble::configure::ConfigureOptions;
use bramble::tree::{Kind, Tree};
use bramble::unpack::{ExcludeRules, Rule, unpack};
use bramble::{assemble, scripts};
use sha2::{Digest, Sha256};

use crate::cluster::{built, cache, project};

/// Paths that differ, by what they begin with, and why they do.
const ACCOUNTED: &[(&str, &str)] = &[
    ("boot/firmware/", "the boot partition's files are the firmware room's, and the package only copies them there"),
    ("var/cache/debconf/config.dat", "scripts ask questions, whose values debconf then notes"),
];

/// Scripts for which there must be something else than their text, and why.
const COUNTERPARTS: &[(&str, &str)] = &[
    ("libc6 preinst", "asks which kernel runs"),
    ("linux-image-", "runs programs in Perl, for links that no board starts by"),
    ("dbus-daemon postinst", "makes an id of the machine, which is each node's own"),
    ("systemd postinst", "makes an id of the machine, which is each node's own"),
    ("openssh-server postinst", "makes the keys of the host, which are each node's own"),
];

/// A line for each path: what it is, whose, and what it holds.
fn lines(tree: &Tree) -> BTreeMap<String, String> {
    let line = |node: &bramble::tree::Node| {
        let what = match &node.kind {
            Kind::Directory => "folder".to_owned(),
            Kind::Symlink(target) => format!("-> {}", String::from_utf8_lossy(target)),
            Kind::File(content) => {
                let bytes = content.bytes().expect("readable");
                format!("file {} {}", bytes.len(), hex::encode(&Sha256::digest(&bytes)[..6]))
            }
            other => format!("{other:?}"),
        };
        format!("{:o} {}:{} {what}", node.meta.mode, node.meta.uid, node.meta.gid)
    };
    tree.iter().map(|(path, _, node)| (path.to_string(), line(node))).collect()
}

#[test]
fn scripts_do_what_is_known_of_them() {
    let plan = Plan::read(&built().path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let (cache, scratch) = (Cache::new(cache()), tempfile::tempdir().expect("a temporary folder"));
    for base in &plan.bases {
        let system = &base.system;
        let lock = project().join(format!("rootfs/{}.{}.lock", system.name, base.architecture));
        let lock = Lock::read(&lock).expect("the committed lock");
        let debs: Vec<Deb> = lock
            .closure(&assemble::roots(base))
            .expect("a lock for this base")
            .iter()
            .map(|package| {
                let file = std::fs::read(cache.path(package.sha256)).expect("a package of a base that was built");
                Deb::read(&file.into(), scratch.path()).expect("a package of Debian")
            })
            .collect();
        let exclude = system.exclude.iter().map(|pattern| Rule::Exclude(pattern.clone()));
        let rules = ExcludeRules::new(exclude.collect()).expect("the system's own");
        let (mut known, packages) = unpack(debs, &rules, lock.epoch).expect("they are unpacked in every build");
        let mut interpreted = known.clone();
        let debconf = base.debconf().into_iter();
        let debconf = debconf.map(|(question, (value, file))| {
            (question.to_owned(), bramble::configure::debconf::Answer::new(value, &file))
        });
        let options = ConfigureOptions {
            architecture: base.architecture,
            epoch: lock.epoch,
            debconf: debconf.collect(),
            second_stage: Vec::new(),
        };
        scripts::configure(&mut known, &packages, &options).expect("it is done in every build");
        let stops = scripts::interpret(&mut interpreted, &packages, &options);
        let stops = stops.unwrap_or_else(|error| panic!("{}: {error}", base.name));
        for stop in &stops {
            assert!(COUNTERPARTS.iter().any(|(script, _)| stop.starts_with(script)), "{}: {stop}", base.name);
        }
        println!("{}: our shell stops at {} of its scripts:\n  {}", base.name, stops.len(), stops.join("\n  "));
        let (known, interpreted) = (lines(&known), lines(&interpreted));
        let paths: BTreeSet<&String> = known.keys().chain(interpreted.keys()).collect();
        let differ = paths.into_iter().filter(|path| known.get(*path) != interpreted.get(*path));
        let unaccounted: Vec<String> = differ
            .filter(|path| !ACCOUNTED.iter().any(|(start, _)| path.starts_with(start)))
            .map(|path| {
                format!("{path}\n  known:       {:?}\n  interpreted: {:?}", known.get(path), interpreted.get(path))
            })
            .collect();
        assert!(unaccounted.is_empty(), "{}: {} paths\n{}", base.name, unaccounted.len(), unaccounted.join("\n"));
    }
}
