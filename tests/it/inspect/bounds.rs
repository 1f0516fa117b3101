//! Images that would take more memory or time than they are worth, and do not.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::Command;

use super::diff;
use super::foreign::Foreign;
use crate::cluster::shown;
use crate::judge::ask;

/// Memory for a program, in KiB of addresses.
const MEMORY: u32 = 1 << 20;

#[test]
fn thousands_of_folders_in_each_other_are_listed_as_far_as_a_path_leads() {
    let foreign = Foreign::new();
    let script = foreign.path("script");
    fs::write(&script, "mkdir d\ncd d\n".repeat(8000)).expect("a fresh file");
    ask("debugfs", &["-w", "-f", &shown(&script), &shown(&foreign.path("root"))]);
    let image = shown(&foreign.card("deep.img"));
    for arguments in [vec!["inspect", &image], vec!["diff", &image, &image]] {
        let bounded = format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"");
        let program = env!("CARGO_BIN_EXE_bramble");
        let output = Command::new("sh").args(["-c", &bounded, program]).args(&arguments).output().expect("a shell");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("a path in it has more than 4096 bytes, and no program could name it"), "{said}");
    }
}

#[test]
fn a_file_that_is_one_hole_is_passed_over() {
    let foreign = Foreign::new();
    let file = File::create(foreign.path("hole")).expect("a fresh file");
    file.set_len(1_200 << 30).expect("a length");
    let images = [7, 8].map(|byte| {
        file.write_all_at(&[byte; 4096], 1 << 40).expect("a block");
        foreign.debugfs("rm /hole");
        foreign.debugfs(&format!("write {} /hole", shown(&foreign.path("hole"))));
        foreign.card(&format!("{byte}.img"))
    });
    // Read through, it would take an hour.
    let (status, lines) = diff(&images[0], &images[1], &["--ignore-free-space"]);
    assert_eq!(status, Some(1));
    let told = "  /hole: 4096 bytes differ, the first at 1099511627776";
    assert!(lines.iter().any(|line| line == told), "{lines:?}");
}

#[test]
fn accounts_that_share_a_home_are_not_looked_into_without_end() {
    let foreign = Foreign::new();
    let files = [
        ("etc/passwd", "a:x:0:0::/root:/bin/sh\n".repeat(40_000)),
        ("etc/shadow", "b::1::::::\n".repeat(90_000)),
        ("root/.ssh/authorized_keys", "# no key\n".repeat(110_000)),
        ("usr/sbin/sshd", "program".to_owned()),
    ];
    foreign.debugfs("rm /etc/passwd");
    foreign.debugfs("rm /etc/shadow");
    for folder in ["/root", "/root/.ssh", "/usr/sbin"] {
        foreign.debugfs(&format!("mkdir {folder}"));
    }
    for (path, content) in files {
        fs::write(foreign.path("file"), content).expect("a fresh file");
        foreign.debugfs(&format!("write {} /{path}", shown(&foreign.path("file"))));
    }
    let text = super::inspected(&foreign.card("accounts.img"), &[]);
    let warning = "warning: partition 2, `/root/.ssh/authorized_keys` cannot be read: more was asked for than all texts of \
                   the partition have";
    assert!(text.lines().any(|line| line == warning), "{}", text.lines().take(20).collect::<String>());
}

#[test]
fn settings_that_include_themselves_many_times_come_to_an_end() {
    let foreign = Foreign::new();
    foreign.put("config.txt", &format!("gpu_mem=64\n{}", "include config.txt\n".repeat(40)));
    let text = super::inspected(&foreign.card("circle.img"), &[]);
    assert!(text.lines().any(|line| line == "  gpu_mem=64"), "{text}");
}
