//! Retention as a table, and what no sequence of runs may ever do.

use super::*;
use crate::contract::backup::BackupTrigger;
use crate::schedule::{Cover, HOUR, Past, Question, due};
use chrono::NaiveDateTime;
use proptest::prelude::*;

const RULES: Rules = Rules { keep_days: 10, weekly_years: 7 };

fn micros(text: &str) -> i64 {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    time.and_utc().timestamp_micros()
}

fn day_of(time: Timestamp) -> NaiveDate {
    chrono::DateTime::from_timestamp_micros(time).unwrap().date_naive()
}

fn held(series: Series, time: Timestamp, number: u64, standing: Standing) -> Held {
    Held { name: format!("{series:?}{number}"), series, time, day: day_of(time), number, standing }
}

fn moment(now: Timestamp, before: Option<Timestamp>) -> Moment {
    Moment { now, today: day_of(now), newest_before: before }
}

/// A table: `D|W|S date time [damaged|unproved] → keep|go reason`, oldest first; the clock is judged by the newest.
fn check(now: &str, table: &str) {
    let mut expected = Vec::new();
    let mut files = Vec::new();
    for (index, line) in table.trim().lines().enumerate() {
        let (file, outcome) = line.split_once('→').unwrap();
        let words: Vec<&str> = file.split_whitespace().collect();
        let series = match words[0] {
            "D" => Series::Daily,
            "W" => Series::Weekly,
            _ => Series::Safety,
        };
        let standing = match words.get(3) {
            Some(&"damaged") => Standing::Damaged,
            Some(&"unproved") => Standing::Unproved,
            _ => Standing::Verified,
        };
        files.push(held(series, micros(&format!("{} {}", words[1], words[2])), index as u64 + 1, standing));
        expected.push(format!("{} → {}", file.trim(), outcome.trim()));
    }
    let newest = files.iter().filter(|held| held.standing == Standing::Verified).map(|held| held.time).max();
    let decisions = plan(&files, RULES, moment(micros(now), newest));
    let got: Vec<String> = table
        .trim()
        .lines()
        .zip(&decisions)
        .map(|(line, decision)| {
            let file = line.split_once('→').unwrap().0.trim();
            format!("{file} → {} {}", if decision.delete { "go" } else { "keep" }, decision.reason)
        })
        .collect();
    assert_eq!(got.join("\n"), expected.join("\n"));
}

#[test]
fn the_newest_of_each_of_the_last_ten_days_stays() {
    check(
        "2026-04-26 19:00",
        "D 2026-04-01 18:00 → go older than the last 10 days with a backup
         D 2026-04-12 18:00 → go older than the last 10 days with a backup
         D 2026-04-13 09:00 → go Daily4 is newer and of the same day
         D 2026-04-13 18:00 → keep the newest of 2026-04-13
         D 2026-04-14 18:00 → keep the newest of 2026-04-14
         D 2026-04-15 18:00 → keep the newest of 2026-04-15
         D 2026-04-18 18:00 → keep the newest of 2026-04-18
         D 2026-04-20 18:00 → keep the newest of 2026-04-20
         D 2026-04-21 18:00 → keep the newest of 2026-04-21
         D 2026-04-22 18:00 → keep the newest of 2026-04-22
         D 2026-04-24 18:00 → keep the newest of 2026-04-24
         D 2026-04-25 18:00 → keep the newest of 2026-04-25
         D 2026-04-26 18:00 → keep the newest of 2026-04-26",
    );
}

#[test]
fn the_newest_three_stay_even_of_one_day_and_a_later_run_takes_the_rest() {
    check(
        "2026-04-26 19:00",
        "D 2026-04-26 08:00 → go Daily7 is newer and of the same day
         D 2026-04-26 09:00 → go Daily7 is newer and of the same day
         D 2026-04-26 10:00 → go Daily7 is newer and of the same day
         D 2026-04-26 11:00 → keep goes in a later run: never more than 3 at once (Daily7 is newer and of the same day)
         D 2026-04-26 12:00 → keep one of the newest 3 verified (Daily7 is newer and of the same day)
         D 2026-04-26 13:00 → keep one of the newest 3 verified (Daily7 is newer and of the same day)
         D 2026-04-26 14:00 → keep the newest of 2026-04-26",
    );
}

/// The clock stood in 1970 for three days and was set right: the youngest backups look like the oldest.
#[test]
fn the_last_three_made_stay_whatever_their_date() {
    let good =
        (1..=12).map(|day| held(Series::Daily, micros(&format!("2026-04-{day:02} 18:00")), day, Standing::Verified));
    let lost = (1..=4).map(|day| held(Series::Daily, day as i64 * DAY, 12 + day, Standing::Verified));
    let files: Vec<Held> = good.chain(lost).collect();
    let now = micros("2026-04-13 09:00");
    let decisions = plan(&files, RULES, moment(now, Some(now - DAY)));
    let gone: Vec<&str> =
        decisions.iter().filter(|decision| decision.delete).map(|decision| decision.name.as_str()).collect();
    assert_eq!(gone, ["Daily13", "Daily1", "Daily2"]);
}

#[test]
fn weeklies_stay_seven_years_to_the_day() {
    let weekly = |day: &str| {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 4, 26).unwrap();
        let mut held = held(Series::Weekly, 0, 1, Standing::Verified);
        held.day = day;
        decide_weekly(&held, 7, 0, today)
    };
    assert_eq!(weekly("2019-04-25"), (true, "its 7 years ended on 2026-04-25".to_owned()));
    assert_eq!(weekly("2019-04-26"), (false, "kept until 2026-04-26".to_owned()));
    assert_eq!(weekly("2016-02-29"), (true, "its 7 years ended on 2023-02-28".to_owned()));
}

#[test]
fn a_hole_longer_than_the_clock_is_trusted_does_not_count_as_age() {
    check(
        "2020-06-10 19:00",
        "W 2019-03-20 19:00 → keep kept until 2027-03-21
         W 2020-03-20 19:00 → keep kept until 2027-03-20
         W 2020-05-04 19:00 → keep kept until 2027-05-04",
    );
}

#[test]
fn a_wrong_clock_deletes_nothing() {
    let spared = "D 2026-04-26 08:00 → keep the clock looks wrong: WHY (Daily5 is newer and of the same day)
         D 2026-04-26 09:00 → keep the clock looks wrong: WHY (Daily5 is newer and of the same day)
         D 2026-04-26 10:00 → keep one of the newest 3 verified (Daily5 is newer and of the same day)
         D 2026-04-26 11:00 → keep one of the newest 3 verified (Daily5 is newer and of the same day)
         D 2026-04-26 12:00 → keep the newest of 2026-04-26";
    check("2026-04-26 11:59", &spared.replace("WHY", "it is before the newest backup"));
    check("2026-06-10 12:01", &spared.replace("WHY", "it is 45 days after the newest backup"));
    check("2027-04-26 12:00", &spared.replace("WHY", "it is 365 days after the newest backup"));
    let gone = "go Daily5 is newer and of the same day";
    check(
        "2026-06-10 12:00",
        &format!(
            "D 2026-04-26 08:00 → {gone}
             D 2026-04-26 09:00 → {gone}
             D 2026-04-26 10:00 → keep one of the newest 3 verified (Daily5 is newer and of the same day)
             D 2026-04-26 11:00 → keep one of the newest 3 verified (Daily5 is newer and of the same day)
             D 2026-04-26 12:00 → keep the newest of 2026-04-26"
        ),
    );
}

#[test]
fn what_never_passed_does_not_count_and_does_not_pile_up() {
    check(
        "2026-04-26 19:00",
        "S 2015-04-26 18:00 → keep the state before a restore stays until its owner deletes it
         D 2026-04-22 18:00 unproved → go never passed its check; 2 newer ones are kept
         D 2026-04-23 18:00 unproved → keep did not pass its check; kept aside for a look
         D 2026-04-24 18:00 unproved → keep did not pass its check; kept aside for a look
         D 2026-04-25 18:00 damaged → keep damaged; kept while its day is
         D 2026-04-26 18:00 → keep the newest of 2026-04-26",
    );
}

/// A register that is opened at 9 and closed at 18 every day, under a clock that may be off.
struct Shop {
    held: Vec<Held>,
    number: u64,
    deleted_at: Vec<(Held, Timestamp)>,
}

impl Shop {
    fn new() -> Self {
        Shop { held: Vec::new(), number: 0, deleted_at: Vec::new() }
    }

    fn run(&mut self, trigger: BackupTrigger, now: Timestamp) {
        let past: Vec<Past> =
            self.held.iter().map(|held| Past { series: held.series, time: held.time, position: 0 }).collect();
        let before = past.iter().map(|backup| backup.time).max();
        let mut made = false;
        for due in due(Question { trigger, only: None, now, cover: Cover { age: 0, position: 0 } }, &past, None)
            .into_iter()
            .filter(|due| due.due)
        {
            self.number += 1;
            self.held.push(held(due.series, now, self.number, Standing::Verified));
            made = true;
        }
        if made {
            self.retain(now, before);
        }
    }

    fn retain(&mut self, now: Timestamp, before: Option<Timestamp>) {
        let decisions = plan(&self.held, RULES, moment(now, before));
        let gone: BTreeSet<String> =
            decisions.into_iter().filter(|decision| decision.delete).map(|decision| decision.name).collect();
        assert!(gone.len() <= DELETED_MAX);
        let (left, deleted): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|held| !gone.contains(&held.name));
        self.held = left;
        self.deleted_at.extend(deleted.into_iter().map(|held| (held, now)));
    }

    fn day(&mut self, midnight: Timestamp) {
        self.run(BackupTrigger::Start, midnight + 9 * HOUR);
        self.run(BackupTrigger::Close, midnight + 18 * HOUR);
    }

    fn count(&self, series: Series) -> usize {
        self.held.iter().filter(|held| held.series == series).count()
    }
}

#[test]
fn ten_years_of_days_leave_ten_dailies_and_seven_years_of_weeklies() {
    let mut shop = Shop::new();
    let start = micros("2016-01-01 00:00");
    let mut made = 0;
    for day in 0..3653 {
        shop.day(start + day * DAY);
        made = shop.number;
    }
    assert_eq!(shop.count(Series::Daily), 10);
    let days: BTreeSet<NaiveDate> =
        shop.held.iter().filter(|held| held.series == Series::Daily).map(|held| held.day).collect();
    assert_eq!(days.len(), 10, "one a day");
    // 2018-12-31 to 2025-12-31, one every seven days.
    assert_eq!(shop.count(Series::Weekly), 365);
    let today = day_of(start + 3652 * DAY);
    let oldest = shop.held.iter().filter(|held| held.series == Series::Weekly).map(|held| held.day).min().unwrap();
    assert!(oldest.checked_add_months(Months::new(84)).unwrap() >= today, "{oldest}");
    assert_eq!(made as usize, shop.held.len() + shop.deleted_at.len());
}

#[test]
fn a_clock_a_year_ahead_for_weeks_deletes_no_weekly_early() {
    let mut shop = Shop::new();
    let start = micros("2016-01-01 00:00");
    (0..2600).for_each(|day| shop.day(start + day * DAY));
    let weeklies = shop.count(Series::Weekly);
    (2600..2660).for_each(|day| shop.day(start + (day + 365) * DAY));
    assert!(shop.count(Series::Weekly) >= weeklies, "all of seven years are there");
    (2660..2800).for_each(|day| shop.day(start + day * DAY));
    let early = shop.deleted_at.iter().find(|(held, at)| {
        // Real time is what the register counted, less the year it was ahead.
        let real = if *at > start + 2800 * DAY { at - 365 * DAY } else { *at };
        held.series == Series::Weekly && held.day.checked_add_months(Months::new(84)).unwrap() >= day_of(real)
    });
    assert_eq!(early, None);
}

proptest! {
    /// Any set of files, any clock: never the newest three verified, never more than three, nothing under a wrong clock.
    #[test]
    fn never(
        files in prop::collection::vec((0u8..3, 0i64..4000, 0u8..3), 0..60),
        now_day in -400i64..8000,
        before_day in prop::option::of(0i64..4000),
    ) {
        let start = micros("2016-01-01 12:00");
        let files: Vec<Held> = files
            .into_iter()
            .enumerate()
            .map(|(index, (series, day, standing))| {
                let series = [Series::Daily, Series::Weekly, Series::Safety][usize::from(series)];
                let standing = [Standing::Verified, Standing::Damaged, Standing::Unproved][usize::from(standing)];
                held(series, start + day * DAY, index as u64, standing)
            })
            .collect();
        let now = start + now_day * DAY;
        let before = before_day.map(|day| start + day * DAY);
        let decisions = plan(&files, RULES, moment(now, before));
        prop_assert_eq!(decisions.len(), files.len());
        let gone: BTreeSet<&str> =
            decisions.iter().filter(|decision| decision.delete).map(|decision| decision.name.as_str()).collect();
        prop_assert!(gone.len() <= DELETED_MAX);
        for series in [Series::Daily, Series::Weekly] {
            let mut mine: Vec<&Held> =
                files.iter().filter(|held| held.series == series && held.standing == Standing::Verified).collect();
            mine.sort_by_key(|held| std::cmp::Reverse((held.time, held.number)));
            prop_assert!(mine.iter().take(NEWEST_KEPT).all(|held| !gone.contains(held.name.as_str())));
        }
        prop_assert!(files.iter().all(|held| held.series != Series::Safety || !gone.contains(held.name.as_str())));
        if before.is_some_and(|before| now < before || now - before > 45 * DAY) {
            prop_assert!(gone.is_empty());
        }
        for held in files.iter().filter(|held| held.series == Series::Weekly && held.standing != Standing::Unproved) {
            let over = held.day.checked_add_months(Months::new(84)).unwrap() < day_of(now);
            prop_assert!(over || !gone.contains(held.name.as_str()), "{:?} went early", held);
        }
    }
}
