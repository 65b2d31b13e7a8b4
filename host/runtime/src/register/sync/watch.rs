//! Waits for news of the shared store beside the sync's thread, which meanwhile brings what the register has.

use super::bell::Bell;
use super::shared::Shared;
use aurapos_contract::ErrorCode;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long one wait takes at most; a newer cursor counts from the next one on.
const WAIT: Duration = Duration::from_secs(2);
/// After a wait that failed: the protocol finds out by itself why, and for how long it leaves the store alone.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// After which cursor is waited; `None`: not at all.
#[derive(Debug, Default)]
struct Wanted {
    after: Option<Vec<u8>>,
    ended: bool,
}

/// Says after which cursor is waited.
#[derive(Debug, Clone, Default)]
pub(super) struct Handle(Arc<(Mutex<Wanted>, Condvar)>);

/// The thread that waits.
#[derive(Debug)]
pub(super) struct Watch {
    handle: Handle,
    thread: JoinHandle<()>,
}

impl Handle {
    /// Rings when there is news after the cursor; `None`: nothing is waited for.
    pub(super) fn after(&self, cursor: Option<&Vec<u8>>) {
        let mut wanted = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.after.as_ref() != cursor {
            wanted.after = cursor.cloned();
            self.0.1.notify_all();
        }
    }
}

impl Watch {
    /// Starts it; it rings the bell.
    pub(super) fn start(shared: Arc<Shared>, bell: Bell) -> std::io::Result<Self> {
        let handle = Handle::default();
        let its = handle.clone();
        let thread = thread::Builder::new().name("sync watch".into()).spawn(move || run(&its.0, &shared, &bell))?;
        Ok(Watch { handle, thread })
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends it: a wait that goes on ends by the store's closing, or in its time.
    pub(super) fn end(self) -> JoinHandle<()> {
        self.handle.0.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.handle.0.1.notify_all();
        self.thread
    }
}

fn run(wanted: &(Mutex<Wanted>, Condvar), shared: &Shared, bell: &Bell) {
    let timeout = u32::try_from(WAIT.as_millis()).unwrap_or(u32::MAX);
    // After which cursor news was told: it is told once.
    let mut told = None;
    loop {
        let after = {
            let mut held = wanted.0.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                match (&held.after, held.ended) {
                    (_, true) => return,
                    (Some(after), _) if told.as_ref() != Some(after) => break after.clone(),
                    _ => held = wanted.1.wait(held).unwrap_or_else(PoisonError::into_inner),
                }
            }
        };
        let waited = shared.store().and_then(|store| {
            let waited = store.wait(&after, timeout);
            if waited.as_ref().is_err_and(|error| error.code == ErrorCode::Closed) {
                shared.open_anew(&store);
            }
            waited
        });
        match waited {
            Ok(false) => {}
            Ok(true) => {
                told = Some(after);
                bell.ring();
            }
            Err(_) => {
                bell.ring();
                let held = wanted.0.lock().unwrap_or_else(PoisonError::into_inner);
                drop(wanted.1.wait_timeout_while(held, AFTER_FAILURE, |held| !held.ended));
            }
        }
    }
}
