//! Moments as FAT directory entries hold them: local time without a zone (here UTC), 1980 to 2107, two-second steps.

/// FAT's date, its time, and the hundredths of a second that the time does not count, of a moment in UTC.
pub(super) fn dos_time(epoch: i64) -> (u16, u16, u8) {
    const DAY: i64 = 86_400;
    const FIRST: i64 = 315_532_800;
    const LAST: i64 = 4_354_819_199;
    let epoch = epoch.clamp(FIRST, LAST);
    let (days, second) = (epoch.div_euclid(DAY), epoch.rem_euclid(DAY));
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = ((year - 1980) << 9) | (month << 5) | day;
    let time = ((second / 3600) << 11) | ((second / 60 % 60) << 5) | (second % 60 / 2);
    let hundredths = if second % 2 == 1 { 100 } else { 0 };
    // All three fit by the clamp above.
    (u16::try_from(date).unwrap_or(0x21), u16::try_from(time).unwrap_or(0), hundredths)
}

/// Seconds since 1970 of FAT's fields, taken for UTC; fields that are no date give some moment near them.
pub(super) fn moment(time: fatfs::DateTime) -> i64 {
    let (year, month, day) = (i64::from(time.date.year), i64::from(time.date.month), i64::from(time.date.day));
    // The way back, days_from_civil.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    days * 86_400 + i64::from(time.time.hour) * 3600 + i64::from(time.time.min) * 60 + i64::from(time.time.sec)
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
