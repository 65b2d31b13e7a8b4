//! The clock and the maker of ids: UUIDv7 that rise even when the clock goes back.

use aurapos_contract::{Timestamp, Uuid};
use aurapos_engine::Env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock: microseconds UTC.
pub fn now() -> Timestamp {
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).map(|time| time.as_micros()).unwrap_or(0);
    i64::try_from(since(SystemTime::now())).unwrap_or(i64::MAX)
}

/// Makes UUIDv7, each greater than all before it of this maker: 48 bits of milliseconds and 12 bits that count within
/// one (a clock that stands or goes back only makes the count run on into the milliseconds), the rest random.
#[derive(Debug, Default)]
pub struct IdMaker {
    last: AtomicU64,
}

impl IdMaker {
    /// A maker for the whole program.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next id.
    pub fn next(&self) -> Uuid {
        self.at(u64::try_from(now() / 1000).unwrap_or(0))
    }

    fn at(&self, milliseconds: u64) -> Uuid {
        let wanted = milliseconds << 12;
        let mut count = wanted;
        let rise = |last: u64| {
            count = wanted.max(last + 1);
            Some(count)
        };
        // Always `Ok`: the closure never gives up.
        let _ = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rise);
        let mut tail = [0; 8];
        fill_random(&mut tail);
        let high = ((count >> 12) << 16) | 0x7000 | (count & 0xfff);
        let low = (u64::from_be_bytes(tail) >> 2) | (1 << 63);
        Uuid::from_u64_pair(high, low)
    }
}

/// Fills bytes from the operating system's source of secrets.
///
/// # Panics
/// When the system has no randomness: nothing secret may be made then.
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes; without them no PIN, token or id is safe");
}

/// What the engine asks of the world.
#[derive(Debug, Clone)]
pub struct RuntimeEnv {
    ids: Arc<IdMaker>,
}

impl RuntimeEnv {
    /// The world with this maker of ids.
    pub fn new(ids: Arc<IdMaker>) -> Self {
        RuntimeEnv { ids }
    }
}

impl Env for RuntimeEnv {
    fn now(&self) -> aurapos_domain::calendar::Timestamp {
        aurapos_domain::calendar::Timestamp(now())
    }

    fn new_id(&mut self) -> Uuid {
        self.ids.next()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        fill_random(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_whatever_the_clock_does() {
        let maker = IdMaker::default();
        let mut last = Uuid::nil();
        for milliseconds in [5, 5, 5, 4, 0, 1_800_000_000_000, 1_800_000_000_000, 7] {
            let id = maker.at(milliseconds);
            assert!(id > last, "{id} after {last}");
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            last = id;
        }
        for _ in 0..10_000 {
            let id = maker.at(9);
            assert!(id > last);
            last = id;
        }
        assert!(maker.next() > last);
    }
}
