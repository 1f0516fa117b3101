//! Images, judged from outside: the table, both file systems, and what stands in them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, copy};
use std::path::{Path, PathBuf};

use crate::cluster::{self, built, shown};
use crate::judge::{ask, ask_for_verdict};

const NODES: [&str; 3] = ["node3", "node4", "node7"];

/// The bytes where a partition starts and how many it has, as sfdisk reads the table.
pub(crate) fn partition(image: &Path, number: usize) -> (u64, u64) {
    let dump = ask("sfdisk", &["--dump", &shown(image)]);
    let line =
        dump.lines().filter(|line| line.contains("start=")).nth(number - 1).expect("the partition is in the table");
    let field = |name: &str| -> u64 {
        let rest = &line[line.find(name).expect("a field of sfdisk's") + name.len()..];
        rest.split(',').next().expect("a value").trim().parse().expect("a number of sectors")
    };
    (field("start=") * 512, field("size=") * 512)
}

/// One partition as a file of its own, for judges that take nothing else.
fn extract(image: &Path, number: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("partition");
    let (start, size) = partition(image, number);
    let mut source = File::open(image).expect("the image");
    source.seek(SeekFrom::Start(start)).expect("a place in the image");
    copy(&mut source.take(size), &mut File::create(&path).expect("a fresh file")).expect("enough space");
    (folder, path)
}

#[test]
fn the_partition_table_is_one_that_every_board_boots() {
    for node in NODES {
        let image = built().image(node);
        let verdict = ask("sfdisk", &["--verify", &shown(&image)]);
        assert!(verdict.contains("No errors detected."), "{node}: {verdict}");
        let dump = ask("sfdisk", &["--dump", &shown(&image)]);
        let partitions: Vec<&str> = dump.lines().filter(|line| line.contains("start=")).collect();
        assert!(dump.contains("label: dos"), "{dump}");
        assert_eq!(partitions.len(), 2, "{dump}");
        assert!(partitions[0].contains("type=c") && partitions[0].contains("bootable"), "{dump}");
        assert!(partitions[1].contains("type=83"), "{dump}");
    }
}

#[test]
fn both_file_systems_are_clean() {
    for node in NODES {
        let (_folder, boot) = extract(&built().image(node), 1);
        ask("fsck.fat", &["-n", &shown(&boot)]);
        let (_folder, root) = extract(&built().image(node), 2);
        ask("e2fsck", &["-fn", &shown(&root)]);
    }
}

#[test]
fn the_boot_partition_holds_what_the_firmware_wants() {
    for (node, kernel, tree) in
        [("node3", "kernel7.img", "bcm2836-rpi-2-b.dtb"), ("node7", "kernel8.img", "bcm2837-rpi-3-b.dtb")]
    {
        let (_folder, boot) = extract(&built().image(node), 1);
        let read = |name: &str| ask("mtype", &["-i", &shown(&boot), &format!("::{name}")]);
        let listing = ask("mdir", &["-b", "-/", "-i", &shown(&boot), "::"]);
        // gpu_mem=16 makes the firmware load the cut-down files, so both sets are there.
        for file in ["bootcode.bin", "start.elf", "fixup.dat", "start_cd.elf", "fixup_cd.dat", kernel, tree] {
            assert!(listing.contains(file), "{node} lacks {file}:\n{listing}");
        }
        let config = read("config.txt");
        for line in
            ["gpu_mem=16".to_owned(), format!("kernel={kernel}"), "enable_uart=1".into(), "upstream_kernel=1".into()]
        {
            assert!(config.lines().any(|have| have == line), "{node}: no {line} in\n{config}");
        }
        let cmdline = read("a/cmdline.txt");
        assert_eq!(cmdline.trim_end_matches('\n').lines().count(), 1, "{cmdline}");
        let signature = ask("sfdisk", &["--disk-id", &shown(&built().image(node))]);
        let signature = signature.trim().trim_start_matches("0x");
        assert!(cmdline.contains(&format!("root=PARTUUID={signature}-02")), "{cmdline}");
    }
}

#[test]
fn a_node_has_its_own_name_and_address() {
    for (node, address) in [("node3", "192.168.1.13"), ("node4", "192.168.1.14"), ("node7", "192.168.1.17")] {
        let (_folder, root) = extract(&built().image(node), 2);
        let read = |path: &str| ask("debugfs", &["-R", &format!("cat {path}"), &shown(&root)]);
        assert!(read("/etc/hostname").contains(&format!("{node}\n")));
        assert!(read("/etc/hosts").contains(&format!("{address} {node}\n")));
        assert!(read("/etc/systemd/network/10-eth0.network").contains(&format!("Address={address}/24\n")));
    }
}

#[test]
fn images_of_one_base_differ_only_in_hostname_and_address() {
    let (_, said) = ask_for_verdict("cmp", &["-l", &shown(&built().image("node3")), &shown(&built().image("node4"))]);
    let digits = said.lines().filter(|line| line.split_whitespace().count() == 3).count();
    // One digit each in hostname and network file, two in hosts.
    assert_eq!(digits, 4, "{said}");
}

#[test]
fn without_a_key_nobody_can_log_in_by_ssh_and_the_build_says_so() {
    let plain = cluster::Cluster::new(|example| example);
    let output = plain.bramble("image", &["node3"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("no SSH key: sshd stays off; to get in, name your public key in cluster.toml"), "{said}");
    let (_folder, root) = extract(&plain.image("node3"), 2);
    let enabled = ask("debugfs", &["-R", "ls -p /etc/systemd/system/multi-user.target.wants", &shown(&root)]);
    assert!(enabled.contains("bramble-worker.service"), "{enabled}");
    assert!(!enabled.contains("/ssh.service/"), "{enabled}");
}

#[test]
fn the_image_is_sparse_and_its_checksum_holds() {
    let image = built().image("node3");
    let metadata = std::fs::metadata(&image).expect("the image");
    let allocated = std::os::unix::fs::MetadataExt::blocks(&metadata) * 512;
    assert!(allocated < metadata.len(), "{allocated} bytes are allocated for {}", metadata.len());
    let folder = image.parent().expect("a folder");
    let checksum =
        std::process::Command::new("sha256sum").args(["-c", "node3.img.sha256"]).current_dir(folder).output();
    let checksum = checksum.expect("coreutils");
    assert!(checksum.status.success(), "{}", String::from_utf8_lossy(&checksum.stdout));
}

#[test]
fn bmaptool_copies_the_image_by_its_map() {
    let image = built().image("node7");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("copy.img");
    let map = format!("{}.bmap", shown(&image));
    ask("bmaptool", &["copy", "--bmap", &map, &shown(&image), &shown(&copy)]);
    ask("cmp", &[&shown(&image), &shown(&copy)]);
}

#[test]
fn nothing_half_made_lies_in_the_output_folder() {
    let folder = built().path().join("out");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the output folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".bases")
        .collect();
    names.sort();
    let expected: Vec<String> = NODES
        .iter()
        .flat_map(|node| ["", ".bmap", ".json", ".sha256"].map(|suffix| format!("{node}.img{suffix}")))
        .collect();
    assert_eq!(names, expected);
}
