//! Same inputs, same bytes: whoever builds, wherever, whenever.

use std::fs;
use std::process::Command;

use crate::cluster::{built, project, shown};
use crate::judge::ask;

/// Two users' machines differ in folder, umask, time zone and locale, and in what lies beside the project.
#[test]
fn another_folder_umask_time_zone_and_locale_give_the_same_bytes() {
    let elsewhere = tempfile::Builder::new().prefix("an other place ").tempdir().expect("a temporary folder");
    for file in ["cluster.toml", "key.pub"] {
        fs::copy(built().path().join(file), elsewhere.path().join(file)).expect("a readable file");
    }
    let copy = elsewhere.path().join("project");
    fs::create_dir(&copy).expect("a fresh folder");
    for folder in ["board-configs", "overlays", "rootfs", "site"] {
        // Plain cp: times and owners are new, and the order of entries is whatever this file system makes of it.
        ask("cp", &["-r", &shown(&project().join(folder)), &shown(&copy)]);
    }
    let output = Command::new("sh")
        .args(["-c", "umask 077; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_bramble"), "image", "--all"])
        .args(["--cluster", "cluster.toml", "--project", "project", "--out", "out"])
        .args(["--payload", &shown(&project().join("target/payload"))])
        .current_dir(elsewhere.path())
        .env("TZ", "Pacific/Kiritimati")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("SOURCE_DATE_EPOCH", "1")
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for node in ["node3", "node7"] {
        let other = elsewhere.path().join(format!("out/{node}.img"));
        ask("cmp", &[&shown(&built().image(node)), &shown(&other)]);
    }
}
