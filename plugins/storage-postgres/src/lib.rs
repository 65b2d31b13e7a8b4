//! PostgreSQL storage: one database for many registers, readable with `psql`.
//!
//! Owns: how the contract's tables, values, questions, feed and copies become PostgreSQL (the map is in this crate's README).
//! Must not know: what the rows mean, and any other crate of the host.
//!
//! Three rules everything here serves: an acknowledged commit is on the server's disk; a commit that was called unknown never
//! happens later; and no wait is without an end, whatever the network does.

pub(crate) use aurapos_plugin_api::contract;

mod bookkeeping;
mod catalog;
mod commit;
mod conditions;
mod conflict;
mod container;
mod convert;
mod copy;
mod error;
mod feed;
mod fill;
mod inspect;
mod lanes;
mod locks;
mod migrate;
mod os;
mod pipeline;
mod provider;
mod read;
mod restore;
mod search;
mod server;
mod session;
mod settings;
mod snapshot;
mod store;
mod tls;
mod upkeep;
mod verify;

pub use provider::{PostgresProvider, PostgresSettings};

aurapos_plugin_api::export_plugin! {
    manifest: include_str!("../plugin.toml"),
    storage: PostgresProvider::new,
    settings: PostgresSettings,
}
