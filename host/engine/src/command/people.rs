//! What is asked about operators and roles, and the answer.

use aurapos_domain::people::{Operator, PermissionSet};

/// Adds and changes operators and roles. What each needs stands in [`crate::rights`].
#[derive(Clone, PartialEq, Eq)]
pub enum PeopleCommand {
    /// Adds somebody.
    Add {
        /// Name, unique in the shop.
        name: String,
        /// Code of a role that there is.
        role: String,
        /// First PIN.
        pin: String,
    },
    /// They no longer work here; history keeps them.
    Disable {
        /// Name.
        name: String,
    },
    /// They work here again.
    Enable {
        /// Name.
        name: String,
    },
    /// Gives another role.
    SetRole {
        /// Name.
        name: String,
        /// Code of a role that there is.
        role: String,
    },
    /// Sets a new PIN and ends the lock at this register. One's own PIN anybody may set.
    ResetPin {
        /// Name.
        name: String,
        /// New PIN.
        pin: String,
    },
    /// Adds a role of the shop's own, or changes one. Reply: [`crate::command::Reply::Role`].
    SaveRole(RoleChange),
    /// Removes a role that no active operator has; the built-in cashier's becomes again what every shop starts with. Reply:
    /// [`crate::command::Reply::Role`].
    RemoveRole {
        /// Code.
        code: String,
    },
    /// From the machine itself, without anybody signed in: a new PIN for the only manager, who is locked out; or for
    /// somebody who becomes manager because two registers together left the shop without one.
    RescueManager {
        /// Name.
        name: String,
        /// New PIN.
        pin: String,
    },
}

/// What is changed of a role. What is not named stays as it is, also what only a newer program knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleChange {
    /// Code: a letter, then letters, digits, `-` and `_`. A new one makes a new role.
    pub code: String,
    /// What people call it; a new role needs one.
    pub name: Option<String>,
    /// Allowed from now on.
    pub allow: PermissionSet,
    /// No longer allowed.
    pub deny: PermissionSet,
}

/// PINs don't stand in logs.
impl std::fmt::Debug for PeopleCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, name) = match self {
            PeopleCommand::Add { name, .. } => ("Add", name),
            PeopleCommand::Disable { name } => ("Disable", name),
            PeopleCommand::Enable { name } => ("Enable", name),
            PeopleCommand::SetRole { name, .. } => ("SetRole", name),
            PeopleCommand::ResetPin { name, .. } => ("ResetPin", name),
            PeopleCommand::SaveRole(change) => ("SaveRole", &change.code),
            PeopleCommand::RemoveRole { code } => ("RemoveRole", code),
            PeopleCommand::RescueManager { name, .. } => ("RescueManager", name),
        };
        f.debug_struct(kind).field("name", name).finish_non_exhaustive()
    }
}

/// The operator as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleReply {
    /// Who.
    pub operator: Operator,
}
