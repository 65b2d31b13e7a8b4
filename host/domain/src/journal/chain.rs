//! The walk along a chain: entry by entry, without keeping them.

use super::{Hash, JournalEntry};
use crate::ids::{IncarnationId, RegisterId};

/// What is wrong with a chain, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// An entry of another register or incarnation.
    #[error("entry {seq} belongs to another register or incarnation")]
    Foreign {
        /// The entry.
        seq: u64,
    },
    /// An entry is missing, doubled or out of order.
    #[error("entry {expected} is missing: entry {found} follows entry {}", expected.saturating_sub(1))]
    Gap {
        /// The entry that should have come.
        expected: u64,
        /// The entry that came.
        found: u64,
    },
    /// The entry names another predecessor.
    #[error("entry {seq} does not follow the entry before it")]
    WrongPrevious {
        /// The entry.
        seq: u64,
    },
    /// The entry was changed.
    #[error("entry {seq} was changed: its hash does not fit")]
    WrongHash {
        /// The entry.
        seq: u64,
    },
    /// The chain ends before the head that was written down.
    #[error("the end of the journal is missing: it stops at entry {found} and should reach entry {expected}")]
    TailMissing {
        /// The last entry that should be there.
        expected: u64,
        /// The last entry that is there.
        found: u64,
    },
    /// The chain has entries after the head that was written down.
    #[error("the journal reaches entry {found}, its head says {expected}")]
    BeyondHead {
        /// The last entry that the head names.
        expected: u64,
        /// The last entry that is there.
        found: u64,
    },
    /// The last entry is not the one that the head names.
    #[error("entry {seq} is not the one that the head of the journal names")]
    OtherHead {
        /// The entry.
        seq: u64,
    },
}

impl ChainFault {
    /// The first entry that is bad or missing.
    pub const fn seq(&self) -> u64 {
        match self {
            ChainFault::Foreign { seq }
            | ChainFault::WrongPrevious { seq }
            | ChainFault::WrongHash { seq }
            | ChainFault::OtherHead { seq } => *seq,
            ChainFault::Gap { expected, .. } => *expected,
            ChainFault::TailMissing { found, .. } => found.saturating_add(1),
            ChainFault::BeyondHead { expected, .. } => expected.saturating_add(1),
        }
    }
}

/// Checks one incarnation's chain, entry by entry in the order of seq.
#[derive(Debug, Clone)]
pub struct ChainCheck {
    register: RegisterId,
    incarnation: IncarnationId,
    last: u64,
    last_hash: Hash,
    entries: u64,
    first_bad: Option<ChainFault>,
}

impl ChainCheck {
    /// Starts at the beginning of an incarnation.
    pub const fn new(register: RegisterId, incarnation: IncarnationId) -> ChainCheck {
        ChainCheck::after(register, incarnation, 0, Hash::ZERO)
    }

    /// Starts after an entry that was checked before.
    pub const fn after(register: RegisterId, incarnation: IncarnationId, seq: u64, hash: Hash) -> ChainCheck {
        ChainCheck { register, incarnation, last: seq, last_hash: hash, entries: 0, first_bad: None }
    }

    /// Checks the next entry. After a fault the walk goes on from the entry that came, so that all faults can be told.
    pub fn feed(&mut self, entry: &JournalEntry) -> Result<(), ChainFault> {
        let result = self.check(entry);
        self.entries += 1;
        self.last = entry.seq;
        self.last_hash = entry.hash;
        self.keep(result)
    }

    /// Ends the walk: the chain must end in the head that was written down (seq 0 and `Hash::ZERO` for an empty one).
    pub fn finish(&mut self, head_seq: u64, head_hash: Hash) -> Result<(), ChainFault> {
        let result = if self.last < head_seq {
            Err(ChainFault::TailMissing { expected: head_seq, found: self.last })
        } else if self.last > head_seq {
            Err(ChainFault::BeyondHead { expected: head_seq, found: self.last })
        } else if self.last_hash != head_hash {
            Err(ChainFault::OtherHead { seq: head_seq })
        } else {
            Ok(())
        };
        self.keep(result)
    }

    /// How many entries were fed.
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// The last entry that was fed.
    pub const fn last(&self) -> (u64, Hash) {
        (self.last, self.last_hash)
    }

    /// The first fault, if any.
    pub const fn first_bad(&self) -> Option<&ChainFault> {
        self.first_bad.as_ref()
    }

    fn check(&self, entry: &JournalEntry) -> Result<(), ChainFault> {
        let seq = entry.seq;
        if entry.register != self.register || entry.incarnation != self.incarnation {
            return Err(ChainFault::Foreign { seq });
        }
        // A damaged store may claim any number: nothing here may overflow.
        let expected = self.last.saturating_add(1);
        if seq != expected || seq == self.last {
            return Err(ChainFault::Gap { expected, found: seq });
        }
        if entry.previous != self.last_hash {
            return Err(ChainFault::WrongPrevious { seq });
        }
        if entry.computed_hash() != entry.hash {
            return Err(ChainFault::WrongHash { seq });
        }
        Ok(())
    }

    fn keep(&mut self, result: Result<(), ChainFault>) -> Result<(), ChainFault> {
        if let Err(fault) = &result {
            self.first_bad.get_or_insert_with(|| fault.clone());
        }
        result
    }
}
