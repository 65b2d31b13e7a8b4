//! Cuts a history that fails down to what it needs to fail, as far as it gets within its limits.

use crate::deed::{History, Planned};
use crate::port::Break;
use std::time::{Duration, Instant};

/// How much is spent on it. A bad history may take a second to live in a debug build: without an end by the clock a person
/// waits half an hour for the shortest form of what a seed tells already.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most histories that are lived for it.
    pub tries: usize,
    /// When no further one is begun.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { tries: 1_500, time: Duration::from_secs(60) }
    }
}

/// The shortest history that was found, that still fails. It is the one that was given when there was no time for another.
pub fn shrink(history: &History, broken: Break, limits: Limits) -> History {
    shrink_by(history, limits, &mut |tried| crate::live(tried, broken).is_some())
}

/// The same by any measure of what fails.
fn shrink_by(history: &History, limits: Limits, fails: &mut dyn FnMut(&History) -> bool) -> History {
    let (mut best, begun, mut tries) = (history.clone(), Instant::now(), 0);
    let mut step = best.deeds.len().div_ceil(2).max(1);
    loop {
        let mut shorter = false;
        let mut at = 0;
        while at < best.deeds.len() {
            if tries >= limits.tries || begun.elapsed() >= limits.time {
                return best;
            }
            tries += 1;
            let tried = without(&best, at, step);
            if fails(&tried) {
                (best, shorter) = (tried, true);
            } else {
                at += step;
            }
        }
        if step == 1 && !shorter {
            return best;
        }
        step = (step / 2).max(1);
    }
}

/// The history without some deeds. What comes after happens when it did.
fn without(history: &History, at: usize, count: usize) -> History {
    let mut deeds = history.deeds.clone();
    let gone: Vec<Planned> = deeds.drain(at..(at + count).min(history.deeds.len())).collect();
    let pause = gone.iter().fold(0_u32, |sum, planned| sum.saturating_add(planned.after_ms));
    if let Some(next) = deeds.get_mut(at) {
        next.after_ms = next.after_ms.saturating_add(pause);
    }
    History { seed: history.seed, deeds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deed::Deed;

    const ALWAYS: Limits = Limits { tries: usize::MAX, time: Duration::MAX };

    /// Fails with what needs two deeds of one kind.
    fn two_of_cash(history: &History) -> bool {
        history.deeds.iter().filter(|planned| matches!(planned.deed, Deed::Cash(_))).count() >= 2
    }

    fn long() -> History {
        let deed = |number: u8| if number.is_multiple_of(16) { Deed::Cash(number) } else { Deed::CopyShared };
        History { seed: 1, deeds: (0..64).map(|number| Planned { after_ms: 1, deed: deed(number) }).collect() }
    }

    #[test]
    fn what_is_not_needed_goes_and_time_stays() {
        let short = shrink_by(&long(), ALWAYS, &mut two_of_cash);
        assert_eq!(short.deeds.len(), 2, "{short:?}");
        let last: u32 = short.deeds.iter().map(|planned| planned.after_ms).sum();
        assert!(last > 16, "the second happens when it did: {short:?}");
    }

    #[test]
    fn it_ends_by_its_tries_and_by_the_clock() {
        for (tries, time, most) in [(5, Duration::MAX, 5), (0, Duration::MAX, 0), (usize::MAX, Duration::ZERO, 0)] {
            let mut lived = 0;
            let short = shrink_by(&long(), Limits { tries, time }, &mut |tried| {
                lived += 1;
                two_of_cash(tried)
            });
            assert_eq!(lived, most);
            assert!(two_of_cash(&short), "what is left still fails");
        }
        // A failure that never goes away, however short: the empty history ends it.
        assert!(shrink_by(&long(), ALWAYS, &mut |_| true).deeds.is_empty());
    }

    #[test]
    fn a_sale_twice_is_cut_down_within_its_time() {
        let history = History::of(1, false);
        // It comes back: without its limits it did not.
        let short = shrink(&history, Break::Twice, Limits { tries: 60, time: Duration::from_secs(10) });
        assert!(short.deeds.len() < history.deeds.len() && crate::live(&short, Break::Twice).is_some(), "{short:?}");
    }
}
