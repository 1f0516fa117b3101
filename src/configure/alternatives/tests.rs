//! Offers of alternatives, beside what update-alternatives makes of the same.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::*;
use crate::config::Architecture;
use crate::configure::ConfigureOptions;
use crate::disk::judge;
use crate::tree::{Meta, Node, Tree};

fn mawk() -> Choice {
    let page = ("/usr/share/man/man1/awk.1.gz", "awk.1.gz", "/usr/share/man/man1/mawk.1.gz");
    offer("/usr/bin/mawk", 5, &[("/usr/bin/nawk", "nawk", "/usr/bin/mawk"), page])
}

fn offer(path: &str, priority: i32, slaves: &[(&str, &str, &str)]) -> Choice {
    let slaves = slaves.iter().map(|&(link, name, path)| (link.to_owned(), name.to_owned(), path.to_owned()));
    Choice {
        link: "/usr/bin/awk".to_owned(),
        name: "awk".to_owned(),
        path: path.to_owned(),
        priority,
        slaves: slaves.collect(),
    }
}

/// As update-alternatives of dpkg 1.22.22 wrote it.
const RECORD: &str = "auto\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\nnawk\n/usr/bin/nawk\n\n\
                      /usr/bin/mawk\n5\n/usr/share/man/man1/mawk.1.gz\n/usr/bin/mawk\n\n";

#[test]
fn a_record_is_written_as_update_alternatives_writes_it() {
    let mut record = Record::default();
    record.add(&mawk());
    assert_eq!(record.format(), RECORD);
    assert_eq!(Record::parse(RECORD), Some(record));
}

#[test]
fn the_highest_priority_is_chosen_and_its_slaves_fill_in() {
    let mut record = Record::parse(RECORD).expect("a sound record");
    let page = ("/usr/share/man/man1/a.1.gz", "a", "/usr/share/man/man1/g.1.gz");
    record.add(&offer("/usr/bin/gawk", 10, &[page]));
    assert_eq!(record.best(Some("/usr/bin/mawk")).map(|choice| choice.path.as_str()), Some("/usr/bin/gawk"));
    assert_eq!(record.choices[0].slaves, ["/usr/share/man/man1/g.1.gz", "", ""]);
    assert_eq!(record.choices[1].slaves, ["", "/usr/share/man/man1/mawk.1.gz", "/usr/bin/mawk"]);
}

#[test]
fn manual_mode_and_cut_records_are_refused() {
    assert_eq!(Record::parse("manual\n/usr/bin/awk\n\n\n"), None);
    assert_eq!(Record::parse(&RECORD[..60]), None);
}

#[test]
fn links_lead_through_etc_and_missing_slaves_have_none() {
    let options = ConfigureOptions {
        architecture: Architecture::Armhf,
        epoch: 1,
        debconf: BTreeMap::new(),
        second_stage: Vec::new(),
    };
    let mut tree = Tree::new(Meta::directory(0));
    let mut context = Context::new(&mut tree, &[], &options);
    install(&mut context, &mawk()).expect("nothing to do");
    assert!(!context.exists("etc/alternatives").expect("a sound path"), "mawk is not in the tree");
    context.write("usr/bin/mawk", "", Meta::file(0)).expect("a fresh file");
    install(&mut context, &mawk()).expect("a fresh record");
    assert_eq!(context.read("var/lib/dpkg/alternatives/awk").as_deref(), Ok(RECORD));
    let target = |path: &str| {
        let path = TreePath::new(path).expect("valid");
        tree.get(&path).and_then(Node::target).map(|target| String::from_utf8_lossy(target).into_owned())
    };
    assert_eq!(target("usr/bin/nawk").as_deref(), Some("/etc/alternatives/nawk"));
    assert_eq!(target("etc/alternatives/nawk").as_deref(), Some("/usr/bin/mawk"));
    assert_eq!(target("etc/alternatives/awk.1.gz"), None);
}

/// Offers of which each pair differs in something that the program looks at: priority, slaves, and what is in the way.
fn offers() -> [Choice; 5] {
    let page = |path| ("/usr/share/man/awk.1", "awk.1", path);
    [
        offer("/usr/bin/mawk", 10, &[("/usr/bin/nawk", "nawk", "/usr/bin/mawk"), page("/usr/share/man/mawk.1")]),
        offer("/usr/bin/gawk", 10, &[page("/usr/share/man/gawk.1"), ("/usr/bin/igawk", "igawk", "/usr/bin/gawk")]),
        offer("/usr/bin/bawk", 5, &[("/usr/bin/plain", "plain", "/usr/bin/bawk")]),
        offer("/usr/bin/kawk", 20, &[page("/usr/share/man/not-there.1"), ("/usr/bin/nawk", "nawk", "/usr/bin/kawk")]),
        // The group gets another link, and so does one of its slaves.
        Choice {
            link: "/usr/bin/any-awk".to_owned(),
            ..offer("/usr/bin/zawk", 10, &[("/usr/bin/new-nawk", "nawk", "/usr/bin/zawk")])
        },
    ]
}

/// `usr/bin/plain` is in the way of a slave.
const FILES: [&str; 8] = [
    "usr/bin/mawk",
    "usr/bin/gawk",
    "usr/bin/bawk",
    "usr/bin/kawk",
    "usr/bin/zawk",
    "usr/bin/plain",
    "usr/share/man/mawk.1",
    "usr/share/man/gawk.1",
];

/// The links, and the record, by path.
type Outcome = BTreeMap<String, String>;

fn ours(offers: &[&Choice]) -> Outcome {
    let options = ConfigureOptions {
        architecture: Architecture::Armhf,
        epoch: 1,
        debconf: BTreeMap::new(),
        second_stage: Vec::new(),
    };
    let mut tree = Tree::new(Meta::directory(0));
    let mut context = Context::new(&mut tree, &[], &options);
    for file in FILES {
        context.write(file, "", Meta::file(0)).expect("a fresh file");
    }
    for offer in offers {
        install(&mut context, offer).expect("a sound offer");
    }
    let record = context.read("var/lib/dpkg/alternatives/awk").expect("a record");
    let links = tree.iter().filter_map(|(path, _, node)| Some((path.to_string(), node.target()?)));
    let links = links.map(|(path, target)| (path, String::from_utf8_lossy(target).into_owned()));
    links.chain([("record".to_owned(), record)]).collect()
}

fn theirs(offers: &[&Choice]) -> Outcome {
    let root = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("has one")).expect("fresh folders");
        fs::write(path, "").expect("a fresh file");
    }
    for offer in offers {
        let priority = offer.priority.to_string();
        let mut arguments: Vec<&OsStr> = vec!["--root".as_ref(), root.path().as_ref()];
        arguments.extend(["--quiet", "--log", "/dev/null", "--install"].map(OsStr::new));
        arguments.extend([&offer.link, &offer.name, &offer.path, &priority].map(OsStr::new));
        for (link, name, path) in &offer.slaves {
            arguments.push("--slave".as_ref());
            arguments.extend([link, name, path].map(OsStr::new));
        }
        judge::run("update-alternatives", &arguments);
    }
    let mut outcome = Outcome::new();
    links_below(root.path(), root.path(), &mut outcome);
    let record = fs::read_to_string(root.path().join("var/lib/dpkg/alternatives/awk")).expect("a record");
    outcome.insert("record".to_owned(), record);
    outcome
}

fn links_below(root: &Path, folder: &Path, outcome: &mut Outcome) {
    for entry in fs::read_dir(folder).expect("our own folder").map(|entry| entry.expect("an entry")) {
        let (path, kind) = (entry.path(), entry.file_type().expect("known"));
        if kind.is_dir() {
            links_below(root, &path, outcome);
        } else if kind.is_symlink() {
            let name = path.strip_prefix(root).expect("below it").display().to_string();
            outcome.insert(name, fs::read_link(&path).expect("a link").display().to_string());
        }
    }
}

#[test]
fn every_order_of_offers_comes_to_what_update_alternatives_makes_of_it() {
    let offers = offers();
    let mut orders = 0;
    for one in &offers {
        for two in &offers {
            for three in &offers {
                let order = [one, two, three];
                assert_eq!(ours(&order), theirs(&order), "{order:#?}");
                orders += 1;
            }
        }
    }
    assert_eq!(orders, 125);
}

#[test]
fn of_equal_priorities_the_first_stays_and_the_losers_slaves_are_no_links() {
    let [mawk, gawk, _, kawk, _] = offers();
    let chosen = |offers: &[&Choice]| ours(offers).remove("etc/alternatives/awk");
    assert_eq!(chosen(&[&mawk, &gawk]).as_deref(), Some("/usr/bin/mawk"));
    assert_eq!(chosen(&[&gawk, &mawk]).as_deref(), Some("/usr/bin/gawk"));
    let one = ours(&[&gawk, &kawk]);
    assert_eq!(one.get("usr/bin/igawk"), None);
    assert_eq!(one, ours(&[&kawk, &gawk]), "the highest wins in both orders, and so do its slaves alone");
}

#[test]
fn a_slave_that_nobody_offers_any_more_is_forgotten() {
    let [mawk, ..] = offers();
    let without = Choice { slaves: mawk.slaves[1..].to_vec(), ..mawk.clone() };
    let order = [&mawk, &without];
    assert_eq!(ours(&order), theirs(&order));
    assert_eq!(ours(&order).get("usr/bin/nawk"), None);
}
