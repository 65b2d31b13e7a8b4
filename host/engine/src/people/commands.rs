//! Adding operators and changing them. Every change is journaled with who made it.

use aurapos_domain::ids::OperatorId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::people::{LockoutState, Operator, Permission, PermissionSet, Role};

use super::sign_in::lockout_of;
use super::{operator_by_name, pin, roles, somebody};
use crate::command::people::{PeopleCommand, PeopleReply};
use crate::command::{Reply, TypedPin};
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::fold::{nfc, sort_key};
use crate::journal;
use crate::rights::{may_decide, may_decide_about};
use crate::rows;
use crate::rows::people::{Lockout, OperatorRow};
use crate::state::Core;

/// Most operators of a shop.
pub const OPERATORS_MAX: u64 = 10_000;

/// Carries out a command for whoever is signed in. Nobody decides about rights that they have not themselves.
pub(crate) fn run(
    core: &mut Core,
    actor: Option<&Operator>,
    command: PeopleCommand,
    env: &mut dyn Env,
) -> EngineResult<Reply> {
    let row = match command {
        PeopleCommand::Add { name, role, pin } => {
            let (actor, pin) = (somebody(actor)?, TypedPin::from(pin));
            let role = role_of(core, &role)?;
            may_decide_about(actor, &role)?;
            let row = new_operator(core, env, &name, role, pin.text())?;
            store(core, env, EntryKind::OPERATOR_ADDED, Some(actor.id), &row, Lock::Keep)?;
            row
        }
        PeopleCommand::Disable { name } => change(core, env, actor, &name, |row| row.operator.active = false)?,
        PeopleCommand::Enable { name } => change(core, env, actor, &name, |row| row.operator.active = true)?,
        PeopleCommand::SetRole { name, role } => {
            let role = role_of(core, &role)?;
            change(core, env, actor, &name, |row| row.operator.role = role)?
        }
        PeopleCommand::ResetPin { name, pin } => {
            let (actor, pin) = (somebody(actor)?, TypedPin::from(pin));
            let row = whose_pin(core, actor, &name)?;
            reset(core, env, Some(actor.id), row, pin.text())?
        }
        PeopleCommand::SaveRole(change) => return roles::save(core, env, somebody(actor)?, change),
        PeopleCommand::RemoveRole { code } => return roles::remove(core, env, somebody(actor)?, &code),
        PeopleCommand::RescueManager { name, pin } => rescue(core, env, &name, TypedPin::from(pin).text())?,
    };
    Ok(Reply::People(Box::new(PeopleReply { operator: row.operator })))
}

fn existing(core: &Core, name: &str) -> EngineResult<OperatorRow> {
    let found = operator_by_name(core.store.as_ref(), name)?;
    let shown: String = name.chars().take(40).collect();
    found.ok_or_else(|| Code::NoSuchOperator.error(format!("There is no operator \"{shown}\".")))
}

fn role_of(core: &Core, code: &str) -> EngineResult<Role> {
    rows::people::role(core.store.as_ref(), code)?.ok_or_else(|| roles::no_such(code))
}

fn new_operator(core: &Core, env: &mut dyn Env, name: &str, role: Role, pin: &str) -> EngineResult<OperatorRow> {
    let name = nfc(name.trim());
    let operator = Operator { id: OperatorId::new(env.new_id()), name, role, active: true };
    operator.check().map_err(|error| Code::BadOperator.error(format!("The operator can't be added: {error}.")))?;
    if let Some(known) = operator_by_name(core.store.as_ref(), &operator.name)? {
        let state = if known.operator.active { "" } else { " (disabled)" };
        return Err(Code::OperatorExists.error(format!("There is an operator {}{state} already.", known.operator.name)));
    }
    if crate::queries::count(core.store.as_ref(), "operator", Vec::new())? >= OPERATORS_MAX {
        return Err(Code::BadOperator.error(format!("A shop has at most {OPERATORS_MAX} operators.")));
    }
    let pin_hash = new_hash(env, pin)?;
    Ok(OperatorRow { operator, pin_hash, created: env.now() })
}

fn new_hash(env: &mut dyn Env, new_pin: &str) -> EngineResult<String> {
    pin::check_new_pin(new_pin).map_err(|error| Code::BadOperator.error(format!("The PIN is refused: {error}.")))?;
    let mut salt = [0; pin::SALT_BYTES];
    env.random(&mut salt);
    pin::hash_pin(new_pin, &salt).map_err(|error| Code::Bug.error(format!("{error}.")))
}

/// Changes one operator; refused when no manager would be left, or when it is about rights that the actor has not.
fn change(
    core: &mut Core,
    env: &mut dyn Env,
    actor: Option<&Operator>,
    name: &str,
    edit: impl FnOnce(&mut OperatorRow),
) -> EngineResult<OperatorRow> {
    let actor = somebody(actor)?;
    let before = existing(core, name)?;
    let mut row = before.clone();
    edit(&mut row);
    if row == before {
        return Ok(row);
    }
    may_decide_about(actor, &before.operator.role)?;
    may_decide_about(actor, &row.operator.role)?;
    if is_manager(&before) && !is_manager(&row) && !other_managers(core, row.operator.id)? {
        return Err(Code::LastManager.error(format!("{} is the last manager.", row.operator.name)));
    }
    store(core, env, EntryKind::OPERATOR_CHANGED, Some(actor.id), &row, Lock::Keep)?;
    Ok(row)
}

/// Whose PIN is meant, when the actor may set it: their own, or somebody's whose rights are theirs too.
fn whose_pin(core: &Core, actor: &Operator, name: &str) -> EngineResult<OperatorRow> {
    // Two registers may have made two people of one name: one's own name is oneself.
    let own = if sort_key(name) == sort_key(&actor.name) {
        rows::people::operator(core.store.as_ref(), actor.id)?
    } else {
        None
    };
    let row = own.map_or_else(|| existing(core, name), Ok)?;
    if row.operator.id != actor.id {
        may_decide(actor, &PermissionSet::of(&[Permission::ManageOperators]).into())?;
        may_decide_about(actor, &row.operator.role)?;
    }
    Ok(row)
}

/// Somebody who can help everybody else. Who may manage operators but not everything is none: what they have not, nobody
/// could give again.
fn is_manager(row: &OperatorRow) -> bool {
    row.operator.active && row.operator.role.is_manager()
}

/// Whether there is another manager.
fn other_managers(core: &Core, except: OperatorId) -> EngineResult<bool> {
    let all = rows::people::operators(core.store.as_ref())?;
    Ok(all.iter().any(|row| row.operator.id != except && is_manager(row)))
}

fn reset(
    core: &mut Core,
    env: &mut dyn Env,
    actor: Option<OperatorId>,
    mut row: OperatorRow,
    new_pin: &str,
) -> EngineResult<OperatorRow> {
    row.pin_hash = new_hash(env, new_pin)?;
    store(core, env, EntryKind::PIN_RESET, actor, &row, Lock::End)?;
    Ok(row)
}

/// The way out when the only manager forgot the PIN: whoever has the machine can do it, but only then, and it is written
/// down. A lock must have been reached: without one, somebody just sits at the manager's machine.
///
/// Two registers that did not see each other may have left the shop without any manager. Then whoever is named becomes one.
fn rescue(core: &mut Core, env: &mut dyn Env, name: &str, new_pin: &str) -> EngineResult<OperatorRow> {
    let mut row = existing(core, name)?;
    let refuse =
        |why: &str| Code::NotAllowed.error(format!("{} can't be helped from the machine: {why}.", row.operator.name));
    if other_managers(core, row.operator.id)? {
        return Err(refuse("another manager can set the PIN"));
    }
    if is_manager(&row) {
        if lockout_of(core.store.as_ref(), row.operator.id)?.lock_us <= 0 {
            return Err(refuse("the operator is not locked out"));
        }
    } else {
        (row.operator.role, row.operator.active) = (Role::manager(), true);
    }
    reset(core, env, None, row, new_pin)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Keep,
    End,
}

/// Writes an operator and its journal entry; `lock` says what becomes of a lock at this register.
fn store(
    core: &mut Core,
    env: &mut dyn Env,
    kind: EntryKind,
    actor: Option<OperatorId>,
    row: &OperatorRow,
    lock: Lock,
) -> EngineResult<()> {
    let mut draft = core.draft(env)?;
    rows::people::upsert_operator(&mut draft.transaction, row);
    if lock == Lock::End {
        rows::upsert(&mut draft.transaction, &[Lockout { operator: row.operator.id, state: LockoutState::default() }]);
    }
    let body = if kind == EntryKind::OPERATOR_ADDED {
        journal::operator(&row.operator)?
    } else {
        let operator = &row.operator;
        let mut w = journal::body();
        // Nobody: the machine itself.
        w.option(actor, |w, actor| {
            w.uuid(actor.uuid());
        });
        w.uuid(operator.id.uuid()).text(&operator.name).text(&operator.role.code).bool(operator.active);
        journal::finish(w)?
    };
    core.append(&mut draft, kind, body)?;
    core.commit(draft)
}
