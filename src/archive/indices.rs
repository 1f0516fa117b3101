//! The indices of a system's suites: fetched, verified from signature to sum, and read.
//!
//! `InRelease` is believed for its signature, an index for its size and sum in there. Some mirrors serve indices that
//! do not fit the `InRelease` beside them; that is said exactly and goes on only when the suite is left out on demand.

use std::path::Path;

use super::Access;
use super::cache::CacheError;
use super::compression::Compression;
use super::download::{self, Content, DownloadError};
use super::hash::Sha256;
use super::lock::LockedSuite;
use super::packages::{self, IndexedPackage, PackagesError};
use super::release::{Listed, Release, ReleaseError};
use super::signature::{Keyring, SignatureError};
use super::time;
use crate::config::{Architecture, Pins, Suite, System};

/// `InRelease` of sid has some 200 KB.
const RELEASE_LIMIT: u64 = 8 << 20;
/// `Packages` of sid has some 60 MB unpacked.
const INDEX_LIMIT: u64 = 512 << 20;
/// The forms of an index, the smallest first.
const FORMS: [(&str, Compression); 3] = [(".xz", Compression::Xz), (".gz", Compression::Gzip), ("", Compression::None)];

/// All packages that the archive offers.
#[derive(Debug)]
pub struct Indices {
    /// The suites in the system's order.
    pub suites: Vec<LockedSuite>,
    pub entries: Vec<IndexedPackage>,
}

/// Wishes that change what is read of the archive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// Suites to leave out; the system must call them optional.
    pub without_suites: &'a [String],
    /// The suites of the lock so far: none of today's may be older.
    pub since: &'a [LockedSuite],
}

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the system has no suite `{suite}` to leave out; it has {}", .known.join(", "))]
    UnknownSuite { suite: String, known: Vec<String> },
    #[error("suite `{suite}` cannot be left out: the system file does not call it optional")]
    NotOptional { suite: String },
    #[error(transparent)]
    Keyring(SignatureError),
    #[error("{url} {error}")]
    Signature { url: String, error: SignatureError },
    #[error("{url} {error}")]
    Release { url: String, error: ReleaseError },
    #[error(
        "suite `{suite}` on mirror `{host}` is of {}, and the lock has it of {}: the mirror is stale, or somebody rolled it \
         back; name another mirror with --mirror, or say `bramble lock --allow-older` if that is meant",
        time::rfc3339(*.date), time::rfc3339(*.locked)
    )]
    Older { suite: String, host: String, date: i64, locked: i64 },
    #[error("suite `{suite}` has no {file}; check the components and architectures of the system")]
    NotListed { suite: String, file: String },
    #[error(transparent)]
    Inconsistent(Box<Inconsistency>),
    #[error("suite `{suite}`, {file}: {error}")]
    Packages { suite: String, file: String, error: PackagesError },
    #[error("suite `{suite}`, {file} cannot be unpacked: {reason}")]
    Unpack { suite: String, file: String, reason: String },
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// A mirror serves an index of another state than the `InRelease` beside it.
#[derive(Debug, thiserror::Error)]
#[error(
    "suite `{suite}` is inconsistent on mirror `{host}`: its signed InRelease names {file} with {expected}, \
     but the mirror serves {}; try again later or with another --mirror{}",
    served(.got),
    without(.suite, *.optional)
)]
pub struct Inconsistency {
    pub suite: String,
    pub host: String,
    pub file: String,
    pub expected: Content,
    /// `None` when there is nothing under that path.
    pub got: Option<Content>,
    /// Whether the system lets the suite be left out.
    pub optional: bool,
}

fn served(got: &Option<Content>) -> String {
    got.map_or_else(|| "nothing there (404)".to_owned(), |got| got.to_string())
}

fn without(suite: &str, optional: bool) -> String {
    if optional { format!(", or leave the suite out: `bramble lock --without-suite {suite}`") } else { String::new() }
}

/// Reads all indices of `system` for an architecture. `folder` is where the system file is, which its keyring is
/// relative to; suites on request of which none of `pins` wants anything are not read.
pub fn read(
    access: &Access<'_>,
    system: &System,
    folder: &Path,
    architecture: Architecture,
    wishes: Wishes<'_>,
    pins: &[Pins],
) -> Result<Indices, IndexError> {
    for name in wishes.without_suites {
        match system.suites.iter().find(|suite| suite.name == *name) {
            Some(suite) if suite.optional => {}
            Some(_) => return Err(IndexError::NotOptional { suite: name.clone() }),
            None => {
                let known = system.suites.iter().map(|suite| suite.name.clone()).collect();
                return Err(IndexError::UnknownSuite { suite: name.clone(), known });
            }
        }
    }
    let keyring = Keyring::read(&folder.join(&system.keyring)).map_err(IndexError::Keyring)?;
    let mut indices = Indices { suites: Vec::new(), entries: Vec::new() };
    let wanted = |suite: &&Suite| {
        let asked = !suite.on_request || pins.iter().any(|pins| pins.has_suite(&suite.name));
        asked && !wishes.without_suites.contains(&suite.name)
    };
    for suite in system.suites.iter().filter(wanted) {
        let base = access.mirrors.base(suite.mirror.as_deref());
        let reader = SuiteReader { access, suite, url: format!("{base}/dists/{}", suite.dist()) };
        let (locked, release) = reader.release(&keyring, wishes.since)?;
        for component in &system.components {
            indices.entries.extend(reader.component(&release, component, architecture)?);
        }
        indices.suites.push(locked);
    }
    Ok(indices)
}

struct SuiteReader<'a> {
    access: &'a Access<'a>,
    suite: &'a Suite,
    /// The URL of the suite's folder.
    url: String,
}

impl SuiteReader<'_> {
    fn release(&self, keyring: &Keyring, since: &[LockedSuite]) -> Result<(LockedSuite, Release), IndexError> {
        let url = format!("{}/InRelease", self.url);
        let signed = self.access.download.get(&url, RELEASE_LIMIT)?;
        let text = keyring.verify(&signed).map_err(|error| IndexError::Signature { url: url.clone(), error })?;
        let checked = || {
            let release = Release::parse(&text)?;
            release.check_suite(self.suite.dist())?;
            release.check_time(self.access.now)?;
            Ok(release)
        };
        let release = checked().map_err(|error| IndexError::Release { url, error })?;
        // Point releases have no `Valid-Until`, so an old state of the archive is as well signed as today's.
        if let Some(before) = since.iter().find(|before| before.name == self.suite.name && before.date > release.date) {
            let (suite, host) = (self.suite.name.clone(), download::host(&self.url).to_owned());
            return Err(IndexError::Older { suite, host, date: release.date, locked: before.date });
        }
        let locked = LockedSuite {
            name: self.suite.name.clone(),
            mirror: self.suite.mirror.clone(),
            on_request: self.suite.on_request,
            date: release.date,
            inrelease_sha256: Sha256::of(&signed),
        };
        Ok((locked, release))
    }

    fn component(
        &self,
        release: &Release,
        component: &str,
        architecture: Architecture,
    ) -> Result<Vec<IndexedPackage>, IndexError> {
        let stem = format!("{component}/binary-{architecture}/Packages");
        // Components that a suite does not use have empty indices, which not every mirror keeps.
        if release.files.get(&stem).is_some_and(|listed| listed.size == 0) {
            return Ok(Vec::new());
        }
        let mut missing = None;
        for (suffix, compression) in FORMS {
            let file = format!("{stem}{suffix}");
            let Some(listed) = release.files.get(&file) else { continue };
            if let Some(packed) = self.index(release, &file, *listed)? {
                return self.parse(file, compression, &packed);
            }
            missing = missing.or(Some((file, *listed)));
        }
        Err(match missing {
            Some((file, listed)) => self.inconsistent(file, listed, None),
            None => IndexError::NotListed { suite: self.suite.name.clone(), file: stem },
        })
    }

    /// An index with the content that the release lists; `None` if it is not there at all.
    fn index(&self, release: &Release, file: &str, listed: Listed) -> Result<Option<Vec<u8>>, IndexError> {
        let Access { download, cache, progress, .. } = self.access;
        let expected = Content { size: listed.size, sha256: listed.sha256 };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let by_hash = format!("{}/{folder}/by-hash/SHA256/{}", self.url, listed.sha256);
        let plain = format!("{}/{file}", self.url);
        let urls = release.by_hash.then_some(by_hash).into_iter().chain([plain.clone()]);
        for url in urls {
            progress.begin(&format!("{} {file}", self.suite.name), listed.size);
            let fetched = download.fetch(&url, expected, cache, *progress);
            progress.done();
            match fetched {
                Ok(_) => {
                    let content = cache.read(listed.sha256)?.map(Vec::from);
                    return Ok(content);
                }
                Err(DownloadError::NotFound { .. }) => {}
                Err(DownloadError::Wrong { .. }) => {
                    // Fetched once more as a whole, so that what is said of it is what the mirror really serves.
                    let got = download.get(&plain, INDEX_LIMIT).ok().map(|content| Content::of(&content));
                    return Err(self.inconsistent(file.to_owned(), listed, got));
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(None)
    }

    fn parse(&self, file: String, compression: Compression, packed: &[u8]) -> Result<Vec<IndexedPackage>, IndexError> {
        let suite = || self.suite.name.clone();
        let unpacked =
            compression.unpack(packed).and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other));
        match unpacked {
            Ok(text) => packages::parse(&text, &self.suite.name).map_err(|error| IndexError::Packages {
                suite: suite(),
                file,
                error,
            }),
            Err(error) => Err(IndexError::Unpack { suite: suite(), file, reason: error.to_string() }),
        }
    }

    fn inconsistent(&self, file: String, listed: Listed, got: Option<Content>) -> IndexError {
        IndexError::Inconsistent(Box::new(Inconsistency {
            suite: self.suite.name.clone(),
            host: download::host(&self.url).to_owned(),
            file,
            expected: Content { size: listed.size, sha256: listed.sha256 },
            got,
            optional: self.suite.optional,
        }))
    }
}
