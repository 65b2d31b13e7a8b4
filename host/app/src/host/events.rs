//! What the register tells on its own, brought to whoever listens.

use aurapos_runtime::{Notice, Register};
use aurapos_ui::host::{HostEvent, Listener};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

/// Who listens; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Listeners(Arc<Mutex<Vec<Listener<HostEvent>>>>);

impl Listeners {
    /// One more.
    pub(super) fn add(&self, hear: Listener<HostEvent>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hear);
    }

    /// Tells all of them.
    pub(super) fn tell(&self, event: &HostEvent) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.iter().for_each(|hear| hear(event.clone()));
    }
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_tuple("Listeners").field(&count).finish()
    }
}

/// Hears one register until it is closed. Dropped, it ends with the register.
#[derive(Debug)]
pub(super) struct Events {
    over: Arc<AtomicBool>,
}

impl Events {
    /// Starts hearing.
    pub(super) fn start(register: &Arc<Register>, listeners: Listeners) -> io::Result<Events> {
        let over = Arc::new(AtomicBool::new(false));
        let (weak, ends) = (Arc::downgrade(register), over.clone());
        thread::Builder::new().name("events".to_owned()).spawn(move || hear(&weak, &listeners, &ends))?;
        Ok(Events { over })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

fn hear(register: &Weak<Register>, listeners: &Listeners, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        let Some(open) = register.upgrade() else { return };
        let notices = open.subscribe();
        // What was told before anybody listened.
        if let Some(status) = open.sync() {
            listeners.tell(&HostEvent::Sync(Box::new(status)));
        }
        // Not held while waiting: the register must be free to end.
        drop(open);
        let mut heard = false;
        for notice in notices {
            heard = true;
            listeners.tell(&event(notice));
        }
        // A subscription that ends without a word is one to a register that is closed.
        if !heard {
            return;
        }
        tracing::debug!("the register's notices begin anew");
    }
}

fn event(notice: Notice) -> HostEvent {
    match notice {
        Notice::Event(event) => HostEvent::Engine(event),
        Notice::PaymentProgress { instance, text } => HostEvent::PaymentProgress { instance, text },
        Notice::Sync(status) => HostEvent::Sync(status),
        Notice::DeviceFailed { instance, message } => HostEvent::DeviceFailed { instance, message },
    }
}
