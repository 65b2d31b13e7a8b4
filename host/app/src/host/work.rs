//! Work on the desks: who waits for it is answered in any case, and what runs can be called off.

use super::Inner;
use super::owed::Owed;
use super::permit::Permit;
use super::trouble::called_off;
use aurapos_runtime::contract;
use aurapos_ui::host::{Answer, Cancel, HostResult, Listener, Progress};
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a screen hears of progress.
const INTERVAL: Duration = Duration::from_millis(50);

/// What can be called off now.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<Vec<(u64, Cancel)>>);

impl Calls {
    fn begin(&self, cancel: Cancel) -> u64 {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = all.last().map_or(1, |(last, _)| last + 1);
        all.push((number, cancel));
        number
    }

    fn end(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(one, _)| *one != number);
    }

    /// Asks everything to stop.
    pub(super) fn call_all_off(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|(_, cancel)| cancel.ask());
    }
}

impl Inner {
    /// Something short.
    pub(super) fn quickly<T: Send + 'static>(
        self: &Arc<Self>,
        permit: HostResult<Permit>,
        answer: Answer<HostResult<T>>,
        work: impl FnOnce(&Arc<Inner>) -> HostResult<T> + Send + 'static,
    ) {
        let (inner, owed) = (self.clone(), Owed::new(answer));
        self.quick.post(move || {
            let allowed = permit.and_then(|permit| inner.begin(permit));
            owed.give(allowed.and_then(|()| work(&inner)));
        });
    }

    /// Catalogs and setting up.
    pub(super) fn at_work<T: Send + 'static>(
        self: &Arc<Self>,
        permit: HostResult<Permit>,
        cancel: Cancel,
        answer: Answer<HostResult<T>>,
        work: impl FnOnce(&Arc<Inner>) -> HostResult<T> + Send + 'static,
    ) {
        let job = self.job(permit, cancel, answer, work);
        self.work.post(job);
    }

    /// The server of this machine, and connections.
    pub(super) fn at_doors<T: Send + 'static>(
        self: &Arc<Self>,
        permit: HostResult<Permit>,
        cancel: Cancel,
        answer: Answer<HostResult<T>>,
        work: impl FnOnce(&Arc<Inner>) -> HostResult<T> + Send + 'static,
    ) {
        let job = self.job(permit, cancel, answer, work);
        self.doors.post(job);
    }

    /// Backups, on somebody's word: one that was begun on its own makes way for it.
    pub(super) fn at_copies<T: Send + 'static>(
        self: &Arc<Self>,
        permit: HostResult<Permit>,
        cancel: Cancel,
        answer: Answer<HostResult<T>>,
        work: impl FnOnce(&Arc<Inner>) -> HostResult<T> + Send + 'static,
    ) {
        // Whoever is refused makes nobody wait or begin again.
        let makes_way = permit.is_ok();
        let job = self.job(permit, cancel, answer, work);
        if makes_way {
            self.own_backup.make_way();
            self.copies.post(job);
        } else {
            self.quick.post(job);
        }
    }

    fn job<T: Send + 'static>(
        self: &Arc<Self>,
        permit: HostResult<Permit>,
        cancel: Cancel,
        answer: Answer<HostResult<T>>,
        work: impl FnOnce(&Arc<Inner>) -> HostResult<T> + Send + 'static,
    ) -> impl FnOnce() + Send + 'static {
        let (inner, owed, number) = (self.clone(), Owed::new(answer), self.calls.begin(cancel.clone()));
        move || {
            let allowed = permit.and_then(|permit| inner.begin(permit));
            let result = allowed.and_then(|()| if cancel.asked() { Err(called_off()) } else { work(&inner) });
            inner.calls.end(number);
            owed.give(result);
        }
    }
}

/// Brings the progress of a plugin to a screen, and the screen's wish to stop to the plugin.
pub(super) struct Told {
    hear: Listener<Progress>,
    cancel: Cancel,
    last: Mutex<Option<Instant>>,
}

impl Told {
    pub(super) fn new(hear: Listener<Progress>, cancel: Cancel) -> Self {
        Told { hear, cancel, last: Mutex::new(None) }
    }
}

impl Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

impl contract::Progress for Told {
    fn report(&self, done: u64, total: u64, text: &str) {
        let finished = total > 0 && done >= total;
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if !finished && last.is_some_and(|last| last.elapsed() < INTERVAL) {
                return;
            }
            *last = Some(Instant::now());
        }
        (self.hear)(Progress { done, total, step: text.to_owned() });
    }

    fn cancelled(&self) -> bool {
        self.cancel.asked()
    }
}
