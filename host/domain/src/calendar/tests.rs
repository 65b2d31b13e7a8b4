//! Dates against known days, and every day there and back.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn known_days() {
    fn check(text: &str, days: i32, weekday: Weekday) {
        let date = Date::parse(text).unwrap();
        assert_eq!((date.days(), date.weekday(), date.to_string().as_str()), (days, weekday, text));
    }
    check("1970-01-01", 0, Weekday::Thursday);
    check("1969-12-31", -1, Weekday::Wednesday);
    check("2000-02-29", 11_016, Weekday::Tuesday);
    check("2026-11-22", 20_779, Weekday::Sunday);
    check("0001-01-01", Date::MIN.days(), Weekday::Monday);
    check("9999-12-31", Date::MAX.days(), Weekday::Friday);
}

#[test]
fn days_that_do_not_exist_are_refused() {
    for text in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-01-00", "0000-01-01"] {
        assert!(Date::parse(text).unwrap_err().to_string().contains("is not a day"), "{text}");
    }
    for text in ["", "22-11-2026", "2026-11-2", "2026/11/22", "2026-1a-22", "+026-11-22", "２０２６-11"] {
        assert!(Date::parse(text).unwrap_err().to_string().contains("is not a date"), "{text}");
    }
}

#[test]
fn every_day_of_four_centuries_there_and_back() {
    let mut day = Date::from_ymd(1890, 1, 1).unwrap();
    let mut before = day.plus_days(-1).ymd();
    while day < Date::from_ymd(2300, 1, 1).unwrap() {
        let (year, month, of_month) = day.ymd();
        assert_eq!(Date::from_ymd(year, month, of_month), Ok(day));
        assert!(day.ymd() > before, "days rise: {before:?}, {:?}", day.ymd());
        before = day.ymd();
        day = day.plus_days(1);
    }
    assert_eq!(Date::from_days(i32::MAX), Date::MAX);
    assert_eq!(Date::MIN.plus_days(i32::MIN), Date::MIN);
}

#[test]
fn the_wall_clock_of_an_offset() {
    fn check(us: i64, offset_s: i32, expected: &str) {
        let LocalTime { date, hour, minute, second } = Timestamp(us).local(offset_s);
        assert_eq!(format!("{date} {hour:02}:{minute:02}:{second:02}"), expected);
    }
    check(0, 0, "1970-01-01 00:00:00");
    check(-1, 0, "1969-12-31 23:59:59");
    check(1_795_355_775_123_456, 3600, "2026-11-22 14:56:15");
    check(23 * 3600 * SECOND_US, 3600, "1970-01-02 00:00:00");
    check(0, -3600, "1969-12-31 23:00:00");
    check(i64::MAX, 0, "9999-12-31 04:00:54");
}
