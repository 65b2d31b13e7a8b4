//! What a register's engine and sync read of the world: a clock in the simulator's hands, ids that never repeat, bytes from
//! the seed.

use aurapos_contract::Uuid;
use aurapos_domain::calendar::Timestamp;
use aurapos_engine::Env;

/// 30 November 2026, 08:00 UTC.
pub const BEGIN_US: i64 = 1_796_025_600_000_000;

/// Ids and random bytes of a whole history.
#[derive(Debug)]
pub struct Source {
    ids: u64,
    rng: fastrand::Rng,
}

impl Source {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Source { ids: 1_000, rng: fastrand::Rng::with_seed(seed) }
    }

    /// The environment of one register at one moment.
    pub fn at(&mut self, wall_us: i64) -> Moment<'_> {
        Moment { source: self, wall_us }
    }
}

/// The environment of one step.
#[derive(Debug)]
pub struct Moment<'a> {
    source: &'a mut Source,
    wall_us: i64,
}

impl Env for Moment<'_> {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall_us)
    }

    fn new_id(&mut self) -> Uuid {
        self.source.ids += 1;
        // A version 7 with the time in its first 48 bits, as a register makes them.
        let time = u128::try_from(self.wall_us / 1_000).unwrap_or_default() & 0xffff_ffff_ffff;
        Uuid::from_u128((time << 80) | (7 << 76) | (2 << 62) | u128::from(self.source.ids))
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.source.rng.fill(bytes);
    }
}
