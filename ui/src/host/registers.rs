//! The registers of a shop, joining one, and the way from one register to several: the plain data of Settings → Registers, of
//! Settings → Storage and of the wizard of a register that joins.

use super::{ConnectionReport, Trouble};
use aurapos_domain::calendar::Timestamp;
use std::fmt;
use std::path::PathBuf;

/// What a register is in its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegisterRole {
    /// By itself.
    #[default]
    Single,
    /// Beside the shop's server.
    Master,
    /// One of several.
    Slave,
}

/// How far a register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It belongs to the shop.
    #[default]
    Joined,
    /// A pairing was issued and can be used.
    Invited,
    /// A pairing was issued, and its time is over.
    Expired,
    /// It was locked out for good.
    Revoked,
}

/// A register of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopRegister {
    /// Its code.
    pub code: String,
    /// What people call it; may be empty.
    pub name: String,
    /// It is the one of this window.
    pub here: bool,
    /// It is the one beside the server.
    pub master: bool,
    /// How far it is.
    pub standing: Standing,
    /// It is connected now, or was here within the last minutes.
    pub online: bool,
    /// When it was last here.
    pub seen: Option<Timestamp>,
    /// Until when its pairing can be used, while it has one.
    pub until: Option<Timestamp>,
}

/// The registers of the shop, and what this one is among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistersView {
    /// What this register is.
    pub role: RegisterRole,
    /// Its code.
    pub code: String,
    /// What people call it; may be empty.
    pub name: String,
    /// Where the shop's server is, `192.168.1.10:5432`; empty for a register by itself.
    pub place: String,
    /// All of them by code; empty where they cannot be listed.
    pub registers: Vec<ShopRegister>,
    /// Why they cannot be listed.
    pub trouble: Option<Trouble>,
    /// This program may add, rename and lock out: it runs as the owner of the server, on its machine.
    pub allowed: bool,
    /// How `aurapos-admin` is called for it where this program may not, and the server is of this machine; empty otherwise.
    pub line: String,
}

/// What is done with a register of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterDeed {
    /// It is called something else.
    Rename {
        /// Its code.
        code: String,
        /// Its new name.
        name: String,
    },
    /// It is locked out, until it is let in again.
    LockOut {
        /// Its code.
        code: String,
    },
    /// It was locked out and may come in again, with what it had not sent.
    LetIn {
        /// Its code.
        code: String,
    },
}

/// A pairing that was issued. Its `Debug` hides what opens the shop.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pairing {
    /// What a person types, in groups.
    pub code: String,
    /// Code of the register: `R2`.
    pub register: String,
    /// Addresses by which it reaches the master, the likeliest first.
    pub addresses: Vec<String>,
    /// The port.
    pub port: u16,
    /// Until when it can be used.
    pub until: Option<Timestamp>,
    /// Nobody but this machine reaches the server.
    pub alone: bool,
    /// The same as a document, for a file.
    pub document: String,
    /// Where such a file could go.
    pub file: String,
}

impl fmt::Debug for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pairing").field("register", &self.register).field("until", &self.until).finish_non_exhaustive()
    }
}

/// What a person has in hand to join a shop. Its `Debug` hides the code.
#[derive(Clone, PartialEq, Eq)]
pub enum Ticket {
    /// The typed code.
    Code(String),
    /// The file.
    File(PathBuf),
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ticket::Code(_) => f.write_str("Code(…)"),
            Ticket::File(file) => f.debug_tuple("File").field(file).finish(),
        }
    }
}

/// How a shop is joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinWish {
    /// The pairing.
    pub ticket: Ticket,
    /// Name or address of the master; empty: those of the file.
    pub address: String,
    /// Its port.
    pub port: Option<u16>,
    /// The database; empty: that of the file, or `aurapos`.
    pub database: String,
    /// What the register is called; empty: as the pairing says.
    pub name: String,
}

/// What came of joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// The folder is a register's now; the shop itself comes next.
    Paired,
    /// Why not, in the operator's language.
    Refused(Box<ConnectionReport>),
}

/// How much of a shop is here, of so much; `None`: it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakingIn {
    /// Products.
    pub products: (u64, Option<u64>),
    /// Operators.
    pub operators: (u64, Option<u64>),
    /// Sales.
    pub sales: (u64, Option<u64>),
    /// Why it does not go on just now; it is tried again by itself.
    pub trouble: Option<Trouble>,
}

impl TakingIn {
    /// 0 to 1 for a bar; -1 when it is not known.
    pub fn share(&self) -> f32 {
        let all = [self.products, self.operators, self.sales];
        let (done, total) = all.into_iter().fold((0, Some(0)), |(done, total): (u64, Option<u64>), (here, of)| {
            (done + here, total.zip(of).map(|(total, of)| total + of))
        });
        super::Progress { done, total: total.unwrap_or_default(), step: String::new() }.share()
    }
}

/// What came of comparing this register with the shop's server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Rows here.
    pub rows: u64,
    /// Rows that differ.
    pub differences: u64,
    /// The first of them, a sentence each, in English.
    pub named: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_shown() {
        let pairing =
            Pairing { code: "SESAME".to_owned(), document: "\"code\":\"SESAME\"".to_owned(), ..Pairing::default() };
        let ticket = Ticket::Code("SESAME".to_owned());
        assert!(!format!("{pairing:?} {ticket:?}").contains("SESAME"));
    }

    #[test]
    fn how_far_the_shop_is() {
        let of = |here, of| TakingIn {
            products: (here, of),
            operators: (0, of.map(|_| 0)),
            sales: (0, of.map(|_| 0)),
            trouble: None,
        };
        assert_eq!([of(5, None).share(), of(5, Some(20)).share(), of(20, Some(20)).share()], [-1.0, 0.25, 1.0]);
    }
}
