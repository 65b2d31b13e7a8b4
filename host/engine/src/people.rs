//! Operators: PINs (Argon2id), lockout that outlives a restart, roles, and the commands that change them.
//!
//! Owns who may sign in and who changes whom; the rule of the lockout and the roles are the domain's. The store has the
//! truth at every attempt: what was verified before is remembered for speed only, never rights or locks.

mod commands;
pub mod pin;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use commands::run;
pub use commands::{PeopleCommand, PeopleReply};
pub(crate) use sign_in::sign_in;
pub use sign_in::{PinCache, operator_by_name};

use aurapos_domain::people::{Operator, Permission};

use crate::error::{Code, EngineResult};

/// Fails unless somebody is signed in and may do this.
pub fn require(operator: Option<&Operator>, permission: Permission) -> EngineResult<&Operator> {
    let operator = operator.ok_or_else(|| Code::SignedOut.error("Nobody is signed in."))?;
    if operator.may(permission) {
        return Ok(operator);
    }
    let role = &operator.role.code;
    let action = permission.code();
    Err(Code::NotAllowed.error(format!("{} (role {role}) does not have the right \"{action}\".", operator.name)))
}
