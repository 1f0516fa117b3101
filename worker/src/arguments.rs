//! The command line. Nine options do not need a library that is larger than the server.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::configuration::{Configuration, ConfigurationError};

/// What `--help` prints.
pub const HELP: &str = "\
The web server of a bramble node: serves the files of one folder over HTTP/1.1.

Usage: bramble-worker [OPTIONS]

Options:
  --root FOLDER         the site [default: /srv/site]
  --config FILE         the configuration [default: /etc/bramble/worker.toml, which
                        may be missing]
  --sites FOLDER        sites by host, each a folder [default: /srv/sites]
  --listen ADDRESS      where to listen, may be given several times; sockets passed
                        by systemd take precedence [default: 0.0.0.0:80]
  --metrics ADDRESS     where to serve metrics; a socket named metrics passed by
                        systemd takes precedence [default: nowhere]
  --workers NUMBER      threads [default: one a core]
  --connections NUMBER  connections at a time, in all threads [default: 4096]
  --drain SECONDS       how long after SIGTERM new requests are still answered, for
                        balancers to see /healthz turn 503 [default: 8]
  --check               read the configuration and the site as a start would, say
                        what is wrong with them, and end
  --help                print this
  --version             print the version

SIGTERM stops gracefully, SIGHUP reads the configuration, the sites' folders
and the host's name anew.
";

/// The configuration file.
const CONFIGURATION: &str = "/etc/bramble/worker.toml";

/// The longest draining; systemd must wait longer than this and what then is under way (`TimeoutStopSec=`).
const LONGEST_DRAIN: u64 = 60;

/// The action that the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Serve with these options.
    Serve(ServeOptions),
    /// Check what these options name, and end.
    Check(ServeOptions),
    /// Print this text and end.
    Print(String),
}

/// How to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeOptions {
    /// The site's folder.
    pub root: PathBuf,
    /// The configuration file, when another than the usual one.
    pub config: Option<PathBuf>,
    /// The folder of sites, when another than the configuration's.
    pub sites: Option<PathBuf>,
    /// Where to serve metrics, when elsewhere than the configuration says.
    pub metrics: Option<SocketAddr>,
    /// Addresses to listen at when no socket was passed.
    pub listen: Vec<SocketAddr>,
    /// Threads; each has its own epoll loop.
    pub workers: NonZeroUsize,
    /// Connections at a time, over all threads.
    pub connections: NonZeroUsize,
    /// How long new requests are answered after SIGTERM.
    pub drain: Duration,
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        ServeOptions {
            root: PathBuf::from("/srv/site"),
            config: None,
            sites: None,
            metrics: None,
            listen: Vec::new(),
            workers: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            connections: NonZeroUsize::MIN.saturating_add(4095),
            drain: Duration::from_secs(8),
        }
    }
}

impl ServeOptions {
    /// The configuration file with the command line's words in place.
    ///
    /// # Errors
    ///
    /// When it cannot be used; the usual one may be missing.
    pub fn configuration(&self) -> Result<Configuration, ConfigurationError> {
        let path = self.config.as_deref().unwrap_or(Path::new(CONFIGURATION));
        let mut configuration = Configuration::read(path, self.config.is_some())?;
        if let Some(sites) = &self.sites {
            configuration.sites.clone_from(sites);
        }
        configuration.metrics = self.metrics.or(configuration.metrics);
        Ok(configuration)
    }
}

/// A command line that cannot be obeyed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// An option there is none of.
    #[error("unknown option {0}")]
    Unknown(String),
    /// An option at the end of the line that needs a value.
    #[error("{0} needs a value")]
    NoValue(String),
    /// A value of the wrong form.
    #[error("{option} {value} is not {expected}")]
    BadValue {
        /// The option's name.
        option: String,
        /// The value as given.
        value: String,
        /// A value that would be right.
        expected: &'static str,
    },
}

/// Reads the arguments after the program's name. `--option value` and `--option=value` mean the same.
///
/// # Errors
///
/// When an option is unknown, lacks its value or has a wrong one.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Action, ArgumentError> {
    let (mut options, mut check) = (ServeOptions::default(), false);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let argument = argument.to_string_lossy().into_owned();
        let (option, inline) = match argument.split_once('=') {
            Some((option, value)) => (option.to_owned(), Some(OsString::from(value))),
            None => (argument, None),
        };
        match option.as_str() {
            "--check" => {
                check = true;
                continue;
            }
            "--help" | "-h" => return Ok(Action::Print(HELP.to_owned())),
            "--version" | "-V" => {
                return Ok(Action::Print(concat!("bramble-worker ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            "--root" | "--config" | "--sites" | "--listen" | "--metrics" | "--workers" | "--connections"
            | "--drain" => {}
            _ => return Err(ArgumentError::Unknown(option)),
        }
        let value = inline.or_else(|| arguments.next()).ok_or_else(|| ArgumentError::NoValue(option.clone()))?;
        let text = value.to_string_lossy().into_owned();
        let bad = |expected| ArgumentError::BadValue { option: option.clone(), value: text.clone(), expected };
        match option.as_str() {
            "--root" => options.root = PathBuf::from(value),
            "--config" => options.config = Some(PathBuf::from(value)),
            "--sites" => options.sites = Some(PathBuf::from(value)),
            "--listen" => options.listen.push(text.parse().map_err(|_| bad("an address and port like 0.0.0.0:80"))?),
            "--metrics" => {
                options.metrics = Some(text.parse().map_err(|_| bad("an address and port like 127.0.0.1:9180"))?);
            }
            "--workers" => options.workers = text.parse().map_err(|_| bad("a number of threads from 1"))?,
            "--connections" => options.connections = text.parse().map_err(|_| bad("a number of connections from 1"))?,
            _ => {
                let seconds = text.parse().ok().filter(|seconds| *seconds <= LONGEST_DRAIN);
                options.drain = Duration::from_secs(seconds.ok_or_else(|| bad("a number of seconds from 0 to 60"))?);
            }
        }
    }
    if options.listen.is_empty() {
        options.listen.push(SocketAddr::from(([0, 0, 0, 0], 80)));
    }
    Ok(if check { Action::Check(options) } else { Action::Serve(options) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> ServeOptions {
        match parse(line.split_whitespace().map(OsString::from)) {
            Ok(Action::Serve(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str) -> String {
        parse(line.split_whitespace().map(OsString::from)).expect_err("a wrong line").to_string()
    }

    #[test]
    fn the_empty_line_serves_the_node_s_site() {
        let options = options("");
        assert_eq!(options.root, PathBuf::from("/srv/site"));
        assert_eq!(options.listen, ["0.0.0.0:80".parse().expect("an address")]);
        assert_eq!(options.connections.get(), 4096);
    }

    #[test]
    fn both_forms_of_a_value_are_read() {
        let options = options("--root=/a --listen 127.0.0.1:0 --listen [::1]:8080 --workers 3 --drain=0");
        assert_eq!(options.root, PathBuf::from("/a"));
        assert_eq!(options.listen.len(), 2);
        assert_eq!(options.workers.get(), 3);
        assert_eq!(options.drain, Duration::ZERO);
    }

    #[test]
    fn the_command_line_overrules_the_configuration() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("worker.toml");
        std::fs::write(&file, "sites = \"/a\"\nmetrics = \"127.0.0.1:1\"\n").expect("a file");
        let line = format!("--config {}", file.display());
        assert_eq!(options(&line).configuration().expect("a configuration").sites, PathBuf::from("/a"));
        let overruled = options(&format!("{line} --sites /b --metrics 127.0.0.1:2")).configuration().expect("the same");
        assert_eq!(overruled.sites, PathBuf::from("/b"));
        assert_eq!(overruled.metrics, Some("127.0.0.1:2".parse().expect("an address")));
        assert!(options("--config /nowhere/at/all").configuration().is_err());
    }

    #[test]
    fn wrong_lines_are_told() {
        assert_eq!(error("--port 80"), "unknown option --port");
        assert_eq!(error("--root"), "--root needs a value");
        assert_eq!(error("--listen 80"), "--listen 80 is not an address and port like 0.0.0.0:80");
        assert_eq!(error("--metrics 9180"), "--metrics 9180 is not an address and port like 127.0.0.1:9180");
        assert_eq!(error("--workers 0"), "--workers 0 is not a number of threads from 1");
        assert_eq!(error("--drain 61"), "--drain 61 is not a number of seconds from 0 to 60");
    }
}
