//! The lockout after wrong PINs, as a pure function of what was stored and what the clock says.
//!
//! The state is stored before the answer is shown, so that pulling the plug does not give new attempts.

use crate::calendar::{SECOND_US, Timestamp};

/// How patient the register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// Wrong PINs before the first lock.
    pub attempts: u32,
    /// Length of the first lock; each further wrong PIN doubles it.
    pub first_lock_us: i64,
    /// Longest lock.
    pub lock_us_max: i64,
}

impl Default for LockoutPolicy {
    /// Five wrong PINs, then 30 seconds, doubling up to an hour: 24 guesses a day once the hour is reached.
    fn default() -> Self {
        LockoutPolicy { attempts: 5, first_lock_us: 30 * SECOND_US, lock_us_max: 3600 * SECOND_US }
    }
}

/// What is stored for an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockoutState {
    /// Wrong PINs since the last right one.
    pub failures: u32,
    /// When the last wrong PIN was typed (or when a clock that jumped back was noticed).
    pub locked_from: Timestamp,
    /// How long nobody gets in from then on; 0 for not locked.
    pub lock_us: i64,
}

impl LockoutPolicy {
    /// The state after another wrong PIN at `now`.
    pub fn after_failure(&self, state: LockoutState, now: Timestamp) -> LockoutState {
        let failures = state.failures.saturating_add(1);
        let lock_us = match failures.checked_sub(self.attempts) {
            None => 0,
            Some(doublings) if doublings >= 32 => self.lock_us_max,
            Some(doublings) => self.first_lock_us.saturating_mul(1 << doublings).min(self.lock_us_max),
        };
        LockoutState { failures, locked_from: now, lock_us }
    }

    /// How many wrong PINs are left before the next one locks.
    pub fn tries_left(&self, state: LockoutState) -> u32 {
        self.attempts.saturating_sub(state.failures)
    }

    /// The state as it is to be stored when somebody tries at `now`, and how many microseconds they have to wait.
    ///
    /// A clock that jumps back never unlocks early: the lock starts again from the new time, with its full length. It does
    /// not lock for longer than that either, so that a clock that was a year ahead does not close the shop for a year.
    pub fn at(&self, state: LockoutState, now: Timestamp) -> (LockoutState, Option<i64>) {
        if state.lock_us <= 0 {
            return (state, None);
        }
        let from = if now < state.locked_from { now } else { state.locked_from };
        let state = LockoutState { locked_from: from, ..state };
        let waited_us = now.0.saturating_sub(from.0);
        let left_us = state.lock_us - waited_us.min(state.lock_us);
        (state, (left_us > 0).then_some(left_us))
    }
}
