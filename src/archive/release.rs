//! `Release`: what a suite holds, with size and SHA-256 of every index (wiki.debian.org/DebianRepository/Format).
//!
//! Read from the text that a signature covers (see `signature`). The weaker sums are not read.

use std::collections::BTreeMap;

use super::control::{ControlError, Paragraph};
use super::hash::Sha256;
use super::time;

/// The description of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// "stable", "stable-updates"
    pub suite: String,
    /// "trixie", "trixie-updates"
    pub codename: String,
    /// When it was made, in seconds since 1970.
    pub date: i64,
    /// When it should no longer be believed, in seconds since 1970; point releases have no such time.
    pub valid_until: Option<i64>,
    /// Whether indices can be asked for by their hash, which keeps a mirror that changes meanwhile from mixing two
    /// states.
    pub by_hash: bool,
    /// Indices by path below the suite's folder.
    pub files: BTreeMap<String, Listed>,
}

/// Size and sum of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// In bytes.
    pub size: u64,
    pub sha256: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    #[error("no control data: {0}")]
    Control(#[from] ControlError),
    #[error("field `{field}` is missing")]
    Missing { field: &'static str },
    #[error("field `{field}`: `{text}` is no date like `Sat, 12 Sep 2026 07:55:41 UTC`")]
    Date { field: &'static str, text: String },
    #[error("field `SHA256`: `{line}` is no line of sum, size and path")]
    Line { line: String },
    #[error("is of suite `{suite}` ({codename}), not of `{expected}`; the mirror serves the wrong suite")]
    OtherSuite { expected: String, suite: String, codename: String },
    #[error("was valid until {} only; the mirror is stale", time::rfc3339(*.valid_until))]
    Expired { valid_until: i64 },
}

impl Release {
    /// Reads the text of a `Release` file.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        let paragraph = Paragraph::parse(text)?;
        let date = |field: &'static str| match paragraph.get(field) {
            None => Ok(None),
            Some(text) => match time::parse_date(text) {
                Some(seconds) => Ok(Some(seconds)),
                None => Err(ReleaseError::Date { field, text: text.to_owned() }),
            },
        };
        if paragraph.get("SHA256").is_none() {
            return Err(ReleaseError::Missing { field: "SHA256" });
        }
        let name = |field: &'static str| paragraph.get(field).unwrap_or_default().to_owned();
        Ok(Self {
            suite: name("Suite"),
            codename: name("Codename"),
            date: date("Date")?.ok_or(ReleaseError::Missing { field: "Date" })?,
            valid_until: date("Valid-Until")?,
            by_hash: paragraph.get("Acquire-By-Hash") == Some("yes"),
            files: paragraph.lines("SHA256").map(read_line).collect::<Result<_, _>>()?,
        })
    }

    /// Refuses the release of another suite, which a mirror could put in this one's place with a good signature.
    pub fn check_suite(&self, expected: &str) -> Result<(), ReleaseError> {
        if self.codename == expected || self.suite == expected {
            return Ok(());
        }
        let (suite, codename) = (self.suite.clone(), self.codename.clone());
        Err(ReleaseError::OtherSuite { expected: expected.to_owned(), suite, codename })
    }

    /// Refuses a release whose `Valid-Until` lies before `now` (seconds since 1970).
    pub fn check_time(&self, now: i64) -> Result<(), ReleaseError> {
        match self.valid_until {
            Some(valid_until) if valid_until < now => Err(ReleaseError::Expired { valid_until }),
            _ => Ok(()),
        }
    }
}

fn read_line(line: &str) -> Result<(String, Listed), ReleaseError> {
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    let wrong = || ReleaseError::Line { line: line.to_owned() };
    let [sha256, size, path] = words.as_slice() else { return Err(wrong()) };
    let sha256 = sha256.parse().map_err(|_| wrong())?;
    let size = size.parse().map_err(|_| wrong())?;
    Ok(((*path).to_owned(), Listed { size, sha256 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn text() -> String {
        format!(
            "Origin: Debian\nSuite: stable\nCodename: trixie\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n\
             Valid-Until: Sat, 19 Sep 2026 07:55:41 UTC\nAcquire-By-Hash: yes\nMD5Sum:\n 00 0 main/ignored\nSHA256:\n \
             {SUM}  0 main/binary-armhf/Packages\n {SUM}       17 main/binary-armhf/Packages.xz\n"
        )
    }

    #[test]
    fn fields_are_read() {
        let release = Release::parse(&text()).expect("valid");
        assert_eq!((release.suite.as_str(), release.codename.as_str()), ("stable", "trixie"));
        assert_eq!((release.date, release.valid_until), (1_789_199_741, Some(1_789_804_541)));
        assert!(release.by_hash);
        assert_eq!(release.files.len(), 2);
        let listed = Listed { size: 17, sha256: Sha256::of(b"") };
        assert_eq!(release.files.get("main/binary-armhf/Packages.xz"), Some(&listed));
    }

    #[test]
    fn suite_and_time_are_checked_when_asked() {
        let release = Release::parse(&text()).expect("valid");
        assert_eq!(release.check_suite("trixie"), Ok(()));
        assert_eq!(release.check_suite("stable"), Ok(()));
        assert_eq!(
            release.check_suite("bookworm").expect_err("other").to_string(),
            "is of suite `stable` (trixie), not of `bookworm`; the mirror serves the wrong suite"
        );
        assert_eq!(release.check_time(1_789_804_541), Ok(()));
        assert_eq!(
            release.check_time(1_789_804_542).expect_err("stale").to_string(),
            "was valid until 2026-09-19T07:55:41Z only; the mirror is stale"
        );
    }

    #[test]
    fn faults_are_named() {
        let message = |from: &str, to: &str| Release::parse(&text().replace(from, to)).expect_err(to).to_string();
        assert_eq!(message("Date: Sat", "Other: Sat"), "field `Date` is missing");
        assert_eq!(message("SHA256:", "SHA512:"), "field `SHA256` is missing");
        assert_eq!(
            message("Sep 2026 07:55:41 UTC\nV", "Sep\nV"),
            "field `Date`: `Sat, 12 Sep` is no date like `Sat, 12 Sep 2026 07:55:41 UTC`"
        );
        assert_eq!(
            message(&format!(" {SUM}  0 main"), " abc 0 main"),
            "field `SHA256`: `abc 0 main/binary-armhf/Packages` is no line of sum, size and path"
        );
    }
}
