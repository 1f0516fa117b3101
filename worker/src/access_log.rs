//! The access log: a line a request, written by a thread of its own so that no connection waits for a card.
//!
//! A loop collects the lines of one turn and hands them over together. Where the thread cannot keep up, lines are lost
//! and counted; requests are not held up.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::configuration::{AccessLog, LogFormat};
use crate::counters::Counter;
use crate::status::Status;

/// Batches that may wait for the writing thread.
const WAITING: usize = 64;

/// How long the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

enum Message {
    Lines(Vec<u8>),
    /// Everything before this is to be written, then a word given back.
    Flush(SyncSender<()>),
}

/// The writing thread, as the process sees it.
#[derive(Debug)]
pub struct Logger {
    format: LogFormat,
    to: SyncSender<Message>,
    lost: Arc<Counter>,
}

/// A loop's end of it.
#[derive(Debug)]
pub struct Log {
    logger: Arc<Logger>,
    lines: Vec<u8>,
}

/// A request as it is logged.
#[derive(Debug)]
pub struct LoggedRequest<'a> {
    /// Who asked.
    pub client: IpAddr,
    /// When, in the form of the `Date` field.
    pub date: &'a str,
    /// `Host`, as sent.
    pub host: Option<&'a [u8]>,
    /// The method as sent.
    pub method: &'a str,
    /// The target as sent.
    pub target: &'a str,
    /// Whether it is HTTP/1.0.
    pub old: bool,
    /// The answer.
    pub status: Status,
    /// The length of the answer's body in bytes.
    pub length: u64,
    /// `Referer`
    pub referer: Option<&'a [u8]>,
    /// `User-Agent`
    pub user_agent: Option<&'a [u8]>,
}

impl Logger {
    /// Starts the thread, when a log is wanted. Lost lines are counted in `lost`.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn start(wanted: &AccessLog, lost: Arc<Counter>) -> io::Result<Option<Logger>> {
        if wanted.format == LogFormat::Off {
            return Ok(None);
        }
        let file = match &wanted.file {
            Some(path) => Some(OpenOptions::new().append(true).create(true).mode(0o640).open(path)?),
            None => None,
        };
        let (to, lines) = sync_channel(WAITING);
        let theirs = Arc::clone(&lost);
        thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines, file, &theirs))?;
        Ok(Some(Logger { format: wanted.format, to, lost }))
    }

    /// Waits until what was handed over is written, but not for long.
    pub fn flush(&self) {
        let (done, told) = sync_channel(1);
        if self.to.try_send(Message::Flush(done)).is_ok() {
            let _ = told.recv_timeout(LAST_LINES);
        }
    }
}

fn write(lines: &Receiver<Message>, mut file: Option<File>, lost: &Counter) {
    for message in lines {
        match message {
            Message::Lines(lines) => {
                // A full disk must not end the server; the metrics tell how much it swallowed.
                let outcome = match &mut file {
                    Some(file) => file.write_all(&lines),
                    None => io::stdout().lock().write_all(&lines).and_then(|()| io::stdout().flush()),
                };
                if outcome.is_err() {
                    lost.add(number_of(&lines));
                }
            }
            Message::Flush(done) => drop(done.send(())),
        }
    }
}

impl Log {
    /// A loop's end.
    pub fn new(logger: Arc<Logger>) -> Log {
        Log { logger, lines: Vec::new() }
    }

    /// Adds a line.
    pub fn add(&mut self, entry: &LoggedRequest<'_>) {
        match self.logger.format {
            LogFormat::Json => json(entry, &mut self.lines),
            LogFormat::Combined | LogFormat::Off => combined(entry, &mut self.lines),
        }
    }

    /// Hands the lines so far over.
    pub fn hand_over(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.lines);
        let number = number_of(&lines);
        if self.logger.to.try_send(Message::Lines(lines)).is_err() {
            self.logger.lost.add(number);
        }
    }
}

fn number_of(lines: &[u8]) -> u64 {
    u64::try_from(lines.iter().filter(|byte| **byte == b'\n').count()).unwrap_or_default()
}

fn version(entry: &LoggedRequest<'_>) -> &'static str {
    if entry.old { "HTTP/1.0" } else { "HTTP/1.1" }
}

/// Apache's combined format.
fn combined(entry: &LoggedRequest<'_>, out: &mut Vec<u8>) {
    let date = entry.date;
    let part = |range| date.get::<std::ops::Range<usize>>(range).unwrap_or_default();
    let (day, month, year, time) = (part(5..7), part(8..11), part(12..16), part(17..25));
    // Writing to a vector cannot fail.
    let _ = write!(out, "{} - - [{day}/{month}/{year}:{time} +0000] \"{} ", entry.client, entry.method);
    escape(entry.target.as_bytes(), out);
    let _ = write!(out, " {}\" {} {} \"", version(entry), entry.status.code(), entry.length);
    escape(entry.referer.unwrap_or(b"-"), out);
    out.extend_from_slice(b"\" \"");
    escape(entry.user_agent.unwrap_or(b"-"), out);
    out.extend_from_slice(b"\"\n");
}

/// What could end a field or move a terminal's cursor is written as `\xHH`, as nginx does.
fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        if matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\') {
            out.push(*byte);
        } else {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
}

fn json(entry: &LoggedRequest<'_>, out: &mut Vec<u8>) {
    let mut begin = b'{';
    let mut text = |name: &str, value: Option<&[u8]>| {
        if let Some(value) = value {
            let _ = write!(out, "{}\"{name}\":\"", char::from(begin));
            begin = b',';
            for character in String::from_utf8_lossy(value).chars() {
                let _ = match character {
                    '"' | '\\' => write!(out, "\\{character}"),
                    // Also what JSON allows and a terminal obeys.
                    _ if character.is_control() => write!(out, "\\u{:04x}", u32::from(character)),
                    _ => write!(out, "{character}"),
                };
            }
            out.push(b'"');
        }
    };
    text("date", Some(entry.date.as_bytes()));
    text("client", Some(entry.client.to_string().as_bytes()));
    text("host", entry.host);
    text("method", Some(entry.method.as_bytes()));
    text("target", Some(entry.target.as_bytes()));
    text("protocol", Some(version(entry).as_bytes()));
    text("referer", entry.referer);
    text("user_agent", entry.user_agent);
    let _ = writeln!(out, ",\"status\":{},\"length\":{}}}", entry.status.code(), entry.length);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> LoggedRequest<'static> {
        LoggedRequest {
            client: IpAddr::from([192, 0, 2, 1]),
            date: "Sun, 06 Nov 1994 08:49:37 GMT",
            host: Some(b"example.org"),
            method: "GET",
            target: "/a\"b",
            old: false,
            status: Status::Ok,
            length: 17,
            referer: None,
            user_agent: Some(b"x\x1b[2J\\\xff"),
        }
    }

    #[test]
    fn the_combined_format_is_apache_s() {
        let mut out = Vec::new();
        combined(&entry(), &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a\\x22b HTTP/1.1\" 200 17 \"-\" \"x\\x1B[2J\\x5C\\xFF\"\n"
        );
    }

    #[test]
    fn json_is_one_object_a_line() {
        let mut out = Vec::new();
        json(&entry(), &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "{\"date\":\"Sun, 06 Nov 1994 08:49:37 GMT\",\"client\":\"192.0.2.1\",\"host\":\"example.org\",\
             \"method\":\"GET\",\"target\":\"/a\\\"b\",\"protocol\":\"HTTP/1.1\",\
             \"user_agent\":\"x\\u001b[2J\\\\\u{fffd}\",\"status\":200,\"length\":17}\n"
        );
    }

    #[test]
    fn lines_that_a_full_disk_swallowed_are_counted() {
        let wanted = AccessLog { format: LogFormat::Combined, file: Some("/dev/full".into()) };
        let lost = Arc::new(Counter::default());
        let logger = Arc::new(Logger::start(&wanted, Arc::clone(&lost)).expect("a device").expect("a log"));
        let mut log = Log::new(Arc::clone(&logger));
        log.add(&entry());
        log.add(&entry());
        log.hand_over();
        logger.flush();
        assert_eq!(lost.get(), 2);
    }

    #[test]
    fn lines_reach_the_file() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("log");
        let wanted = AccessLog { format: LogFormat::Combined, file: Some(path.clone()) };
        let logger = Arc::new(Logger::start(&wanted, Arc::default()).expect("a file").expect("a log"));
        let mut log = Log::new(Arc::clone(&logger));
        log.add(&entry());
        log.add(&entry());
        log.hand_over();
        logger.flush();
        assert_eq!(std::fs::read_to_string(&path).expect("the log").lines().count(), 2);
    }
}
