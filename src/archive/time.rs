//! Times as the archive writes them, always UTC, as seconds since 1970: `Release`'s `Date`, the lock's dates, the
//! snapshot archive's folder names. No clock is read.

/// A calendar time in UTC.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: i64 = 86_400;

/// Seconds since 1970 of a `Date` field: "Sat, 12 Sep 2026 07:55:41 UTC".
pub fn parse_date(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    words.next()?.strip_suffix(',')?;
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = 1 + i64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()?;
    let year = words.next()?.parse().ok()?;
    let second_of_day = parse_clock(words.next()?)?;
    if !matches!(words.next()?, "UTC" | "GMT" | "+0000" | "Z") || words.next().is_some() {
        return None;
    }
    Civil { year, month, day, second_of_day }.seconds()
}

/// "2026-09-12T07:55:41Z"
pub fn rfc3339(seconds: i64) -> String {
    let Civil { year, month, day, second_of_day } = Civil::of(seconds);
    let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds since 1970 of what [`rfc3339`] writes.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let mut numbers = date.splitn(3, '-').map(|number| number.parse().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    Civil { year, month, day, second_of_day: parse_clock(clock)? }.seconds()
}

/// "20260912T075541Z", as the snapshot archive names its states.
pub fn compact(seconds: i64) -> String {
    rfc3339(seconds).replace(['-', ':'], "")
}

fn parse_clock(text: &str) -> Option<i64> {
    let mut numbers = text.splitn(3, ':').map(|number| number.parse::<i64>().ok());
    let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    valid.then_some(hour * 3600 + minute * 60 + second)
}

// Days are counted from 1 March of year 0 so that leap days fall at the end of a year; the scheme is that of Howard
// Hinnant's "chrono-Compatible Low-Level Date Algorithms".
impl Civil {
    fn seconds(&self) -> Option<i64> {
        if !(1970..10_000).contains(&self.year) || !(1..=12).contains(&self.month) || !(1..=31).contains(&self.day) {
            return None;
        }
        let year = if self.month > 2 { self.year } else { self.year - 1 };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some((era * 146_097 + day_of_era - 719_468) * DAY + self.second_of_day)
    }

    fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted + 2) / 5 + 1,
            second_of_day: seconds.rem_euclid(DAY),
        }
    }
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
        ] {
            assert_eq!(parse_date(text), Some(seconds), "{text}");
            assert_eq!(rfc3339(seconds), iso);
            assert_eq!(parse_rfc3339(iso), Some(seconds));
        }
        assert_eq!(compact(1_789_199_741), "20260912T075541Z");
    }

    #[test]
    fn every_day_of_400_years_survives() {
        for day in 0..146_097 {
            assert_eq!(parse_rfc3339(&rfc3339(day * DAY)), Some(day * DAY));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "Sat, 12 Sep 2026", "Sat, 12 Sep 2026 07:55:41 CET", "Sat, 12 Sop 2026 07:55:41 UTC"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["2026-09-12T07:55:41", "2026-13-12T07:55:41Z", "2026-09-12T24:00:00Z", "x"] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
