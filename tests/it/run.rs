//! `bramble run` ends, and its machine with it, whichever way it is ended.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::cluster::{built, shown};
use crate::judge::ask;

/// Stands for QEMU: knows the machine, and runs until somebody ends it.
const MACHINE: &str = r#"#!/bin/sh
case "$*" in
    '-machine help') echo 'raspi2b a Pi 2'; exit ;;
esac
echo $$ >"$(dirname "$0")/pid.new"
mv "$(dirname "$0")/pid.new" "$(dirname "$0")/pid"
exec sleep 600
"#;

#[test]
fn the_machine_ends_with_the_program() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stand_in = folder.path().join("qemu-system-arm");
    fs::write(&stand_in, MACHINE).expect("a fresh file");
    ask("chmod", &["0755", &shown(&stand_in)]);
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).expect("a fresh folder");
    let left = || fs::read_dir(&temporary).expect("our own folder").count();

    for (signal, cleans_up) in [(Signal::TERM, true), (Signal::HUP, true), (Signal::KILL, false)] {
        let path = format!("{}:{}", shown(folder.path()), std::env::var("PATH").unwrap_or_default());
        let mut run = built().command("run", &["node3"]);
        // What it says of an end like this would be taken for the end of the tests.
        run.env("PATH", path).env("TMPDIR", &temporary).stderr(Stdio::null());
        let run = run.spawn().expect("our own program");
        let machine = started(&folder.path().join("pid"));
        assert_eq!(left(), 1, "what the machine works on");

        end(run, signal);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Path::new(&format!("/proc/{machine}")).exists() {
            assert!(Instant::now() < deadline, "{signal:?}: the machine runs on");
            thread::sleep(Duration::from_millis(20));
        }
        if cleans_up {
            assert_eq!(left(), 0, "{signal:?}: something stayed behind");
        }
    }
}

/// The process id that the machine left in a file, which goes.
fn started(file: &Path) -> u32 {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !file.exists() {
        assert!(Instant::now() < deadline, "the machine did not start");
        thread::sleep(Duration::from_millis(20));
    }
    let pid = fs::read_to_string(file).expect("a file of ours").trim().parse().expect("a process id");
    fs::remove_file(file).expect("a file of ours");
    pid
}

fn end(mut run: Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(run.id()).expect("a process id")).expect("a process id");
    kill_process(pid, signal).expect("our own child");
    run.wait().expect("our own child");
}
