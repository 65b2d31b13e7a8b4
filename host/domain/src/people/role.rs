//! Roles: a name for what somebody may do. Two are built in, the others are the shop's own.
//!
//! Owns what a role allows here, and that the permissions of a newer program are kept. Must not know where roles are stored.

use super::permission::{Permission, PermissionSet};
use crate::catalog::{CatalogError, check_name};
use std::collections::BTreeSet;

/// What a role allows, with the codes of permissions that this program does not know: they allow nothing here, and are
/// kept for those that do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RolePermissions {
    /// What this program knows.
    pub known: PermissionSet,
    /// Codes of permissions of a newer program.
    pub newer: BTreeSet<String>,
}

impl RolePermissions {
    /// Of codes with spaces between them; each counts once, in any order.
    pub fn parse(codes: &str) -> RolePermissions {
        let mut permissions = RolePermissions::default();
        for code in codes.split_whitespace() {
            match Permission::from_code(code) {
                Some(known) => permissions.known = permissions.known.with(known),
                None => drop(permissions.newer.insert(code.to_owned())),
            }
        }
        permissions
    }

    /// Every code, sorted: the stored form.
    pub fn codes(&self) -> BTreeSet<&str> {
        let known = self.known.iter().map(|permission| -> &str { permission.code() });
        known.chain(self.newer.iter().map(String::as_str)).collect()
    }
}

impl std::fmt::Display for RolePermissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.codes().into_iter().collect::<Vec<_>>().join(" "))
    }
}

impl From<PermissionSet> for RolePermissions {
    fn from(known: PermissionSet) -> Self {
        RolePermissions { known, newer: BTreeSet::new() }
    }
}

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The stable name: `cashier`, `manager`, or the shop's own.
    pub code: String,
    /// What people call it; empty for a built-in one that keeps its name, and for one that nobody knows here.
    pub name: String,
    /// What it allows here.
    pub permissions: PermissionSet,
    /// Codes of what it allows at newer programs.
    pub newer: BTreeSet<String>,
}

/// What can be wrong with the code of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" can't be the code of a role (a letter, then up to {} of a-z, 0-9, - and _)", Role::CODE_CHARS_MAX - 1)]
pub struct RoleCodeError {
    /// What was given, cut to a readable length.
    pub text: String,
}

impl Role {
    /// Code of the role that every shop starts with for who sells.
    pub const CASHIER: &'static str = "cashier";
    /// Code of the role that allows everything, for ever: somebody must be able to help.
    pub const MANAGER: &'static str = "manager";
    /// Most characters of a code.
    pub const CODE_CHARS_MAX: usize = 32;
    /// Most characters of a name: it stands in lists and on buttons.
    pub const NAME_CHARS_MAX: usize = 40;

    /// A role as it is stored. The manager's is built in and stays what it is, whatever is stored.
    pub fn new(code: &str, name: &str, permissions: RolePermissions) -> Role {
        let RolePermissions { known: permissions, newer } = permissions;
        match code {
            Role::MANAGER => Role::manager(),
            _ => Role { code: code.to_owned(), name: name.to_owned(), permissions, newer },
        }
    }

    fn without_name(code: &str, permissions: PermissionSet) -> Role {
        Role { code: code.to_owned(), name: String::new(), permissions, newer: BTreeSet::new() }
    }

    /// Sells, opens and counts the drawer, prints receipts again. A shop may change it.
    pub fn cashier() -> Role {
        let permissions = PermissionSet::of(&[
            Permission::Sell,
            Permission::DrawerSession,
            Permission::Reprint,
            Permission::VoidLine,
        ]);
        Role::without_name(Role::CASHIER, permissions)
    }

    /// Everything, also what a newer program knows.
    pub fn manager() -> Role {
        Role::without_name(Role::MANAGER, PermissionSet::of(Permission::ALL))
    }

    /// A role that nobody knows here. It allows nothing; whoever has it stays who they are.
    pub fn unknown(code: &str) -> Role {
        Role::without_name(code, PermissionSet::NONE)
    }

    /// The built-in role of a stable name, as every shop starts with it.
    pub fn built_in(code: &str) -> Option<Role> {
        [Role::cashier(), Role::manager()].into_iter().find(|role| role.code == code)
    }

    /// The role that allows everything.
    pub fn is_manager(&self) -> bool {
        self.code == Role::MANAGER
    }

    /// What it allows, in the stored form.
    pub fn allows(&self) -> RolePermissions {
        RolePermissions { known: self.permissions, newer: self.newer.clone() }
    }

    /// Whether whoever has this role has all of these permissions, and so may decide about them.
    ///
    /// # Errors
    /// The first that is missing.
    pub fn has(&self, wanted: &RolePermissions) -> Result<(), Lacking> {
        if self.is_manager() {
            return Ok(());
        }
        if let Some(right) = wanted.known.minus(self.permissions).iter().next() {
            return Err(Lacking::Right(right));
        }
        wanted.newer.difference(&self.newer).next().map_or(Ok(()), |code| Err(Lacking::Newer(code.clone())))
    }

    /// Whether whoever has this role has everything that the other allows, and so may decide about who has it.
    ///
    /// # Errors
    /// The first that is missing.
    pub fn covers(&self, other: &Role) -> Result<(), Lacking> {
        self.has(&other.allows())?;
        // All rights of today are not everything: a manager also has those of tomorrow.
        if other.is_manager() && !self.is_manager() { Err(Lacking::Everything) } else { Ok(()) }
    }

    /// Fails unless the text can be the code of a new role.
    ///
    /// # Errors
    /// [`RoleCodeError`] with the text.
    pub fn check_code(text: &str) -> Result<(), RoleCodeError> {
        let fits = (1..=Role::CODE_CHARS_MAX).contains(&text.len());
        let letter = |byte: u8| byte.is_ascii_lowercase();
        let inner = |byte: u8| letter(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if fits && text.bytes().next().is_some_and(letter) && text.bytes().all(inner) {
            Ok(())
        } else {
            Err(RoleCodeError { text: text.chars().take(40).collect() })
        }
    }

    /// Fails unless the text can be the name of a role.
    ///
    /// # Errors
    /// Those of [`check_name`], and more than [`Role::NAME_CHARS_MAX`] characters.
    pub fn check_name(text: &str) -> Result<(), CatalogError> {
        check_name(text)?;
        match text.chars().count() {
            chars if chars > Role::NAME_CHARS_MAX => Err(CatalogError::NameTooLong { chars }),
            _ => Ok(()),
        }
    }
}

/// Something that a role has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// A right.
    Right(Permission),
    /// The code of a right of a newer program.
    Newer(String),
    /// What only a manager has: everything, for ever.
    Everything,
}
