//! Adding, changing and removing roles. Every change is journaled with who made it.
//!
//! Nobody gives or takes a right that they have not, and nobody loses a role by its being removed. The manager's role is not
//! to be changed: somebody must be able to help. Permissions of a newer program stay where they are.

use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::{Operator, PermissionSet, Role, RolePermissions};

use crate::command::Reply;
use crate::command::people::RoleChange;
use crate::env::Env;
use crate::error::{Code, EngineError, EngineResult};
use crate::fold::{nfc, sort_key};
use crate::rights::may_decide;
use crate::rows::{self, Record};
use crate::state::Core;
use crate::{journal, queries};

/// Most roles of a shop beside the built-in ones: a list that a person looks through.
pub const ROLES_MAX: usize = 100;
/// Names of operators in a refusal; the others are counted.
const NAMED_MAX: usize = 3;

/// The refusal of a code that no role has.
pub(super) fn no_such(code: &str) -> EngineError {
    let shown: String = code.chars().take(40).collect();
    Code::NoSuchRole.error(format!("There is no role \"{shown}\"."))
}

/// Adds a role or changes one.
pub(super) fn save(core: &mut Core, env: &mut dyn Env, actor: &Operator, change: RoleChange) -> EngineResult<Reply> {
    not_the_managers(&change.code)?;
    let both = PermissionSet::from_bits(change.allow.bits() & change.deny.bits());
    if let Some(right) = both.iter().next() {
        return Err(Code::BadRole.error(format!("The right \"{}\" is both allowed and denied.", right.code())));
    }
    let before = rows::people::role(core.store.as_ref(), &change.code)?;
    if before.is_none() {
        check_new(core, &change)?;
    }
    let was = before.as_ref().map(Role::allows).unwrap_or_default();
    let known = was.known.and(change.allow).minus(change.deny);
    may_decide(actor, &difference(was.known, known).into())?;
    let name = match &change.name {
        Some(name) => checked_name(core, &change.code, name)?,
        None => before.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
    };
    let role = Role::new(&change.code, &name, RolePermissions { known, newer: was.newer });
    if before.as_ref() != Some(&role) {
        let mut draft = core.draft(env)?;
        rows::upsert(&mut draft.transaction, std::slice::from_ref(&role));
        core.append(&mut draft, EntryKind::ROLE_CHANGED, journal::role_changed(actor.id, &role, false)?)?;
        core.commit(draft)?;
    }
    reply(core, &change.code)
}

/// Removes a role; of the built-in cashier's what the shop made of it.
pub(super) fn remove(core: &mut Core, env: &mut dyn Env, actor: &Operator, code: &str) -> EngineResult<Reply> {
    not_the_managers(code)?;
    let found = queries::roles(core.store.as_ref())?.into_iter().find(|role| role.code == code);
    let role = found.filter(|role| role.origin != queries::RoleOrigin::Missing).ok_or_else(|| no_such(code))?;
    let after = match Role::built_in(code) {
        Some(_) if role.origin == queries::RoleOrigin::BuiltIn => {
            return Err(Code::BadRole.error(format!("The role {code} is built in, and as every shop starts with.")));
        }
        Some(built_in) => built_in.permissions,
        None if role.people.is_empty() => PermissionSet::NONE,
        None => return Err(in_use(code, &role.people)),
    };
    may_decide(actor, &difference(role.permissions.known, after).into())?;
    let role = Role::new(code, &role.name, role.permissions);
    let mut draft = core.draft(env)?;
    draft.transaction.push(
        aurapos_contract::transaction::OperationKind::Delete,
        Role::TABLE,
        &["code"],
        vec![vec![code.into()]],
    );
    core.append(&mut draft, EntryKind::ROLE_CHANGED, journal::role_changed(actor.id, &role, true)?)?;
    core.commit(draft)?;
    reply(core, code)
}

fn reply(core: &Core, code: &str) -> EngineResult<Reply> {
    let role = queries::roles(core.store.as_ref())?.into_iter().find(|role| role.code == code);
    Ok(Reply::Role(role.filter(|role| role.origin != queries::RoleOrigin::Missing).map(Box::new)))
}

/// What is given or taken.
const fn difference(before: PermissionSet, after: PermissionSet) -> PermissionSet {
    before.minus(after).and(after.minus(before))
}

fn not_the_managers(code: &str) -> EngineResult<()> {
    if code != Role::MANAGER {
        return Ok(());
    }
    let told = "The role manager allows everything and is never changed: somebody must be able to help.";
    Err(Code::BadRole.error(told).with_next("Make a role of the shop's own: aurapos-admin operator role set."))
}

fn in_use(code: &str, people: &[String]) -> EngineError {
    let named = people.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = match people.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    Code::RoleInUse.error(format!("The role {code} is that of {named}{more}."))
}

fn check_new(core: &Core, change: &RoleChange) -> EngineResult<()> {
    Role::check_code(&change.code).map_err(crate::error::refused(Code::BadRole))?;
    if change.name.is_none() {
        let told = format!("There is no role \"{}\", and a new one needs a name.", change.code);
        return Err(Code::BadRole
            .error(told)
            .with_next("Give it a name, or check the code: aurapos-admin operator roles."));
    }
    if rows::people::roles(core.store.as_ref())?.len() >= ROLES_MAX {
        return Err(Code::BadRole.error(format!("A shop has at most {ROLES_MAX} roles.")));
    }
    Ok(())
}

/// A name that no other role has, also not one that is built in.
fn checked_name(core: &Core, code: &str, name: &str) -> EngineResult<String> {
    let name = nfc(name.trim());
    Role::check_name(&name).map_err(|error| Code::BadRole.error(format!("The name of the role: {error}.")))?;
    let key = sort_key(&name);
    let taken = |role: &Role| {
        let built_in = Role::built_in(&role.code).is_some() && role.code == key;
        role.code != code && (built_in || sort_key(&role.name) == key)
    };
    match rows::people::roles(core.store.as_ref())?.into_iter().find(taken) {
        Some(other) => Err(Code::BadRole.error(format!("The role {} has the name {name} already.", other.code))),
        None => Ok(name),
    }
}
