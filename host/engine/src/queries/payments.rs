//! Payments that left the register and have no end yet: what an owner has to know of, and nobody may charge again.

use aurapos_contract::{RecordStore, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Money;

use crate::error::EngineResult;
use crate::rows::lookup;
use crate::rows::payment::{IntentRow, IntentState};

/// A payment without an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPayment {
    /// The way to pay, by the name of the settings.
    pub instance: String,
    /// What was to be paid.
    pub amount: Money,
    /// When it was begun.
    pub begun: Timestamp,
    /// It was paid, and there is no sale for it; otherwise nobody knows whether it was paid.
    pub paid: bool,
}

/// All of them, oldest first.
///
/// # Errors
/// The store's.
pub fn open_payments(store: &dyn RecordStore) -> EngineResult<Vec<OpenPayment>> {
    let currency = super::shop(store)?.currency;
    let states = [IntentState::Sent, IntentState::Unknown, IntentState::Manual];
    let states = states.map(|state| Value::from(state.code()));
    let rows: Vec<IntentRow> = lookup::rows_in(store, "state", states, currency)?;
    let mut open: Vec<OpenPayment> = rows
        .into_iter()
        .map(|row| OpenPayment {
            instance: row.instance,
            amount: row.amount,
            begun: row.created,
            paid: row.state == IntentState::Manual,
        })
        .collect();
    open.sort_by_key(|payment| payment.begun);
    Ok(open)
}
