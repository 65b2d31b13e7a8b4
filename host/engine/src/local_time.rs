//! The shop's clock: UTC and the time zone's rules as data (`chrono-tz`), no clock of the machine. And the shop's day, which
//! does not change at midnight: what a bar sells at one o'clock is yesterday's.

use crate::error::{Code, EngineResult};
use aurapos_domain::calendar::{Date, LocalTime, Timestamp};
use chrono::{MappedLocalTime, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The longest time that a clock ever jumped over, in minutes: Samoa left out a whole day.
const GAP_MINUTES_MAX: i64 = 24 * 60;

/// The time zone of an IANA name such as `Europe/Brussels`.
pub fn zone(name: &str) -> EngineResult<Tz> {
    name.parse().map_err(|_| {
        Code::BadShop.error(format!("\"{name}\" is not a time zone.")).with_next("Use a name like Europe/Brussels.")
    })
}

/// How far the zone is from UTC at that time, in seconds, east positive. 0 for times outside of the calendar.
pub fn offset_s(zone: Tz, time: Timestamp) -> i32 {
    match Utc.timestamp_micros(time.0).single() {
        Some(utc) => zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc(),
        None => 0,
    }
}

/// What the shop's clock shows.
pub fn local(zone: Tz, time: Timestamp) -> LocalTime {
    time.local(offset_s(zone, time))
}

/// The shop's day at a time: the latest one that has begun. A day begins when the clock first shows `change_minutes` after
/// midnight, or first shows anything later when it jumps over that; so no day comes back when the clock is put back.
pub fn business_day(zone: Tz, change_minutes: u32, time: Timestamp) -> Date {
    let date = local(zone, time).date;
    // Tomorrow's may have begun: the clock was past midnight and was put back before it.
    let candidates = [1, 0, -1, -2].map(|days| date.plus_days(days));
    let begun = |day: &Date| begins(zone, change_minutes, *day).is_some_and(|begin| begin <= time);
    candidates.into_iter().find(begun).unwrap_or(date)
}

/// When a day begins; `None` outside of the calendar.
fn begins(zone: Tz, change_minutes: u32, day: Date) -> Option<Timestamp> {
    let (year, month, in_month) = day.ymd();
    let midnight = NaiveDate::from_ymd_opt(year, month, in_month)?.and_hms_opt(0, 0, 0)?;
    let change = midnight.checked_add_signed(TimeDelta::minutes(i64::from(change_minutes)))?;
    (0..=GAP_MINUTES_MAX).find_map(|later| {
        let shown = change.checked_add_signed(TimeDelta::minutes(later))?;
        match zone.from_local_datetime(&shown) {
            MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => {
                Some(Timestamp(time.timestamp_micros()))
            }
            MappedLocalTime::None => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        let time = chrono::DateTime::parse_from_rfc3339(&format!("{text}:00Z")).unwrap();
        Timestamp(time.timestamp_micros())
    }

    /// Zone, change of day in minutes after midnight, time in UTC, the shop's day.
    #[test]
    fn the_day_follows_the_clock_of_the_shop() {
        for (zone_name, change, time, day) in [
            // Winter in Brussels: 04:59 and 05:00 on the wall.
            ("Europe/Brussels", 300, "2026-11-23T03:59", "2026-11-22"),
            ("Europe/Brussels", 300, "2026-11-23T04:00", "2026-11-23"),
            // Summer.
            ("Europe/Brussels", 300, "2026-07-01T02:59", "2026-06-30"),
            ("Europe/Brussels", 300, "2026-07-01T03:00", "2026-07-01"),
            ("Europe/Brussels", 0, "2026-06-30T22:00", "2026-07-01"),
            ("Europe/Brussels", 0, "2026-06-30T21:59", "2026-06-30"),
            // A day of 23 hours: 02:30 is never shown, 03:00 is.
            ("Europe/Brussels", 150, "2026-03-29T00:59", "2026-03-28"),
            ("Europe/Brussels", 150, "2026-03-29T01:00", "2026-03-29"),
            ("Europe/Brussels", 300, "2026-03-29T02:59", "2026-03-28"),
            ("Europe/Brussels", 300, "2026-03-29T03:00", "2026-03-29"),
            // A day of 25 hours: 02:30 is shown twice, and the day stays when the clock is put back to 02:00.
            ("Europe/Brussels", 150, "2026-10-25T00:29", "2026-10-24"),
            ("Europe/Brussels", 150, "2026-10-25T00:30", "2026-10-25"),
            ("Europe/Brussels", 150, "2026-10-25T01:00", "2026-10-25"),
            ("Europe/Brussels", 150, "2026-10-25T01:29", "2026-10-25"),
            // East and west, half hours and quarters.
            ("Pacific/Auckland", 300, "2026-11-22T15:59", "2026-11-22"),
            ("Pacific/Auckland", 300, "2026-11-22T16:00", "2026-11-23"),
            ("Pacific/Kiritimati", 300, "2026-11-22T15:00", "2026-11-23"),
            ("America/Los_Angeles", 300, "2026-11-22T12:59", "2026-11-21"),
            ("America/Los_Angeles", 300, "2026-11-22T13:00", "2026-11-22"),
            ("Asia/Kathmandu", 300, "2026-11-21T23:14", "2026-11-21"),
            ("Asia/Kathmandu", 300, "2026-11-21T23:15", "2026-11-22"),
            ("America/St_Johns", 300, "2026-11-22T08:29", "2026-11-21"),
            ("America/St_Johns", 300, "2026-11-22T08:30", "2026-11-22"),
            // Put back over midnight: 00:01 became 23:01 of the day before, and the new day had begun.
            ("America/St_Johns", 0, "2006-10-29T02:29", "2006-10-28"),
            ("America/St_Johns", 0, "2006-10-29T02:30", "2006-10-29"),
            ("America/St_Johns", 0, "2006-10-29T02:45", "2006-10-29"),
            // Samoa left out the 30th of December.
            ("Pacific/Apia", 300, "2011-12-30T09:59", "2011-12-29"),
            ("Pacific/Apia", 0, "2011-12-30T10:00", "2011-12-31"),
            ("Pacific/Apia", 300, "2011-12-30T15:00", "2011-12-31"),
            // Before 1970 and at the ends of time nothing breaks.
            ("Europe/Brussels", 300, "1969-12-31T03:59", "1969-12-30"),
        ] {
            let found = business_day(zone(zone_name).unwrap(), change, utc(time)).to_string();
            assert_eq!(found, day, "{zone_name}, change at {change} minutes, {time}");
        }
        let brussels = zone("Europe/Brussels").unwrap();
        assert_eq!(business_day(brussels, 300, Timestamp(i64::MAX)), Date::MAX);
        assert_eq!(business_day(brussels, 300, Timestamp(i64::MIN)), Date::MIN);
    }

    /// Minute by minute over the days on which clocks change, no day ever comes back.
    #[test]
    fn no_day_comes_back() {
        for (zone_name, from) in [
            ("Europe/Brussels", "2026-10-24T12:00"),
            ("Europe/Brussels", "2026-03-28T12:00"),
            ("America/St_Johns", "2006-10-28T12:00"),
            ("America/Havana", "2026-10-31T12:00"),
            ("Pacific/Apia", "2011-12-29T00:00"),
            ("Australia/Lord_Howe", "2026-04-04T00:00"),
        ] {
            let zone = zone(zone_name).unwrap();
            for change in [0, 30, 90, 150, 300, 720] {
                let days =
                    (0..60 * 60).map(|minute| business_day(zone, change, Timestamp(utc(from).0 + minute * 60_000_000)));
                assert!(days.is_sorted(), "{zone_name}, {change}");
            }
        }
    }

    #[test]
    fn follows_summer_time() {
        let zone = zone("Europe/Brussels").unwrap();
        let check = |utc_s: i64, hour: u8, day: &str| {
            let local = local(zone, Timestamp(utc_s * 1_000_000));
            assert_eq!((local.hour, local.date.to_string().as_str()), (hour, day));
        };
        check(1_767_220_200, 23, "2025-12-31"); // 22:30 UTC, winter
        check(1_767_223_800, 0, "2026-01-01"); // 23:30 UTC
        check(1_782_856_800, 0, "2026-07-01"); // 22:00 UTC, summer
        assert!(super::zone("Mars/Olympus").is_err());
    }
}
