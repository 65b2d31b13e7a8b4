//! Operators, and what is remembered of wrong PINs.

use super::{Fields, Record, time};
use crate::error::EngineResult;
use crate::fold::sort_key;
use aurapos_contract::Value;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::OperatorId;
use aurapos_domain::people::{LockoutState, Operator, Role};

/// An operator as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// Who they are and what they may do.
    pub operator: Operator,
    /// Argon2id hash of the PIN, PHC string.
    pub pin_hash: String,
    /// When they were added.
    pub created: Timestamp,
}

impl Record for OperatorRow {
    const TABLE: &'static str = "operator";
    const COLUMNS: &'static [&'static str] = &["id", "name", "name_sort", "role", "pin_hash", "active", "created"];

    fn write(&self) -> Vec<Value> {
        vec![
            self.operator.id.uuid().into(),
            self.operator.name.as_str().into(),
            sort_key(&self.operator.name).into(),
            self.operator.role.code.as_str().into(),
            self.pin_hash.as_str().into(),
            self.operator.active.into(),
            time(self.created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let id = fields.id()?;
        let name = fields.text()?;
        let _name_sort = fields.text()?;
        let role = Role::stored(&fields.text()?);
        let pin_hash = fields.text()?;
        let operator = Operator { id, name, role, active: fields.bool()? };
        Ok(OperatorRow { operator, pin_hash, created: fields.time()? })
    }
}

/// Wrong PINs of an operator at this register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockout {
    /// Who.
    pub operator: OperatorId,
    /// The state by `LockoutPolicy`.
    pub state: LockoutState,
}

impl Record for Lockout {
    const TABLE: &'static str = "lockout";
    const COLUMNS: &'static [&'static str] = &["operator", "failures", "locked_from", "lock_us"];

    fn write(&self) -> Vec<Value> {
        let state = &self.state;
        vec![
            self.operator.uuid().into(),
            i64::from(state.failures).into(),
            time(state.locked_from),
            state.lock_us.into(),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let operator = fields.id()?;
        let state = LockoutState { failures: fields.number()?, locked_from: fields.time()?, lock_us: fields.int()? };
        Ok(Lockout { operator, state })
    }
}
