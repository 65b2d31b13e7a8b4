//! Whether the data knows less than was known of it: commits that are missing.
//!
//! Owns the comparison with [`LastKnown`] and how it is told. Must not know: files, logs of a storage, who kept it.

use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::ReceiptNumber;
use aurapos_domain::journal::JournalEntry;
use aurapos_domain::money::Currency;

use crate::apply::finding::{Finding, FindingKind};
use crate::error::EngineResult;
use crate::identity::LastKnown;
use crate::rows::journal::Head;
use crate::rows::register::{Counter, RECEIPTS, Register};
use crate::rows::{self, count, equal};

/// The data knows less than was known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WentBack {
    /// The last receipt that was known: `R1-1-000168`.
    pub known: String,
    /// The last one that is there.
    pub now: String,
    /// So many sales and refunds are missing at least.
    pub sales: u64,
    /// So many journal entries are missing at least.
    pub entries: u64,
    /// The life that is missing or shorter, and its last entry.
    place: String,
}

impl WentBack {
    /// One English sentence.
    pub fn told(&self) -> String {
        let missing = match (self.sales, self.entries) {
            (0, _) => "no sale is missing, but entries of the journal are".to_owned(),
            (1, _) => "at least one sale is missing".to_owned(),
            (sales, _) => format!("at least {sales} sales are missing"),
        };
        format!("The data went back: the last known receipt is {}, now it is {}; {missing}.", self.known, self.now)
    }

    /// What stays until somebody ticks it off.
    pub(crate) fn finding(&self, seen: Timestamp) -> Finding {
        Finding::new(FindingKind::WentBack, self.known.clone(), self.place.clone(), self.told(), seen)
    }
}

/// Compares a store with what was known of it. `None`: it knows all of that, or it was found already (and told since).
///
/// # Errors
/// Those of the store.
pub fn went_back(store: &dyn RecordStore, known: &LastKnown) -> EngineResult<Option<WentBack>> {
    if known.seq == 0 {
        return Ok(None);
    }
    let currency = Currency::EUR;
    let head: Option<Head> = rows::find(store, "incarnation", known.incarnation, currency)?;
    let reached = match &head {
        Some(head) if head.seq == known.seq => head.hash == known.hash,
        Some(head) if head.seq > known.seq => has_entry(store, known)?,
        _ => false,
    };
    if reached {
        return Ok(None);
    }
    let registers: Vec<Register> = rows::scan(store, &rows::query::<Register>().limit(1), currency)?;
    let Some(register) = registers.into_iter().next() else { return Ok(None) };
    let receipts = last_receipt(store, register.incarnation.uuid())?;
    let now = ReceiptNumber::new(register.code.clone(), register.incarnation_code.clone(), receipts);
    let there = if head.is_some() { last_receipt(store, known.incarnation)? } else { 0 };
    let found = WentBack {
        known: known.receipt.clone(),
        now: now.to_string(),
        sales: known.receipts.saturating_sub(there),
        entries: known.seq.saturating_sub(head.map_or(0, |head| head.seq)),
        place: format!("{} {}", known.incarnation, known.seq),
    };
    let id = found.finding(Timestamp(0)).id();
    let told: Option<Finding> = rows::find(store, "id", id, currency)?;
    Ok(Some(found).filter(|_| told.is_none()))
}

fn has_entry(store: &dyn RecordStore, known: &LastKnown) -> EngineResult<bool> {
    let filters = vec![equal("incarnation", known.incarnation), equal("seq", count(known.seq))];
    let query = Query { filters, ..rows::query::<JournalEntry>().limit(1) };
    let found: Vec<JournalEntry> = rows::scan(store, &query, Currency::EUR)?;
    Ok(found.iter().any(|entry| entry.hash == known.hash))
}

fn last_receipt(store: &dyn RecordStore, incarnation: Uuid) -> EngineResult<u64> {
    let query = Query { filters: vec![equal("incarnation", incarnation)], ..rows::query::<Counter>() };
    let counters: Vec<Counter> = rows::scan_all(store, query, Currency::EUR)?;
    Ok(counters.iter().find(|counter| counter.name == RECEIPTS).map_or(0, |counter| counter.value))
}
