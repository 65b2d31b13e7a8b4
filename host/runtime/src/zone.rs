//! The shop's time zone: wall clock times from and to UTC, and RFC 3339.

use aurapos_contract::Timestamp;
use aurapos_contract::host::LocalTime;
use chrono::{DateTime, Datelike as _, FixedOffset, LocalResult, NaiveDate, Offset as _, TimeDelta, TimeZone as _};
use chrono::{NaiveDateTime, SecondsFormat, Timelike as _, Utc};
pub use chrono_tz::Tz;

/// The zone of a shop whose settings name none: the first market's.
pub const DEFAULT_ZONE: Tz = chrono_tz::Europe::Brussels;

/// The zone of an IANA name: `Europe/Brussels`.
pub fn zone_of_name(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// A time at the zone's offset. Times beyond what a calendar can say are cut to the epoch.
fn at(zone: Tz, time: Timestamp) -> DateTime<FixedOffset> {
    let utc = DateTime::from_timestamp_micros(time).unwrap_or_default();
    let offset = zone.offset_from_utc_datetime(&utc.naive_utc()).fix();
    utc.with_timezone(&offset)
}

/// A time on the shop's wall.
pub fn local_time(zone: Tz, time: Timestamp) -> LocalTime {
    let local = at(zone, time);
    LocalTime {
        year: i64::from(local.year()),
        month: local.month(),
        day: local.day(),
        hour: local.hour(),
        minute: local.minute(),
        second: local.second(),
        offset_s: i64::from(local.offset().local_minus_utc()),
    }
}

/// How far the shop's wall is from UTC at a time, in seconds; east is positive.
pub fn offset_s(zone: Tz, time: Timestamp) -> i32 {
    at(zone, time).offset().local_minus_utc()
}

/// The time at which the shop's wall shows this; the earlier of two, the later edge of a gap. A day that no calendar has
/// is the epoch.
pub fn utc_time(zone: Tz, local: &LocalTime) -> Timestamp {
    let naive = i32::try_from(local.year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, local.month, local.day))
        .and_then(|date| date.and_hms_opt(local.hour, local.minute, local.second));
    naive.map_or(0, |naive| resolve(zone, naive))
}

fn resolve(zone: Tz, naive: NaiveDateTime) -> Timestamp {
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_micros(),
        // A gap never lasts longer than a day: its later edge is where the clock goes on.
        LocalResult::None => (1..=24 * 60)
            .find_map(|minutes| {
                let later = naive.with_second(0)? + TimeDelta::minutes(minutes);
                zone.from_local_datetime(&later).earliest()
            })
            .map_or(0, |time| time.timestamp_micros()),
    }
}

/// RFC 3339 in the shop's offset, to the second: `2026-04-26T18:00:42+02:00`.
pub fn rfc3339(zone: Tz, time: Timestamp) -> String {
    at(zone, time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 3339 at an offset from UTC in seconds that was kept with the time.
pub fn rfc3339_at(time: Timestamp, offset_s: i32) -> String {
    let utc = DateTime::from_timestamp_micros(time).unwrap_or_default();
    match FixedOffset::east_opt(offset_s) {
        Some(offset) => utc.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Secs, true),
        None => rfc3339_utc(time),
    }
}

/// RFC 3339 in UTC, to the second.
pub fn rfc3339_utc(time: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp_micros(time).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads what people and scripts write for a time: RFC 3339, or `2026-04-26T18:00:42`, `2026-04-26 18:00` or
/// `2026-04-26` (midnight) on the shop's wall.
pub fn parse_time(zone: Tz, text: &str) -> Option<Timestamp> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    let text = text.replace('T', " ");
    let naive = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(resolve(zone, naive))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn wall_times_go_there_and_back() {
        let check = |utc: &str, wall: &str| {
            let time = parse_time(chrono_tz::UTC, utc).unwrap();
            assert_eq!(rfc3339(DEFAULT_ZONE, time), wall);
            assert_eq!(utc_time(DEFAULT_ZONE, &local_time(DEFAULT_ZONE, time)), time, "{utc}");
        };
        check("2026-04-26T16:00:42Z", "2026-04-26T18:00:42+02:00");
        check("2026-01-26 16:00:42", "2026-01-26T17:00:42+01:00");
        check("2026-01-26", "2026-01-26T01:00:00+01:00");
    }

    #[test]
    fn the_earlier_of_two_and_the_later_edge_of_a_gap() {
        let check = |wall: &str, utc: &str| {
            assert_eq!(rfc3339_utc(parse_time(DEFAULT_ZONE, wall).unwrap()), utc, "{wall}");
        };
        check("2026-10-25 02:30", "2026-10-25T00:30:00Z");
        check("2026-03-29 02:30:20", "2026-03-29T01:00:00Z");
        check("2026-03-29 02:00", "2026-03-29T01:00:00Z");
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["", "yesterday", "2026-02-30", "2026-04-26T25:00:00Z"] {
            assert_eq!(parse_time(DEFAULT_ZONE, text), None, "{text}");
        }
        let never = LocalTime { year: 2026, month: 13, day: 1, ..LocalTime::default() };
        assert_eq!(utc_time(DEFAULT_ZONE, &never), 0);
        assert_eq!(rfc3339_utc(42 * SECOND), "1970-01-01T00:00:42Z");
    }
}
