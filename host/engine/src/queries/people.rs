//! Operators and roles as lists: who, what role, whether they can sign in; what a role allows, and who has it.

use aurapos_contract::RecordStore;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::money::Currency;
use aurapos_domain::people::{LockoutPolicy, Operator, Role, RolePermissions};

use crate::error::EngineResult;
use crate::rows;
use crate::rows::people::{Lockout, OperatorRow};

/// An operator in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorView {
    /// Who.
    pub operator: Operator,
    /// When they were added.
    pub created: Timestamp,
    /// Wrong PINs at this register since the last right one.
    pub failures: u32,
    /// Wrong PINs that are left before the next lock.
    pub tries_left: u32,
    /// How many microseconds they still can't sign in at this register.
    pub locked_us: Option<i64>,
}

/// All operators by name, also disabled ones; `now` decides which locks have ended.
pub fn operators(store: &dyn RecordStore, now: Timestamp) -> EngineResult<Vec<OperatorView>> {
    let mut rows = rows::people::operators(store)?;
    let lockouts: Vec<Lockout> = rows::scan_all(store, rows::query::<Lockout>(), Currency::EUR)?;
    rows.sort_by_cached_key(|row| (!row.operator.active, crate::fold::sort_key(&row.operator.name)));
    let view = |row: OperatorRow| {
        let lockout = lockouts.iter().find(|lockout| lockout.operator == row.operator.id);
        let state = lockout.map(|lockout| lockout.state).unwrap_or_default();
        let policy = LockoutPolicy::default();
        let (tries_left, locked_us) = (policy.tries_left(state), policy.at(state, now).1);
        OperatorView { operator: row.operator, created: row.created, failures: state.failures, tries_left, locked_us }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A role in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleView {
    /// The stable name.
    pub code: String,
    /// What people call it; empty for a built-in one that keeps its name, and for one that is not there.
    pub name: String,
    /// Where it comes from.
    pub origin: RoleOrigin,
    /// What it allows.
    pub permissions: RolePermissions,
    /// Names of the active operators who have it, sorted.
    pub people: Vec<String>,
}

/// Where a role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleOrigin {
    /// Every shop has it, and it is as every shop starts with.
    BuiltIn,
    /// Every shop has it, and this one made something else of it.
    Changed,
    /// The shop's own.
    Own,
    /// Operators have it, but it is not there: it was removed at another register. It allows nothing.
    Missing,
}

/// Every role: the built-in ones, the shop's own by name, and those that operators have although they are not there.
pub fn roles(store: &dyn RecordStore) -> EngineResult<Vec<RoleView>> {
    let operators = rows::people::operators(store)?;
    let having = |code: &str| {
        let active = operators.iter().filter(|row| row.operator.active && row.operator.role.code == code);
        let mut names: Vec<String> = active.map(|row| row.operator.name.clone()).collect();
        names.sort_by_cached_key(|name| crate::fold::sort_key(name));
        names
    };
    let view = |role: Role| {
        let origin = match Role::built_in(&role.code) {
            None => RoleOrigin::Own,
            Some(built_in) if built_in == role => RoleOrigin::BuiltIn,
            Some(_) => RoleOrigin::Changed,
        };
        let permissions = role.allows();
        RoleView { people: having(&role.code), code: role.code, name: role.name, origin, permissions }
    };
    let mut roles: Vec<RoleView> = rows::people::roles(store)?.into_iter().map(view).collect();
    let own = roles.iter().position(|role| role.origin == RoleOrigin::Own).unwrap_or(roles.len());
    roles[own..].sort_by_cached_key(|role| (crate::fold::sort_key(&role.name), role.code.clone()));
    for code in operators.iter().filter(|row| row.operator.active).map(|row| &row.operator.role.code) {
        if !roles.iter().any(|role| role.code == *code) {
            let (name, origin, permissions) = (String::new(), RoleOrigin::Missing, RolePermissions::default());
            roles.push(RoleView { code: code.clone(), name, origin, permissions, people: having(code) });
        }
    }
    Ok(roles)
}
