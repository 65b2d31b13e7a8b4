//! Operators with what their roles allow, the roles, and what is remembered of wrong PINs.
//!
//! Owns the one place where an operator gets the rights of a role.

use super::{Fields, Record, time};
use crate::error::EngineResult;
use crate::fold::sort_key;
use crate::rows;
use aurapos_contract::query::FilterKind;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{RecordStore, Value};
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::ids::OperatorId;
use aurapos_domain::money::Currency;
use aurapos_domain::people::{LockoutState, Operator, Role, RolePermissions};
use std::collections::BTreeMap;

/// An operator, with what their role allows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// Who they are and what they may do.
    pub operator: Operator,
    /// Argon2id hash of the PIN, PHC string.
    pub pin_hash: String,
    /// When they were added.
    pub created: Timestamp,
}

/// The row alone. What its role allows stands in another table: only the functions here read it, so that nobody gets an
/// operator with rights of another day.
#[derive(Debug)]
pub(crate) struct StoredOperator(OperatorRow);

impl Record for StoredOperator {
    const TABLE: &'static str = "operator";
    const COLUMNS: &'static [&'static str] = &["id", "name", "name_sort", "role", "pin_hash", "active", "created"];

    fn write(&self) -> Vec<Value> {
        let OperatorRow { operator, pin_hash, created } = &self.0;
        vec![
            operator.id.uuid().into(),
            operator.name.as_str().into(),
            sort_key(&operator.name).into(),
            operator.role.code.as_str().into(),
            pin_hash.as_str().into(),
            operator.active.into(),
            time(*created),
        ]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let id = fields.id()?;
        let name = fields.text()?;
        let _name_sort = fields.text()?;
        let role = Role::unknown(&fields.text()?);
        let pin_hash = fields.text()?;
        let operator = Operator { id, name, role, active: fields.bool()? };
        Ok(StoredOperator(OperatorRow { operator, pin_hash, created: fields.time()? }))
    }
}

/// A role of the shop's own, or what the shop made of a built-in one.
impl Record for Role {
    const TABLE: &'static str = "role";
    const COLUMNS: &'static [&'static str] = &["code", "name", "permissions"];

    fn write(&self) -> Vec<Value> {
        vec![self.code.as_str().into(), self.name.as_str().into(), self.allows().to_string().into()]
    }

    fn read(fields: &mut Fields<'_>) -> EngineResult<Self> {
        let (code, name) = (fields.text()?, fields.text()?);
        Ok(Role::new(&code, &name, RolePermissions::parse(&fields.text()?)))
    }
}

/// The role of a code, when there is one: the shop's own, or a built-in one.
pub fn role(store: &dyn RecordStore, code: &str) -> EngineResult<Option<Role>> {
    // The manager's is never asked of the store: nothing that is stored takes a right from it.
    let own = if code == Role::MANAGER { None } else { rows::find(store, "code", code, Currency::EUR)? };
    Ok(own.or_else(|| Role::built_in(code)))
}

/// Every role: the built-in ones as the shop has them, then the shop's own by code.
pub fn roles(store: &dyn RecordStore) -> EngineResult<Vec<Role>> {
    let own: Vec<Role> = rows::scan_all(store, rows::query::<Role>(), Currency::EUR)?;
    let mut by_code: BTreeMap<String, Role> = own.into_iter().map(|role| (role.code.clone(), role)).collect();
    let mut roles = vec![Role::manager()];
    by_code.remove(Role::MANAGER);
    roles.push(by_code.remove(Role::CASHIER).unwrap_or_else(Role::cashier));
    roles.extend(by_code.into_values());
    Ok(roles)
}

/// Everybody, in the order of the store, each with what their role allows now.
pub fn operators(store: &dyn RecordStore) -> EngineResult<Vec<OperatorRow>> {
    let roles = roles(store)?;
    let with_role = |StoredOperator(mut row): StoredOperator| {
        if let Some(known) = roles.iter().find(|known| known.code == row.operator.role.code) {
            row.operator.role = known.clone();
        }
        row
    };
    let stored: Vec<StoredOperator> = rows::scan_all(store, rows::query::<StoredOperator>(), Currency::EUR)?;
    Ok(stored.into_iter().map(with_role).collect())
}

/// The operator of an id.
pub fn operator(store: &dyn RecordStore, id: OperatorId) -> EngineResult<Option<OperatorRow>> {
    let found = rows::find(store, "id", id.uuid(), Currency::EUR)?;
    found.map(|stored| resolved(store, stored)).transpose()
}

/// The operators of a name, in any case and with or without accents: those at work before disabled ones, and who was there first
/// before the others. Mostly one; two registers that did not hear of each other may each have added somebody.
pub fn operators_named(store: &dyn RecordStore, name: &str) -> EngineResult<Vec<OperatorRow>> {
    let query = rows::query::<StoredOperator>().filter("name_sort", FilterKind::Equal, sort_key(name));
    let stored: Vec<StoredOperator> = rows::scan_all(store, query, Currency::EUR)?;
    let mut found = stored.into_iter().map(|stored| resolved(store, stored)).collect::<EngineResult<Vec<_>>>()?;
    found.sort_by_key(|row| (!row.operator.active, row.created, row.operator.id));
    Ok(found)
}

/// The first of [`operators_named`].
pub fn operator_named(store: &dyn RecordStore, name: &str) -> EngineResult<Option<OperatorRow>> {
    Ok(operators_named(store, name)?.into_iter().next())
}

fn resolved(store: &dyn RecordStore, StoredOperator(mut row): StoredOperator) -> EngineResult<OperatorRow> {
    if let Some(known) = role(store, &row.operator.role.code)? {
        row.operator.role = known;
    }
    Ok(row)
}

/// Adds or changes an operator; of their role the code is stored.
pub fn upsert_operator(transaction: &mut Transaction, row: &OperatorRow) {
    rows::upsert(transaction, &[StoredOperator(row.clone())]);
}

/// Adds an operator who must not be there yet.
pub fn insert_operator(transaction: &mut Transaction, row: &OperatorRow) {
    rows::insert(transaction, &[StoredOperator(row.clone())]);
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
