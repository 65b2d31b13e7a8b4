//! What is known of one loaded plugin while the program runs: panics, lies, hangs, and what follows from them.

use crate::calls::{FACTORY, LOAD};
use crate::refusal::{Code, Refusal};
use crate::sentinel::Sentinel;
use crate::state::State;
use aurapos_contract::call::Method;
use aurapos_contract::{ErrorCode, PluginError};
use aurapos_plugin_api::{Border, OUTSIDE};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One library in this process.
pub(crate) struct Watch {
    pub(crate) id: String,
    pub(crate) sha256: String,
    pub(crate) sentinel: Arc<Sentinel>,
    state: Arc<State>,
    /// Panics in calls, in Drop and in its own threads.
    panics: AtomicU64,
    /// Why nothing new is begun with it.
    blocked: Mutex<Option<Refusal>>,
    /// What happened last that the owner should know, without being blocked.
    noted: Mutex<Option<Refusal>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({})", self.id)
    }
}

impl Watch {
    pub(crate) fn new(id: &str, sha256: &str, state: Arc<State>, sentinel: Arc<Sentinel>) -> Arc<Watch> {
        Arc::new(Watch {
            id: id.to_owned(),
            sha256: sha256.to_owned(),
            sentinel,
            state,
            panics: AtomicU64::new(0),
            blocked: Mutex::new(None),
            noted: Mutex::new(None),
        })
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Why nothing new is begun with this plugin.
    pub(crate) fn blocked(&self) -> Option<Refusal> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What happened last, blocked or not.
    pub(crate) fn noted(&self) -> Option<Refusal> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of a call that is not even begun.
    pub(crate) fn refused(&self) -> Option<PluginError> {
        let refusal = self.blocked()?;
        Some(PluginError::new(ErrorCode::Closed, refusal.to_string()).with_next(refusal.next))
    }

    pub(crate) fn note(&self, refusal: Refusal) {
        tracing::error!(plugin = self.id, code = refusal.code.text(), "{refusal}");
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
    }

    /// Forgets a note of this code: the trouble is over.
    pub(crate) fn forget_note(&self, code: Code) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.as_ref().is_some_and(|noted| noted.code == code) {
            *noted = None;
        }
    }

    /// Begins nothing new with it, now and after a restart.
    pub(crate) fn quarantine(&self, code: Code, call: &str, particulars: impl fmt::Display) -> Refusal {
        let refusal = Refusal::new(code, &self.id, particulars);
        self.state.quarantine(&self.id, &self.sha256, &refusal, call);
        self.note(refusal.clone());
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal.clone());
        refusal
    }

    /// Lifts what this process knows; the state folder is the host's business.
    pub(crate) fn lift(&self) {
        *self.blocked.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A call did not come back in time.
    pub(crate) fn hung(&self, call: &Method, seconds: f64, is_storage: bool) {
        let particulars = format!("the call `{}`, {seconds:.1} s", call.name);
        if [LOAD.code(), FACTORY.code()].contains(&call.code()) {
            self.quarantine(Code::FactoryHung, call.name, particulars);
        } else if is_storage {
            // A slow disk is no fault of the storage plugin: it is not shut out of the next start.
            self.note(Refusal::new(Code::StoreHung, &self.id, particulars));
        } else {
            self.quarantine(Code::Hung, call.name, particulars);
        }
    }
}

impl Border for Watch {
    fn bad_answer(&self, call: &str, reason: &str) {
        let code = if matches!(call, "scan" | "search" | "aggregate") { Code::BadRows } else { Code::BadAnswer };
        self.quarantine(code, call, format!("answering `{call}`: {reason}"));
    }

    fn panicked(&self, call: &str, message: &str) {
        self.panics.fetch_add(1, Ordering::Relaxed);
        let code = match call {
            "drop" => Code::PanickedInDrop,
            OUTSIDE => Code::PanickedOutside,
            _ => Code::Panicked,
        };
        self.note(Refusal::new(code, &self.id, format!("in {call}: {message}")));
    }
}
