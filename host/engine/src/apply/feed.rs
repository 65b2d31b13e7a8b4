//! What a feed is, and what became of it: plain data.

use super::finding::Finding;
use crate::rows::sync::SyncMark;
use aurapos_contract::Uuid;
use aurapos_contract::query::Change;

/// Most changes of one feed: what comes of them must fit one transaction.
pub const FEED_CHANGES_MAX: usize = 2_000;
/// Most bytes of one feed, by [`aurapos_contract::Value::size`].
pub const FEED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Changes of other registers, in the order of their store; transactions are whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feed {
    /// Names what is written for it: the same feed given twice is taken in once.
    pub id: Uuid,
    /// At most [`FEED_CHANGES_MAX`] and [`FEED_BYTES_MAX`].
    pub changes: Vec<Change>,
    /// Written with what came: where the feed goes on. `None`: it does not come from the shared store, or there is more of
    /// what belongs together.
    pub mark: Option<SyncMark>,
}

/// What became of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// It had been taken in before; nothing was written this time.
    pub already: bool,
    /// Rows that an edit changed.
    pub edited: u64,
    /// Facts that were added.
    pub facts: u64,
    /// Values that lost against a later edit; they are kept.
    pub lost: u64,
    /// Changes that were left out, were known already, or are of tables that this program does not know.
    pub left_out: u64,
    /// What a person has to look at.
    pub findings: Vec<Finding>,
}
