//! What a register keeps of its dealings with the shared store, and why its present life can't go on: plain data.

use crate::apply::finding::Finding;
use crate::rows::sync::{SyncLife, SyncMark};
use aurapos_contract::Uuid;

/// What is to be kept, in one transaction of the register's own store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Note {
    /// How far the register is; `None`: as it was.
    pub mark: Option<SyncMark>,
    /// What the shared store has of its lives.
    pub lives: Vec<SyncLife>,
    /// What a person has to look at.
    pub findings: Vec<Finding>,
}

/// Why the present life can't go on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLife {
    /// The life that ends; when another is present by now, nothing is done.
    pub ends: Uuid,
    /// Why, in words for the journal.
    pub reason: String,
    /// What is kept with it: the life's quarantine, and what a person has to look at.
    pub note: Note,
}
