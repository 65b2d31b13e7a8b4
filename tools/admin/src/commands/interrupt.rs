//! Ctrl+C while a payment goes on: the first press asks the payment to stop, the second one ends the program, and the payment
//! is asked about at the next start. At any other time Ctrl+C ends the program, as it does everywhere.
//!
//! Owns: the signal. Must not know: what becomes of the payment; its own answer tells.

use crate::os;
use aurapos_runtime::Register;
use aurapos_runtime::engine::command::{Command, SessionId};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// Said after the first press.
const ASKED: &str = "The payment is asked to stop: wait for its answer. Ctrl+C once more ends the program in the middle of the payment.";

/// Whose payment may be going on, for the thread that hears the signal.
#[derive(Debug, Default)]
pub struct Interrupt {
    paying: Arc<Mutex<Option<SessionId>>>,
    heard: OnceLock<()>,
}

impl Interrupt {
    /// Does what may pay. `spoken`: standard error is for people.
    pub fn during<T>(&self, register: &Arc<Register>, session: SessionId, spoken: bool, pay: impl FnOnce() -> T) -> T {
        let spoken = spoken || io::stderr().is_terminal();
        self.heard.get_or_init(|| {
            // Without the thread Ctrl+C ends the program at the first press: a payment is asked about at the next start.
            let _ = listen(Arc::downgrade(register), self.paying.clone(), spoken);
        });
        self.set(Some(session));
        let result = pay();
        self.set(None);
        result
    }

    fn set(&self, session: Option<SessionId>) {
        *self.paying.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

fn listen(register: Weak<Register>, paying: Arc<Mutex<Option<SessionId>>>, spoken: bool) -> io::Result<()> {
    os::on_interrupt(move |before| {
        let session = *paying.lock().unwrap_or_else(PoisonError::into_inner);
        let open = register.upgrade().filter(|_| before == 0).zip(session);
        let asked =
            open.is_some_and(|(register, session)| register.call(Some(session), Command::CancelPayment).is_ok());
        if asked && spoken {
            // Nobody reads standard error: the payment is asked all the same.
            let _ = writeln!(io::stderr(), "{ASKED}");
        }
        asked
    })
}
