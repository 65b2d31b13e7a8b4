//! SQLite storage for one register: one file `AuraPOS.db`, readable with `sqlite3`.
//!
//! Owns: how the contract's tables, values, questions, feed and copies become SQLite (the map is in this crate's README).
//! Must not know: what the rows mean, and any other crate of the host.
//!
//! Two rules everything here serves: an acknowledged commit is on the disk (`synchronous=FULL`, one write and one sync of
//! the log), and nothing but `maintain` and the background checkpoint moves the log into the file, so that no sale waits
//! for it.

pub(crate) use aurapos_plugin_api::contract;

mod catalog;
mod checkpoint;
mod commit;
mod connect;
mod convert;
mod error;
mod feed;
mod lanes;
mod mark;
mod migrate;
mod os;
mod place;
mod provider;
mod read;
mod restore;
mod seal;
mod search;
mod snapshot;
mod store;
mod verify;

pub use provider::{SqliteProvider, SqliteSettings};

aurapos_plugin_api::export_plugin! {
    manifest: include_str!("../plugin.toml"),
    storage: SqliteProvider::new,
    settings: SqliteSettings,
}
