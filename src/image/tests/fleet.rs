//! Many nodes at once, as images and as patches.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::unix::fs::FileExt;

use super::super::*;
use super::{a_base, node3, order, origin, publish_node3, same, stamped};
use crate::config::{Network, Node};
use crate::disk::sparse;

/// The identities of `count` nodes.
fn fleet(count: u8) -> Vec<Identity> {
    let subnet = "10.0.0.0/24".parse().expect("a network");
    let network = Network { subnet, gateway: None, dns: Vec::new(), domain: None };
    let node = |number| Node { hostname: format!("n{number}"), address: Ipv4Addr::new(10, 0, 0, number), base: 0 };
    (1..=count).map(|number| Identity::of(&network, &node(number), None).expect("it fits")).collect()
}

#[test]
fn many_images_at_once_are_those_made_one_by_one_and_differ_only_in_slots() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let identities = fleet(11);
    let out = |number: usize| folder.path().join(format!("out/n{number}.img"));
    let orders: Vec<Order> =
        identities.iter().enumerate().map(|(number, identity)| order(identity.clone(), &out(number))).collect();
    let mut told = Vec::new();
    publish(&base, &origin(), &orders, &mut |published| told.push(published.file.clone())).expect("images");
    assert_eq!(told, orders.iter().map(|order| order.out.clone()).collect::<Vec<_>>());

    let origin_image = File::open(base.image()).expect("the base");
    let slots: Vec<_> = base.map.slots.iter().map(|slot| slot.offset..slot.offset + slot.length).collect();
    for (identity, order) in identities.iter().zip(&orders) {
        let image = File::open(&order.out).expect("an image");
        let one = stamped(&base, base.image(), identity, &folder.path().join("one.img"));
        assert!(same(&image, one.file()), "{}", order.out.display());
        let digest = whole(&image, base.length()).expect("a checksum");
        assert_eq!(digest, Manifest::beside(&order.out).expect("a manifest").sha256);
        let mut differing = differences(&image, &origin_image);
        assert!(differing.all(|at| slots.iter().any(|slot| slot.contains(&at))), "{}", order.out.display());
    }
}

/// The offsets at which two images of one length differ.
fn differences(one: &File, two: &File) -> impl Iterator<Item = u64> {
    let parts = [one, two].map(|file| sparse::data(file).expect("the parts of a file")).concat();
    let differing = |part: std::ops::Range<u64>| {
        let mut buffers = [0, 0].map(|_| vec![0; usize::try_from(part.end - part.start).expect("a small part")]);
        one.read_exact_at(&mut buffers[0], part.start).expect("the part");
        two.read_exact_at(&mut buffers[1], part.start).expect("the part");
        let [one, two] = buffers;
        (part.start..).zip(one.into_iter().zip(two)).filter(|(_, (one, two))| one != two).map(|(at, _)| at).collect()
    };
    let found: Vec<Vec<u64>> = parts.into_iter().map(differing).collect();
    found.into_iter().flatten()
}

#[test]
fn a_patch_and_its_base_make_the_same_files_as_a_build() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let at = |name: &str| folder.path().join(name);
    let over_order = order(Identity::neutral(false), &at("test.img"));
    publish(&base, &origin(), &[over_order], &mut |_| {}).expect("the base's own image");
    let over = Published { file: at("test.img"), manifest: Manifest::beside(&at("test.img")).expect("a manifest") };
    publish_patches(&base, &origin(), &over, &[order(node3(), &at("node3.patch"))], &mut |_| {}).expect("a patch");
    assert!(fs::metadata(at("node3.patch")).expect("the patch").len() < 4096);

    publish_node3(&base, &at("built/node3.img"));
    restore(&at("test.img"), &at("node3.patch"), &at("restored/node3.img")).expect("an image");
    for suffix in ["", ".sha256", ".bmap", ".json"] {
        let [one, two] = ["built", "restored"].map(|place| at(&format!("{place}/node3.img{suffix}")));
        assert!(fs::read(one).expect("a file") == fs::read(two).expect("a file"), "node3.img{suffix} differs");
    }
    let plain = open_plain(&at("test.img+node3.patch")).expect("an image");
    let [one, two] = [plain.path(), &at("built/node3.img")].map(|path| File::open(path).expect("an image"));
    assert!(same(&one, &two), "the temporary image differs");
    let temporary = plain.path().to_owned();
    drop(plain);
    assert!(!temporary.exists(), "it goes when it is not used any more");
}

#[test]
fn a_patch_is_for_one_base_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = a_base(folder.path());
    let at = |name: &str| folder.path().join(name);
    publish(&base, &origin(), &[order(Identity::neutral(false), &at("test.img"))], &mut |_| {}).expect("an image");
    let manifest = Manifest::beside(&at("test.img")).expect("a manifest");
    let over = Published { file: at("test.img"), manifest: manifest.clone() };
    publish_patches(&base, &origin(), &over, &[order(node3(), &at("node3.patch"))], &mut |_| {}).expect("a patch");

    let node3 = publish_node3(&base, &at("node3.img"));
    assert_eq!(
        restore(&at("node3.img"), &at("node3.patch"), &at("x.img")).expect_err("not the base").to_string(),
        format!(
            "`{}` has the SHA-256 {} and should have {}; it is not the image that belongs here",
            at("node3.img").display(),
            node3.sha256,
            manifest.sha256
        )
    );
    assert!(!at("x.img").exists());
    fs::write(at("odd.patch"), fs::read_to_string(at("node3.patch")).expect("text").replace("patch 1", "patch 9"))
        .expect("written");
    assert_eq!(
        Patch::read(&at("odd.patch")).expect_err("another form").to_string(),
        format!(
            "`{}` is no patch of a node (its form is `bramble patch 9` instead of `bramble patch 1`); \
             `bramble image --delta` writes it",
            at("odd.patch").display()
        )
    );
}
