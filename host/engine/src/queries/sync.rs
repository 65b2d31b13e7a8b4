//! How far a register's own store knows to be with the shop's shared one: for whoever looks beside the program that sells.

use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Currency;

use super::register;
use crate::error::EngineResult;
use crate::rows::journal::Head;
use crate::rows::sync::{SyncLife, SyncMark};
use crate::rows::{self, equal};

/// What the store remembers; up to five seconds old while the register is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncState {
    /// The life of the shared store; `None`: they never met.
    pub epoch: Option<Uuid>,
    /// When the shared store answered last.
    pub contact: Option<Timestamp>,
    /// Entries of the journal that the shared store does not have.
    pub unsent: u64,
    /// When it took the last one.
    pub acked_at: Option<Timestamp>,
    /// Entries that it holds another history of.
    pub quarantined: u64,
}

/// How far it is.
///
/// # Errors
/// Those of the store.
pub fn sync_state(store: &dyn RecordStore) -> EngineResult<SyncState> {
    let own = register(store)?.id;
    let mark = rows::scan::<SyncMark>(store, &rows::query::<SyncMark>().limit(1), Currency::NONE)?.pop();
    let lives = rows::scan_all::<SyncLife>(store, rows::query::<SyncLife>(), Currency::NONE)?;
    let query = Query { filters: vec![equal("register", own.uuid())], ..rows::query::<Head>() };
    let mut state = SyncState::default();
    if let Some(mark) = mark {
        (state.epoch, state.contact) = (mark.epoch, mark.contact);
    }
    for head in rows::scan_all::<Head>(store, query, Currency::NONE)? {
        let life = lives.iter().find(|life| life.incarnation == head.incarnation.uuid());
        match life.and_then(|life| life.forked) {
            Some(from) => state.quarantined += (head.seq + 1).saturating_sub(from),
            None => state.unsent += head.seq.saturating_sub(life.map_or(0, |life| life.acked)),
        }
    }
    state.acked_at = lives.iter().filter_map(|life| life.acked_at).max();
    Ok(state)
}
