//! The journal of a register: append-only, each entry hashed over the one before it.
//!
//! Owns the hash, the kinds and the walk along a chain. What stands in a body, its writer knows.

use crate::body::BODY_BYTES_MAX;
use crate::calendar::Timestamp;
use crate::ids::{IncarnationId, RegisterId};
use sha2::{Digest, Sha256};
use std::fmt;

mod chain;
mod kind;

pub use chain::{ChainCheck, ChainFault};
pub use kind::EntryKind;

/// The first bytes that are hashed; the number is the version of the format.
pub const TAG: &[u8] = b"AuraPOS-journal-1\0";

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry of an incarnation names as its predecessor.
    pub const ZERO: Hash = Hash([0; 32]);

    /// The SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }

    /// The first eight hex digits, as printed on receipts.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Option<Hash> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Hash(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Whose journal.
    pub register: RegisterId,
    /// Which life of the register.
    pub incarnation: IncarnationId,
    /// 1 for the first entry of the incarnation, without gaps.
    pub seq: u64,
    /// What happened.
    pub kind: EntryKind,
    /// When, by the register's clock.
    pub time: Timestamp,
    /// The hash of the entry before.
    pub previous: Hash,
    /// What happened, in the form of its kind; stored exactly as hashed.
    pub body: Vec<u8>,
    /// The hash of all of the above.
    pub hash: Hash,
}

/// A body that is too long for the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a journal entry of {bytes} bytes is above the limit of {BODY_BYTES_MAX}")]
pub struct EntryTooLong {
    /// How many bytes the body has.
    pub bytes: usize,
}

impl JournalEntry {
    /// The entry after a head (`None` for the first of an incarnation), with its hash.
    pub fn next(
        register: RegisterId,
        incarnation: IncarnationId,
        head: Option<(u64, Hash)>,
        kind: EntryKind,
        time: Timestamp,
        body: Vec<u8>,
    ) -> Result<JournalEntry, EntryTooLong> {
        if body.len() > BODY_BYTES_MAX {
            return Err(EntryTooLong { bytes: body.len() });
        }
        let (seq, previous) = head.map_or((1, Hash::ZERO), |(seq, hash)| (seq + 1, hash));
        let mut entry = JournalEntry { register, incarnation, seq, kind, time, previous, body, hash: Hash::ZERO };
        entry.hash = entry.computed_hash();
        Ok(entry)
    }

    /// The hash that the entry should have: SHA-256 over tag, register, incarnation, seq (u64), kind (u16), time (i64),
    /// previous hash, body length (u32) and body, all integers big endian.
    pub fn computed_hash(&self) -> Hash {
        // Bodies are at most 1 MiB (`next`); a longer one that was read cannot have a matching hash, whatever it says.
        let length = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        let mut hasher = Sha256::new();
        hasher.update(TAG);
        hasher.update(self.register.as_bytes());
        hasher.update(self.incarnation.as_bytes());
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.kind.0.to_be_bytes());
        hasher.update(self.time.0.to_be_bytes());
        hasher.update(self.previous.0);
        hasher.update(length.to_be_bytes());
        hasher.update(&self.body);
        Hash(hasher.finalize().into())
    }
}

#[cfg(test)]
mod tests;
