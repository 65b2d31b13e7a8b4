//! Operators as a list: who, what role, whether they can sign in.

use aurapos_contract::RecordStore;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::people::{LockoutPolicy, Operator};

use crate::error::EngineResult;
use crate::rows;
use crate::rows::people::{Lockout, OperatorRow};

/// An operator in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorView {
    /// Who.
    pub operator: Operator,
    /// When they were added.
    pub created: Timestamp,
    /// Wrong PINs at this register since the last right one.
    pub failures: u32,
    /// Wrong PINs that are left before the next lock.
    pub tries_left: u32,
    /// How many microseconds they still can't sign in at this register.
    pub locked_us: Option<i64>,
}

/// All operators by name, also disabled ones; `now` decides which locks have ended.
pub fn operators(store: &dyn RecordStore, now: Timestamp) -> EngineResult<Vec<OperatorView>> {
    let currency = super::shop(store)?.currency;
    let mut rows: Vec<OperatorRow> = rows::scan_all(store, rows::query::<OperatorRow>(), currency)?;
    let lockouts: Vec<Lockout> = rows::scan_all(store, rows::query::<Lockout>(), currency)?;
    rows.sort_by_cached_key(|row| (!row.operator.active, crate::fold::sort_key(&row.operator.name)));
    let view = |row: OperatorRow| {
        let lockout = lockouts.iter().find(|lockout| lockout.operator == row.operator.id);
        let state = lockout.map(|lockout| lockout.state).unwrap_or_default();
        let policy = LockoutPolicy::default();
        let (tries_left, locked_us) = (policy.tries_left(state), policy.at(state, now).1);
        OperatorView { operator: row.operator, created: row.created, failures: state.failures, tries_left, locked_us }
    };
    Ok(rows.into_iter().map(view).collect())
}
