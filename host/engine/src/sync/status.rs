//! How the sync stands, for the window and the command line: plain data.

use aurapos_contract::{ErrorCode, PluginError};
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
    /// What kind of trouble the shared store itself calls it.
    pub cause: Option<ErrorCode>,
    /// What it says to do about it; empty where it says nothing.
    pub next: String,
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

/// What is wrong with a store, as it said it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Trouble {
    /// One sentence.
    pub(super) words: String,
    /// Its own name for it.
    pub(super) cause: Option<ErrorCode>,
    /// What to do; empty: nothing is said.
    pub(super) next: String,
}

impl Trouble {
    /// One that no store told.
    pub(super) fn said(words: impl Into<String>) -> Self {
        Trouble { words: words.into(), ..Trouble::default() }
    }
}

impl From<PluginError> for Trouble {
    fn from(error: PluginError) -> Self {
        Trouble { words: error.to_string(), cause: Some(error.code), next: error.detail.next }
    }
}
