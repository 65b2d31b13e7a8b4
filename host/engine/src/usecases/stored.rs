//! A committed sale, read back from the journal: the body is the truth, the rows only say where it is.

use aurapos_contract::query::{FilterKind, Query};
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::journal::{EntryKind, JournalEntry};
use aurapos_domain::money::Currency;

use crate::error::{Code, EngineResult};
use crate::rows;
use crate::view;

/// The sale whose row has this value in this column (`id` or `receipt_no`), checked: it adds up and its hash fits.
///
/// # Errors
/// [`Code::RowDamaged`] when what is stored can't be the sale; the storage's codes.
pub fn sale(store: &dyn RecordStore, column: &str, value: impl Into<Value>) -> EngineResult<Option<view::Sale>> {
    let place = Query::over("sale").select(&["incarnation", "seq"]).filter(column, FilterKind::Equal, value).limit(1);
    let found = store.scan(&place)?;
    let (Some(incarnation), Some(seq)) = (found.uuid(0, 0), found.int(0, 1)) else { return Ok(None) };
    let entry = rows::query::<JournalEntry>()
        .filter("incarnation", FilterKind::Equal, incarnation)
        .filter("seq", FilterKind::Equal, seq)
        .limit(1);
    // A journal entry has no amounts in columns, so any currency reads it.
    let entry = rows::scan::<JournalEntry>(store, &entry, Currency::EUR)?.pop();
    let entry = entry.ok_or_else(|| damaged(seq, "is missing"))?;
    of_entry(&entry).map(Some)
}

/// The sale in a journal entry, checked.
///
/// # Errors
/// [`Code::RowDamaged`] when the entry is no sale, was changed or does not add up; [`Code::NeedsUpdate`] when only a newer
/// program reads it.
pub fn of_entry(entry: &JournalEntry) -> EngineResult<view::Sale> {
    if entry.kind != EntryKind::SALE && entry.kind != EntryKind::REFUND {
        return Err(damaged(entry.seq as i64, "is not a sale"));
    }
    if entry.computed_hash() != entry.hash {
        return Err(damaged(entry.seq as i64, "was changed: its hash does not fit"));
    }
    let sale = aurapos_domain::sale::decode(&entry.body).map_err(|error| match error.may_be_newer() {
        // Its hash fits, so that it is what was written: by a newer program.
        true => Code::NeedsUpdate.error(format!("Journal entry {}: {error}.", entry.seq)),
        false => damaged(entry.seq as i64, error),
    })?;
    sale.check().map_err(|error| damaged(entry.seq as i64, error))?;
    Ok(view::Sale { sale, seq: entry.seq, hash: entry.hash, repeated: true })
}

fn damaged(seq: i64, why: impl std::fmt::Display) -> crate::EngineError {
    Code::RowDamaged.error(format!("Journal entry {seq}: {why}."))
}
