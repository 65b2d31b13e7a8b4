//! The backups as plain data.

use aurapos_domain::calendar::Timestamp;

/// A backup in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// File name, the key of everything done with it.
    pub name: String,
    /// When it was made.
    pub time: Timestamp,
    /// `daily`, `weekly`, `manual`.
    pub kind: String,
    /// Bytes.
    pub bytes: u64,
    /// Sales in it.
    pub sales: u64,
    /// It was read whole and checked.
    pub verified: bool,
    /// Why it cannot be trusted; empty when it can.
    pub problem: String,
    /// Where it is.
    pub path: String,
}

/// The backups and how they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackupsView {
    /// Newest first.
    pub list: Vec<Backup>,
    /// Where they are.
    pub folder: String,
    /// A backup is due now.
    pub due: bool,
    /// Days of daily backups and years of weekly ones that are kept, as the settings say.
    pub keeps: String,
}

/// How the backups stand, for everybody: no names, no places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackupState {
    /// When the newest good one was made.
    pub last_good: Option<Timestamp>,
    /// The newest cannot be trusted.
    pub newest_is_bad: bool,
}

impl BackupState {
    /// Of a list, newest first.
    pub fn of(list: &[Backup]) -> BackupState {
        BackupState {
            last_good: list.iter().filter(|one| one.problem.is_empty()).map(|one| one.time).max(),
            newest_is_bad: list.first().is_some_and(|newest| !newest.problem.is_empty()),
        }
    }
}
