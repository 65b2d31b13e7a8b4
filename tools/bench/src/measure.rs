//! Taking times: two sides in turn, in the same run, so that a slow moment of the machine hits both.

use std::time::{Duration, Instant};

/// The times of one side, in nanoseconds.
#[derive(Debug, Clone, Default)]
pub struct Times {
    nanoseconds: Vec<u64>,
}

impl Times {
    /// Adds one time.
    pub fn add(&mut self, time: Duration) {
        self.nanoseconds.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Times `work` once.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let value = work();
        self.add(start.elapsed());
        value
    }

    /// The time that `percent` of the samples do not exceed, in nanoseconds; 0 without samples.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.nanoseconds.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (percent / 100.0 * last as f64).round() as usize;
        sorted.get(at).map_or(0.0, |&time| time as f64)
    }
}

/// Nanoseconds per call of `work`, for work too short to be timed alone: the median over `rounds` of `calls` each, both
/// sides in turn.
pub fn per_call(rounds: usize, calls: usize, mut ours: impl FnMut(), mut limit: impl FnMut()) -> (f64, f64) {
    let (mut our_times, mut limit_times) = (Times::default(), Times::default());
    for _ in 0..rounds {
        our_times.time(|| (0..calls).for_each(|_| ours()));
        limit_times.time(|| (0..calls).for_each(|_| limit()));
    }
    (our_times.percentile(50.0) / calls as f64, limit_times.percentile(50.0) / calls as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let mut times = Times::default();
        (1..=101).for_each(|n| times.add(Duration::from_nanos(n)));
        assert_eq!(times.percentile(50.0), 51.0);
        assert_eq!(times.percentile(99.0), 100.0);
        assert_eq!(times.percentile(100.0), 101.0);
        assert_eq!(Times::default().percentile(99.0), 0.0);
    }
}
