//! What wakes the sync's thread: cheap to ring from anywhere, and many rings are one.

use aurapos_contract::PluginError;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Rung when there may be something to do.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    ring: Sender<()>,
    hurry: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    lost: Arc<Mutex<Option<PluginError>>>,
}

/// Why a rest is over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Woken {
    /// There may be something to do, or it is time.
    Rung,
    /// Somebody wants it now.
    Hurried,
    /// Waiting for news failed.
    Lost(Box<PluginError>),
    /// The register closes.
    Ended,
}

/// The other end.
#[derive(Debug)]
pub(crate) struct Ear {
    rings: Receiver<()>,
    bell: Bell,
}

impl Bell {
    /// A bell and who hears it.
    pub(super) fn new() -> (Bell, Ear) {
        let (ring, rings) = bounded(1);
        let bell = Bell { ring, hurry: Arc::default(), ended: Arc::default(), lost: Arc::default() };
        (bell.clone(), Ear { rings, bell })
    }

    /// There may be something to do.
    pub(crate) fn ring(&self) {
        // One that nobody heard yet says the same.
        let _ = self.ring.try_send(());
    }

    /// Somebody wants it now.
    pub(super) fn hurry(&self) {
        self.hurry.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// Waiting for news failed.
    pub(super) fn lost(&self, why: PluginError) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        self.ring();
    }

    /// No more.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.ring();
    }
}

impl Ear {
    /// Whether there is an end to it.
    pub(super) fn ended(&self) -> bool {
        self.bell.ended.load(Ordering::SeqCst)
    }

    /// Rests until it rings, at the latest until then.
    pub(super) fn rest(&self, until: Instant) -> Woken {
        if self.ended() {
            return Woken::Ended;
        }
        // What was lost before is known to whoever made calls since.
        self.take_lost();
        let heard = self.rings.recv_deadline(until);
        if self.ended() || heard == Err(RecvTimeoutError::Disconnected) {
            Woken::Ended
        } else if self.bell.hurry.swap(false, Ordering::SeqCst) {
            Woken::Hurried
        } else {
            self.take_lost().map_or(Woken::Rung, |why| Woken::Lost(Box::new(why)))
        }
    }

    fn take_lost(&self) -> Option<PluginError> {
        self.bell.lost.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_contract::ErrorCode;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn many_rings_are_one_and_the_strongest_word_counts() {
        let (bell, ear) = Bell::new();
        let soon = || Instant::now() + Duration::from_millis(1);
        let later = || Instant::now() + Duration::from_secs(60);
        bell.ring();
        bell.ring();
        assert_eq!((ear.rest(later()), ear.rest(soon())), (Woken::Rung, Woken::Rung), "the second by its time");
        bell.ring();
        bell.hurry();
        assert_eq!((ear.rest(later()), ear.rest(soon())), (Woken::Hurried, Woken::Rung));
        bell.hurry();
        bell.end();
        assert_eq!((ear.rest(later()), ear.rest(later())), (Woken::Ended, Woken::Ended));
    }

    #[test]
    fn a_wait_that_fails_ends_a_rest_and_one_that_failed_before_does_not() {
        let (bell, ear) = Bell::new();
        let why = || PluginError::new(ErrorCode::Unreachable, "no line");
        bell.lost(why());
        assert_eq!(ear.rest(Instant::now() + Duration::from_millis(1)), Woken::Rung, "calls were made since");
        let later = Instant::now() + Duration::from_secs(60);
        let ringer = bell.clone();
        let thread = thread::spawn(move || {
            // The rest may begin a moment later: it is said until somebody hears.
            while !ringer.ended.load(Ordering::SeqCst) {
                ringer.lost(why());
                thread::sleep(Duration::from_millis(1));
            }
        });
        while !matches!(ear.rest(later), Woken::Lost(_)) {}
        bell.end();
        thread.join().unwrap();
    }
}
