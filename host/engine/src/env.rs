//! What the engine asks of the world instead of reading it: the time, ids, randomness.

use aurapos_contract::Uuid;
use aurapos_domain::calendar::Timestamp;

/// The clock, the maker of ids and the source of randomness. The runtime's is real; tests and the simulator have theirs.
pub trait Env {
    /// The wall clock, UTC. It may jump; nothing orders rows by it.
    fn now(&self) -> Timestamp;
    /// A new UUIDv7.
    fn new_id(&mut self) -> Uuid;
    /// Fills the bytes from a source fit for secrets.
    fn random(&mut self, bytes: &mut [u8]);
}
