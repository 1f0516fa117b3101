//! The cluster of the tests: the example's nodes 3 and 7 with a key of the tests' own and an open serial console.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use bramble::archive::Cache;

use crate::judge;

/// The repository.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with a cluster file, an ssh key pair and, once built, the images.
#[derive(Debug)]
pub(crate) struct Cluster {
    path: PathBuf,
    /// Takes the folder away at last.
    _temporary: Option<tempfile::TempDir>,
}

impl Cluster {
    /// A fresh cluster whose cluster file is the example with `change` done to its text.
    pub(crate) fn new(change: impl Fn(String) -> String) -> Self {
        let folder = tempfile::Builder::new().prefix("bramble-test-").tempdir().expect("a temporary folder");
        let path = folder.path().to_owned();
        Self { _temporary: Some(folder), ..Self::at(path, change) }
    }

    /// A fresh cluster in an empty folder.
    fn at(path: PathBuf, change: impl Fn(String) -> String) -> Self {
        let example = fs::read_to_string(project().join("cluster.toml")).expect("the example");
        let site = project().join("site");
        let example = example.replace("site = \"site\"", &format!("site = \"{}\"", site.display()));
        fs::write(path.join("cluster.toml"), change(example)).expect("a fresh file");
        Self { path, _temporary: None }
    }

    /// The example, with a key of our own and a shell on the console, in an empty folder.
    fn with_access(path: PathBuf) -> Self {
        Self::at(path, |example| {
            let opened = example.replace("[defaults]", "[defaults]\nconsole = \"shell\"");
            assert!(opened.contains("console ="), "the example has no longer [defaults]");
            opened
        })
        .with_key()
    }

    /// With a key of its own to log in with.
    fn with_key(self) -> Self {
        let file = self.path().join("cluster.toml");
        let key = "authorized_keys = [\"key.pub\"]";
        let text = fs::read_to_string(&file).expect("our own file").replace("[ssh]", &format!("[ssh]\n{key}"));
        assert!(text.contains(key), "the example has no longer [ssh]");
        fs::write(&file, text).expect("our own file");
        let key = self.key();
        judge::ask("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", &key.display().to_string()]);
        self
    }

    /// With one more node.
    pub(crate) fn with_node(self, name: &str, address: &str, board: &str) -> Self {
        let file = self.path().join("cluster.toml");
        let mut text = fs::read_to_string(&file).expect("our own file");
        text += &format!("[[nodes]]\nname = \"{name}\"\naddress = \"{address}\"\nboard = \"{board}\"\n");
        fs::write(&file, text).expect("our own file");
        self
    }

    /// As [`Cluster::of_board`], with a key to log in with.
    pub(crate) fn of_board_with_access(board: &str) -> Self {
        Self::of_board(board).with_key()
    }

    /// One node, node1, on a board that need not be in the example.
    pub(crate) fn of_board(board: &str) -> Self {
        let nodes = format!("[[nodes]]\nname = \"node1\"\naddress = \"192.168.1.11\"\nboard = \"{board}\"\n");
        Self::new(|example| {
            let (head, _) = example.split_once("[[nodes]]").expect("the example has nodes");
            // Not every board has a GPU's share to set, or an overclock.
            let head = head.lines().filter(|line| !line.starts_with("gpu_mem") && !line.starts_with("overclock"));
            let head: String = head.flat_map(|line| [line, "\n"]).collect();
            head.replace("[defaults]", "[defaults]\nconsole = \"shell\"") + &nodes
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The private key.
    pub(crate) fn key(&self) -> PathBuf {
        self.path().join("key")
    }

    pub(crate) fn image(&self, node: &str) -> PathBuf {
        self.path().join("out").join(format!("{node}.img"))
    }

    /// Runs `bramble COMMAND --cluster … --project … ARGUMENTS`.
    pub(crate) fn bramble(&self, command: &str, arguments: &[&str]) -> Output {
        self.command(command, arguments).output().expect("our own program")
    }

    pub(crate) fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut bramble = Command::new(env!("CARGO_BIN_EXE_bramble"));
        bramble.arg(command).arg("--cluster").arg(self.path().join("cluster.toml")).arg("--project").arg(project());
        if command != "check" {
            bramble.arg("--out").arg(self.path().join("out"));
        }
        bramble.args(arguments).current_dir(self.path());
        bramble
    }

    /// Builds images, which must succeed.
    #[track_caller]
    pub(crate) fn build(&self, nodes: &[&str]) {
        let output = self.bramble("image", nodes);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "bramble image {nodes:?} failed:\n{said}");
    }
}

/// The cluster that most tests look at, with the images of node3 and node4 (Pi 2, armhf) and node7 (Pi 3, arm64); built
/// once. Nothing drops what is static, so its folder is no temporary one: the next run of the tests takes it away.
pub(crate) fn built() -> &'static Cluster {
    static BUILT: OnceLock<(Cluster, File)> = OnceLock::new();
    let (cluster, _) = BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Held until this process ends: another one with the same tests waits.
        let lock = File::create(folder.join("cluster.lock")).expect("a file in the target folder");
        lock.lock().expect("a lock");
        let path = folder.join("cluster");
        if path.exists() {
            fs::remove_dir_all(&path).expect("what the last run left");
        }
        fs::create_dir(&path).expect("a fresh folder");
        let cluster = Cluster::with_access(path);
        cluster.build(&["3", "4", "7"]);
        (cluster, lock)
    });
    cluster
}

/// The folder with the downloads, the same for all builds.
pub(crate) fn cache() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let default = || Cache::default_folder(variable, std::env::home_dir).expect("a home folder, or BRAMBLE_CACHE");
    variable("BRAMBLE_CACHE").unwrap_or_else(default)
}

/// Copies the programs for the nodes to the folder `to`, without what they were compiled with.
pub(crate) fn copy_payload(to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    let folder = project().join("target/payload");
    let entries = fs::read_dir(&folder).expect("the payload; `make payload` compiles it");
    for entry in entries.map(|entry| entry.expect("an entry").path()) {
        if !entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            judge::ask("cp", &["-r", &shown(&entry), &shown(to)]);
        }
    }
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
