//! Adding operators and changing them. Every change is journaled with who made it.

use aurapos_domain::ids::OperatorId;
use aurapos_domain::journal::EntryKind;
use aurapos_domain::money::Currency;
use aurapos_domain::people::{LockoutState, Operator, Permission, Role};

use super::sign_in::lockout_of;
use super::{operator_by_name, pin, somebody};
use crate::command::people::{PeopleCommand, PeopleReply};
use crate::command::{Reply, TypedPin};
use crate::env::Env;
use crate::error::{Code, EngineResult};
use crate::fold::nfc;
use crate::journal;
use crate::rows;
use crate::rows::people::{Lockout, OperatorRow};
use crate::state::Core;

/// Most operators of a shop.
pub const OPERATORS_MAX: u64 = 10_000;

/// Carries out a command for whoever is signed in.
pub(crate) fn run(
    core: &mut Core,
    actor: Option<&Operator>,
    command: PeopleCommand,
    env: &mut dyn Env,
) -> EngineResult<Reply> {
    let row = match command {
        PeopleCommand::Add { name, role, pin } => {
            let actor = somebody(actor)?.id;
            let pin = TypedPin::from(pin);
            let row = new_operator(core, env, &name, &role, pin.text())?;
            store(core, env, EntryKind::OPERATOR_ADDED, Some(actor), &row, Lock::Keep)?;
            row
        }
        PeopleCommand::Disable { name } => change(core, env, actor, &name, |row| row.operator.active = false)?,
        PeopleCommand::Enable { name } => change(core, env, actor, &name, |row| row.operator.active = true)?,
        PeopleCommand::SetRole { name, role } => {
            let role = role_of(&role)?;
            change(core, env, actor, &name, |row| row.operator.role = role)?
        }
        PeopleCommand::ResetPin { name, pin } => {
            let (actor, pin) = (somebody(actor)?.id, TypedPin::from(pin));
            let row = existing(core, &name)?;
            reset(core, env, Some(actor), row, pin.text())?
        }
        PeopleCommand::RescueManager { name, pin } => rescue(core, env, &name, TypedPin::from(pin).text())?,
    };
    Ok(Reply::People(Box::new(PeopleReply { operator: row.operator })))
}

fn existing(core: &Core, name: &str) -> EngineResult<OperatorRow> {
    let found = operator_by_name(core.store.as_ref(), name)?;
    let shown: String = name.chars().take(40).collect();
    found.ok_or_else(|| Code::NoSuchOperator.error(format!("There is no operator \"{shown}\".")))
}

fn role_of(code: &str) -> EngineResult<Role> {
    let bad = || Code::BadOperator.error(format!("There is no role \"{code}\"; the roles are cashier and manager."));
    Role::built_in(code).ok_or_else(bad)
}

fn new_operator(core: &Core, env: &mut dyn Env, name: &str, role: &str, pin: &str) -> EngineResult<OperatorRow> {
    let name = nfc(name.trim());
    let operator = Operator { id: OperatorId::new(env.new_id()), name, role: role_of(role)?, active: true };
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

/// Changes one operator; refused when nobody who may manage operators would be left.
fn change(
    core: &mut Core,
    env: &mut dyn Env,
    actor: Option<&Operator>,
    name: &str,
    edit: impl FnOnce(&mut OperatorRow),
) -> EngineResult<OperatorRow> {
    let actor = somebody(actor)?.id;
    let before = existing(core, name)?;
    let mut row = before.clone();
    edit(&mut row);
    if row == before {
        return Ok(row);
    }
    let loses = before.operator.may(Permission::ManageOperators) && !row.operator.may(Permission::ManageOperators);
    if loses && !other_managers(core, row.operator.id)? {
        let name = &row.operator.name;
        return Err(Code::LastManager.error(format!("{name} is the last one who may manage operators.")));
    }
    store(core, env, EntryKind::OPERATOR_CHANGED, Some(actor), &row, Lock::Keep)?;
    Ok(row)
}

/// Whether somebody else may manage operators.
fn other_managers(core: &Core, except: OperatorId) -> EngineResult<bool> {
    let all: Vec<OperatorRow> = rows::scan_all(core.store.as_ref(), rows::query::<OperatorRow>(), Currency::EUR)?;
    Ok(all.iter().any(|row| row.operator.id != except && row.operator.may(Permission::ManageOperators)))
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
fn rescue(core: &mut Core, env: &mut dyn Env, name: &str, new_pin: &str) -> EngineResult<OperatorRow> {
    let row = existing(core, name)?;
    let refuse =
        |why: &str| Code::NotAllowed.error(format!("{} can't be helped from the machine: {why}.", row.operator.name));
    if !row.operator.may(Permission::ManageOperators) {
        return Err(refuse("only a manager can be, others are helped by a manager"));
    }
    if other_managers(core, row.operator.id)? {
        return Err(refuse("another manager can set the PIN"));
    }
    if lockout_of(core.store.as_ref(), row.operator.id)?.lock_us <= 0 {
        return Err(refuse("the operator is not locked out"));
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
    rows::upsert(&mut draft.transaction, std::slice::from_ref(row));
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
