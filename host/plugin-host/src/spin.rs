//! Waiting a moment without sleeping.
//!
//! Waking a thread that sleeps takes some 50 µs on a machine whose other core is idle (measured: `cargo xtask bench`, group
//! `abi`), as long as the rest of a short read. A sale crosses between threads a dozen times, so whoever waits for an answer
//! that is due at once looks for it for a moment first, and gives the core away to anybody who wants it.

use std::time::{Duration, Instant};

/// Looks between two offers of the core.
const LOOKS: u32 = 64;

/// Waits until `ready` or the limit passed; answers which.
pub fn until(limit: Duration, ready: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        for _ in 0..LOOKS {
            if ready() {
                return true;
            }
            std::hint::spin_loop();
        }
        if start.elapsed() >= limit {
            return false;
        }
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn ends_with_the_answer_or_the_limit() {
        let looks = Cell::new(0);
        let third = || {
            looks.set(looks.get() + 1);
            looks.get() == 3
        };
        assert!(until(Duration::from_secs(60), third));
        assert_eq!(looks.get(), 3);
        assert!(!until(Duration::ZERO, || false));
    }
}
