//! Moments as FAT directory entries hold them: local time without a zone (here UTC), 1980 to 2107, two-second steps.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// The moments that FAT can hold: from 1980 to the end of 2107.
const RANGE: (i64, i64) = (315_532_800, 4_354_819_199);

/// FAT's date, its time, and the hundredths of a second that the time does not count, of a moment in UTC.
pub(super) fn dos_time(epoch: i64) -> (u16, u16, u8) {
    let moment = Timestamp::from_second(epoch.clamp(RANGE.0, RANGE.1)).unwrap_or_default();
    let time = Offset::UTC.to_datetime(moment);
    // All are positive and fit by the clamp above.
    let field = |number: i8| u16::from(number.unsigned_abs());
    let year = time.year().unsigned_abs().saturating_sub(1980);
    let date = (year << 9) | (field(time.month()) << 5) | field(time.day());
    let clock = (field(time.hour()) << 11) | (field(time.minute()) << 5) | (field(time.second()) / 2);
    (date, clock, if time.second() % 2 == 1 { 100 } else { 0 })
}

/// Seconds since 1970 of FAT's date and time, taken for UTC; those of fields that are no date are 0.
pub(super) fn moment(date: u16, time: u16) -> i64 {
    seconds(date, time).unwrap_or_default()
}

fn seconds(date: u16, time: u16) -> Option<i64> {
    let field = |number: u16| i8::try_from(number).ok();
    let year = i16::try_from(date >> 9).ok()? + 1980;
    let date = Date::new(year, field(date >> 5 & 0x0f)?, field(date & 0x1f)?).ok()?;
    let clock = Time::new(field(time >> 11)?, field(time >> 5 & 0x3f)?, field((time & 0x1f) * 2)?, 0).ok()?;
    Some(Offset::UTC.to_timestamp(DateTime::from_parts(date, clock)).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_moments() {
        assert_eq!(moment((44 << 9) | (2 << 5) | 29, (12 << 11) | (34 << 5) | 28), 1_709_210_096);
        assert_eq!(moment((45 << 9) | (12 << 5) | 31, (23 << 11) | (59 << 5) | 29), 1_767_225_598);
    }

    #[test]
    fn fields_that_are_no_date_say_nothing() {
        for date in [0, (43 << 9) | (2 << 5) | 29] {
            assert_eq!(moment(date, (12 << 11) | (34 << 5) | 28), 0);
        }
    }

    #[test]
    fn moments_become_fields() {
        // 2024-02-29 12:34:57 UTC
        assert_eq!(dos_time(1_709_210_097), ((44 << 9) | (2 << 5) | 29, (12 << 11) | (34 << 5) | 28, 100));
        // 2025-12-31 23:59:58 UTC
        assert_eq!(dos_time(1_767_225_598), ((45 << 9) | (12 << 5) | 31, (23 << 11) | (59 << 5) | 29, 0));
    }

    #[test]
    fn moments_out_of_range_take_the_nearest() {
        assert_eq!(dos_time(0), ((1 << 5) | 1, 0, 0));
        assert_eq!(dos_time(i64::MAX), ((127 << 9) | (12 << 5) | 31, (23 << 11) | (59 << 5) | 29, 100));
    }
}
