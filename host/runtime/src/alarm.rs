//! What an owner must be told of the backups: none that is good for two days, one that did not pass its check, a place
//! elsewhere that takes none any more. Nobody is kept from selling by it.
//!
//! A pure rule over what the backup plugin lists; whoever shows it asks again after a backup was made.

use crate::RuntimeError;
use crate::backup::Backups;
use crate::ids;
use crate::zone;
use aurapos_contract::backup::{BackupInfo, BackupKind, BackupState};
use aurapos_contract::{RecordStore, Timestamp};
use aurapos_domain::money::Currency;
use aurapos_engine::rows;
use aurapos_engine::rows::register::Incarnation;

/// A microsecond count of an hour.
const HOUR_US: i64 = 3_600_000_000;
/// Without a good backup for longer than this somebody must be told.
pub const GOOD_BACKUP_US_MAX: i64 = 48 * HOUR_US;
/// A backup dated this far ahead of the clock says nothing of how old the newest is: one of the two was wrong.
const AHEAD_US_MAX: i64 = 24 * HOUR_US;

/// Something about the backups that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// No backup that passed its check is younger than 48 hours.
    NoneGood {
        /// When the newest good one was made; `None`: there is none.
        last: Option<Timestamp>,
    },
    /// The newest one did not pass its check.
    NotPassed {
        /// Its name.
        name: String,
        /// When it was made.
        made: Timestamp,
        /// What the check said.
        note: String,
    },
    /// Every good one is dated after today: the clock is or was wrong, and nothing is deleted meanwhile.
    ClockInDoubt {
        /// The newest one's name.
        name: String,
        /// The time it bears.
        made: Timestamp,
    },
}

impl Alarm {
    /// For scripts and tests.
    pub const fn code(&self) -> &'static str {
        match self {
            Alarm::NoneGood { .. } => "none-good",
            Alarm::NotPassed { .. } => "not-passed",
            Alarm::ClockInDoubt { .. } => "clock-in-doubt",
        }
    }

    /// What is wrong, in a sentence (English).
    pub fn told(&self, zone: zone::Tz) -> String {
        let shown = |time: Timestamp| zone::rfc3339(zone, time);
        match self {
            Alarm::NoneGood { last: None } => "There is no backup that passed its check.".to_owned(),
            Alarm::NoneGood { last: Some(last) } => {
                format!("The last backup that passed its check was made at {}.", shown(*last))
            }
            // The note begins with the name where the plugin writes one.
            Alarm::NotPassed { name, made, note } => {
                let what = if note.contains(name.as_str()) { "A backup" } else { name.as_str() };
                let note = note.trim_end_matches('.');
                format!("{what} of {} did not pass its check: {note}.", shown(*made))
            }
            Alarm::ClockInDoubt { name, made } => {
                format!("The newest backup, {name}, is dated {}: this machine's clock is or was wrong.", shown(*made))
            }
        }
    }

    /// What to do (English).
    pub const fn next(&self) -> &'static str {
        match self {
            Alarm::NoneGood { .. } => "Make one: `aurapos-admin backup now`.",
            Alarm::NotPassed { .. } => {
                "Check the disk, then make another: `aurapos-admin backup now`. Older ones are kept meanwhile."
            }
            Alarm::ClockInDoubt { .. } => "Set the clock, then make a backup: `aurapos-admin backup now`.",
        }
    }
}

/// What stands at `now`, of backups that are listed newest first, for a register that works since `began`.
///
/// Copies made before a restore count for nothing: they hold what was given up.
pub fn alarms(list: &[BackupInfo], began: Timestamp, now: Timestamp) -> Vec<Alarm> {
    let made: Vec<&BackupInfo> = list.iter().filter(|one| one.kind != BackupKind::Safety).collect();
    let good = || made.iter().filter(|one| one.state == BackupState::Verified);
    let past = good().filter(|one| one.time <= now + AHEAD_US_MAX).max_by_key(|one| one.time);
    let mut found = Vec::new();
    match (past, good().max_by_key(|one| one.time)) {
        (None, Some(ahead)) => found.push(Alarm::ClockInDoubt { name: ahead.name.clone(), made: ahead.time }),
        (past, _) if now - past.map_or(began, |one| one.time) > GOOD_BACKUP_US_MAX => {
            found.push(Alarm::NoneGood { last: past.map(|one| one.time) });
        }
        _ => {}
    }
    if let Some(newest) = made.iter().filter(|one| one.time <= now + AHEAD_US_MAX).max_by_key(|one| one.time)
        && newest.state == BackupState::Refused
    {
        found.push(Alarm::NotPassed { name: newest.name.clone(), made: newest.time, note: newest.note.clone() });
    }
    found
}

/// Since when this database is a register's.
///
/// # Errors
/// Those of the store.
pub fn began(store: &dyn RecordStore) -> Result<Timestamp, RuntimeError> {
    let lives: Vec<Incarnation> = rows::scan_all(store, rows::query::<Incarnation>(), Currency::NONE)?;
    Ok(lives.iter().map(|life| life.opened.0).min().unwrap_or_else(ids::now))
}

impl Backups {
    /// What stands at `now`, of the register behind `store`.
    ///
    /// # Errors
    /// The backups cannot be listed, the store cannot be read.
    pub fn alarms(&self, store: &dyn RecordStore, now: Timestamp) -> Result<Vec<Alarm>, RuntimeError> {
        Ok(alarms(&self.list()?, began(store)?, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = 1_000 * HOUR_US;

    fn backup(hours_ago: i64, state: BackupState) -> BackupInfo {
        let name = format!("of {hours_ago}");
        BackupInfo { name, time: NOW - hours_ago * HOUR_US, state, kind: BackupKind::Daily, ..BackupInfo::default() }
    }

    /// Backups by their age in hours, the age of the register in hours, what is told.
    type Case<'a> = (&'a [(i64, BackupState)], i64, &'a [&'a str]);

    #[test]
    fn what_somebody_is_told() {
        use BackupState::{Refused, Unchecked, Verified};
        let cases: &[Case<'_>] = &[
            (&[], 1, &[]),
            (&[], 48, &[]),
            (&[], 49, &["none-good"]),
            (&[(2, Verified)], 900, &[]),
            (&[(48, Verified)], 900, &[]),
            (&[(49, Verified)], 900, &["none-good"]),
            (&[(1, Unchecked), (49, Verified)], 900, &["none-good"]),
            (&[(1, Refused), (20, Verified)], 900, &["not-passed"]),
            (&[(1, Refused), (60, Verified)], 900, &["none-good", "not-passed"]),
            (&[(1, Verified), (2, Refused)], 900, &[]),
            (&[(-9_000, Verified), (2, Verified)], 900, &[]),
            (&[(-9_000, Verified), (60, Verified)], 900, &["none-good"]),
            (&[(-9_000, Verified)], 900, &["clock-in-doubt"]),
            (&[(-9_000, Refused), (2, Verified)], 900, &[]),
            (&[(-20, Verified)], 900, &[]),
        ];
        for (list, age, wanted) in cases {
            let list: Vec<BackupInfo> = list.iter().map(|(hours, state)| backup(*hours, *state)).collect();
            let found = alarms(&list, NOW - age * HOUR_US, NOW);
            assert_eq!(found.iter().map(Alarm::code).collect::<Vec<_>>(), *wanted, "{list:?}");
        }
    }

    #[test]
    fn what_was_given_up_in_a_restore_is_no_backup() {
        let safety = BackupInfo { kind: BackupKind::Safety, ..backup(1, BackupState::Verified) };
        assert_eq!(alarms(&[safety], 0, NOW), [Alarm::NoneGood { last: None }]);
    }

    #[test]
    fn each_names_what_and_what_to_do() {
        let each = [
            Alarm::NoneGood { last: None },
            Alarm::NoneGood { last: Some(NOW) },
            Alarm::NotPassed { name: "a.db".to_owned(), made: NOW, note: "cut".to_owned() },
            Alarm::ClockInDoubt { name: "a.db".to_owned(), made: NOW },
        ];
        for alarm in each {
            let told = alarm.told(zone::DEFAULT_ZONE);
            assert!(told.len() > 20 && told.ends_with('.') && alarm.next().contains("backup now"), "{alarm:?}");
        }
        for note in ["a.db was cut", "it was cut."] {
            let alarm = Alarm::NotPassed { name: "a.db".to_owned(), made: NOW, note: note.to_owned() };
            let told = alarm.told(zone::DEFAULT_ZONE);
            assert!(told.matches("a.db").count() == 1 && told.ends_with("was cut."), "{told}");
        }
    }
}
