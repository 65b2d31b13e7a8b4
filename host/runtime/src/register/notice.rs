//! What a subscriber hears, as plain data. Must not know: who tells it, and who listens.

use aurapos_engine::Event;
use aurapos_engine::sync::status::Status;

/// What a subscriber hears.
#[derive(Debug, Clone)]
pub enum Notice {
    /// From the engine.
    Event(Box<Event>),
    /// A payment plugin tells the operator something: one line, at most every 50 ms.
    PaymentProgress {
        /// Instance.
        instance: String,
        /// The text.
        text: String,
    },
    /// A device failed; nothing of a sale is lost.
    DeviceFailed {
        /// Instance.
        instance: String,
        /// What it said.
        message: String,
    },
    /// How the register stands with the shop's shared store changed.
    Sync(Box<Status>),
}
