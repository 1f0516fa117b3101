//! Starts the worker over a small site.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::client::Client;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) process: Child,
    pub(crate) stderr: BufReader<ChildStderr>,
    pub(crate) dir: TempDir,
    configuration: Option<TempDir>,
}

/// Larger than what is kept in memory, than a socket's buffer and than one turn of the loop.
pub(crate) const LARGE: usize = 5 * 1024 * 1024 + 17;

impl Server {
    pub(crate) fn start() -> Server {
        Server::start_with(&[], |_| {})
    }

    pub(crate) fn start_with(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Server {
        let dir = site();
        let mut command = worker();
        command.arg("--root").arg(dir.path().join("site")).arg("--sites").arg(dir.path().join("sites"));
        command.args(["--listen", "127.0.0.1:0", "--workers", "2"]);
        command.args(arguments).stderr(Stdio::piped());
        prepare(&mut command);
        let mut process = command.spawn().expect("the worker starts");
        let mut stderr = BufReader::new(process.stderr.take().expect("piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("a line");
        let address = line.trim().rsplit_once(" at ").and_then(|(_, address)| address.parse().ok());
        Server {
            address: address.unwrap_or_else(|| panic!("not serving: {line}")),
            process,
            stderr,
            dir,
            configuration: None,
        }
    }

    /// With a configuration file of this text, and a folder of sites beside the default one.
    pub(crate) fn configured(text: &str) -> Server {
        Server::configured_with(text, &[])
    }

    pub(crate) fn configured_with(text: &str, arguments: &[&str]) -> Server {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("worker.toml");
        fs::write(&file, text).expect("a file");
        let mut server = Server::start_with(arguments, |command| {
            command.arg("--config").arg(&file);
        });
        server.configuration = Some(dir);
        server
    }

    /// Replaces the configuration file; it counts from the next hangup on.
    pub(crate) fn reconfigure(&mut self, text: &str) {
        let file = self.configuration.as_ref().expect("a configured server").path().join("worker.toml");
        fs::write(file, text).expect("a file");
        self.signal(Signal::HUP);
        assert_eq!(self.said(), "bramble-worker: reloaded\n");
        std::thread::sleep(Duration::from_millis(100));
    }

    /// The next line of standard error.
    pub(crate) fn said(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("a line");
        line
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("site").join(name)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("a signal");
    }

    /// Waits for the end of the process, at most `limit`.
    pub(crate) fn end(&mut self, limit: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a child") {
                return status;
            }
            assert!(start.elapsed() < limit, "still running after {limit:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The worker's command line so far: the build under test, with its runner.
pub(crate) fn worker() -> Command {
    let line = env::var("BRAMBLE_WORKER").unwrap_or_else(|_| env!("CARGO_BIN_EXE_bramble-worker").to_owned());
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().expect("BRAMBLE_WORKER names a program"));
    command.args(words);
    command
}

fn site() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = dir.path().join("site");
    for folder in ["sub", "no-index", "a b", ".git"] {
        fs::create_dir_all(site.join(folder)).expect("a folder");
    }
    let large: Vec<u8> = (0..=250).cycle().take(LARGE).collect();
    let files: [(&str, &[u8]); 9] = [
        ("index.html", b"<h1>hello</h1>\n"),
        ("sub/index.html", b"<h1>sub</h1>\n"),
        ("sub/style.css", b"body {}\n"),
        ("a b/é.txt", b"accent\n"),
        (".htaccess", b"hidden"),
        (".git/config", b"hidden"),
        ("empty.js", b""),
        ("medium.bin", &large[..40_000]),
        ("large.bin", &large),
    ];
    for (name, content) in files {
        fs::write(site.join(name), content).expect("a file");
    }
    for host in ["one.example", "two.example"] {
        fs::create_dir_all(dir.path().join("sites").join(host)).expect("a folder");
        fs::write(dir.path().join("sites").join(host).join("index.html"), host).expect("a file");
    }
    fs::write(dir.path().join("secret"), "secret").expect("a file");
    symlink("/etc", site.join("etc")).expect("a link");
    symlink("/etc/passwd", site.join("passwd")).expect("a link");
    symlink("../secret", site.join("upwards")).expect("a link");
    symlink(site.join("index.html"), site.join("absolute.html")).expect("a link");
    symlink("sub/style.css", site.join("inside.css")).expect("a link");
    symlink("/proc/self/root", site.join("magic")).expect("a link");
    symlink("loop", site.join("loop")).expect("a link");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        site.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a pipe");
    dir
}
