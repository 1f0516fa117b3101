//! Same inputs, same bytes: whoever builds, wherever, whenever.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::cluster::{built, cache, copy_payload, project, shown};
use crate::judge::ask;
use crate::unprivileged::NOBODY;

/// Nodes of the example, and the files of each: image, checksum, block map, manifest.
const NODES: usize = 8;
const FILES: usize = 4;

/// What the other machine takes the time for, by faketime(1).
const ANOTHER_DAY: &str = "2033-03-14 15:09:26";

/// What the project has beside its files.
const NO_SOURCES: [&str; 3] = [".git", "target", "out"];

/// Two users' machines differ in user, folder, umask, time zone, locale and clock, and in what lies beside the project.
#[test]
fn a_clone_elsewhere_by_another_user_gives_the_same_bytes_for_all_nodes() {
    let here = tempfile::Builder::new().prefix("one place ").tempdir().expect("a temporary folder");
    let out = here.path().join("out");
    fs::create_dir(&out).expect("a fresh folder");
    let mut build = Command::new(env!("CARGO_BIN_EXE_bramble"));
    build.args(["image", "--all", "--cluster", &shown(&built().path().join("cluster.toml"))]);
    run(build.args(["--project", &shown(project()), "--out", &shown(&out)]));

    let elsewhere = tempfile::Builder::new().prefix("an other place ").tempdir().expect("a temporary folder");
    let place = |name: &str| elsewhere.path().join(name);
    let clone = place("clone");
    clone_project(&clone);
    let cluster = fs::read_to_string(built().path().join("cluster.toml")).expect("the cluster file");
    let cluster = cluster.replace(&shown(&project().join("site")), "site");
    fs::write(clone.join("cluster.toml"), cluster).expect("our own clone");
    fs::copy(built().path().join("key.pub"), clone.join("key.pub")).expect("a readable file");
    payload(&clone);
    fs::copy(env!("CARGO_BIN_EXE_bramble"), place("bramble")).expect("our own program");
    ask("cp", &["-r", &shown(&cache()), &shown(&place("cache"))]);

    let mut build = Command::new("sh");
    build.args(["-c", "umask 077; exec \"$@\"", "sh", "faketime", ANOTHER_DAY]);
    build.args([&shown(&place("bramble")), "image", "--all"]);
    build.args(["--cache", "../cache"]).current_dir(&clone).env_remove("BRAMBLE_CACHE");
    build.env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8").env("SOURCE_DATE_EPOCH", "1");
    if rustix::process::geteuid().is_root() {
        ask("chown", &["-R", &format!("{NOBODY}:{NOBODY}"), &shown(elsewhere.path())]);
        build.uid(NOBODY).gid(NOBODY).env("HOME", elsewhere.path());
    }
    run(&mut build);

    let (ours, theirs) = (names(&out), names(&clone.join("out")));
    assert_eq!(ours.len(), NODES * FILES, "{ours:?}");
    assert_eq!(ours, theirs);
    for name in ours {
        ask("cmp", &[&shown(&out.join(&name)), &shown(&clone.join("out").join(&name))]);
    }
}

/// The files of a folder, without what is hidden.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the output folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}

/// Makes `to` what git has of the project. Where that is not what is tested, it is a copy of what lies there.
fn clone_project(to: &Path) {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        // Set while git runs a hook, which may be what runs the tests.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(variable);
        }
        let output = git.arg("-C").arg(project()).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    // Below the top of a repository, this is a copy of the project in somebody's own.
    let obstacle = match (git(&["rev-parse", "--show-prefix"]).as_deref(), git(&["status", "--porcelain"]).as_deref()) {
        (Some(""), Some("")) => None,
        (Some(""), Some(_)) => Some("what lies here is not what is committed"),
        _ => Some("this is no git checkout, or git is missing"),
    };
    let mut umasked = Command::new("sh");
    umasked.args(["-c", "umask 077; exec \"$@\"", "sh"]);
    if let Some(obstacle) = obstacle {
        eprintln!("the second place is a plain copy, as {obstacle}");
        fs::create_dir(to).expect("a fresh folder");
        let entries = fs::read_dir(project()).expect("the project").map(|entry| entry.expect("an entry"));
        let sources = entries.filter(|entry| !NO_SOURCES.iter().any(|name| entry.file_name() == *name));
        run(umasked.args(["cp", "-r", "-t"]).arg(to).args(sources.map(|entry| entry.path())));
    } else {
        eprintln!("the second place is a git clone");
        run(umasked.args(["git", "clone", "--quiet"]).arg(project()).arg(to));
    }
}

/// Gives the clone the programs for the nodes. They take minutes to compile, so only in CI they are compiled anew.
fn payload(clone: &Path) {
    let (ours, theirs) = (project().join("target/payload"), clone.join("target/payload"));
    if std::env::var_os("CI").is_none() {
        eprintln!("the second place gets a copy of the payload; with CI set it compiles its own");
        return copy_payload(&theirs);
    }
    fs::create_dir_all(&theirs).expect("a fresh folder");
    // A linker that was downloaded is the same from everywhere.
    for entry in fs::read_dir(&ours).expect("the payload").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".zig-") && name != ".zig-cache" {
            symlink(entry.path(), theirs.join(name)).expect("a fresh link");
        }
    }
    let begun = std::time::Instant::now();
    let targets = ["aarch64-unknown-linux-musl", "arm-unknown-linux-musleabihf"];
    run(Command::new(clone.join("tools/payload")).arg(&theirs).args(targets));
    eprintln!("the second place compiled its own payload in {} s", begun.elapsed().as_secs());
}
