//! The shop's clock: UTC and the time zone's rules as data (`chrono-tz`), no clock of the machine.

use crate::error::{Code, EngineResult};
use aurapos_domain::calendar::{LocalTime, Timestamp};
use chrono::{Offset, TimeZone, Utc};
use chrono_tz::Tz;

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

#[cfg(test)]
mod tests {
    use super::*;

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
