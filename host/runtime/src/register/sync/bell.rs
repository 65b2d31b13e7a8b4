//! What wakes the sync's thread: cheap to ring from anywhere, and many rings are one.

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Rung when there may be something to do.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    ring: Sender<()>,
    hurry: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

/// Why a rest is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// There may be something to do, or it is time.
    Rung,
    /// Somebody wants it now.
    Hurried,
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
        let bell = Bell { ring, hurry: Arc::default(), ended: Arc::default() };
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
        let heard = self.rings.recv_deadline(until);
        if self.ended() || heard == Err(RecvTimeoutError::Disconnected) {
            Woken::Ended
        } else if self.bell.hurry.swap(false, Ordering::SeqCst) {
            Woken::Hurried
        } else {
            Woken::Rung
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
