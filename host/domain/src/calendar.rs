//! Civil days and times of day. Pure arithmetic of the Gregorian calendar.
//!
//! Which day it is, and how far the shop is from UTC, the caller knows: nothing here reads a clock or a time zone.

use std::fmt;

/// Microseconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY_US: i64 = 86_400 * SECOND_US;

/// What can be wrong with a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// There is no such day.
    #[error("{year:04}-{month:02}-{day:02} is not a day of the calendar")]
    NoSuchDay {
        /// Year as given.
        year: i32,
        /// Month as given.
        month: u32,
        /// Day as given.
        day: u32,
    },
    /// The text is not of the form `2026-11-22`.
    #[error("\"{text}\" is not a date like 2026-11-22")]
    NotADate {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// A day of the calendar: days since 1970-01-01, between the years 1 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// Day of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Date {
    /// 0001-01-01.
    pub const MIN: Date = Date(-719_162);
    /// 9999-12-31.
    pub const MAX: Date = Date(2_932_896);

    /// The day so many days after 1970-01-01; outside of the years 1 to 9999 the nearest day inside.
    pub const fn from_days(days: i32) -> Date {
        if days < Self::MIN.0 {
            Self::MIN
        } else if days > Self::MAX.0 {
            Self::MAX
        } else {
            Date(days)
        }
    }

    /// A day by year, month (1-12) and day of the month; fails when there is none.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Date, CalendarError> {
        let error = CalendarError::NoSuchDay { year, month, day };
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return Err(error);
        }
        // Howard Hinnant's days_from_civil: years start in March, so that the leap day is the last of its year.
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let shifted_month = (month as i32 + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Ok(Date(era * 146_097 + day_of_era - 719_468))
    }

    /// Reads `2026-11-22`.
    pub fn parse(text: &str) -> Result<Date, CalendarError> {
        let error = || CalendarError::NotADate { text: text.chars().take(20).collect() };
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(error());
        }
        let number = |part: &[u8]| {
            part.iter()
                .try_fold(0_u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
        };
        match (number(&bytes[..4]), number(&bytes[5..7]), number(&bytes[8..])) {
            (Some(year), Some(month), Some(day)) => Date::from_ymd(year as i32, month, day),
            _ => Err(error()),
        }
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Year, month (1-12), day of the month.
    pub fn ymd(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    /// The day so many days later (or earlier).
    pub const fn plus_days(self, days: i32) -> Date {
        Self::from_days(self.0.saturating_add(days))
    }

    /// Day of the week.
    pub const fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match (self.0 + 3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }
}

impl fmt::Display for Date {
    /// `2026-11-22`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days of a month (1-12) of a year.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// What a clock on the wall of the shop shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    /// The day.
    pub date: Date,
    /// 0-23.
    pub hour: u8,
    /// 0-59.
    pub minute: u8,
    /// 0-59.
    pub second: u8,
}

impl Timestamp {
    /// The wall time at an offset from UTC in seconds (east is positive), which the caller took from its time zone.
    pub fn local(self, utc_offset_s: i32) -> LocalTime {
        let seconds = self.0.div_euclid(SECOND_US).saturating_add(i64::from(utc_offset_s));
        let days = seconds.div_euclid(86_400).clamp(i64::from(Date::MIN.0), i64::from(Date::MAX.0));
        let of_day = seconds.rem_euclid(86_400);
        LocalTime {
            date: Date(days as i32),
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
        }
    }
}

#[cfg(test)]
mod tests;
