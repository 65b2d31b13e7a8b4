//! Pairing: how a register of another machine becomes one of the shop's, and how it is locked out again. See ADR 0037.
//!
//! Owns: which codes of registers are given ([`issue`], [`registers`]), the document and the code that carry a pairing to another
//! machine ([`Document`], [`Code`]), and what happens there ([`join`]). The master's deeds go through the socket of its server, which
//! lets nobody in but the machine's owner. Must not know settings files and what the shop sells.
//!
//! On the master: [`issue`] gives [`Issued`]; `document.text()` is the file, `document.code` what a person types. On the other machine:
//! [`Ticket::read`], then [`join`], whose [`Joined`] has what a settings file needs. All of them wait: call them on a thread of their own.

mod code;
mod document;
mod error;
mod introduction;
mod issue;
mod join;
mod master;
mod registers;
mod schema;

pub use code::Code;
pub use document::{DOCUMENT_BYTES_MAX, Document};
pub use error::PairError;
pub use issue::{Invite, Issued, issue};
pub use join::{Joined, Ticket, Way, find, join};
pub use registers::{PairedRegister, RegisterState, readmit, registers, rename, revoke};

pub(crate) use code::ROLE_PREFIX;
pub(crate) use registers::{check_own, claim_own};
pub(crate) use schema::{INVITED, PAIRING, ensure};
