//! A system without openssh-server: its nodes have no ssh, and nothing that would miss it.

use std::fs;
use std::path::Path;

use crate::cluster::shown;
use crate::judge::{ask, ask_for_verdict};
use crate::own_project::OwnProject;

/// A node of the system `lean`, which is trixie without an ssh server.
fn project(further: &str) -> OwnProject {
    let node = "[[nodes]]\nname = \"node1\"\naddress = \"192.168.1.11\"\nboard = \"virt-arm64\"\nrole = \"worker\"\n";
    let own = OwnProject::new("lean", &format!("{further}{node}"));
    let trixie = fs::read_to_string(own.path().join("rootfs/trixie.toml")).expect("the system");
    let lean = trixie.replace("    \"openssh-server\",\n", "");
    assert_ne!(lean, trixie, "trixie has openssh-server no longer");
    own.write("rootfs/lean.toml", &lean);
    let mut lock = own.lock("arm64");
    "lean".clone_into(&mut lock.system);
    lock.roots.retain(|root| root != "openssh-server");
    let roots: Vec<&str> = lock.roots.iter().map(String::as_str).collect();
    lock.packages = lock.closure(&roots).expect("locked").into_iter().cloned().collect();
    // What boards take from suites on request is none of it.
    lock.sets.clear();
    assert!(lock.packages.iter().all(|package| package.name != "openssh-server"));
    lock.write(&own.path().join("rootfs/lean.arm64.lock")).expect("writable");
    own
}

/// The links below `folder` that lead to nothing in `root`.
fn dangling(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match fs::read_link(&path) {
            Ok(target) if target == Path::new("/dev/null") => {}
            Ok(target) => {
                let target = match target.strip_prefix("/") {
                    Ok(below) => root.join(below),
                    Err(_) => folder.join(&target),
                };
                if !target.exists() {
                    found.push(format!("{} -> {}", path.display(), target.display()));
                }
            }
            Err(_) if path.is_dir() => dangling(root, &path, found),
            Err(_) => {}
        }
    }
}

#[test]
fn a_system_without_ssh_builds_and_enables_nothing_that_is_not_there() {
    let own = project("");
    own.build_well(&["node1"]);
    let (image, root) = (own.root("node1"), own.path().join("root"));
    fs::create_dir_all(root.join("usr/lib")).expect("a fresh folder");
    for (folder, to) in [("/etc", &root), ("/usr/lib/systemd", &root.join("usr/lib"))] {
        ask("debugfs", &["-R", &format!("rdump {folder} {}", to.display()), &shown(&image)]);
    }
    let mut found = Vec::new();
    dangling(&root, &root.join("etc/systemd"), &mut found);
    assert_eq!(found, [""; 0]);
    let is_enabled =
        |unit: &str| ask_for_verdict("systemctl", &[&format!("--root={}", root.display()), "is-enabled", unit]);
    assert_eq!(is_enabled("bramble-worker.service"), (true, "enabled\n".to_owned()));
    for unit in ["ssh.service", "ssh.socket", "bramble-ssh-host-key.service"] {
        assert!(!is_enabled(unit).0 || is_enabled(unit).1 == "static\n", "{unit}: {:?}", is_enabled(unit));
    }
}

#[test]
fn keys_for_a_system_without_ssh_are_told_with_the_way_out() {
    let own = project("[ssh]\nauthorized_keys = [\"key.pub\"]\n");
    let key = own.path().join("key").display().to_string();
    ask("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", &key]);
    let output = own.build(&["node1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains(
            "error: the cluster file names keys to log in with by ssh, and the system `lean` has no ssh server: add \
             `openssh-server` to `packages` in rootfs/lean.toml or in a role, or take the keys out of `[ssh]`\n"
        ),
        "{said}"
    );
    assert!(!own.path().join("out/node1.img").exists());
}
