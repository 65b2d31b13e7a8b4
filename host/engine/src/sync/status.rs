//! How the sync stands, for the window and the command line: plain data.

use aurapos_contract::Uuid;
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
    /// The shared store belongs to another shop, or shut this register out: looked at again now and then.
    Refused,
}

/// How the sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Since when the shared store does not answer, by the wall clock; `None`: it does.
    pub offline_since: Option<Timestamp>,
    /// When it last answered.
    pub contact: Option<Timestamp>,
    /// Why it is away or refused: one sentence.
    pub trouble: Option<String>,
    /// Entries of the journal that it does not have yet.
    pub unsent: u64,
    /// The last entry of the present life that it has, and when it took it.
    pub acked: u64,
    /// When it took the last one.
    pub acked_at: Option<Timestamp>,
    /// The life of the shared store.
    pub epoch: Option<Uuid>,
    /// Entries of earlier lives that are quarantined: the shared store holds another history of them.
    pub quarantined: u64,
    /// Position of the feed: what was taken in, and how far the store was when it was last asked. The difference is the lag.
    pub taken: u64,
    /// See [`Status::taken`].
    pub position: u64,
    /// What the shared store is, for people: engine and version.
    pub server: String,
}

impl Status {
    /// Whether the shared store answers.
    pub const fn online(&self) -> bool {
        self.offline_since.is_none() && !matches!(self.phase, Phase::Connecting | Phase::Refused)
    }

    /// Whether everything was brought and taken.
    pub fn settled(&self) -> bool {
        self.phase == Phase::Resting && self.unsent == 0
    }
}
