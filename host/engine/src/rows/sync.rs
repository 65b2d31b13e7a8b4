//! What a register and the shop's shared store know of each other.

use super::{Fields, Record, count, time};
use crate::error::EngineResult;
use aurapos_contract::{Uuid, Value};
use aurapos_domain::calendar::Timestamp;

/// How far this register is with the shared store: one row, in the register's own store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncMark {
    /// The life of the shared store that all of this belongs to; `None` before the first.
    pub epoch: Option<Uuid>,
    /// Where its feed goes on; empty: at the beginning.
    pub cursor: Vec<u8>,
    /// Edits of this register up to this clock are in the shared store.
    pub edits: i64,
    /// The shared store is new or was restored: what it lacks of all edits is still being brought to it.
    pub recovering: bool,
    /// When the shared store answered last, by this register's clock.
    pub contact: Option<Timestamp>,
}

impl Record for SyncMark {
    const TABLE: &'static str = "sync_mark";
    const COLUMNS: &'static [&'static str] = &["id", "epoch", "cursor", "edits", "recovering", "contact"];

    fn write(&self) -> Vec<Value> {
        vec![
            Value::Int(1),
            self.epoch.into(),
            self.cursor.clone().into(),
            self.edits.into(),
            self.recovering.into(),
            self.contact.map_or(Value::Null, time),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let _one = fields.int()?;
        Ok(SyncMark {
            epoch: fields.maybe(Fields::id)?,
            cursor: fields.bytes()?,
            edits: fields.int()?,
            recovering: fields.bool()?,
            contact: fields.maybe(Fields::time)?,
        })
    }
}

/// What the shared store has of one life of this register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncLife {
    /// Which life.
    pub incarnation: Uuid,
    /// The last entry that the shared store was known to have. Only remembered: its own head is the truth.
    pub acked: u64,
    /// When it was acknowledged, by this register's clock.
    pub acked_at: Option<Timestamp>,
    /// From this entry on the shared store holds another history of this life: nothing more of it is posted.
    pub forked: Option<u64>,
}

impl Record for SyncLife {
    const TABLE: &'static str = "sync_life";
    const COLUMNS: &'static [&'static str] = &["incarnation", "acked", "acked_at", "forked"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.incarnation.into(),
            count(self.acked),
            self.acked_at.map_or(Value::Null, time),
            self.forked.map_or(Value::Null, count),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(SyncLife {
            incarnation: fields.id()?,
            acked: fields.number()?,
            acked_at: fields.maybe(Fields::time)?,
            forked: fields.maybe(Fields::number)?,
        })
    }
}

/// A register's code, claimed in the shared store: the row is keyed by what nobody may have twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Shop.
    pub shop: Uuid,
    /// The code: `R2`.
    pub code: String,
    /// Whose it is.
    pub register: Uuid,
    /// The life of that register that spoke last.
    pub incarnation: Uuid,
    /// The life of the shared store in which the register came to the shop. Where it is not the present one, the store was
    /// restored since, and may have forgotten other claims.
    pub epoch: Uuid,
    /// What people call it; may be empty.
    pub name: String,
    /// When it was claimed.
    pub claimed: Timestamp,
    /// When the register was last here, by its own clock.
    pub seen: Timestamp,
    /// When it was shut out.
    pub revoked: Option<Timestamp>,
}

impl Record for Claim {
    const TABLE: &'static str = "register_claim";
    const COLUMNS: &'static [&'static str] =
        &["shop", "code", "register", "incarnation", "epoch", "name", "claimed", "seen", "revoked"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.shop.into(),
            self.code.as_str().into(),
            self.register.into(),
            self.incarnation.into(),
            self.epoch.into(),
            self.name.as_str().into(),
            time(self.claimed),
            time(self.seen),
            self.revoked.map_or(Value::Null, time),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Claim {
            shop: fields.id()?,
            code: fields.text()?,
            register: fields.id()?,
            incarnation: fields.id()?,
            epoch: fields.id()?,
            name: fields.text()?,
            claimed: fields.time()?,
            seen: fields.time()?,
            revoked: fields.maybe(Fields::time)?,
        })
    }
}

/// How far the edits of one life of a register are in the shared store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditMark {
    /// Which life.
    pub incarnation: Uuid,
    /// Whose.
    pub register: Uuid,
    /// All of its edits up to this clock are there.
    pub clock: i64,
}

impl Record for EditMark {
    const TABLE: &'static str = "edit_mark";
    const COLUMNS: &'static [&'static str] = &["incarnation", "register", "clock"];

    fn write(&self) -> Vec<Value> {
        vec![self.incarnation.into(), self.register.into(), self.clock.into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(EditMark { incarnation: fields.id()?, register: fields.id()?, clock: fields.int()? })
    }
}
