//! What may go: a pure plan with a reason for every file. Class and age come from the manifests, never from the disk.
//!
//! Daily: the newest of each of the last 10 days that have a backup stays. Weekly: stays for the legal period. Never
//! deleted, whatever the rules above say: the newest three verified of a series, anything while the clock looks wrong,
//! more than three files a run. What has no manifest is not even asked about.

use crate::contract::value::Timestamp;
use crate::manifest::Series;
use crate::schedule::DAY;
use chrono::{Days, Months, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// The newest verified backups of a series that nothing deletes.
pub const NEWEST_KEPT: usize = 3;
/// Most files deleted in one run: a mistake is noticed before it is complete.
pub const DELETED_MAX: usize = 3;
/// Copies that were never proved, kept aside for whoever looks into it; older ones go, so that they don't fill the disk.
pub const UNPROVED_KEPT: usize = 2;
/// A shop that made no backup for longer has been closed, or its clock jumped: nobody can tell which from here.
const GAP_MAX: i64 = 45 * DAY;

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Passed its check.
    Verified,
    /// Passed once, and was found damaged or missing later.
    Damaged,
    /// Never passed.
    Unproved,
}

/// One backup with a manifest, of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// File name.
    pub name: String,
    /// Series.
    pub series: Series,
    /// When it was made.
    pub time: Timestamp,
    /// Local day on which it was made.
    pub day: NaiveDate,
    /// Number in its series.
    pub number: u64,
    /// What is known of it.
    pub standing: Standing,
}

/// The owner's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Days with a backup of which the newest daily stays.
    pub keep_days: usize,
    /// Years a weekly stays.
    pub weekly_years: u32,
}

/// The time by which the plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// Today, local.
    pub today: NaiveDate,
    /// The newest backup that was there before this run, by which the clock is judged.
    pub newest_before: Option<Timestamp>,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// File name.
    pub name: String,
    /// It goes.
    pub delete: bool,
    /// Its time is over, and it stays all the same.
    pub kept_in_spite: bool,
    /// Why.
    pub reason: String,
}

/// Decides about every file; the oldest first.
pub fn plan(held: &[Held], rules: Rules, moment: Moment) -> Vec<Decision> {
    let mut sorted: Vec<&Held> = held.iter().collect();
    sorted.sort_by(|one, other| (one.time, one.number, &one.name).cmp(&(other.time, other.number, &other.name)));
    let protected = newest_verified(&sorted);
    let dailies = Dailies::of(&sorted, rules.keep_days);
    let unproved = newest_unproved(&sorted);
    let holes = holes_after(&sorted, moment.now);
    let wrong_clock = clock_looks_wrong(moment);
    let mut deleted = 0;
    sorted
        .iter()
        .zip(holes)
        .map(|(held, hole_days)| {
            let (over, reason) = match (held.standing, held.series) {
                (_, Series::Safety) => {
                    (false, "the state before a restore stays until its owner deletes it".to_owned())
                }
                (Standing::Unproved, _) if unproved.contains(held.name.as_str()) => {
                    (false, "did not pass its check; kept aside for a look".to_owned())
                }
                (Standing::Unproved, _) => {
                    (true, format!("never passed its check; {UNPROVED_KEPT} newer ones are kept"))
                }
                (_, Series::Daily) => dailies.decide(held),
                (_, Series::Weekly) => decide_weekly(held, rules.weekly_years, hole_days, moment.today),
            };
            let spared = match &wrong_clock {
                _ if !over => None,
                _ if protected.contains(held.name.as_str()) => {
                    Some(format!("one of the newest {NEWEST_KEPT} verified ({reason})"))
                }
                Some(why) => Some(format!("the clock looks wrong: {why} ({reason})")),
                None if deleted == DELETED_MAX => {
                    Some(format!("goes in a later run: never more than {DELETED_MAX} at once ({reason})"))
                }
                None => None,
            };
            let delete = over && spared.is_none();
            deleted += usize::from(delete);
            let kept_in_spite = spared.is_some();
            Decision { name: held.name.clone(), delete, kept_in_spite, reason: spared.unwrap_or(reason) }
        })
        .collect()
}

/// Why the clock cannot be trusted to delete anything, if so.
fn clock_looks_wrong(moment: Moment) -> Option<String> {
    let newest = moment.newest_before?;
    if moment.now < newest {
        Some("it is before the newest backup".to_owned())
    } else if moment.now - newest > GAP_MAX {
        Some(format!("it is {} days after the newest backup", (moment.now - newest) / DAY))
    } else {
        None
    }
}

/// The newest verified of each series, by time and by number: after a time under a wrong clock the two differ.
fn newest_verified<'a>(sorted: &[&'a Held]) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for series in [Series::Daily, Series::Weekly] {
        let mine: Vec<&Held> = verified(sorted).filter(|held| held.series == series).collect();
        names.extend(mine.iter().rev().take(NEWEST_KEPT).map(|held| held.name.as_str()));
        let mut by_number = mine;
        by_number.sort_by_key(|held| std::cmp::Reverse(held.number));
        names.extend(by_number.iter().take(NEWEST_KEPT).map(|held| held.name.as_str()));
    }
    names
}

fn verified<'a, 'b>(sorted: &'b [&'a Held]) -> impl DoubleEndedIterator<Item = &'a Held> + 'b {
    sorted.iter().copied().filter(|held| held.standing == Standing::Verified)
}

fn newest_unproved<'a>(sorted: &[&'a Held]) -> BTreeSet<&'a str> {
    let newest = |series| {
        let mine = sorted.iter().rev().filter(move |held| held.standing == Standing::Unproved && held.series == series);
        mine.take(UNPROVED_KEPT).map(|held| held.name.as_str())
    };
    newest(Series::Daily).chain(newest(Series::Weekly)).collect()
}

/// The days of which a daily stays, newest first, and the one that stays.
struct Dailies<'a> {
    newest_of_day: BTreeMap<NaiveDate, &'a str>,
    first_kept: Option<NaiveDate>,
    keep_days: usize,
}

impl<'a> Dailies<'a> {
    fn of(sorted: &[&'a Held], keep_days: usize) -> Self {
        // Later ones overwrite earlier ones: the list is sorted by time.
        let newest_of_day: BTreeMap<_, _> = verified(sorted)
            .filter(|held| held.series == Series::Daily)
            .map(|held| (held.day, held.name.as_str()))
            .collect();
        let first_kept = newest_of_day.keys().rev().nth(keep_days.saturating_sub(1)).copied();
        Dailies { newest_of_day, first_kept, keep_days }
    }

    fn decide(&self, held: &Held) -> (bool, String) {
        if self.first_kept.is_some_and(|first| held.day < first) {
            return (true, format!("older than the last {} days with a backup", self.keep_days));
        }
        match self.newest_of_day.get(&held.day) {
            Some(name) if *name == held.name => (false, format!("the newest of {}", held.day)),
            Some(name) if held.standing == Standing::Verified => (true, format!("{name} is newer and of the same day")),
            _ => (false, "damaged; kept while its day is".to_owned()),
        }
    }
}

/// A weekly goes when its legal period is over. Holes count for nothing: a register whose clock once ran a year ahead keeps
/// its weeklies longer, never shorter.
fn decide_weekly(held: &Held, years: u32, hole_days: u64, today: NaiveDate) -> (bool, String) {
    let until = held.day.checked_add_months(Months::new(years.saturating_mul(12)));
    match until.and_then(|day| day.checked_add_days(Days::new(hole_days))) {
        Some(until) if until < today => (true, format!("its {years} years ended on {until}")),
        Some(until) => (false, format!("kept until {until}")),
        None => (false, "kept for good".to_owned()),
    }
}

/// For each file (in the given order): the days after it in holes longer than [`GAP_MAX`] without a backup, rounded up.
/// They may have been a clock that jumped, so they don't count as age.
fn holes_after(sorted: &[&Held], now: Timestamp) -> Vec<u64> {
    let mut later = now;
    let mut hole = 0i64;
    let mut holes = Vec::with_capacity(sorted.len());
    for held in sorted.iter().rev() {
        let gap = later.saturating_sub(held.time);
        let extra = if gap > GAP_MAX { gap } else { 0 };
        holes.push(((hole.saturating_add(extra)) as u64).div_ceil(DAY as u64));
        if held.standing == Standing::Verified {
            hole = hole.saturating_add(extra);
            later = held.time;
        }
    }
    holes.reverse();
    holes
}

#[cfg(test)]
mod tests;
