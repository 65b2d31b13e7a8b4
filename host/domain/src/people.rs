//! People: operators, what they may do, their PINs, and the lockout after wrong ones.
//!
//! Knows nothing of how a PIN is hashed or kept; times are arguments.

mod lockout;
mod permission;
mod pin;
mod role;

pub use lockout::{LockoutPolicy, LockoutState};
pub use permission::{Permission, PermissionSet};
pub use pin::{Pin, PinError};
pub use role::{Lacking, Role, RoleCodeError, RolePermissions};

use crate::catalog::{CatalogError, check_name};
use crate::ids::OperatorId;

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Their id.
    pub id: OperatorId,
    /// What stands on receipts and on the sign-in screen, unique among active operators.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// False when they no longer work here; history keeps them.
    pub active: bool,
}

impl Operator {
    /// Fails unless the name can stand on a receipt.
    pub fn check(&self) -> Result<(), CatalogError> {
        check_name(&self.name)
    }

    /// True when they work here and their role allows it.
    pub fn may(&self, permission: Permission) -> bool {
        self.active && self.role.permissions.contains(permission)
    }
}

#[cfg(test)]
mod tests;
