//! What happens beside selling: the store is tidied when the register is idle. Backups the programs themselves make.

use super::{Register, Wheel};
use crate::{RuntimeError, ids};
use aurapos_contract::RecordStore;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use std::fs::File;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How often is looked whether the register is idle.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// So many commands without an idle moment are enough: the write-ahead log must not grow without end.
const TURNS_MAX: u64 = 5_000;

/// Starts the thread.
pub(super) fn start(register: &Register) -> Result<(), RuntimeError> {
    let (stop, stopped) = bounded(0);
    let (store, wheel) = (register.inner.store.clone(), register.inner.wheel.clone());
    let mut running = register.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = running.as_mut() {
        let head = running.head_to_sync.try_clone().map_err(RuntimeError::file("writing register.head"))?;
        let thread = std::thread::Builder::new()
            .name("upkeep".into())
            .spawn(move || run(&stopped, &store, &wheel, &head))
            .map_err(RuntimeError::file("starting the upkeep's thread"))?;
        running.upkeep = Some((stop, thread));
    }
    Ok(())
}

fn run(stopped: &Receiver<()>, store: &Arc<dyn RecordStore>, wheel: &Wheel, head: &File) {
    // The first idle moment counts as well: opening leaves a log and memory behind.
    let (mut seen, mut tidied) = (wheel.turns(), None);
    while stopped.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        let turns = wheel.turns();
        let idle = turns == seen;
        seen = turns;
        if tidied != Some(turns) && (idle || turns - tidied.unwrap_or_default() > TURNS_MAX) {
            tidied = Some(turns);
            if let Err(error) = store.maintain(ids::now()) {
                tracing::warn!("the store could not be tidied: {error}");
            }
            if let Err(error) = head.sync_data() {
                tracing::warn!("register.head could not be synced: {error}");
            }
            if idle {
                aurapos_plugin_host::give_memory_back();
            }
        }
    }
}
