//! What happens beside selling: the store is tidied when the register is idle, backups are made when they are due.

use super::{Register, Wheel};
use crate::backup::Backups;
use crate::{RuntimeError, ids};
use aurapos_contract::RecordStore;
use aurapos_contract::backup::BackupTrigger;
use aurapos_contract::host::NoProgress;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How often is looked whether the register is idle.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// So many commands without an idle moment are enough: the write-ahead log must not grow without end.
const TURNS_MAX: u64 = 5_000;
/// How often the backup plugin is asked whether one is due.
const BACKUP_INTERVAL: Duration = Duration::from_secs(60);

/// Starts the thread.
pub(super) fn start(register: &Register, background: bool) -> Result<(), RuntimeError> {
    let (stop, stopped) = bounded(0);
    let (store, wheel) = (register.inner.store.clone(), register.inner.wheel.clone());
    let backups = if background { register.backups().ok() } else { None };
    let thread = std::thread::Builder::new()
        .name("upkeep".into())
        .spawn(move || run(&stopped, store, &wheel, backups))
        .map_err(RuntimeError::file("starting the upkeep's thread"))?;
    let mut running = register.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = running.as_mut() {
        running.upkeep = Some((stop, thread));
    }
    Ok(())
}

fn run(stopped: &Receiver<()>, store: Arc<dyn RecordStore>, wheel: &Wheel, backups: Option<Backups>) {
    let (mut seen, mut tidied) = (wheel.turns(), wheel.turns());
    let mut trigger = BackupTrigger::Start;
    let mut next_backup = Instant::now();
    while stopped.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        let turns = wheel.turns();
        let idle = turns == seen;
        seen = turns;
        if turns != tidied && (idle || turns - tidied > TURNS_MAX) {
            tidied = turns;
            if let Err(error) = store.maintain(ids::now()) {
                tracing::warn!("the store could not be tidied: {error}");
            }
        }
        if let Some(backups) = backups.as_ref().filter(|_| Instant::now() >= next_backup) {
            if let Err(error) = backups.run(trigger, ids::now(), None, &NoProgress) {
                tracing::warn!("the backup failed and is tried again: {error}");
            }
            trigger = BackupTrigger::Tick;
            next_backup = Instant::now() + BACKUP_INTERVAL;
        }
    }
}
