//! Conditional requests (RFC 9110, section 13).

use std::time::{Duration, SystemTime};

use crate::representation::Representation;
use crate::request::List;

/// The fields that make a request conditional, as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions<'a> {
    /// `If-Match`
    pub matches: Option<List<'a>>,
    /// `If-None-Match`
    pub none_match: Option<List<'a>>,
    /// `If-Modified-Since`
    pub modified_since: Option<&'a [u8]>,
    /// `If-Unmodified-Since`
    pub unmodified_since: Option<&'a [u8]>,
    /// `If-Range`
    pub range: Option<&'a [u8]>,
}

/// What the conditions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// To answer as if there were none.
    Send,
    /// The client has it: 304.
    NotModified,
    /// The client wanted another one: 412.
    Failed,
    /// That needs the file's hash, which is still being computed.
    Unknown,
}

impl Conditions<'_> {
    /// Judges the conditions in the order of RFC 9110, 13.2.2.
    pub fn judge(&self, file: &Representation) -> Verdict {
        if let Some(tags) = self.matches.as_deref() {
            match file.tag.as_deref() {
                _ if tags.trim_ascii() == b"*" => {}
                Some(tag) if names(tags, tag, false) => {}
                Some(_) => return Verdict::Failed,
                None => return Verdict::Unknown,
            }
        } else if let (Some(since), Some(modified)) = (self.unmodified_since.and_then(date), file.modified)
            && modified > since
        {
            return Verdict::Failed;
        }
        if let Some(tags) = self.none_match.as_deref() {
            let known = tags.trim_ascii() == b"*" || file.tag.as_deref().is_some_and(|tag| names(tags, tag, true));
            return if known { Verdict::NotModified } else { Verdict::Send };
        }
        match (self.modified_since.and_then(date), file.modified) {
            (Some(since), Some(modified)) if modified <= since => Verdict::NotModified,
            _ => Verdict::Send,
        }
    }

    /// Whether a `Range` counts: without `If-Range` always, else when the client's part is of the same content.
    pub fn allow_range(&self, file: &Representation, now: SystemTime) -> bool {
        let Some(field) = self.range.map(<[u8]>::trim_ascii) else { return true };
        if field.starts_with(b"\"") {
            return file.tag.as_deref().is_some_and(|tag| tag.as_bytes() == field);
        }
        // A date is only as good as a tag when the file could not change twice in its second. Weak tags never are.
        let (Some(since), Some(modified)) = (date(field), file.modified) else { return false };
        since == modified && now.duration_since(modified).is_ok_and(|age| age > Duration::from_secs(1))
    }
}

/// Whether a list of entity tags names the tag. A comma may stand inside of a tag.
fn names(list: &[u8], tag: &str, weakly: bool) -> bool {
    let mut rest = list.trim_ascii();
    while !rest.is_empty() {
        let (weak, opened) = match rest {
            [b'W', b'/', b'"', opened @ ..] => (true, opened),
            [b'"', opened @ ..] => (false, opened),
            // Not a tag: whatever it is ends at the next comma.
            other => match other.iter().position(|byte| *byte == b',') {
                Some(comma) => {
                    rest = other[comma + 1..].trim_ascii_start();
                    continue;
                }
                None => return false,
            },
        };
        let Some(end) = opened.iter().position(|byte| *byte == b'"') else { return false };
        let inner = &tag.as_bytes()[1..tag.len() - 1];
        if (weakly || !weak) && &opened[..end] == inner {
            return true;
        }
        rest = opened[end + 1..].trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    false
}

/// A date; one that cannot be read makes its field as if it were not there.
fn date(field: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(field).ok()?.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::*;
    use crate::hashes::{Hashes, Identity};
    use crate::representation::Rendering;

    const BEFORE: &[u8] = b"Sun, 06 Nov 1994 08:49:36 GMT";
    const THEN: &[u8] = b"Sun, 06 Nov 1994 08:49:37 GMT";
    const RFC_850: &[u8] = b"Sunday, 06-Nov-94 08:49:37 GMT";
    const AFTER: &[u8] = b"Sun Nov  6 08:49:38 1994";
    const TAG: &[u8] = b"\"575a0b1c44d8843f\"";

    fn file() -> Representation {
        with_content(b"b")
    }

    fn with_content(content: &[u8]) -> Representation {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join("a"), content).expect("a file");
        let file = File::options().write(true).read(true).open(dir.path().join("a")).expect("the file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)).expect("a time");
        let rendering =
            Rendering { cache: Vec::new(), image_time: None, hashes: Arc::new(Hashes::start().expect("a thread")) };
        let identity = Identity::of(&file.metadata().expect("metadata"));
        Representation::read(&rendering, b"a", "text/plain", None, false, (file, identity)).expect("a file")
    }

    #[test]
    fn tags_are_found_in_lists() {
        let tag = "\"1f\"";
        for field in
            ["\"1f\"", "W/\"1f\"", "\"2\", \"1f\"", "\"2\",W/\"1f\" ", "\"a,b\" , \"1f\"", "x, \"1f\"", "\"\"\"1f\""]
        {
            assert!(names(field.as_bytes(), tag, true), "{field}");
        }
        for field in ["", "1f", "\"1F\"", "\"2\"", "W/", "\"1f", "w/\"1f\"", "\"2,\"1f\"\"", ","] {
            assert!(!names(field.as_bytes(), tag, true), "{field}");
        }
        assert!(!names(b"W/\"1f\"", tag, false));
        assert!(names(b"W/\"1f\", \"1f\"", tag, false));
    }

    #[test]
    fn the_tag_wins_over_the_time() {
        let file = file();
        let judge = |none_match: Option<&'static [u8]>, modified_since| {
            let none_match = none_match.map(List::Borrowed);
            Conditions { none_match, modified_since, ..Conditions::default() }.judge(&file)
        };
        assert_eq!(file.tag.as_deref().map(str::as_bytes), Some(TAG));
        assert_eq!(judge(Some(TAG), None), Verdict::NotModified);
        assert_eq!(judge(Some(b" * "), None), Verdict::NotModified);
        assert_eq!(judge(Some(b"\"other\""), Some(AFTER)), Verdict::Send);
        assert_eq!(judge(None, Some(BEFORE)), Verdict::Send);
        for since in [THEN, RFC_850, AFTER] {
            assert_eq!(judge(None, Some(since)), Verdict::NotModified);
        }
        assert_eq!(judge(None, Some(b"yesterday")), Verdict::Send);
    }

    #[test]
    fn what_must_match_must_match_strongly() {
        let file = file();
        let judge = |matches: Option<&'static [u8]>, unmodified_since| {
            Conditions { matches: matches.map(List::Borrowed), unmodified_since, ..Conditions::default() }.judge(&file)
        };
        assert_eq!(judge(Some(b"*"), None), Verdict::Send);
        assert_eq!(judge(Some(TAG), Some(BEFORE)), Verdict::Send);
        assert_eq!(judge(Some(b"W/\"575a0b1c44d8843f\""), None), Verdict::Failed);
        assert_eq!(judge(Some(b"\"other\""), None), Verdict::Failed);
        assert_eq!(judge(None, Some(BEFORE)), Verdict::Failed);
        assert_eq!(judge(None, Some(THEN)), Verdict::Send);
    }

    #[test]
    fn what_must_match_an_unknown_hash_is_not_said_to_differ() {
        let file = with_content(&[b'b'; 10_000]);
        assert_eq!(file.tag, None);
        let judge = |matches: Option<&'static [u8]>| {
            Conditions { matches: matches.map(List::Borrowed), ..Conditions::default() }.judge(&file)
        };
        assert_eq!(judge(Some(TAG)), Verdict::Unknown);
        assert_eq!(judge(Some(b"*")), Verdict::Send);
    }

    #[test]
    fn ranges_are_for_those_who_have_the_same() {
        let file = file();
        let now = SystemTime::now();
        let allowed = |range| Conditions { range, ..Conditions::default() }.allow_range(&file, now);
        assert!(allowed(None) && allowed(Some(TAG)) && allowed(Some(THEN)));
        for range in [&b"\"other\""[..], b"W/\"575a0b1c44d8843f\"", BEFORE, AFTER, b"", b"*"] {
            assert!(!allowed(Some(range)), "{range:?}");
        }
        let conditions = Conditions { range: Some(THEN), ..Conditions::default() };
        assert!(!conditions.allow_range(&file, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_778)));
    }
}
