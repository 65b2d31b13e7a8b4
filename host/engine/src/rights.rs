//! Who may do what: the one place where a right is asked for.
//!
//! Owns: what everything needs ([`Need`]) — each command ([`need`]), and each thing that is shown or done beside the
//! engine ([`Deed`]) — and the decision ([`Rights::allow`]). A new command or deed does not compile without its line.
//! Must not know: what a command does, screens, files, plugins.

mod deed;
mod needs;
#[cfg(test)]
mod tests;

pub use deed::Deed;
pub use needs::need;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aurapos_domain::people::{Lacking, Operator, Permission, PermissionSet, Role, RolePermissions};

use crate::command::{Command, SessionId};
use crate::error::{Code, Detail, EngineError, EngineResult};
use crate::fold::sort_key;

/// What somebody needs for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need<'a> {
    /// Nothing: it works without anybody signed in.
    Nothing,
    /// To be the program itself, or the owner at the machine: nobody's session.
    Program,
    /// A session, also a locked one.
    Session,
    /// To be signed in, not locked, and to have all of these rights.
    Rights(PermissionSet),
    /// The same, or to be the program itself.
    RightsOrProgram(PermissionSet),
    /// To be the one whom it is about; anybody else needs the right.
    OwnOr {
        /// Name of the one.
        name: &'a str,
        /// What anybody else needs.
        right: Permission,
    },
    /// The right that beginning the payment took; selling, where none goes on.
    AsBegun,
    /// No register to be open.
    NoRegister,
}

/// To be signed in is enough.
pub(crate) const SIGNED_IN: Need<'static> = Need::Rights(PermissionSet::NONE);

/// These rights.
pub(crate) const fn rights(permissions: &[Permission]) -> Need<'static> {
    Need::Rights(PermissionSet::of(permissions))
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) operator: Operator,
    pub(crate) locked: bool,
}

/// Who is signed in and what they may do, as the engine knows it after its last step; for any thread. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rights(Arc<RwLock<BTreeMap<SessionId, Standing>>>);

impl Rights {
    /// Who does it; `None` for the program itself, or where nobody has to be signed in.
    ///
    /// # Errors
    /// [`Code::SignedOut`], [`Code::SessionLocked`], and [`Code::NotAllowed`] with the name of the right that is missing.
    pub fn allow(&self, session: Option<SessionId>, need: Need<'_>) -> EngineResult<Option<Operator>> {
        let standing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = session.and_then(|id| standing.get(&id)).map(|known| (&known.operator, known.locked));
        decide(session, found, need)
    }

    /// The engine tells who is signed in now.
    pub(crate) fn publish(&self, standing: BTreeMap<SessionId, Standing>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

/// The decision; everything that asks for a right ends here.
pub(crate) fn decide(
    session: Option<SessionId>,
    found: Option<(&Operator, bool)>,
    need: Need<'_>,
) -> EngineResult<Option<Operator>> {
    let rights = match need {
        Need::Nothing => return Ok(found.map(|(operator, _)| operator.clone())),
        Need::NoRegister => return Err(Code::ShopExists.error("A register is open here.")),
        Need::Program if session.is_some() => return Err(not_a_persons()),
        Need::Program => return Ok(None),
        Need::RightsOrProgram(_) if session.is_none() => return Ok(None),
        Need::Session => return found.map(|(operator, _)| Some(operator.clone())).ok_or_else(signed_out),
        Need::Rights(rights) | Need::RightsOrProgram(rights) => rights,
        Need::OwnOr { name, right } => match found {
            Some((operator, _)) if sort_key(&operator.name) == sort_key(name) => PermissionSet::NONE,
            _ => PermissionSet::of(&[right]),
        },
        Need::AsBegun => PermissionSet::of(&[Permission::Sell]),
    };
    let (operator, locked) = found.ok_or_else(signed_out)?;
    if locked {
        return Err(Code::SessionLocked.error(format!("The session of {} is locked.", operator.name)));
    }
    if let Some(missing) = rights.iter().find(|right| !operator.may(*right)) {
        return Err(not_allowed(operator, missing));
    }
    if !operator.active {
        return Err(Code::NotAllowed.error(format!("{} no longer works here.", operator.name)));
    }
    Ok(Some(operator.clone()))
}

/// Refuses what no screen may ask for: what the program does by itself, and what it may do with nobody signed in. For
/// programs in which people give commands; whether they may, the engine says.
///
/// # Errors
/// [`Code::NotAllowed`] and [`Code::SignedOut`].
pub fn from_a_screen(session: Option<SessionId>, command: &Command) -> EngineResult<()> {
    match need(command) {
        Need::Program => Err(not_a_persons()),
        Need::RightsOrProgram(_) if session.is_none() => Err(signed_out()),
        _ => Ok(()),
    }
}

/// The refusal of whoever has not the right; it names both.
pub fn not_allowed(operator: &Operator, right: Permission) -> EngineError {
    let what = right.code().replace('_', " ");
    Code::NotAllowed
        .error(format!("{} may not do this (it needs the right \"{what}\").", operator.name))
        .with_detail(Detail::MissingRight { operator: operator.name.clone(), right })
}

/// Refuses whoever gives or takes rights that they have not themselves.
pub(crate) fn may_decide(actor: &Operator, rights: &RolePermissions) -> EngineResult<()> {
    actor.role.has(rights).map_err(|lacking| lacks(actor, lacking))
}

/// Refuses whoever decides about somebody, or about a role, with rights that they have not themselves: a new PIN of a
/// manager is all rights of the manager.
pub(crate) fn may_decide_about(actor: &Operator, role: &Role) -> EngineResult<()> {
    actor.role.covers(role).map_err(|lacking| lacks(actor, lacking))
}

fn lacks(actor: &Operator, lacking: Lacking) -> EngineError {
    let name = &actor.name;
    match lacking {
        Lacking::Right(right) => not_allowed(actor, right),
        Lacking::Newer(code) => Code::NotAllowed
            .error(format!("{name} may not do this (it needs the right \"{code}\" of a newer program).")),
        Lacking::Everything => {
            Code::NotAllowed.error(format!("{name} may not do this (only a manager decides about managers)."))
        }
    }
}

pub(crate) fn signed_out() -> EngineError {
    Code::SignedOut.error("Nobody is signed in.")
}

fn not_a_persons() -> EngineError {
    // Otherwise a cashier could lock the manager out on purpose and choose the new PIN.
    Code::NotAllowed
        .error("This is done from the machine itself, with nobody signed in.")
        .with_next("Use aurapos-admin on this machine, without --operator.")
}
