//! The process: readiness, signals, watchdog, arguments.

use std::io::{BufRead, Read};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::client::Client;
use crate::server::{LARGE, Server, worker};

#[test]
fn health_is_ok_while_serving() {
    let server = Server::start();
    let answer = server.client().get("/healthz");
    assert_eq!((answer.status, answer.text()), (200, "ok\n"));
    assert_eq!(answer.field("Cache-Control"), Some("no-store"));
}

#[test]
fn health_is_not_ok_while_the_site_cannot_be_read() {
    let server = Server::configured("[limits]\nrequests-per-second = 1\nburst = 1\n");
    let mut balancer = server.client();
    let site = server.dir.path().join("site");
    for (from, to, status) in [("site", "gone", 503), ("gone", "site", 200)] {
        std::fs::rename(server.dir.path().join(from), server.dir.path().join(to)).expect("rename");
        // Health has no limit of requests; 429 would be neither.
        let mut answers = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(50));
            balancer.get("/healthz").status
        });
        assert_eq!(answers.by_ref().take(200).find(|answer| [status, 429].contains(answer)), Some(status));
    }
    assert!(site.exists());
}

#[test]
fn the_end_is_graceful() {
    let mut server = Server::start_with(&["--drain", "2"], |_| {});
    let mut balancer = server.client();
    let mut downloader = server.client();
    let mut idle = server.client();
    assert_eq!(idle.get("/").status, 200);
    assert_eq!(balancer.get("/healthz").status, 200);
    downloader.send(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(200));

    let start = Instant::now();
    server.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(500));
    let answer = balancer.get("/healthz");
    assert_eq!((answer.status, answer.text(), answer.field("Connection")), (503, "draining\n", Some("close")));
    assert_eq!(server.client().get("/").status, 200, "new clients are still answered while draining");
    assert!(idle.is_closed(), "idle connections end with the draining");
    assert!(server.process.try_wait().expect("a child").is_none(), "a download is still going on");
    assert_eq!(downloader.answer(false).body.len(), LARGE);
    assert!(server.end(Duration::from_secs(5)).success());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_end_comes_whatever_clients_do() {
    let mut server = Server::start_with(&["--drain", "0"], |_| {});
    let mut stuck = server.client();
    stuck.send(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(200));
    server.signal(Signal::TERM);
    assert!(server.end(Duration::from_secs(12)).success());
}

#[test]
fn hangup_takes_a_new_site_and_keeps_connections() {
    let mut server = Server::start();
    let mut client = server.client();
    assert_eq!(client.get("/").text(), "<h1>hello</h1>\n");
    let site = server.dir.path().join("site");
    std::fs::rename(&site, server.dir.path().join("old")).expect("rename");
    std::fs::create_dir(&site).expect("a folder");
    std::fs::write(site.join("index.html"), "new\n").expect("a file");
    assert_eq!(client.get("/").text(), "<h1>hello</h1>\n");
    server.signal(Signal::HUP);
    let mut line = String::new();
    server.stderr.read_line(&mut line).expect("a line");
    assert_eq!(line, "bramble-worker: reloaded\n");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(client.get("/").text(), "new\n");
}

#[test]
fn systemd_hears_of_start_watchdog_and_end() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("notify");
    let systemd = UnixDatagram::bind(&path).expect("a socket");
    systemd.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let mut server = Server::start_with(&["--drain", "0"], |command| {
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000").env_remove("WATCHDOG_PID");
    });
    let message = || {
        let mut buffer = [0; 64];
        let length = systemd.recv(&mut buffer).expect("a message");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    assert_eq!(message(), "READY=1\nSTATUS=serving");
    assert_eq!(message(), "WATCHDOG=1");
    assert_eq!(message(), "WATCHDOG=1");
    server.signal(Signal::HUP);
    let reloading = std::iter::repeat_with(message).find(|message| message != "WATCHDOG=1").expect("a message");
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(message(), "READY=1\nSTATUS=serving");
    server.signal(Signal::TERM);
    let last = std::iter::repeat_with(message).find(|message| message != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1\nSTATUS=draining"));
    assert!(server.end(Duration::from_secs(5)).success());
}

#[test]
fn sockets_from_systemd_are_served() {
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (sites, metrics) = (listen(), listen());
    let addresses = [&sites, &metrics].map(|listener| listener.local_addr().expect("an address"));
    let site = Server::start();
    let worker = worker();
    // The shell does what systemd does: the sockets become descriptors 3 and 4, and the variables name this very process.
    let script = "exec 3<&0 4<&1 0</dev/null 1>&2
        LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=bramble-worker.socket:metrics exec \"$@\"";
    let mut process = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(worker.get_program())
        .args(worker.get_args())
        .arg("--root")
        .arg(site.path(""))
        .stdin(OwnedFd::from(sites))
        .stdout(OwnedFd::from(metrics))
        .spawn()
        .expect("the worker starts");
    let health = Client::connect(addresses[0]).get("/healthz");
    let metrics = Client::connect(addresses[1]).get("/metrics");
    process.kill().expect("a child");
    process.wait().expect("a child");
    assert_eq!((health.status, metrics.status), (200, 200));
    assert!(metrics.text().contains("bramble_connections_total "));
}

#[test]
fn wrong_starts_say_why() {
    for (arguments, code, expected) in [
        (&["--port", "80"][..], 2, "bramble-worker: unknown option --port; see bramble-worker --help\n"),
        (
            &["--root", "/nowhere/at/all"],
            1,
            "bramble-worker: cannot open the site /nowhere/at/all: No such file or directory (os error 2); name another \
             folder with --root\n",
        ),
        (&["--root", "/", "--listen", "192.0.2.1:80"], 1, "bramble-worker: cannot listen at 192.0.2.1:80: "),
    ] {
        let output = worker().args(arguments).output().expect("the worker starts");
        // What the kernel's error is called differs between C libraries.
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn help_and_version_are_printed() {
    let output = worker().arg("--version").output().expect("the worker starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "bramble-worker 0.1.0\n");
    let mut help = String::new();
    let output = worker().arg("--help").output().expect("the worker starts");
    output.stdout.as_slice().read_to_string(&mut help).expect("text");
    assert!(help.starts_with("The web server of a bramble node: serves the files of one folder over HTTP/1.1.\n"));
}

#[test]
fn a_check_starts_nothing_and_says_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("worker.toml");
    for (text, code, part) in [("metrics = \"127.0.0.1:1\"\n", 0, ""), ("port = 80\n", 1, "unknown field `port`")] {
        std::fs::write(&file, text).expect("a file");
        // A server could not listen there.
        let mut command = worker();
        command.args(["--check", "--listen", "192.0.2.1:80", "--root"]).arg(dir.path()).arg("--config").arg(&file);
        let output = command.output().expect("the worker starts");
        assert_eq!(output.status.code(), Some(code));
        assert!(String::from_utf8_lossy(&output.stderr).contains(part));
    }
}
