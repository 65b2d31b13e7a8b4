//! Waiting until a register and the shop's shared storage have brought and taken everything.

use super::Register;
use crate::RuntimeError;
use aurapos_engine::error::of_store;
use aurapos_engine::queries::{self, Counts};
use aurapos_engine::sync::status::Status;
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(20);

/// What came of waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Everything is where it belongs. A register by itself has nothing to bring.
    Whole(Status),
    /// The shared storage does not answer, refused, or it took longer than was allowed.
    Away(Status),
    /// Nobody waits any more.
    CalledOff,
}

impl Register {
    /// Brings and takes everything now, and waits until it is done. `look` hears how it stands many times a second, and answers
    /// whether to go on.
    pub fn settle(&self, patience: Duration, look: &mut dyn FnMut(&Status) -> bool) -> Settled {
        let deadline = Instant::now() + patience;
        self.sync_now();
        loop {
            let Some(status) = self.sync() else { return Settled::Whole(Status::default()) };
            if !look(&status) {
                return Settled::CalledOff;
            }
            if status.settled() {
                return Settled::Whole(status);
            }
            let away = status.is_refused() || (status.offline_since.is_some() && status.trouble.is_some());
            if away || Instant::now() > deadline {
                return Settled::Away(status);
            }
            thread::sleep(LOOK);
        }
    }

    /// How much there is of everything in the shared storage; `None`: the register is by itself.
    ///
    /// # Errors
    /// It is away or refused.
    pub fn shared_counts(&self) -> Result<Option<Counts>, RuntimeError> {
        let Some(link) = &self.inner.link else { return Ok(None) };
        let there = link.shared().map_err(of_store)?;
        Ok(Some(queries::counts(there.as_ref())?))
    }
}
