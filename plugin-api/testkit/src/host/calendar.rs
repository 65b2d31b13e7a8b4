//! Dates by arithmetic (the proleptic Gregorian calendar), with one fixed offset: enough for a test's clock.

use aurapos_contract::Timestamp;
use aurapos_contract::host::LocalTime;

const DAY_S: i64 = 86_400;

/// Days since 1970-01-01 of a date; the year begins in March here, so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

pub(super) fn local(time: Timestamp, offset_s: i64) -> LocalTime {
    let seconds = time.div_euclid(1_000_000) + offset_s;
    let (day, second) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    LocalTime {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u32,
        day: (of_year - (153 * shifted_month + 2) / 5 + 1) as u32,
        hour: (second / 3600) as u32,
        minute: (second / 60 % 60) as u32,
        second: (second % 60) as u32,
        offset_s,
    }
}

pub(super) fn utc(local: &LocalTime, offset_s: i64) -> Timestamp {
    let day = days(local.year, i64::from(local.month), i64::from(local.day));
    let second = i64::from(local.hour) * 3600 + i64::from(local.minute) * 60 + i64::from(local.second);
    (day * DAY_S + second - offset_s) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_back() {
        let check = |time: i64, date: (i64, u32, u32, u32)| {
            let found = local(time * 1_000_000, 7200);
            assert_eq!((found.year, found.month, found.day, found.hour), date);
            assert_eq!(utc(&found, 7200), time * 1_000_000);
        };
        check(0, (1970, 1, 1, 2));
        check(super::super::START / 1_000_000, (2026, 4, 26, 20));
        check(951_782_400, (2000, 2, 29, 2));
        check(1_735_682_399, (2024, 12, 31, 23));
        for day in -200_000..200_000 {
            let found = local(day * DAY_S * 1_000_000, 0);
            assert_eq!(utc(&found, 0), day * DAY_S * 1_000_000);
        }
    }
}
