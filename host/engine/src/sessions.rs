//! Who is signed in, and on which ticket they work.

use aurapos_domain::ids::TicketId;
use aurapos_domain::people::Operator;

/// Most sessions at once: one screen, a few scripts.
pub const SESSIONS_MAX: usize = 32;

/// Somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who.
    pub(crate) operator: Operator,
    /// Asks for the PIN before anything else.
    pub(crate) locked: bool,
    /// The ticket they work on.
    pub(crate) ticket: Option<TicketId>,
}
