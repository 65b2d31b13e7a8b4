//! Edited rows (shop, settings, people, catalog): which tables they are in, who edited which field when, and what becomes
//! of a row that two registers edited.
//!
//! Every field carries a stamp: the clock of the edit and the register that made it. The later stamp wins, field by field,
//! whoever brings the two together and in whatever order ([`merge`]). Nothing is deleted: a tombstone is a field like the
//! others. Stamps are set in one place, when a transaction is written ([`write`]); the stores know nothing of them.
//! Must not know: sales, sessions, where rows come from.

pub mod merge;
pub mod stamp;
pub(crate) mod write;

pub use merge::{EditedRow, Loss, merge};
pub use stamp::{CLOCK_MAX, RowStamps, Stamp};

pub use crate::schema::edited::{EditedTable, TABLES};
use std::collections::BTreeMap;

/// Values by column.
pub type Fields = BTreeMap<String, aurapos_contract::Value>;
