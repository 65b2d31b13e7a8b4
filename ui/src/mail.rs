//! From other threads to the screens: answers to what was asked, and what the program tells on its own.
//!
//! Nothing is lost: the queue has no limit of its own, because each answer belongs to one question and events are bounded
//! by the engine's notices. Waking is coalesced, so that a burst becomes one update of the window.

use crate::host::{Answer, HostEvent, Listener};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Wakes the thread of the window; called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// One letter.
pub(crate) enum Mail {
    /// The answer to a question.
    Answer(u64, Box<dyn Any + Send>),
    /// What the program tells.
    Event(HostEvent),
}

/// Where letters are put in; cheap to clone.
#[derive(Clone)]
pub(crate) struct Post {
    sender: Sender<Mail>,
    woken: Arc<AtomicBool>,
    wake: Wake,
}

impl Post {
    fn send(&self, mail: Mail) {
        // The window is gone: nobody waits for the letter.
        let _ = self.sender.send(mail);
        if !self.woken.swap(true, Ordering::AcqRel) {
            (self.wake)();
        }
    }

    /// The callback that answers one question.
    pub(crate) fn answer<T: Send + 'static>(&self, question: u64) -> Answer<T> {
        let post = self.clone();
        Box::new(move |value| post.send(Mail::Answer(question, Box::new(value))))
    }

    /// The callback that tells something again and again.
    pub(crate) fn listener<T: Send + 'static>(&self, question: u64) -> Listener<T> {
        let post = self.clone();
        // A Sender is Sync; the box is made for each letter.
        Arc::new(move |value| post.send(Mail::Answer(question, Box::new(value))))
    }

    /// The callback for what the program tells on its own.
    pub(crate) fn events(&self) -> Listener<HostEvent> {
        let post = self.clone();
        Arc::new(move |event| post.send(Mail::Event(event)))
    }
}

/// Where letters are taken out, on the window's thread.
pub(crate) struct Mailbox {
    receiver: Receiver<Mail>,
    woken: Arc<AtomicBool>,
}

/// A mailbox and its slot.
pub(crate) fn mailbox(wake: Wake) -> (Post, Mailbox) {
    let (sender, receiver) = channel();
    let woken = Arc::new(AtomicBool::new(false));
    (Post { sender, woken: woken.clone(), wake }, Mailbox { receiver, woken })
}

impl Mailbox {
    /// Everything that is there now. Never waits.
    pub(crate) fn take(&self) -> Vec<Mail> {
        // Before looking: what comes while we look wakes again.
        self.woken.store(false, Ordering::Release);
        self.receiver.try_iter().collect()
    }

    /// The next letter, for tests without an event loop.
    pub(crate) fn wait(&self, patience: Duration) -> Option<Mail> {
        self.receiver.recv_timeout(patience).ok()
    }
}
