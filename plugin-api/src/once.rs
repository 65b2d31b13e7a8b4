//! Once per intent: what a payment plugin needs so that no customer is charged twice.
//!
//! A plugin that talks to the outside loses its memory at the worst moment: a panic, a power cut or a restart between "pay"
//! and the terminal's answer. [`Once`] writes the intent into the instance's own folder and syncs it *before* the first byte
//! leaves, and the answer behind it. After that nobody has to guess: an intent that was never begun moved nothing, one that
//! was answered has that answer for ever, and one that was begun and not answered is in doubt until whoever knows is asked.
//!
//! ```no_run
//! # use aurapos_plugin_api::{contract::payment::*, once::{Once, Seen}, *};
//! # struct Terminal { once: Once }
//! # impl Terminal {
//! # fn charge(&self, _: &PaymentIntent) -> PluginResult<PaymentAnswer> { Ok(PaymentAnswer::default()) }
//! # fn look_up(&self, _: Uuid) -> PluginResult<PaymentAnswer> { Ok(PaymentAnswer::default()) }
//! fn begin(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
//!     self.once.pay(intent, || self.charge(intent))
//! }
//! fn query_status(&self, intent: &PaymentIntent) -> PluginResult<PaymentAnswer> {
//!     match self.once.seen(intent)? {
//!         Seen::Answered(answer) => Ok(answer),
//!         Seen::Never => Ok(PaymentAnswer { state: PaymentState::Aborted, ..Default::default() }),
//!         // Only the terminal knows. What it says is remembered; until then: Unknown.
//!         Seen::InDoubt => self.once.resolve(intent, || self.look_up(intent.id)),
//!     }
//! }
//! # }
//! ```
//!
//! Owns: the file `payments.log` of an instance's folder. Must not know: any protocol, the host beyond its clock.

mod log;
#[cfg(test)]
mod tests;

use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentState};
use aurapos_contract::{ErrorCode, HostServices, PluginContext, PluginError, PluginResult, codec};
use log::{Entry, Known, Log};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is remembered of an intent.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// It was never begun: no money moved, and none will.
    Never,
    /// It was begun, or it is older than this memory: only whoever takes the money knows.
    InDoubt,
    /// It was answered.
    Answered(PaymentAnswer),
}

/// The memory of one payment instance.
pub struct Once {
    log: Mutex<Log>,
    host: Arc<dyn HostServices>,
    synced: bool,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

impl Once {
    /// Opens the memory in the instance's folder; one that is not there begins now.
    ///
    /// # Errors
    /// The folder cannot be read, or its file is damaged before its end.
    pub fn open(context: &PluginContext) -> PluginResult<Once> {
        let log = Log::read(Path::new(&context.folder), context.host.now())?;
        Ok(Once { log: Mutex::new(log), host: Arc::clone(&context.host), synced: true })
    }

    /// Begins anew where the memory is damaged: the file is kept under another name, and what is older than now is in doubt.
    /// Only for money of which somebody else keeps the books.
    ///
    /// # Errors
    /// The file cannot be moved.
    pub fn begin_anew(context: &PluginContext) -> PluginResult<Once> {
        Log::put_aside(Path::new(&context.folder), context.host.now())?;
        Once::open(context)
    }

    /// For money that does not leave the register's own hands (cash): nothing waits for the disk. A crash of the program
    /// loses nothing; a power cut may.
    #[must_use]
    pub fn without_sync(self) -> Once {
        Once { synced: false, ..self }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered of an intent.
    ///
    /// # Errors
    /// [`ErrorCode::IdReused`]: another intent had this id.
    pub fn seen(&self, intent: &PaymentIntent) -> PluginResult<Seen> {
        self.log().seen(intent)
    }

    /// Makes a payment that was never begun: `pay` is called after the intent is safe, and its answer is kept. One that was
    /// begun is never paid again: it has its answer, or [`PaymentState::Unknown`].
    ///
    /// An answer that does not end the payment, an error and a panic of `pay` leave it in doubt. Check what can be checked
    /// before: an error that is found here is an error after the customer may have paid.
    ///
    /// # Errors
    /// Those of `pay`; the intent could not be written, and nothing was begun; [`ErrorCode::IdReused`].
    pub fn pay(
        &self,
        intent: &PaymentIntent,
        pay: impl FnOnce() -> PluginResult<PaymentAnswer>,
    ) -> PluginResult<PaymentAnswer> {
        {
            let mut log = self.log();
            match log.seen(intent)? {
                Seen::Answered(answer) => return Ok(answer),
                Seen::InDoubt => return Ok(in_doubt()),
                Seen::Never => log.append(&Entry::begun(intent, digest(intent)), self.synced, self.host.now())?,
            }
        }
        self.keep(intent, pay())
    }

    /// Ends the doubt about an intent: `ask` asks whoever knows. While nobody does, it is [`PaymentState::Unknown`].
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn resolve(
        &self,
        intent: &PaymentIntent,
        ask: impl FnOnce() -> PluginResult<PaymentAnswer>,
    ) -> PluginResult<PaymentAnswer> {
        self.keep(intent, ask())
    }

    fn keep(&self, intent: &PaymentIntent, answer: PluginResult<PaymentAnswer>) -> PluginResult<PaymentAnswer> {
        let answer = answer?;
        if matches!(answer.state, PaymentState::Approved | PaymentState::Declined | PaymentState::Aborted) {
            // Money that moved is said to have moved, also where the disk is full: the next start is in doubt then, not wrong.
            let entry = Entry::answered(intent, digest(intent), &answer);
            if let Err(error) = self.log().append(&entry, self.synced, self.host.now()) {
                let text = format!("the answer to payment {} could not be kept: {error}", intent.id);
                self.host.log(aurapos_contract::host::LogLevel::Error, &text);
            }
        }
        Ok(answer)
    }
}

/// What can be said of an intent that was begun before.
fn in_doubt() -> PaymentAnswer {
    PaymentAnswer {
        state: PaymentState::Unknown,
        message: "This payment was begun before, and it is not known what became of it.".to_owned(),
        ..Default::default()
    }
}

/// What "the same intent" means.
fn digest(intent: &PaymentIntent) -> [u8; 32] {
    Sha256::digest(codec::encode(intent)).into()
}

impl Log {
    fn seen(&self, intent: &PaymentIntent) -> PluginResult<Seen> {
        match self.known(intent.id) {
            None if intent.time < self.since() => Ok(Seen::InDoubt),
            None => Ok(Seen::Never),
            Some(Known { digest: known, .. }) if *known != digest(intent) => {
                Err(PluginError::new(ErrorCode::IdReused, "another payment was made with this id"))
            }
            Some(known) => Ok(self.answer(known)?.map_or(Seen::InDoubt, Seen::Answered)),
        }
    }
}
