//! No privilege and no foreign code: a build by nobody, in an empty environment, with a witness at every system call.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::cluster::{built, cache, copy_payload, project, shown};
use crate::judge::ask;

/// Debian's `nobody` and `nogroup`.
pub(crate) const NOBODY: u32 = 65534;

/// The system calls that would need privilege or run something, and those that make a namespace.
const WATCHED: &str =
    "trace=execve,execveat,mount,umount2,chroot,pivot_root,unshare,setns,init_module,finit_module,bpf,ptrace";

#[test]
fn nobody_builds_the_same_image_in_an_empty_environment_and_executes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| folder.path().join(name);
    // nobody can look into neither the repository nor the cache of whoever runs the tests.
    let bramble = place("bramble");
    fs::copy(env!("CARGO_BIN_EXE_bramble"), &bramble).expect("our own program");
    for name in ["cluster.toml", "key.pub"] {
        fs::copy(built().path().join(name), place(name)).expect("a readable file");
    }
    let cluster = fs::read_to_string(place("cluster.toml")).expect("our own copy");
    let cluster = cluster.replace(&shown(&project().join("site")), "site");
    fs::write(place("cluster.toml"), cluster).expect("our own copy");
    for name in ["board-configs", "overlays", "rootfs", "site"] {
        ask("cp", &["-r", &shown(&project().join(name)), &shown(folder.path())]);
    }
    copy_payload(&place("payload"));
    ask("cp", &["-r", &shown(&cache()), &shown(&place("cache"))]);
    ask("chmod", &["-R", "a+rX", &shown(folder.path())]);
    let out = place("out");
    fs::create_dir(&out).expect("a fresh folder");
    ask("chmod", &["0777", &shown(&out)]);

    let record = out.join("strace");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let strace = std::env::split_paths(&path).map(|folder| folder.join("strace")).find(|program| program.is_file());
    let mut build = Command::new(strace.expect("strace is needed; `make setup` installs it"));
    build.args(["-f", "-o", &shown(&record), "-e", WATCHED]).arg(&bramble).args(["image", "node3"]);
    build.args(["--cluster", "cluster.toml", "--out", "out", "--payload", "payload", "--cache", "cache"]);
    build.current_dir(folder.path()).env_clear();
    // Without privilege already, whoever runs the tests is nobody enough.
    if rustix::process::geteuid().is_root() {
        build.uid(NOBODY).gid(NOBODY);
    }
    let output = build.output().expect("strace");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    ask("cmp", &[&shown(&built().image("node3")), &shown(&out.join("node3.img"))]);
    let calls = fs::read_to_string(&record).expect("what strace recorded");
    let calls: Vec<&str> = calls.lines().filter(|line| !line.contains("+++") && !line.contains("---")).collect();
    assert_eq!(calls.len(), 1, "only the start of bramble itself was to be seen:\n{}", calls.join("\n"));
    assert!(calls[0].contains("execve(") && calls[0].contains("/bramble\""), "{}", calls[0]);
}
