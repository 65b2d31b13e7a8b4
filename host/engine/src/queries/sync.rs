//! How far a register's own store knows to be with the shop's shared one: for whoever looks beside the program that sells.

use aurapos_contract::query::Query;
use aurapos_contract::{RecordStore, Uuid};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::journal::JournalEntry;
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
    /// When the oldest of them was made, by this register's clock; `None`: there is none.
    pub oldest: Option<Timestamp>,
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
            None => {
                let acked = life.map_or(0, |life| life.acked);
                let unsent = head.seq.saturating_sub(acked);
                state.unsent += unsent;
                if unsent > 0 {
                    let made = made_at(store, &head, acked + 1)?;
                    state.oldest = [state.oldest, made].into_iter().flatten().min();
                }
            }
        }
    }
    state.acked_at = lives.iter().filter_map(|life| life.acked_at).max();
    Ok(state)
}

/// When an entry of a life was made; `None`: it is not here.
fn made_at(store: &dyn RecordStore, life: &Head, seq: u64) -> EngineResult<Option<Timestamp>> {
    let filters =
        vec![equal("incarnation", life.incarnation.uuid()), equal("seq", i64::try_from(seq).unwrap_or(i64::MAX))];
    let query = Query { filters, ..rows::query::<JournalEntry>().limit(1) };
    let found: Option<JournalEntry> = rows::scan(store, &query, Currency::NONE)?.pop();
    Ok(found.map(|entry| entry.time))
}
