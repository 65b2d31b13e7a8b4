//! When a backup is due: the seed's rules, pure, with the time as an argument.

use crate::contract::backup::BackupTrigger;
use crate::contract::value::Timestamp;
use crate::manifest::Series;

/// One hour in microseconds.
pub const HOUR: i64 = 3_600_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = HOUR / 60;
/// One day in microseconds.
pub const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// Two machines of one shop never agree to the second; a backup this far ahead is not from the future.
const CLOCK_SLACK: i64 = HOUR / 12;
/// After a copy that did not pass its check, the clock alone asks again only after this long: each try costs a full copy.
const TRY_AGAIN: i64 = HOUR;

/// A backup that counts: made by this register of this shop, and verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Series.
    pub series: Series,
    /// When.
    pub time: Timestamp,
    /// Position of the last commit in it.
    pub position: u64,
}

/// The newest sales at closing: a daily is due when no backup of any series is newer than this, and something was stored
/// since the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// How old the newest backup may be, in microseconds; 0: only the series' own times count.
    pub age: i64,
    /// Position of the last commit now.
    pub position: u64,
}

/// Whether a series is due, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Series.
    pub series: Series,
    /// It is.
    pub due: bool,
    /// One sentence.
    pub reason: String,
}

/// What is asked: why the run happens, which series (none: whatever is due), when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Why.
    pub trigger: BackupTrigger,
    /// Only this one.
    pub only: Option<Series>,
    /// Now.
    pub now: Timestamp,
    /// What closing is to cover.
    pub cover: Cover,
}

/// Decides for the daily and the weekly series. `failed` is the time of the newest copy that did not pass its check.
pub fn due(question: Question, past: &[Past], failed: Option<Timestamp>) -> Vec<Due> {
    [Series::Daily, Series::Weekly]
        .into_iter()
        .filter(|&series| question.only.is_none_or(|only| only == series))
        .map(|series| {
            let (due, reason) = decide(question, series, past, failed);
            Due { series, due, reason }
        })
        .collect()
}

fn decide(question: Question, series: Series, past: &[Past], failed: Option<Timestamp>) -> (bool, String) {
    let Question { trigger, only, now, cover } = question;
    let label = if series == Series::Daily { "daily" } else { "weekly" };
    if trigger == BackupTrigger::Manual && (series == Series::Daily || only == Some(series)) {
        return (true, format!("{label}: asked for by hand"));
    }
    // A backup of the future was made under a wrong clock. It must not stop all others until that day comes.
    let past = || past.iter().filter(|backup| backup.time <= now + CLOCK_SLACK);
    let newest = past().filter(|backup| backup.series == series).map(|backup| backup.time).max();
    let age = newest.map(|time| now - time);
    let (due, reason) = match (series, age) {
        (_, None) => (true, format!("{label}: there is none yet")),
        (Series::Daily, Some(age)) => (age > DAY, format!("{label}: the last one is {} hours old", age / HOUR)),
        (_, Some(age)) => (age >= WEEK, format!("{label}: the newest one is {} days old", age / DAY)),
    };
    let newest = past().max_by_key(|backup| backup.time);
    let uncovered = newest.filter(|newest| now - newest.time > cover.age && newest.position != cover.position);
    if let (false, Series::Daily, BackupTrigger::Close, Some(newest)) = (due, series, trigger, uncovered)
        && cover.age > 0
    {
        let minutes = (now - newest.time) / MINUTE;
        return (true, format!("{label}: the newest backup is {minutes} minutes old and lacks what was done since"));
    }
    let just_failed = failed.is_some_and(|time| (0..TRY_AGAIN).contains(&(now - time)));
    if due && trigger == BackupTrigger::Tick && just_failed {
        return (false, format!("{label}: the last copy did not pass its check; the next try is an hour after it"));
    }
    (due, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_777_219_242_000_000;

    /// `past`: `D<hours ago>` and `W<hours ago>`. `expected`: the series that are due.
    fn check(trigger: BackupTrigger, only: Option<Series>, past: &str, failed_min: Option<i64>, expected: &str) {
        let past: Vec<Past> = past
            .split_whitespace()
            .map(|word| {
                let series = if word.starts_with('D') { Series::Daily } else { Series::Weekly };
                let hours: f64 = word[1..].parse().unwrap();
                Past { series, time: NOW - (hours * HOUR as f64) as i64, position: 7 }
            })
            .collect();
        let failed = failed_min.map(|minutes| NOW - minutes * HOUR / 60);
        // Nothing was stored since.
        let cover = Cover { age: HOUR, position: 7 };
        let due = due(Question { trigger, only, now: NOW, cover }, &past, failed);
        let got: Vec<&str> =
            due.iter().filter(|due| due.due).map(|due| if due.series == Series::Daily { "D" } else { "W" }).collect();
        assert_eq!(got.join(" "), expected, "{trigger:?} {past:?}: {due:?}");
    }

    #[test]
    fn follows_the_seed() {
        use BackupTrigger::{Close, Manual, Start, Tick};
        for trigger in [Close, Start, Tick] {
            check(trigger, None, "", None, "D W");
            check(trigger, None, "D1 W1", None, "");
            check(trigger, None, "D24 W1", None, ""); // not more than 24 h
            check(trigger, None, "D24.001 W1", None, "D");
            check(trigger, None, "D1 W167.99", None, "");
            check(trigger, None, "D1 W168", None, "W"); // 7 days
            check(trigger, None, "D30 W200", None, "D W");
            check(trigger, None, "D30 D2 W200 W3", None, ""); // the newest counts
            check(trigger, None, "D1", None, "W"); // a daily is no weekly
            check(trigger, Some(Series::Weekly), "", None, "W");
            check(trigger, Some(Series::Daily), "D1", None, "");
        }
        check(Manual, None, "D1 W1", None, "D");
        check(Manual, None, "D1 W200", None, "D W");
        check(Manual, Some(Series::Weekly), "D1 W1", None, "W");
        check(Manual, Some(Series::Daily), "D1 W200", None, "D");
    }

    /// What was sold after the last backup is not left to the next day.
    #[test]
    fn closing_covers_what_was_done_since() {
        for (trigger, series, minutes, position, age, expected) in [
            (BackupTrigger::Close, Series::Daily, 61, 8, HOUR, true),
            (BackupTrigger::Close, Series::Daily, 60, 8, HOUR, false),
            (BackupTrigger::Close, Series::Daily, 61, 7, HOUR, false),
            (BackupTrigger::Close, Series::Daily, 61, 8, 0, false),
            (BackupTrigger::Close, Series::Weekly, 30, 8, HOUR, false),
            (BackupTrigger::Tick, Series::Daily, 600, 8, HOUR, false),
            (BackupTrigger::Start, Series::Daily, 600, 8, HOUR, false),
        ] {
            let at = |minutes: i64| NOW - minutes * MINUTE;
            let past = [
                Past { series: Series::Daily, time: at(600), position: 1 },
                Past { series: Series::Weekly, time: at(700), position: 1 },
                Past { series, time: at(minutes), position: 7 },
            ];
            let cover = Cover { age, position };
            let found = due(Question { trigger, only: None, now: NOW, cover }, &past, None);
            let told = (trigger, series, minutes, position, age);
            assert_eq!((found[0].due, found[1].due), (expected, false), "{told:?}: {found:?}");
        }
    }

    #[test]
    fn a_backup_of_the_future_stops_nothing() {
        check(BackupTrigger::Close, None, "D-8760 W-8760", None, "D W");
        check(BackupTrigger::Close, None, "D-8760 D30 W-8760 W1", None, "D");
        check(BackupTrigger::Tick, None, "D-0.01 W-0.01", None, ""); // the clock went back by half a minute
    }

    #[test]
    fn the_clock_waits_after_a_refused_copy_and_people_do_not() {
        check(BackupTrigger::Tick, None, "", Some(5), "");
        check(BackupTrigger::Tick, None, "", Some(60), "D W");
        check(BackupTrigger::Close, None, "", Some(5), "D W");
        check(BackupTrigger::Manual, None, "", Some(5), "D W");
    }
}
