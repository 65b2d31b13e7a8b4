//! Operators: PINs (Argon2id), lockout that outlives a restart, roles, and the commands that change both.
//!
//! Owns who may sign in and who changes whom; the rule of the lockout and the roles are the domain's. The store has the
//! truth at every attempt: what was verified before is remembered for speed only, never rights or locks.

mod commands;
pub mod pin;
#[cfg(test)]
mod role_tests;
mod roles;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use commands::run;
pub(crate) use sign_in::sign_in;
pub use sign_in::{PinCache, operator_by_name};

use aurapos_domain::people::Operator;

use crate::error::EngineResult;

/// Who does what only people do. Whether they may was asked before ([`crate::rights`]).
pub(crate) fn somebody(operator: Option<&Operator>) -> EngineResult<&Operator> {
    operator.ok_or_else(crate::rights::signed_out)
}
