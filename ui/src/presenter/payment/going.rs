//! A payment on its way: what the terminal tells meanwhile, and the operator's wish to stop it.
//!
//! The wish decides nothing. Until the terminal answers the customer may still pay, so the screen goes on waiting.

use crate::shell::Shell;
use aurapos_domain::tender::TenderKind;
use aurapos_engine::command::SessionId;
use aurapos_engine::error::Code;
use aurapos_engine::{Command, EngineError};

/// What is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// A payment in a way to pay.
    Pays(String),
    /// A terminal is asked what became of a payment: nothing of it can be stopped.
    Asks,
    /// What is over in a moment: a paid sale is stored, cash is given back.
    Short,
}

/// Something on its way.
#[derive(Debug, Clone)]
pub struct Going {
    deed: Deed,
    /// What the terminal told last; after the wish to stop only what it told since: "Present the card" is no longer so.
    pub(super) progress: String,
    /// It told something.
    spoke: bool,
    /// It was asked to stop.
    pub(super) cancelling: bool,
    /// There is nothing left to stop: the engine said so.
    too_late: bool,
}

impl Going {
    pub(super) fn new(deed: Deed) -> Self {
        Going { deed, progress: String::new(), spoke: false, cancelling: false, too_late: false }
    }

    /// Whether somebody waits for a terminal: cash is counted in a moment, unless a machine counts it and says so.
    fn takes_time(&self, shell: &Shell) -> bool {
        match &self.deed {
            Deed::Pays(instance) => {
                let cash = |name: &String| {
                    super::ways(shell).iter().any(|way| way.name == *name && way.kind == TenderKind::Cash)
                };
                self.spoke || !cash(instance)
            }
            Deed::Asks => true,
            Deed::Short => false,
        }
    }

    fn stopping(&mut self) {
        if !std::mem::replace(&mut self.cancelling, true) {
            self.progress.clear();
        }
    }

    fn can_stop(&self, shell: &Shell) -> bool {
        matches!(self.deed, Deed::Pays(_)) && !self.too_late && self.takes_time(shell)
    }
}

/// Whether a terminal has the word.
pub(super) fn waits(shell: &Shell) -> bool {
    shell.payment.going.as_ref().is_some_and(|going| going.takes_time(shell))
}

/// Whether it can be asked to stop, or was.
pub(super) fn can_stop(shell: &Shell) -> bool {
    shell.payment.going.as_ref().is_some_and(|going| going.can_stop(shell))
}

/// A terminal tells something.
pub(super) fn told(shell: &mut Shell, instance: &str, text: &str) {
    let Some(going) = &mut shell.payment.going else { return };
    if going.deed == Deed::Pays(instance.to_owned()) {
        text.clone_into(&mut going.progress);
        going.spoke = true;
    }
}

/// The payment of a session was asked to stop, from wherever.
pub(super) fn asked(shell: &mut Shell, session: SessionId) {
    let own = shell.session.as_ref().is_some_and(|own| own.id == session);
    if let Some(going) = shell.payment.going.as_mut().filter(|_| own) {
        going.stopping();
    }
}

/// Asks the payment that goes on to stop. A second time it does nothing.
pub fn cancel(shell: &mut Shell) {
    if !can_stop(shell) {
        return;
    }
    let Some(going) = shell.payment.going.as_mut().filter(|going| !going.cancelling) else { return };
    going.stopping();
    shell.submit(Command::CancelPayment, |shell, result| {
        if let Err(error) = result {
            not_asked(shell, &error);
        }
    });
}

fn not_asked(shell: &mut Shell, error: &EngineError) {
    let Some(going) = shell.payment.going.as_mut() else { return };
    going.cancelling = false;
    if error.is(Code::NothingToCancel) {
        // Its answer is on the way, or the terminal is asked what became of it: both are shown as they come.
        going.too_late = true;
    } else {
        shell.fail(error);
    }
}
