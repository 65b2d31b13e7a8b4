//! How far something is, and the wish to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far something is. `total` 0: not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Done so far, in the step's own unit.
    pub done: u64,
    /// Of so many.
    pub total: u64,
    /// What is being done, for the log; screens show their own words.
    pub step: String,
}

impl Progress {
    /// 0 to 1 for a bar; -1 when it is not known.
    pub fn share(&self) -> f32 {
        if self.total == 0 {
            return -1.0;
        }
        // In thousandths first: a bar needs no more, and so much is exact in a float.
        let thousandths = u128::from(self.done.min(self.total)) * 1000 / u128::from(self.total);
        f32::from(u16::try_from(thousandths).unwrap_or(1000)) / 1000.0
    }
}

/// Asks work to stop; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn how_far_it_is() {
        let share = |done, total| Progress { done, total, step: String::new() }.share();
        assert_eq!(
            [share(0, 0), share(1, 4), share(9, 4)],
            [-1.0, 0.25, 1.0],
            "9 of 4: a file that grew while it was read"
        );
    }
}
