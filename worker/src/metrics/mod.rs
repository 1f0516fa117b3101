//! Metrics for Prometheus, on a socket of their own: a page of text, read by few and rarely.
//!
//! One thread answers one client after the other and closes each connection; nothing of it touches the loops but the
//! counters they write.

mod board;
mod text;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};

use crate::counters::{BOUNDS, Folder, LoopCounters};
use crate::shared::{Phase, Shared};
use crate::status::Status;
use board::Board;
use text::Text;

/// How long a client may take for its request, and for taking the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest request read.
const LONGEST: usize = 4096;

/// Serves metrics until the process ends.
///
/// # Errors
///
/// When the process may have no more threads.
pub fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        let board = Board::of_this_machine();
        for client in listener.incoming() {
            match client {
                // A client that goes away or keeps silent is its own loss.
                Ok(mut client) => drop(serve(&mut client, &shared, &board)),
                // No descriptor left: better soon than busily.
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    })?;
    Ok(())
}

fn serve(client: &mut TcpStream, shared: &Shared, board: &Board) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut some = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || request.len() > LONGEST {
            return Ok(());
        }
        client.set_read_timeout(Some(left))?;
        match client.read(&mut some)? {
            0 => return Ok(()),
            length => request.extend_from_slice(&some[..length]),
        }
    }
    let (status, body) = match request.split(|byte| *byte == b' ').nth(1) {
        Some(b"/metrics") if request.starts_with(b"GET ") => (Status::Ok, page(shared, board)),
        _ if request.starts_with(b"GET ") => (Status::NotFound, "404 Not Found: see /metrics\n".to_owned()),
        _ => (Status::MethodNotAllowed, "405 Method Not Allowed\n".to_owned()),
    };
    let fields = "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nConnection: close\r\n";
    write!(client, "{}{fields}Content-Length: {}\r\n\r\n{body}", status.line(), body.len())
}

/// One of a loop's numbers.
type Number = fn(&LoopCounters) -> u64;

/// One of a folder's numbers.
type FolderNumber = fn(&Folder) -> u64;

/// Which state of the sites is being served: nodes that serve the same tell the same time of change.
fn folders(text: &mut Text, shared: &Shared) {
    let settings = shared.settings();
    let folders: Vec<_> =
        settings.sites.iter().filter_map(|(name, _)| Some((name.as_str(), shared.registry.folder(name)?))).collect();
    let families: [(&str, &str, &str, FolderNumber); 3] = [
        (
            "bramble_site_since_seconds",
            "gauge",
            "When the folder now served was taken into service, in seconds since 1970.",
            |folder| folder.since,
        ),
        (
            "bramble_site_modified_seconds",
            "gauge",
            "When that folder's list of names was changed last, in seconds since 1970.",
            |folder| folder.modified,
        ),
        ("bramble_site_switches_total", "counter", "Times another folder took the site's name.", |folder| {
            folder.switches
        }),
    ];
    for (family, kind, help, number) in families {
        text.family(family, kind, help);
        for (name, folder) in &folders {
            text.number(&[("site", name)], number(folder));
        }
    }
}

/// What Prometheus' own clients tell of their process.
fn process(text: &mut Text, started: u64) {
    // Without /proc these are not told.
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        text.family("process_open_fds", "gauge", "Open descriptors.");
        text.number(&[], u64::try_from(entries.count()).unwrap_or_default());
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        text.family("process_max_fds", "gauge", "The most descriptors that may be open.");
        text.number(&[], most);
    }
    text.family("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.");
    text.number(&[], started);
}

/// The whole page.
fn page(shared: &Shared, board: &Board) -> String {
    let registry = &shared.registry;
    let mut text = Text::default();
    text.family("bramble_requests_total", "counter", "Requests answered, by site and status.");
    for (site, answers) in registry.answers() {
        for (status, number) in Status::ALL.iter().zip(answers).filter(|(_, number)| *number > 0) {
            text.number(&[("site", &site), ("code", status.code())], number);
        }
    }
    let counters: [(&str, &str, Number); 5] = [
        ("bramble_sent_bytes_total", "Bytes sent to clients, heads included.", |one| one.sent.get()),
        ("bramble_connections_total", "Connections accepted.", |one| one.accepted.get()),
        ("bramble_connections_timed_out_total", "Connections closed for being slow or idle.", |one| {
            one.timed_out.get()
        }),
        ("bramble_connections_reclaimed_total", "Idle connections closed for newcomers at the limit.", |one| {
            one.reclaimed.get()
        }),
        ("bramble_requests_limited_total", "Requests refused by the rate limit.", |one| one.limited.get()),
    ];
    for (name, help, number) in counters {
        text.family(name, "counter", help);
        text.number(&[], registry.sum(number));
    }
    text.family("bramble_connections", "gauge", "Connections now.");
    text.number(&[], registry.sum(|one| one.open.get()));
    text.family("bramble_log_lines_lost_total", "counter", "Lines of the access log that could not be written.");
    text.number(&[], registry.lost_lines.get());
    text.family("bramble_reloads_total", "counter", "Times the configuration was taken anew.");
    text.number(&[], registry.reloads.get());
    text.family("bramble_config_last_reload_successful", "gauge", "0 when the last reload failed.");
    text.number(&[], u64::from(registry.failed_reloads.get() == 0));
    text.family(
        "bramble_config_last_reload_success_timestamp_seconds",
        "gauge",
        "When the configuration was last taken.",
    );
    text.number(&[], registry.loaded.get());
    text.family("bramble_build_info", "gauge", "The version of the server.");
    text.number(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    process(&mut text, registry.started.get());
    folders(&mut text, shared);
    text.family("bramble_draining", "gauge", "1 while the server is being stopped.");
    text.number(&[], u64::from(shared.phase() != Phase::Serving));

    text.family(
        "bramble_request_seconds",
        "histogram",
        "From a request's last byte read to its answer's last byte sent.",
    );
    let mut below = 0;
    for (place, bound) in BOUNDS.iter().map(Some).chain([None]).enumerate() {
        below += registry.sum(|one| one.latency[place].get());
        let bound = bound.map_or("+Inf".to_owned(), |micros| text::decimal(*micros, 6));
        text.suffixed("_bucket", &[("le", &bound)], &below.to_string());
    }
    text.suffixed("_sum", &[], &text::decimal(registry.sum(|one| one.latency_sum.get()), 9));
    text.suffixed("_count", &[], &below.to_string());
    board.write(&mut text);
    text.finish()
}
