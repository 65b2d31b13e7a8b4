//! What the journal says of backups: the register wrote down each one that it made, put back or deleted.

use aurapos_contract::RecordStore;
use aurapos_contract::Value;
use aurapos_contract::query::{AggregateQuery, FilterKind};
use aurapos_domain::calendar::{Date, Timestamp};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::money::Currency;
use std::collections::BTreeSet;

use crate::command::{BackupDeed, BackupNote};
use crate::error::{Code, EngineResult};
use crate::journal;
use crate::rows::register::Incarnation;
use crate::rows::{self, equal, lookup};

/// An entry of the journal that tells of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupEntry {
    /// When it was written.
    pub time: Timestamp,
    /// The life of the register: `1` for the first.
    pub life: String,
    /// Its number in the journal of that life.
    pub seq: u64,
    /// Its hash, by which the next entry is bound to it.
    pub hash: Hash,
    /// What it tells.
    pub note: BackupNote,
}

/// Every entry of this register that tells of a backup, in all of its lives, the oldest first.
///
/// # Errors
/// Those of the store; an entry that is damaged.
pub fn backup_history(store: &dyn RecordStore) -> EngineResult<Vec<BackupEntry>> {
    let register = super::register(store)?.id;
    let lives: Vec<Incarnation> = rows::scan_all(store, rows::query::<Incarnation>(), Currency::NONE)?;
    let kinds = [EntryKind::BACKUP_MADE, EntryKind::RESTORED, EntryKind::BACKUP_DELETED];
    let mut found = Vec::new();
    for life in lives.iter().filter(|life| life.register == register) {
        let query = rows::query::<JournalEntry>()
            .filter("incarnation", FilterKind::Equal, life.id.uuid())
            .filter_in("kind", kinds.map(|kind| Value::Int(i64::from(kind.0))).to_vec());
        lookup::each_record(store, query, Currency::NONE, |entries: Vec<JournalEntry>| {
            for entry in entries {
                let deed = match entry.kind {
                    EntryKind::BACKUP_MADE => BackupDeed::Made,
                    EntryKind::RESTORED => BackupDeed::Restored,
                    _ => BackupDeed::Deleted,
                };
                let note = journal::read_backup(deed, entry.time, &entry.body)?;
                let (time, seq, hash) = (entry.time, entry.seq, entry.hash);
                found.push(BackupEntry { time, life: life.code.to_string(), seq, hash, note });
            }
            Ok(())
        })?;
    }
    found.sort_by(|one, other| (one.time, &one.life, one.seq).cmp(&(other.time, &other.life, other.seq)));
    Ok(found)
}

/// The business days on which this register sold.
///
/// # Errors
/// Those of the store.
pub fn days_sold(store: &dyn RecordStore) -> EngineResult<BTreeSet<Date>> {
    let register = super::register(store)?.id;
    let query = AggregateQuery {
        table: "sale".to_owned(),
        filters: vec![equal("register", register.uuid())],
        group_by: vec!["business_day".to_owned()],
        sums: Vec::new(),
    };
    let answer = store.aggregate(&query)?;
    let day = |row| {
        let days = answer.int(row, 0).and_then(|days| i32::try_from(days).ok());
        days.map(Date::from_days)
            .ok_or_else(|| Code::RowDamaged.error("Table sale: a day does not hold what it should."))
    };
    (0..answer.len()).map(day).collect()
}
