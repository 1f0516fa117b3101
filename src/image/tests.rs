//! The promise of the room: an image stamped from a base is the image built from nothing.

mod fleet;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::Bytes;
use ipnet::Ipv4Net;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::config::{Network, Node, Secret};
use crate::disk::{Ids, MIB, Names, NewFile, PartitionTable, Slice, judge, sparse};
use crate::tree::{Meta, Tree, TreePath};

const EPOCH: i64 = 1_700_000_000;

fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a valid path")
}

/// A root with what Debian has at the places of identity files: a link, and a file of another length.
fn tree() -> Tree {
    let mut tree = Tree::new(Meta::directory(EPOCH));
    tree.make_directories(&path("etc"), Meta::directory(EPOCH)).expect("a fresh directory");
    tree.symlink(&path("etc/resolv.conf"), "../run/resolv.conf", Meta::file(EPOCH)).expect("a link");
    tree.write(&path("etc/hosts"), "127.0.0.1 localhost\n", Meta::file(EPOCH)).expect("a file");
    tree.write(&path("etc/zzz"), vec![b'z'; 20_000], Meta::file(EPOCH)).expect("a file");
    tree
}

fn boot() -> BTreeMap<String, Bytes> {
    BTreeMap::from([("config.txt".into(), "kernel=kernel7.img\n".into()), ("overlays/x.dtbo".into(), "x".into())])
}

fn contents<'a>(boot: &'a BTreeMap<String, Bytes>, tree: &'a Tree) -> BaseContents<'a> {
    let boot_partition = PartitionPlan::Boot { size: 35 * MIB, label: "BOOT".into() };
    let root_partition = PartitionPlan::Root { spare: MIB, label: "rootfs".into() };
    let layout = Layout { partitions: vec![boot_partition, root_partition] };
    BaseContents {
        loader: None,
        boot,
        tree,
        ids: Ids::derive(&Names::new(&["test"])),
        epoch: EPOCH,
        layout,
        host_keys: false,
    }
}

fn node3() -> Identity {
    let network = Network {
        subnet: "192.168.1.0/24".parse().expect("a network"),
        gateway: Some(Ipv4Addr::new(192, 168, 1, 1)),
        dns: vec![Ipv4Addr::new(192, 168, 1, 1)],
        domain: Some("home.arpa".into()),
    };
    let node = Node { hostname: "node3".into(), address: Ipv4Addr::new(192, 168, 1, 13), base: 0 };
    Identity::of(&network, &node, None).expect("it fits")
}

/// What building `identity` from nothing gives, under no name yet.
fn from_scratch(folder: &Path, identity: &Identity) -> NewFile {
    let (boot, tree) = (boot(), tree());
    let new = NewFile::create(&folder.join("scratch.img")).expect("a new file");
    base::build(&new, &contents(&boot, &tree), identity).expect("an image");
    new
}

/// Whether two files have the same bytes. Only what is no hole in one of them is looked at.
fn same(one: &File, two: &File) -> bool {
    let lengths = [one, two].map(|file| file.metadata().expect("a file").len());
    let parts = [one, two].map(|file| sparse::data(file).expect("the parts of a file")).concat();
    lengths[0] == lengths[1]
        && parts.into_iter().all(|part| {
            let mut buffers = [0, 0].map(|_| vec![0; usize::try_from(part.end - part.start).expect("a small part")]);
            one.read_exact_at(&mut buffers[0], part.start).expect("the part");
            two.read_exact_at(&mut buffers[1], part.start).expect("the part");
            buffers[0] == buffers[1]
        })
}

/// The image of `identity`, made of `source` as publishing makes many of their base: a copy with other bytes in its
/// slots.
fn stamped(base: &BaseImage, source: &Path, identity: &Identity, out: &Path) -> NewFile {
    let source = File::open(source).expect("the image");
    let image = NewFile::create(out).expect("a new file");
    sparse::copy(&source, &[image.file()]).expect("a copy");
    let writes = slot::Writes::new(&base.map.slots, identity).expect("slots for all of it");
    writes.apply(image.file()).expect("written");
    image
}

fn origin() -> Origin {
    Origin { base: "test".into(), inputs: BTreeMap::from([("lock".into(), "ab12".into())]), second_stage: Vec::new() }
}

fn order(identity: Identity, out: &Path) -> Order {
    Order { identity, node: None, out: out.to_owned() }
}

/// The image of node3 at `out`, and its manifest.
fn publish_node3(base: &BaseImage, out: &Path) -> Manifest {
    publish(base, &origin(), &[order(node3(), out)], &mut |_| {}).expect("an image");
    Manifest::beside(out).expect("a manifest")
}

fn a_base(folder: &Path) -> BaseImage {
    let (boot, tree) = (boot(), tree());
    BaseImage::write(&folder.join("base.img"), &contents(&boot, &tree)).expect("a base")
}

/// Where the partitions of an image begin.
fn starts(image: &Path) -> [u64; 2] {
    let disk = File::open(image).and_then(Slice::whole).expect("an image");
    let table = PartitionTable::read(&disk).expect("a table");
    let starts: Vec<u64> = table.partitions.iter().map(|partition| partition.start).collect();
    starts.try_into().expect("two partitions")
}

#[test]
fn judges_find_nothing_wrong_with_a_published_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let out = folder.path().join("out/node3.img");
    let published = publish_node3(&base, &out);
    let image = out.as_os_str();
    let [boot, root] = starts(&out);

    assert!(judge::run("sfdisk", &["--verify".as_ref(), image]).contains("No errors detected."));
    let table = judge::run("sfdisk", &["-d".as_ref(), image]);
    let ids = Ids::derive(&Names::new(&["test"]));
    assert!(table.contains(&format!("label-id: 0x{:08x}", ids.disk_signature)), "{table}");
    assert!(table.contains("start=       16384, size=       71680, type=c, bootable"), "{table}");
    assert!(table.contains(&format!("start=       {}, size=", root / 512)), "{table}");
    let partuuid = Layout::default().partuuid(&ids, PartitionRole::Root).expect("a root partition");
    assert_eq!(partuuid, format!("{:08x}-02", ids.disk_signature));

    let root = format!("{}?offset={root}", out.display());
    judge::run("e2fsck", &["-fn".as_ref(), root.as_ref()]);
    let hostname = judge::run("debugfs", &["-R".as_ref(), "cat /etc/hostname".as_ref(), root.as_ref()]);
    assert!(hostname.contains(&format!("node3{}", "\n".repeat(59))), "{hostname}");
    let resolver = judge::run("debugfs", &["-R".as_ref(), "stat /etc/resolv.conf".as_ref(), root.as_ref()]);
    assert!(resolver.contains("Type: regular") && resolver.contains("Size: 512"), "{resolver}");

    let drive = format!("{}@@{boot}", out.display());
    let config = judge::run("mtype", &["-i".as_ref(), drive.as_ref(), "::config.txt".as_ref()]);
    assert_eq!(config, "kernel=kernel7.img\n");

    let sum = fs::read_to_string(folder.path().join("out/node3.img.sha256")).expect("the checksum");
    assert_eq!(sum, format!("{}  node3.img\n", published.sha256));
    let theirs = judge::run("sha256sum", &[image]);
    assert!(theirs.starts_with(&published.sha256), "{theirs}");
    // bmaptool finds the block map by the image's name, and checks every run.
    let copy = folder.path().join("copy.img");
    let printed = judge::run("bmaptool", &["copy".as_ref(), image, copy.as_os_str()]);
    assert!(printed.contains("node3.img.bmap"), "{printed}");
    assert!(fs::read(&out).expect("the image") == fs::read(&copy).expect("the copy"), "bmaptool's copy differs");
}

#[test]
fn a_card_that_got_only_the_used_blocks_is_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let image = File::open(base.image()).expect("the image");
    let card = judge::card(&image, &base.map.mapped, base.length());
    let [_, root] = starts(base.image());
    let root = format!("{}?offset={root}", card.path().display());
    judge::run("e2fsck", &["-fn".as_ref(), root.as_ref()]);
    let journal = judge::run("debugfs", &["-R".as_ref(), "cat <8>".as_ref(), root.as_ref()]);
    // What is no UTF-8 shows as U+FFFD; the journal's own header has a few such bytes, rubbish consists of them.
    assert!(journal.matches('\u{fffd}').count() < 64, "old blocks in the journal");
}

#[test]
fn identity_lies_behind_everything_else_and_the_base_is_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let last = base.map.mapped.runs().next_back().expect("a mapped run");
    let slots: Vec<u64> = base.map.slots.iter().map(|slot| slot.offset / 4096).collect();
    assert_eq!(slots, (last.end - 4..last.end).collect::<Vec<_>>());
    let image = File::open(base.image()).expect("the base");
    assert!(same(&image, from_scratch(folder.path(), &Identity::neutral(false)).file()), "not the base");
    assert!(!same(&image, from_scratch(folder.path(), &node3()).file()), "nothing tells a node from its base");
}

#[test]
fn a_base_is_found_again_and_a_broken_one_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("base.img");
    assert!(BaseImage::open(&image).expect("nothing there").is_none());
    let written = a_base(folder.path());
    let opened = BaseImage::open(&image).expect("readable").expect("there");
    assert_eq!(opened.map.slots, written.map.slots);
    let out = folder.path().join("node3.img");
    let one = publish_node3(&written, &out);
    assert_eq!(publish_node3(&opened, &out), one);

    fs::write(folder.path().join("base.json"), "{}").expect("written");
    assert_eq!(
        BaseImage::open(&image).expect_err("no base").to_string(),
        format!(
            "`{}` does not describe a base image that this program wrote (missing field `form` at line 1 column 2); \
             remove it and build the base again",
            folder.path().join("base.json").display()
        )
    );
    fs::write(&image, "short").expect("written");
    assert_eq!(
        publish(&written, &origin(), &[order(node3(), &out)], &mut |_| {}).expect_err("another length").to_string(),
        format!("`{}` has 5 bytes and its base {}; it is no image of this base", image.display(), written.length())
    );
}

fn a_node() -> impl Strategy<Value = (Network, Node)> {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    let address = any::<u32>().prop_map(Ipv4Addr::from);
    let domain = prop::option::of("[a-z]{1,60}(\\.[a-z]{1,60}){0,2}");
    let network =
        (address, 0_u8..=32, prop::option::of(any::<u32>()), prop::collection::vec(any::<u32>(), 0..=3), domain);
    (label, network).prop_map(|(hostname, (address, prefix, gateway, dns, domain))| {
        let subnet = Ipv4Net::new(address, prefix).expect("a prefix up to 32").trunc();
        let gateway = gateway.map(Ipv4Addr::from);
        let dns = dns.into_iter().map(Ipv4Addr::from).collect();
        (Network { subnet, gateway, dns, domain }, Node { hostname, address, base: 0 })
    })
}

/// The secret of a cluster, which half of the clusters have.
fn a_secret() -> impl Strategy<Value = Option<Secret>> {
    prop::option::of(prop::collection::vec(any::<u8>(), 32..=80).prop_map(|bytes| Secret::new(bytes, "secret".into())))
}

#[test]
fn a_stamped_image_is_the_one_built_from_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (boot, tree) = (boot(), tree());
    let keyed = BaseContents { host_keys: true, ..contents(&boot, &tree) };
    let keyed = BaseImage::write(&folder.path().join("keyed.img"), &keyed).expect("a base");
    let plain = a_base(folder.path());
    assert_eq!([&plain, &keyed].map(|base| base.map.slots.len()), [4, 7]);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(48));
    let mut with_keys = Cell::new(0);
    let outcome = runner.run(&(a_node(), a_node(), a_secret()), |((network, one), (_, two), secret)| {
        let base = if secret.is_some() { &keyed } else { &plain };
        with_keys.set(with_keys.get() + usize::from(secret.is_some()));
        let identities = [one, two].map(|node| Identity::of(&network, &node, secret.as_ref()).expect("it fits"));
        let [first, second] = ["a.img", "b.img"].map(|name| folder.path().join(name));
        stamped(base, base.image(), &identities[0], &first).place().expect("its name");
        let image = File::open(&first).expect("the image");
        prop_assert!(same(&image, from_scratch(folder.path(), &identities[0]).file()));
        let again = stamped(base, &first, &identities[1], &second);
        prop_assert!(same(again.file(), from_scratch(folder.path(), &identities[1]).file()));
        Ok(())
    });
    outcome.expect("stamped images are those built from nothing");
    assert!((1..48).contains(with_keys.get_mut()), "both kinds of cluster are to be tried");
}
