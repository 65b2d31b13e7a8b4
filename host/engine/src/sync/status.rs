//! How the sync stands, for the window and the command line: plain data.

use aurapos_domain::calendar::Timestamp;

/// What it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Finding the shared store and what it has of this register.
    #[default]
    Connecting,
    /// Bringing it what it lacks of everything: it is new, or was restored.
    Recovering,
    /// Reading everything for the first time, or again.
    Bootstrapping,
    /// Bringing and taking.
    Exchanging,
    /// Nothing to do: everything is where it belongs.
    Resting,
    /// The shared store is away; trying again.
    Waiting,
    /// The shared store belongs to another shop, shut this register out, or is no store that it may use (a wrong authority, a newer
    /// schema): looked at again now and then.
    Refused,
}

/// How the sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Since when the shared store does not answer, by the wall clock; `None`: it does, or was not asked yet.
    pub offline_since: Option<Timestamp>,
    /// When it last answered.
    pub contact: Option<Timestamp>,
    /// Why it is away or refused: one sentence.
    pub trouble: Option<String>,
    /// Entries of the journal that it does not have yet.
    pub unsent: u64,
    /// When it took the last one, of whatever life.
    pub acked_at: Option<Timestamp>,
    /// Entries of earlier lives that are quarantined: the shared store holds another history of them.
    pub quarantined: u64,
    /// What the shared store is, for people: engine and version.
    pub server: String,
}

impl Status {
    /// Whether the shared store answers.
    pub const fn online(&self) -> bool {
        self.offline_since.is_none() && !matches!(self.phase, Phase::Connecting | Phase::Refused)
    }

    /// Whether the shared store wants nothing of this register.
    pub const fn is_refused(&self) -> bool {
        matches!(self.phase, Phase::Refused)
    }

    /// Whether everything was brought and taken.
    pub fn settled(&self) -> bool {
        self.phase == Phase::Resting && self.unsent == 0
    }
}
