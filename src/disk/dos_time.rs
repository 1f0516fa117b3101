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

/// Seconds since 1970 of FAT's fields, taken for UTC; those of fields that are no date are 0.
pub(super) fn moment(time: fatfs::DateTime) -> i64 {
    seconds(time).unwrap_or_default()
}

fn seconds(time: fatfs::DateTime) -> Option<i64> {
    let field = |number: u16| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(time.date.year).ok()?, field(time.date.month)?, field(time.date.day)?).ok()?;
    let (hour, minute, second) = (field(time.time.hour)?, field(time.time.min)?, field(time.time.sec)?);
    let clock = Time::new(hour, minute, second, 0).ok()?;
    Some(Offset::UTC.to_timestamp(DateTime::from_parts(date, clock)).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_moments() {
        let date = fatfs::Date { year: 2024, month: 2, day: 29 };
        let time = fatfs::Time { hour: 12, min: 34, sec: 56, millis: 0 };
        assert_eq!(moment(fatfs::DateTime { date, time }), 1_709_210_096);
        let date = fatfs::Date { year: 2025, month: 12, day: 31 };
        assert_eq!(moment(fatfs::DateTime { date, time }) / 86_400, 1_767_225_598 / 86_400);
    }

    #[test]
    fn fields_that_are_no_date_say_nothing() {
        let time = fatfs::Time { hour: 12, min: 34, sec: 56, millis: 0 };
        for date in [fatfs::Date { year: 1980, month: 0, day: 0 }, fatfs::Date { year: 2023, month: 2, day: 29 }] {
            assert_eq!(moment(fatfs::DateTime { date, time }), 0);
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
