//! A project of a test's own: the repository's boards, systems and roles, with what the test adds to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bramble::archive::Lock;

use crate::cluster::{project, shown};
use crate::judge;

/// A folder with everything that `bramble image` reads, but for the compiled programs and the downloads.
#[derive(Debug)]
pub(crate) struct OwnProject(tempfile::TempDir);

impl OwnProject {
    /// With a cluster file of these lines behind a name, a network and `system`.
    pub(crate) fn new(system: &str, lines: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("bramble-test-").tempdir().expect("a temporary folder");
        for name in ["board-configs", "rootfs", "overlays"] {
            judge::ask("cp", &["-r", &shown(&project().join(name)), &shown(folder.path())]);
        }
        let own = Self(folder);
        let network = "[network]\nsubnet = \"192.168.1.0/24\"\ngateway = \"192.168.1.1\"\n";
        own.write("cluster.toml", &format!("name = \"own\"\nsystem = \"{system}\"\n{network}{lines}"));
        own
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a name below the folder")).expect("a fresh folder");
        fs::write(path, text).expect("a fresh file");
    }

    /// The committed lock of trixie for `architecture`, to begin with.
    pub(crate) fn lock(&self, architecture: &str) -> Lock {
        Lock::read(&self.path().join(format!("rootfs/trixie.{architecture}.lock"))).expect("the committed lock")
    }

    /// Runs `bramble image` for the nodes, with the packages as they are locked.
    pub(crate) fn build(&self, nodes: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bramble"))
            .args(["image", "--locked", "--payload", &shown(&project().join("target/payload"))])
            .args(nodes)
            .current_dir(self.path())
            .output()
            .expect("our own program")
    }

    /// The same, which must succeed.
    #[track_caller]
    pub(crate) fn build_well(&self, nodes: &[&str]) {
        let output = self.build(nodes);
        assert!(output.status.success(), "bramble image {nodes:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The root file system of a node's image, as a file of its own.
    pub(crate) fn root(&self, node: &str) -> PathBuf {
        let image = self.path().join(format!("out/{node}.img"));
        let dump = judge::ask("sfdisk", &["--json", &shown(&image)]);
        let table: serde_json::Value = serde_json::from_str(&dump).expect("sfdisk's own form");
        let partition = &table["partitiontable"]["partitions"][1];
        let root = self.path().join(format!("{node}.root"));
        let [from, to] = [format!("if={}", shown(&image)), format!("of={}", shown(&root))];
        let [skip, count] = [format!("skip={}", partition["start"]), format!("count={}", partition["size"])];
        judge::ask("dd", &["bs=512", "status=none", "conv=sparse", &from, &to, &skip, &count]);
        root
    }
}
