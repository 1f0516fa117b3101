//! What each wrong cluster file is answered, word for word.

mod choice;
mod explain;
mod extra;
mod files;
mod form;
mod identity;
mod names;
mod network;
mod pins;
mod plan;
mod project;
mod ranges;
mod secret;
mod settings;
mod wrong_settings;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::read::read;
use super::{Diagnostics, Plan};

/// The lines before `[[nodes]]` in most tests.
const HEAD: &str = r#"name = "test"
system = "trixie"
[network]
subnet = "10.0.0.0/24"
gateway = "10.0.0.1"
[defaults]
board = "pi3"
role = "worker"
site = "site"
"#;

/// A node with which nothing is wrong.
const NODE: &str = r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
"#;

/// A key of the right form that nobody has.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@desk";

/// A small project folder: the repository's own boards, a system and two roles of few lines, and a Pi 1 for which the
/// system has no architecture.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Self {
        let project = Self { folder: TempDir::new().expect("a temporary folder") };
        project.write("board-configs/pi1.toml", PI1);
        project.write("board-configs/pi2.toml", include_str!("../../../board-configs/pi2.toml"));
        project.write("board-configs/pi3.toml", include_str!("../../../board-configs/pi3.toml"));
        project.write("board-configs/shared/config-txt.toml", KEYS);
        project.write("rootfs/trixie.toml", TRIXIE);
        project.write("rootfs/keyrings/debian.pgp", "");
        project.write("overlays/common/role.toml", "description = \"What every node has\"\n");
        project.write(
            "overlays/worker/role.toml",
            "description = \"Web server\"\nextends = [\"common\"]\nsite = \"/srv/site\"\n",
        );
        project.write("site/index.html", "hello");
        project
    }

    /// A project with every board of the repository, and a system for all of them.
    pub(crate) fn with_all_boards() -> Self {
        let project = Self::new();
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("board-configs");
        for entry in fs::read_dir(boards).expect("the repository's boards") {
            let path = entry.expect("a file of the repository").path();
            if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".toml")) {
                let text = fs::read_to_string(&path).expect("a board file");
                project.write(&format!("board-configs/{name}"), &text);
            }
        }
        let all = TRIXIE.replace(r#"["armhf", "arm64"]"#, r#"["armel", "armhf", "arm64"]"#);
        project.write("rootfs/forky.toml", &all);
        project
    }

    /// The names of its boards, sorted.
    pub(crate) fn boards(&self) -> Vec<String> {
        let folder = fs::read_dir(self.folder.path().join("board-configs")).expect("the project's boards");
        let names = folder.map(|entry| entry.expect("a board").file_name().into_string().expect("a name in UTF-8"));
        let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())).collect();
        names.sort();
        names
    }

    /// Writes a file of the project, with its folders.
    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file in the project")).expect("folders of the project");
        fs::write(path, text).expect("a file of the project");
    }

    fn set_mode(&self, path: &str, mode: u32) {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(self.folder.path().join(path), permissions).expect("a file of the project");
    }

    /// Makes `name` a link to `path`, both in the project.
    fn link(&self, path: &str, name: &str) {
        let [path, name] = [path, name].map(|path| self.folder.path().join(path));
        std::os::unix::fs::symlink(path, name).expect("a link of the project");
    }

    fn read(&self, cluster: &str) -> Result<Plan, Diagnostics> {
        self.write("cluster.toml", cluster);
        let folder = self.folder.path();
        read(&folder.join("cluster.toml"), folder, Some(&folder.join("home")))
    }

    /// The messages for a wrong cluster file, with paths as seen from the project's folder.
    fn refuses(&self, cluster: &str) -> String {
        let found = self.read(cluster).expect_err("a wrong cluster file");
        let folder = format!("{}/", self.folder.path().display());
        found.to_string().replace(&folder, "")
    }

    pub(crate) fn accepts(&self, cluster: &str) -> Plan {
        match self.read(cluster) {
            Ok(plan) => plan,
            Err(found) => panic!("this cluster file is right:\n{found}"),
        }
    }
}

/// Holds a text against the reviewed one in `tests/golden/`. Run with `UPDATE_GOLDEN=1` it writes the file instead.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a file in the folder")).expect("the folder");
        fs::write(&path, text).expect("the reviewed text");
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text,
        reviewed,
        "{} is another; when that is wanted, `UPDATE_GOLDEN=1 cargo test --lib` writes it, and `git diff` shows it",
        path.display()
    );
}

/// The answer to `HEAD` with these nodes.
fn refuses_nodes(nodes: &str) -> String {
    Project::new().refuses(&format!("{HEAD}\n{nodes}"))
}

/// The answer to `HEAD` with one thing replaced and a good node.
fn refuses_head(old: &str, new: &str) -> String {
    assert!(HEAD.contains(old), "the head has no `{old}`");
    Project::new().refuses(&format!("{}\n{NODE}", HEAD.replace(old, new)))
}

/// The answer to a good cluster file in a project with one other file.
fn refuses_file(path: &str, text: &str) -> String {
    let project = Project::new();
    project.write(path, text);
    project.refuses(&format!("{HEAD}\n{NODE}"))
}

const KEYS: &str = include_str!("../../../board-configs/shared/config-txt.toml");

const PI1: &str = r#"description = "Pi 1"
cpu = "armv6"
memory = [256, 512]
partitions = "mbr"
no_emulation = "a board of the tests"
kernels = { armel = "linux-image-rpi" }
[firmware]
files = ["start.elf"]
kernel = "kernel.img"
device_trees = []
[serial]
device = "ttyAMA0"
baud = 115200
[modules]
init = []
"#;

const TRIXIE: &str = r#"description = "Debian"
mirror = "http://mirror.invalid/debian"
keyring = "keyrings/debian.pgp"
architectures = ["armhf", "arm64"]
components = ["main"]
packages = ["apt"]
suites = [{ name = "trixie" }, { name = "trixie-backports", on_request = true }]
"#;

#[test]
fn no_cluster_file() {
    let found = read(Path::new("no/such/cluster.toml"), Path::new("."), None).expect_err("nothing to read");
    assert_eq!(
        found.to_string(),
        "error: cannot read `no/such/cluster.toml`: No such file or directory (os error 2)\n |\n \
         = help: the example `cluster.toml` of the repository shows what belongs into it"
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn colours_are_only_for_terminals() {
    let found = Project::new().read("").expect_err("nothing in it");
    assert!(found.render(true).contains("\u{1b}["));
    assert!(!found.render(false).contains('\u{1b}'));
    assert_eq!(found.render(false), found.to_string());
}
