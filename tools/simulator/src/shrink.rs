//! Cuts a history that fails down to what it needs to fail.

use crate::deed::{History, Planned};
use crate::port::Break;

/// Most histories that are lived for it.
const TRIES_MAX: usize = 1_500;

/// The shortest history that was found, that still fails.
pub fn shrink(history: &History, broken: Break) -> History {
    let mut best = history.clone();
    let mut tries = 0;
    let mut step = best.deeds.len().div_ceil(2).max(1);
    loop {
        let mut shorter = false;
        let mut at = 0;
        while at < best.deeds.len() && tries < TRIES_MAX {
            let mut deeds = best.deeds.clone();
            let gone: Vec<Planned> = deeds.drain(at..(at + step).min(best.deeds.len())).collect();
            // What comes after happens when it did.
            let pause = gone.iter().fold(0_u32, |sum, planned| sum.saturating_add(planned.after_ms));
            if let Some(next) = deeds.get_mut(at) {
                next.after_ms = next.after_ms.saturating_add(pause);
            }
            tries += 1;
            let tried = History { seed: best.seed, deeds };
            if crate::live(&tried, broken).is_some() {
                (best, shorter) = (tried, true);
            } else {
                at += step;
            }
        }
        if tries >= TRIES_MAX || (step == 1 && !shorter) {
            return best;
        }
        step = (step / 2).max(1);
    }
}
