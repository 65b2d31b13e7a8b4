//! A register and the PostgreSQL server beside it: what needs both `aurapos-runtime` and `aurapos-server`, once for the window and
//! for `aurapos-admin` (ADR 0034).
//!
//! Owns: where the server's passwords are kept ([`Kept`]), the storage of a shop on the server of its own data folder
//! ([`own_storage`]), making that server ([`make`]), the test of a storage before there is a shop ([`try_storage`]), why that of a shop
//! is not reached ([`why_away`]), [`pairing`] at both ends, the [`registers`] of the shop, and what has to be so before there are
//! [`several`]. Must not
//! know: screens, the command line, how a server or a shop is made.

#![forbid(unsafe_code)]

mod away;
mod error;
mod keep;
mod make;
mod os;
mod own;
pub mod pairing;
pub mod registers;
pub mod several;
mod trial;

pub use away::why_away;
pub use error::MasterError;
pub use keep::Kept;
pub use make::{MakeError, make, ready};
pub use os::give_to_owner_of;
pub use own::{NoServer, own_storage, shell_word};
pub use trial::{Trial, TrialError, try_storage};

/// The plugin that a server of this machine is for.
pub const POSTGRES: &str = "postgres";
