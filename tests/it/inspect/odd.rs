//! What is no image, and what of an image cannot be read: it is named with the way out, and the rest is told.

use std::fs;

use super::foreign::{Foreign, ROOT};
use super::{bramble, diff, inspected};
use crate::cluster::{Cluster, shown};
use crate::judge::ask;

#[test]
fn a_file_system_that_was_not_unmounted_is_compared_by_bytes_and_told_with_the_way_out() {
    let foreign = Foreign::new();
    let clean = foreign.card("clean.img");
    foreign.debugfs("feature needs_recovery");
    let dirty = foreign.card("copy.img");
    let (status, printed, said) = bramble(&["diff", &shown(&dirty), &shown(&dirty)]);
    assert_eq!((status, printed.as_str()), (Some(0), ""));
    assert!(said.starts_with("warning: partition 2 of ") && said.ends_with("its bytes alone are compared\n"), "{said}");
    let (status, printed, said) = bramble(&["diff", &shown(&clean), &shown(&dirty)]);
    assert_eq!(status, Some(1));
    assert!(
        printed.contains("partition 2:\n  file system: ext4 → unknown\n") && printed.contains(" differ, in "),
        "{printed}"
    );
    let way = "dd if=copy.img of=part.img bs=512 skip=49152 count=131072`, `e2fsck -p part.img` and \
               `dd if=part.img of=copy.img bs=512 seek=49152 conv=notrunc";
    assert!(said.contains(&format!("mended by `{way}`; its bytes alone are compared")), "{said}");
    let report = inspected(&dirty, &[]);
    assert!(report.contains("FAT16") && report.contains("warning: partition 2 of "), "{report}");
    // e2fsck's status 1: it mended something.
    let steps: Vec<&str> = way.split('`').filter(|part| part.starts_with("dd") || part.starts_with("e2fsck")).collect();
    let script = format!("cd \"$1\" && {} && {{ {}; test $? -le 1; }} && {}", steps[0], steps[1], steps[2]);
    ask("sh", &["-c", &script, "sh", &shown(foreign.folder.path())]);
    assert!(inspected(&dirty, &[]).contains("hostname: raspberrypi"));
}

#[test]
fn what_is_no_image_is_named_with_the_way_out_by_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cluster = Cluster::new(|example| example);
    let out = cluster.path().join("out");
    fs::create_dir(&out).expect("a fresh folder");
    let image = cluster.image("node3");
    for (content, told) in [
        (vec![], "is empty; build, copy or download the image again"),
        (vec![0; 100], "has 100 bytes, less than one sector; build, copy or download the image again"),
        (b"\xfd7zXZ\0 and more".to_vec(), "is packed by xz; unpack it with `xz -dk` and name what comes of it"),
        (b"\x1f\x8b\x08 and more".to_vec(), "is packed by gzip; unpack it with `gunzip -k` and name what comes of it"),
        (b"PK\x03\x04 and more".to_vec(), "is packed by zip; unpack it with `unzip` and name what comes of it"),
        (vec![b' '; 4096], "is a text, no disk image; name the image itself"),
    ] {
        fs::write(&image, content).expect("a file");
        let name = shown(&image);
        let said = |arguments: &[&str]| bramble(arguments).2;
        let expected = format!("error: `{name}` {told}");
        for said in [
            said(&["inspect", &name]),
            said(&["diff", &name, &name]),
            said(&["verify", &name]),
            String::from_utf8_lossy(&cluster.bramble("run", &["node3"]).stderr).into_owned(),
        ] {
            assert!(said.starts_with(&expected) && said.lines().count() == 1, "{said}");
        }
    }
    let (status, _, said) = bramble(&["inspect", &shown(folder.path())]);
    assert_eq!(
        (status, said),
        (Some(1), format!("error: `{}` is a folder; name an image in it\n", shown(folder.path())))
    );
    fs::write(&image, [0; 4096]).expect("a file");
    let reason = "there is no partition table: the first sector does not end in 55 aa";
    let said = bramble(&["inspect", &shown(&image)]).2;
    assert_eq!(said, format!("error: `{}` is no disk image: {reason}\n", image.display()));
}

#[test]
fn verifying_the_image_of_another_maker_says_what_else_there_is() {
    let foreign = Foreign::new();
    let image = foreign.card("card.img");
    let (status, _, said) = bramble(&["verify", &shown(&image)]);
    assert_eq!(status, Some(1));
    let start = format!("error: `{}` has no manifest beside it", image.display());
    assert!(
        said.starts_with(&start) && said.contains("`bramble inspect`") && said.contains("`bramble diff`"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_told() {
    let foreign = Foreign::new();
    let sound = foreign.card("sound.img");
    foreign.debugfs("set_inode_field /etc/shadow mode 0");
    let astray = foreign.card("astray.img");
    let text = inspected(&astray, &[]);
    assert!(text.contains("warning: partition 2, `/etc/shadow` cannot be read: "), "{text}");
    assert!(text.contains("root (password unknown, as /etc/shadow cannot be read)"), "{text}");
    assert!(text.contains("hostname: raspberrypi"), "{text}");
    assert_eq!(diff(&astray, &astray, &[]).0, Some(0));

    // The file system's descriptors are gone.
    let mut content = fs::read(&sound).expect("the image");
    let descriptors = usize::try_from(ROOT.0 * 512 + 4096).expect("a place");
    content[descriptors..descriptors + 4096].fill(0xff);
    let lost = foreign.path("lost.img");
    fs::write(&lost, &content).expect("enough space");
    let text = inspected(&lost, &[]);
    assert!(text.contains("FAT16") && text.contains("  warning: partition 2 of "), "{text}");
    let (status, printed, said) = bramble(&["diff", &shown(&lost), &shown(&lost)]);
    assert_eq!((status, printed.as_str()), (Some(0), ""));
    assert!(said.contains("its bytes alone are compared"), "{said}");
    content[descriptors + 8000] ^= 1;
    let other = foreign.path("other.img");
    fs::write(&other, &content).expect("enough space");
    let (status, printed, _) = bramble(&["diff", &shown(&lost), &shown(&other)]);
    assert_eq!(
        (status, printed.as_str()),
        (Some(1), "partition 2:\n  1 byte differs, in 1 place, the first at 12096\n")
    );
}
