//! This register's row, its incarnations, its counters and its settings.

use super::{Fields, Record, count, time};
use crate::error::EngineResult;
use crate::identity::MachineIdentity;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::{IncarnationCode, IncarnationId, RegisterCode, RegisterId, ShopId};
use aurapos_domain::journal::Hash;

/// This register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Its id.
    pub id: RegisterId,
    /// Its shop.
    pub shop: ShopId,
    /// `R1`.
    pub code: RegisterCode,
    /// The present life of its database.
    pub incarnation: IncarnationId,
    /// That life's code in receipt numbers.
    pub incarnation_code: IncarnationCode,
    /// Where its database was last opened.
    pub identity: MachineIdentity,
    /// When it was set up.
    pub created: Timestamp,
}

impl Record for Register {
    const TABLE: &'static str = "register";
    const COLUMNS: &'static [&'static str] =
        &["id", "shop", "code", "incarnation", "incarnation_code", "token", "machine", "inode", "created"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.uuid().into(),
            self.shop.uuid().into(),
            self.code.as_str().into(),
            self.incarnation.uuid().into(),
            self.incarnation_code.as_str().into(),
            self.identity.token.as_str().into(),
            self.identity.machine.as_str().into(),
            self.identity.inode.into(),
            time(self.created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Register {
            id: fields.id()?,
            shop: fields.id()?,
            code: fields.parsed(RegisterCode::parse)?,
            incarnation: fields.id()?,
            incarnation_code: fields.parsed(IncarnationCode::parse)?,
            identity: MachineIdentity { token: fields.text()?, machine: fields.text()?, inode: fields.int()? },
            created: fields.time()?,
        })
    }
}

/// A life of a register's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incarnation {
    /// Its id.
    pub id: IncarnationId,
    /// Whose.
    pub register: RegisterId,
    /// Its code.
    pub code: IncarnationCode,
    /// The life before, as this database knew it.
    pub previous: Option<IncarnationId>,
    /// The last entry of that life that this database has.
    pub previous_seq: u64,
    /// That entry's hash.
    pub previous_hash: Hash,
    /// Why a new one was opened.
    pub reason: String,
    /// When.
    pub opened: Timestamp,
    /// Whose numbers it gives; `None` in lives of before it was written down.
    pub numbers: Option<Numbers>,
}

/// Whose receipt numbers a life gives: with its own code and the counter they are unique in all shops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// The shop.
    pub shop: ShopId,
    /// The register's code in them: `R1`.
    pub register: RegisterCode,
}

impl Record for Incarnation {
    const TABLE: &'static str = "incarnation";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "register",
        "code",
        "previous",
        "previous_seq",
        "previous_hash",
        "reason",
        "opened",
        "register_code",
        "shop",
    ];

    fn write(&self) -> Vec<Value> {
        vec![
            self.id.uuid().into(),
            self.register.uuid().into(),
            self.code.as_str().into(),
            self.previous.map(IncarnationId::uuid).into(),
            count(self.previous_seq),
            self.previous_hash.0.to_vec().into(),
            self.reason.as_str().into(),
            time(self.opened),
            self.numbers.as_ref().map_or("", |numbers| numbers.register.as_str()).into(),
            self.numbers.as_ref().map(|numbers| numbers.shop.uuid()).into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Incarnation {
            id: fields.id()?,
            register: fields.id()?,
            // Lives of other registers too: a code whose form a newer program made is what it is.
            code: IncarnationCode::stored(&fields.text()?),
            previous: fields.maybe(Fields::id)?,
            previous_seq: fields.number()?,
            previous_hash: super::journal::hash(fields)?,
            reason: fields.text()?,
            opened: fields.time()?,
            numbers: {
                let register = fields.text()?;
                let shop = fields.maybe(Fields::id)?;
                // Both or none: the engine writes no half.
                let register = Some(register).filter(|code| !code.is_empty());
                shop.zip(register).map(|(shop, code)| Numbers { shop, register: RegisterCode::stored(&code) })
            },
        })
    }
}

/// The name of the counter in receipt numbers.
pub const RECEIPTS: &str = "receipt";
/// The name of the counter of drawer sessions.
pub const DRAWERS: &str = "drawer";

/// The name of the latest clock of an edit ([`crate::edits::Stamp`]) that the register made or saw.
pub const EDITS: &str = "edits";

/// A number that is given without gaps within an incarnation; `value` is the last one given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Whose.
    pub incarnation: IncarnationId,
    /// Which.
    pub name: String,
    /// The last number given; 0 for none.
    pub value: u64,
}

impl Record for Counter {
    const TABLE: &'static str = "counter";
    const COLUMNS: &'static [&'static str] = &["incarnation", "name", "value"];

    fn write(&self) -> Vec<Value> {
        vec![self.incarnation.uuid().into(), self.name.as_str().into(), count(self.value)]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Counter { incarnation: fields.id()?, name: fields.text()?, value: fields.number()? })
    }
}

/// A setting that was changed from its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

impl Record for Setting {
    const TABLE: &'static str = "setting";
    const COLUMNS: &'static [&'static str] = &["name", "value"];

    fn write(&self) -> Vec<Value> {
        vec![self.name.as_str().into(), self.value.as_str().into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        Ok(Setting { name: fields.text()?, value: fields.text()? })
    }
}
