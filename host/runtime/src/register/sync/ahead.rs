//! Reads the next part of a feed while the register takes in the one before: on its first day a register takes in everything, and
//! neither the server nor the register would have anything to do half of the time.
//!
//! Must not know: what a change is. What was read ahead is an answer that was a little longer on its way; the protocol holds
//! every answer to the life of the store in its cursor (ADR 0035, 0040).

use super::shared::Shared;
use aurapos_contract::PluginResult;
use aurapos_contract::query::ChangeBatch;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// The part that is being read, if there is one.
#[derive(Debug, Default)]
pub(super) struct Ahead(Option<Reading>);

#[derive(Debug)]
struct Reading {
    after: Vec<u8>,
    max: u32,
    thread: JoinHandle<PluginResult<ChangeBatch>>,
}

impl Ahead {
    /// The changes after a cursor; begins to read the ones behind them where there are more.
    pub(super) fn changes(&mut self, shared: &Arc<Shared>, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
        let batch = match self.0.take() {
            Some(reading) if reading.after == after && reading.max == max => {
                let read = reading.thread.join();
                read.unwrap_or_else(|_| shared.store().and_then(|store| store.changes(after, max)))
            }
            // Of another place of the feed: what became of it is nobody's.
            _ => shared.store().and_then(|store| store.changes(after, max)),
        }?;
        if batch.more {
            self.begin(shared, &batch.next, max);
        }
        Ok(batch)
    }

    fn begin(&mut self, shared: &Arc<Shared>, after: &[u8], max: u32) {
        let (shared, from) = (shared.clone(), after.to_vec());
        let work = move || shared.store().and_then(|store| store.changes(&from, max));
        // Without a thread it is read when it is asked for.
        let thread = thread::Builder::new().name("sync ahead".into()).spawn(work);
        self.0 = thread.ok().map(|thread| Reading { after: after.to_vec(), max, thread });
    }
}
