//! Times as the archive writes them, always UTC, as seconds since 1970: `Release`'s `Date`, the lock's dates, the
//! snapshot archive's folder names. No clock is read.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Seconds since 1970 of a `Date` field: "Sat, 12 Sep 2026 07:55:41 UTC".
pub fn parse_date(text: &str) -> Option<i64> {
    let (date, zone) = text.trim().rsplit_once(' ')?;
    let utc = matches!(zone, "UTC" | "GMT" | "+0000" | "Z");
    let time = DateTime::strptime("%a, %d %b %Y %H:%M:%S", date.trim_end()).ok().filter(|_| utc)?;
    since_1970(Offset::UTC.to_timestamp(time).ok()?)
}

/// "2026-09-12T07:55:41Z"
pub fn rfc3339(seconds: i64) -> String {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// Seconds since 1970 of what [`rfc3339`] writes.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let seconds = since_1970(text.parse().ok()?)?;
    // Other spellings of the moment are none of ours.
    (rfc3339(seconds) == text).then_some(seconds)
}

/// "20260912T075541Z", as the snapshot archive names its states.
pub fn compact(seconds: i64) -> String {
    rfc3339(seconds).replace(['-', ':'], "")
}

fn since_1970(time: Timestamp) -> Option<i64> {
    Some(time.as_second()).filter(|seconds| *seconds >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        // Judged by `date -u -d @…`.
        for (text, seconds, iso) in [
            ("Thu, 01 Jan 1970 00:00:00 UTC", 0, "1970-01-01T00:00:00Z"),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799, "2000-02-29T23:59:59Z"),
            ("Sat, 12 Sep 2026 07:55:41 UTC", 1_789_199_741, "2026-09-12T07:55:41Z"),
            ("Sat, 9 Aug 2025 08:59:59 +0000", 1_754_729_999, "2025-08-09T08:59:59Z"),
            ("Sat,  9 Aug 2025  8:59:59  Z", 1_754_729_999, "2025-08-09T08:59:59Z"),
        ] {
            assert_eq!(parse_date(text), Some(seconds), "{text}");
            assert_eq!(rfc3339(seconds), iso);
            assert_eq!(parse_rfc3339(iso), Some(seconds));
        }
        assert_eq!(compact(1_789_199_741), "20260912T075541Z");
    }

    #[test]
    fn times_of_strange_files_are_shown_too() {
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
        assert_eq!(rfc3339(i64::MAX), "9999-12-30T22:00:00Z");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "Sat, 12 Sep 2026",
            "Sat, 12 Sep 2026 07:55:41 CET",
            "Sat, 12 Sop 2026 07:55:41 UTC",
            "Mon, 12 Sep 2026 07:55:41 UTC",
            "Wed, 31 Dec 1969 23:59:59 UTC",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in [
            "2026-09-12T07:55:41",
            "2026-13-12T07:55:41Z",
            "2026-09-12T24:00:00Z",
            "2026-09-12T07:55:41+00:00",
            "2026-09-12 07:55:41Z",
            "1969-12-31T23:59:59Z",
            "x",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
