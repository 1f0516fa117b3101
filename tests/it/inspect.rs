//! `bramble inspect` and `bramble diff`, on our images and on one by other tools, held against other tools' words.

mod access;
mod bounds;
mod foreign;
mod odd;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use self::foreign::Foreign;
use crate::cluster::{built, shown};
use crate::judge::ask;

/// Runs bramble; gives its exit status, what it printed, and what it said of failures.
fn bramble(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bramble")).args(arguments).output().expect("our own program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn inspected(image: &Path, arguments: &[&str]) -> String {
    let (status, printed, said) = bramble(&[&["inspect", &shown(image)], arguments].concat());
    assert_eq!(status, Some(0), "{said}");
    printed
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Status and lines of `bramble diff`.
fn diff(a: &Path, b: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let (status, printed, said) = bramble(&[&["diff", &shown(a), &shown(b)], arguments].concat());
    (status, format!("{printed}{said}").lines().map(str::to_owned).collect())
}

#[test]
fn what_inspect_says_of_our_image_is_what_others_say() {
    let image = built().image("node3");
    let report = json(&inspected(&image, &["--json"]));
    let table = ask("sfdisk", &["--json", &shown(&image)]);
    let table = json(&table)["partitiontable"].take();
    assert_eq!(format!("0x{}", report["disk_signature"].as_str().expect("text")), table["id"]);
    let root = &report["partitions"][1];
    assert_eq!(root["start"], table["partitions"][1]["start"].as_u64().expect("a number") * 512);
    assert_eq!(root["length"], table["partitions"][1]["size"].as_u64().expect("a number") * 512);

    let part = tempfile::NamedTempFile::new().expect("a temporary file");
    let part = shown(part.path());
    let skip = format!("skip={}", table["partitions"][1]["start"]);
    ask("dd", &[&format!("if={}", shown(&image)), &format!("of={part}"), "bs=512", &skip, "status=none"]);
    let facts = ask("dumpe2fs", &["-h", &part]);
    let fact = |name: &str| {
        let line = facts.lines().find_map(|line| line.strip_prefix(name)).expect("a line of dumpe2fs");
        line.trim_start_matches(':').trim().to_owned()
    };
    assert_eq!(root["contents"]["uuid"], fact("Filesystem UUID"));
    let free: u64 = fact("Free blocks").parse().expect("a number");
    assert_eq!(root["contents"]["free"], free * 4096);

    let cat = |path: &str| ask("debugfs", &["-R", &format!("cat {path}"), &part]);
    assert!(cat("/etc/hostname").starts_with(&format!("{}\n", report["system"]["hostname"].as_str().expect("text"))));
    let status = format!("\n{}", cat("/var/lib/dpkg/status"));
    let installed = report["packages"]["installed"].as_array().expect("a list");
    assert_eq!(installed.len(), status.matches("Status: install ok installed").count());
    for package in installed {
        let lines = [("Package", "name"), ("Version", "version"), ("Architecture", "architecture")];
        for (field, key) in lines {
            let line = format!("\n{field}: {}\n", package[key].as_str().expect("text"));
            assert!(status.contains(&line), "dpkg's record has no line {line:?}");
        }
    }
    assert_eq!(report["system"]["interfaces"][0]["addresses"][0], "192.168.1.13/24");
    assert_eq!(report["system"]["interfaces"][0]["enabled"], true);
    assert_eq!(report["access"]["ssh"]["enabled"], true);
    assert_eq!(report["access"]["ssh"]["passwords"], false);
    assert_eq!(report["access"]["ssh"]["keys"][0]["kind"], "ssh-ed25519");
    assert_eq!(report["boot"]["root_partition"], 2);

    let text = inspected(&image, &[]);
    for line in ["hostname: node3", "  gpu_mem=16", "config.txt, for bcm2836-rpi-2-b:"] {
        assert!(text.lines().any(|have| have == line), "no line {line:?} in\n{text}");
    }
}

#[test]
fn two_nodes_of_a_base_differ_in_hostname_and_address() {
    let (node3, node4) = (built().image("node3"), built().image("node4"));
    let (status, lines) = diff(&node3, &node4, &[]);
    assert_eq!(status, Some(1));
    assert_eq!(
        lines[..4],
        [
            "partition 2:",
            "  /etc/hostname: node3 → node4",
            "  /etc/hosts, line 5: 192.168.1.13 node3 → 192.168.1.14 node4",
            "  /etc/systemd/network/10-eth0.network, line 11: Address=192.168.1.13/24 → Address=192.168.1.14/24",
        ]
    );
    let (start, end) = ("  4 bytes differ, in 4 places, the first at ", "network");
    assert!(lines.len() == 5 && lines[4].starts_with(start) && lines[4].ends_with(end), "{lines:?}");
    assert_eq!(diff(&node3, &node3, &[]), (Some(0), vec![]));
}

#[test]
fn trouble_is_neither_same_nor_different() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = folder.path().join("none.img");
    let (status, lines) = diff(&missing, &missing, &[]);
    assert_eq!(status, Some(2));
    let expected = format!("error: cannot read `{}`: No such file or directory (os error 2)", missing.display());
    assert_eq!(lines, [expected]);
}

#[test]
fn an_image_that_others_made_is_described() {
    let foreign = Foreign::new();
    let image = foreign.card("card.img");
    let text = inspected(&image, &[]);
    for line in [
        "config.txt, for bcm2836-rpi-2-b:",
        "  gpu_mem=16",
        "  passed over: config.txt:2: what is below `[pi4]` is not for this board",
        "  (root is partition 2)",
        "system: Raspbian GNU/Linux 12 (bookworm)",
        "kernel: 6.1.21-v7+",
        "hostname: raspberrypi",
        "  eth0: 10.1.2.3/8, gateway 10.0.0.1 (/etc/dhcpcd.conf, dhcpcd.service not enabled)",
        "accounts: root (with a password)",
        "ssh: no server",
        "console ttyAMA0 or ttyS0: login",
        "     21 bytes  hello 1:2.10-3+b1 armhf",
    ] {
        assert!(text.lines().any(|have| have == line), "no line {line:?} in\n{text}");
    }
    assert!(text.contains("FAT16 `bootfs`") || text.contains("FAT16 `BOOTFS`"), "{text}");
    let pi4 = inspected(&image, &["--board", "pi4"]);
    assert!(pi4.contains("  arm_64bit=1\n  gpu_mem=16\n"), "{pi4}");
    let (status, _, said) = bramble(&["inspect", &shown(&image), "--board", "pi9"]);
    assert_eq!(status, Some(1));
    assert!(said.starts_with("error: no model of Raspberry Pi is called `pi9`; cm1, cm3, "), "{said}");
}

#[test]
fn a_card_with_a_guid_partition_table_is_described() {
    let foreign = Foreign::new();
    foreign.put("cmdline.txt", "root=PARTUUID=aaaaaaaa-0000-4000-8000-000000000002 rootwait\n");
    let image = foreign.gpt_card("card.img");
    let text = inspected(&image, &[]);
    let first: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(
        first,
        [
            "image of 89 MiB (93323264 bytes), disk GUID 11111111-2222-4333-8444-555555555555",
            "partition 1: type c12a7328-f81f-11d2-ba4b-00a0c93ec93b, 20 MiB from 4 MiB",
            "  GUID aaaaaaaa-0000-4000-8000-000000000001, named `boot`",
        ]
    );
    for line in [
        "partition 2: type 0fc63daf-8483-4772-8e79-3d69d8477de4, 64 MiB from 24 MiB",
        "  GUID aaaaaaaa-0000-4000-8000-000000000002, without a name",
        "  (root is partition 2)",
        "hostname: raspberrypi",
    ] {
        assert!(text.lines().any(|have| have == line), "no line {line:?} in\n{text}");
    }
    let report = json(&inspected(&image, &["--json"]));
    assert_eq!(report["disk_guid"], "11111111-2222-4333-8444-555555555555");
    assert_eq!(report["partitions"][0]["name"], "boot");

    // A GPT's first entry begins at byte 1024, and its name 56 bytes behind that.
    let other = foreign.path("other.img");
    let mut content = fs::read(&image).expect("the image");
    content[1024 + 56] = b'r';
    fs::write(&other, &content).expect("enough space");
    let warning = "warning: the GUID partition table at the disk's start has entries with a wrong checksum; the one at \
                   its end counts";
    assert!(inspected(&other, &[]).lines().any(|line| line == warning), "{}", inspected(&other, &[]));

    // The same partitions by an MBR.
    let (status, lines) = diff(&image, &foreign.card("mbr.img"), &["--ignore-free-space"]);
    assert_eq!(status, Some(1));
    for line in [
        "  disk signature: none → 12345678",
        "  disk GUID: 11111111-2222-4333-8444-555555555555 → none",
        "  type: c12a7328-f81f-11d2-ba4b-00a0c93ec93b → 0x0c",
        "  name: boot → none",
    ] {
        assert!(lines.iter().any(|have| have == line), "no line {line:?} in\n{}", lines.join("\n"));
    }
}

#[test]
fn changes_of_other_tools_are_told_in_words() {
    let foreign = Foreign::new();
    let before = foreign.card("before.img");
    foreign.put("config.txt", "[pi4]\narm_64bit=1\n[all]\ngpu_mem=32\n");
    foreign.debugfs("set_inode_field /usr/bin/hello mode 0104755");
    foreign.debugfs("set_inode_field /etc/hostname uid 1000");
    foreign.debugfs("ea_set /etc/hostname user.colour red");
    foreign.debugfs("rm /etc/dhcpcd.conf");
    foreign.debugfs("symlink new there");
    foreign.debugfs("mkdir empty");
    let (status, lines) = diff(&before, &foreign.card("after.img"), &[]);
    assert_eq!(status, Some(1));
    for line in [
        "partition 1:",
        "  /config.txt, line 4: gpu_mem=16 → gpu_mem=32",
        "partition 2:",
        "  /empty: directory, only in the second",
        "  /etc/dhcpcd.conf: file of 68 bytes, only in the first",
        "  /etc/hostname: attribute user.colour none → red",
        "  /new: symbolic link to there, only in the second",
        "  /usr/bin/hello: mode 0644 → 4755",
    ] {
        assert!(lines.iter().any(|have| have == line), "no line {line:?} in\n{}", lines.join("\n"));
    }
    // Whoever runs the tests owns the files.
    let told = |start: &str, end: &str| lines.iter().any(|line| line.starts_with(start) && line.contains(end));
    assert!(told("  /etc/hostname: owner ", " → 1000:"), "{lines:?}");
    assert!(told("  ", " of inode tables"), "{lines:?}");
}

#[test]
fn free_space_counts_unless_it_is_passed_over() {
    let foreign = Foreign::new();
    let before = foreign.card("before.img");
    let after = foreign.path("after.img");
    let mut content = fs::read(&before).expect("the image");
    // The last byte of the root partition, and one between the table and the first partition.
    *content.last_mut().expect("a byte") ^= 1;
    content[1 << 20] ^= 1;
    fs::write(&after, content).expect("enough space");
    let (status, lines) = diff(&before, &after, &[]);
    assert_eq!(status, Some(1));
    assert_eq!(
        lines,
        [
            "disk:",
            "  1 byte differs, in 1 place, the first at 1048576",
            "partition 2:",
            "  1 byte differs, in 1 place, the first at 67108863: 1 of free space"
        ]
    );
    assert_eq!(diff(&before, &after, &["--ignore-free-space"]), (Some(0), vec![]));
}

#[test]
fn bills_of_materials_have_what_their_forms_require_and_depend_on_the_content_alone() {
    let image = built().image("node7");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("renamed.img");
    ask("cp", &["--sparse=always", &shown(&image), &shown(&copy)]);
    let count = json(&inspected(&image, &["--json"]))["packages"]["installed"].as_array().expect("a list").len();
    assert!(count > 50, "{count}");
    for form in ["spdx", "cyclonedx"] {
        let text = inspected(&image, &["--sbom", form]);
        assert_eq!(text, inspected(&copy, &["--sbom", form]));
        let file = folder.path().join(form);
        fs::write(&file, &text).expect("a fresh file");
        ask("python3", &["-m", "json.tool", &shown(&file)]);
    }
    let spdx = json(&inspected(&image, &["--sbom", "spdx"]));
    assert_eq!((&spdx["spdxVersion"], &spdx["dataLicense"]), (&"SPDX-2.3".into(), &"CC0-1.0".into()));
    assert!(spdx["documentNamespace"].as_str().expect("text").starts_with("urn:uuid:"));
    assert!(spdx["creationInfo"]["created"].as_str().expect("text").ends_with('Z'));
    let packages = spdx["packages"].as_array().expect("a list");
    assert_eq!(packages.len(), count + 1);
    let mut ids: Vec<&str> = packages.iter().map(|package| package["SPDXID"].as_str().expect("text")).collect();
    for package in packages {
        for field in ["name", "versionInfo", "downloadLocation", "licenseConcluded", "copyrightText"] {
            assert!(package[field].is_string(), "no {field} in {package}");
        }
        let id = package["SPDXID"].as_str().expect("text").strip_prefix("SPDXRef-").expect("the prefix of ids");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-'), "{id}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count + 1);
    let urls = spdx.to_string();
    assert!(urls.contains("pkg:deb/debian/bash@") && urls.contains("?arch=arm64"), "{urls}");
    assert_eq!(spdx["relationships"].as_array().expect("a list").len(), count + 1);

    let cyclonedx = json(&inspected(&image, &["--sbom", "cyclonedx"]));
    assert_eq!((&cyclonedx["bomFormat"], &cyclonedx["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let components = cyclonedx["components"].as_array().expect("a list");
    assert_eq!(components.len(), count);
    for component in components {
        for field in ["type", "name", "version", "purl", "bom-ref"] {
            assert!(component[field].is_string(), "no {field} in {component}");
        }
    }
}
