//! The one answer to a command: given by the engine's thread, or by whoever drops the command unanswered.

use aurapos_engine::command::Reply;
use aurapos_engine::error::{Code, EngineError};
use std::fmt::{self, Debug};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The answer to one command.
pub type CallResult = Result<Reply, EngineError>;

/// What is called with the answer.
pub type Callback = Box<dyn FnOnce(CallResult) + Send>;

/// Calls back exactly once: a command that is dropped on its way, as at closing, is answered with the reason.
pub(crate) struct Answer(Option<Callback>);

impl Answer {
    pub(crate) fn new(callback: Callback) -> Self {
        Answer(Some(callback))
    }

    /// Gives the answer.
    pub(crate) fn give(mut self, result: CallResult) {
        self.call(result);
    }

    fn call(&mut self, result: CallResult) {
        let Some(callback) = self.0.take() else { return };
        // A caller's mistake must not stop the register.
        if catch_unwind(AssertUnwindSafe(|| callback(result))).is_err() {
            tracing::error!("whoever asked for an answer panicked when it came");
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.call(Err(stopped()));
        }
    }
}

impl Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").field(&self.0.is_some()).finish()
    }
}

/// The answer of a register that is closed.
pub(crate) fn stopped() -> EngineError {
    Code::Bug.error("The register was closed while the command was waiting.").with_next("Open the register again.")
}

/// The answer when too many commands wait already.
pub(crate) fn busy() -> EngineError {
    Code::RegisterBusy.error("The register is busy: too many commands are waiting for it.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crossbeam_channel::unbounded;

    #[test]
    fn a_panic_of_whoever_asked_stays_theirs() {
        Answer::new(Box::new(|_| panic!("a mistake of the caller"))).give(Err(stopped()));
        let (told, answers) = unbounded();
        drop(Answer::new(Box::new(move |result: CallResult| told.send(result.unwrap_err().code).unwrap())));
        assert_eq!(answers.iter().collect::<Vec<_>>(), [Code::Bug.text()]);
    }
}
