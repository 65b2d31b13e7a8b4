//! Journal entries and the head of the journal.

use super::{Fields, Record, count, time};
use crate::error::EngineResult;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationId, RegisterId};
use aurapos_domain::journal::{EntryKind, Hash, JournalEntry};
use aurapos_domain::sale::PerpetualTotals;

/// Reads the 32 bytes of a hash.
pub(crate) fn hash(fields: &mut Fields<'_>) -> EngineResult<Hash> {
    let bytes = fields.bytes()?;
    let bytes =
        bytes.try_into().map_err(|bytes: Vec<u8>| fields.damaged(format_args!("a hash of {} bytes", bytes.len())))?;
    Ok(Hash(bytes))
}

impl Record for JournalEntry {
    const TABLE: &'static str = "journal";
    const COLUMNS: &'static [&'static str] =
        &["register", "incarnation", "seq", "kind", "time", "previous", "hash", "body"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.register.uuid().into(),
            self.incarnation.uuid().into(),
            count(self.seq),
            i64::from(self.kind.0).into(),
            time(self.time),
            self.previous.0.to_vec().into(),
            self.hash.0.to_vec().into(),
            self.body.clone().into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(JournalEntry {
            register: fields.id()?,
            incarnation: fields.id()?,
            seq: fields.number()?,
            kind: EntryKind(fields.number()?),
            time: fields.time()?,
            previous: hash(fields)?,
            hash: hash(fields)?,
            body: fields.bytes()?,
        })
    }
}

/// The last entry of an incarnation's journal, and its lifetime totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which life.
    pub incarnation: IncarnationId,
    /// Whose.
    pub register: RegisterId,
    /// The last entry; 0 before the first.
    pub seq: u64,
    /// Its hash; [`Hash::ZERO`] before the first.
    pub hash: Hash,
    /// Its time.
    pub time: Timestamp,
    /// Lifetime totals of the incarnation.
    pub totals: PerpetualTotals,
}

impl Record for Head {
    const TABLE: &'static str = "journal_head";
    const COLUMNS: &'static [&'static str] =
        &["incarnation", "register", "seq", "hash", "time", "sales_count", "grand_total", "refunds"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.incarnation.uuid().into(),
            self.register.uuid().into(),
            count(self.seq),
            self.hash.0.to_vec().into(),
            time(self.time),
            count(self.totals.sales_count),
            self.totals.grand_total_minor.into(),
            self.totals.refunds_minor.into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Head {
            incarnation: fields.id()?,
            register: fields.id()?,
            seq: fields.number()?,
            hash: hash(fields)?,
            time: fields.time()?,
            totals: PerpetualTotals {
                sales_count: fields.number()?,
                grand_total_minor: fields.int()?,
                refunds_minor: fields.int()?,
            },
        })
    }
}
