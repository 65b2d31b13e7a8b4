//! What is asked about operators, and the answer.

use aurapos_domain::people::Operator;

/// Adds and changes operators. What each needs stands in [`crate::rights`].
#[derive(Clone, PartialEq, Eq)]
pub enum PeopleCommand {
    /// Adds somebody.
    Add {
        /// Name, unique in the shop.
        name: String,
        /// `cashier` or `manager`.
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
        /// `cashier` or `manager`.
        role: String,
    },
    /// Sets a new PIN and ends the lock at this register. One's own PIN anybody may set.
    ResetPin {
        /// Name.
        name: String,
        /// New PIN.
        pin: String,
    },
    /// From the machine itself, without anybody signed in: a new PIN for the only manager, who is locked out.
    RescueManager {
        /// Name.
        name: String,
        /// New PIN.
        pin: String,
    },
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
