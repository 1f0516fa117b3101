//! One file from a mirror over HTTP: resumed where it broke off, summed up while it comes.
//!
//! Faults of the connection are tried again after a pause. What a mirror answers wrongly is not: it would do so again.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

use super::cache::{self, Cache, CacheError, Partial};
use super::hash::{Sha256, Summing};
use super::progress::Progress;

/// Fetches files.
#[derive(Debug, Clone)]
pub struct Downloader {
    agent: Agent,
    tries: u32,
    pause: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("mirror `{host}` does not answer: {reason}; name another with --mirror or BRAMBLE_MIRROR")]
    Dead { host: String, reason: String },
    #[error("mirror `{host}` broke off {url} again and again: {reason}; try again, or name another with --mirror")]
    Broken { host: String, url: String, reason: String },
    #[error("{url} is not there (404)")]
    NotFound { url: String },
    #[error("{url}: the mirror answered {status}; try again, or name another with --mirror")]
    Status { url: String, status: u16 },
    #[error("{url} is not what it should be: expected {expected}, got {got}; name another mirror with --mirror")]
    Wrong { url: String, expected: Content, got: Content },
    #[error("{url} has more than {limit} bytes, too many for what it should be")]
    TooLong { url: String, limit: u64 },
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// Length and sum of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// In bytes.
    pub size: u64,
    pub sha256: Sha256,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes with sha256 {}", self.size, self.sha256)
    }
}

impl Content {
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), sha256: Sha256::of(bytes) }
    }
}

/// Why one try failed.
enum Fault {
    /// Worth another try.
    Connection {
        reason: String,
        reached: bool,
    },
    Final(DownloadError),
}

impl From<DownloadError> for Fault {
    fn from(error: DownloadError) -> Self {
        Self::Final(error)
    }
}

impl From<CacheError> for Fault {
    fn from(error: CacheError) -> Self {
        Self::Final(error.into())
    }
}

impl Default for Downloader {
    fn default() -> Self {
        Self::new(3, Duration::from_secs(2))
    }
}

impl Downloader {
    /// Tries each file `tries` times, with a growing multiple of `pause` in between.
    pub fn new(tries: u32, pause: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("bramble/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), tries, pause }
    }

    /// A small file whose sum nobody knows yet, of at most `limit` bytes.
    pub fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, DownloadError> {
        self.with_tries(url, || {
            let response = self.ask(url, 0)?;
            check_status(url, &response)?;
            let mut content = Vec::new();
            let mut body = response.into_body().into_reader().take(limit.saturating_add(1));
            body.read_to_end(&mut content).map_err(|error| Fault::broke(&error))?;
            if Content::of(&content).size > limit {
                return Err(DownloadError::TooLong { url: url.to_owned(), limit }.into());
            }
            Ok(content)
        })
    }

    /// A file of known content into the cache, and its path there. Does nothing when the cache has it.
    pub fn fetch(
        &self,
        url: &str,
        expected: Content,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<PathBuf, DownloadError> {
        if let Some(path) = cache.find(expected.sha256)? {
            progress.advance(expected.size);
            return Ok(path);
        }
        let mut told = 0;
        let path = self.with_tries(url, || {
            // Opened anew for every try: so other builds get their turn in the pauses.
            let partial = cache.partial(expected.sha256)?;
            if let Some(path) = cache.find(expected.sha256)? {
                // Another build was faster. The beginning opened here is an empty file.
                std::fs::remove_file(&partial.path).map_err(|source| CacheError::new(&partial.path, source))?;
                return Ok(path);
            }
            self.fetch_partial(url, expected, partial, cache, &mut |bytes| {
                // Bytes that come again after a restart are not counted twice.
                let bytes = bytes.min(expected.size.saturating_sub(told));
                told += bytes;
                progress.advance(bytes);
            })
        })?;
        progress.advance(expected.size.saturating_sub(told));
        Ok(path)
    }

    fn fetch_partial(
        &self,
        url: &str,
        expected: Content,
        mut partial: Partial,
        cache: &Cache,
        advance: &mut dyn FnMut(u64),
    ) -> Result<PathBuf, Fault> {
        let fault = |path: &PathBuf, source| Fault::from(CacheError::new(path, source));
        let length = partial.file.metadata().map_err(|e| fault(&partial.path, e))?.len();
        let resumed = length > 0;
        let restart = |partial: &mut Partial| -> io::Result<()> {
            partial.file.set_len(0)?;
            partial.file.seek(SeekFrom::Start(0))?;
            Ok(())
        };
        let (mut summing, mut have) = (Summing::default(), 0);
        if length >= expected.size && resumed {
            restart(&mut partial).map_err(|e| fault(&partial.path, e))?;
        } else if resumed {
            have = cache::add_to(&mut summing, &mut partial.file).map_err(|e| fault(&partial.path, e))?;
        }
        let response = self.ask(url, have)?;
        if have > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
            // The mirror does not resume, or has a shorter file: begin at the beginning.
            restart(&mut partial).map_err(|e| fault(&partial.path, e))?;
            (summing, have) = (Summing::default(), 0);
            if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
                return Err(Fault::Connection { reason: "it cannot resume".to_owned(), reached: true });
            }
        }
        if let Err(error) = check_status(url, &response) {
            if have == 0 {
                // Nothing to go on from; the lock is held, so nobody else has begun here.
                std::fs::remove_file(&partial.path).map_err(|e| fault(&partial.path, e))?;
            }
            return Err(error.into());
        }
        advance(have);

        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 128 << 10];
        loop {
            let count = body.read(&mut buffer).map_err(|error| Fault::broke(&error))?;
            let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
            summing.update(part);
            partial.file.write_all(part).map_err(|e| fault(&partial.path, e))?;
            let count = u64::try_from(count).unwrap_or_default();
            have += count;
            advance(count);
            if have > expected.size {
                break;
            }
        }
        let got = Content { size: have, sha256: summing.finish() };
        if got == expected {
            return Ok(cache.keep(&partial, expected.sha256)?);
        }
        restart(&mut partial).map_err(|e| fault(&partial.path, e))?;
        if resumed {
            // The beginning may have come from a worse mirror.
            return Err(Fault::Connection { reason: "the resumed file has a wrong sum".to_owned(), reached: true });
        }
        Err(DownloadError::Wrong { url: url.to_owned(), expected, got }.into())
    }

    fn ask(&self, url: &str, from: u64) -> Result<Response<Body>, Fault> {
        let mut request = self.agent.get(url);
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        request.call().map_err(|error| Fault::Connection { reason: reason(&error), reached: false })
    }

    fn with_tries<T>(&self, url: &str, mut run: impl FnMut() -> Result<T, Fault>) -> Result<T, DownloadError> {
        let mut tried = 0;
        loop {
            let (reason, reached) = match run() {
                Ok(done) => return Ok(done),
                Err(Fault::Final(error)) => return Err(error),
                Err(Fault::Connection { reason, reached }) => (reason, reached),
            };
            tried += 1;
            if tried >= self.tries {
                let host = host(url).to_owned();
                return Err(match reached {
                    true => DownloadError::Broken { host, url: url.to_owned(), reason },
                    false => DownloadError::Dead { host, reason },
                });
            }
            std::thread::sleep(self.pause * tried);
        }
    }
}

impl Fault {
    fn broke(error: &io::Error) -> Self {
        Self::Connection { reason: error.to_string(), reached: true }
    }
}

fn check_status(url: &str, response: &Response<Body>) -> Result<(), DownloadError> {
    let url = url.to_owned();
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(DownloadError::NotFound { url }),
        status => Err(DownloadError::Status { url, status: status.as_u16() }),
    }
}

/// The host of a URL with its port, as it was written.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// What went wrong without the layers' own names.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "no such host".to_owned(),
        other => other.to_string(),
    }
}
