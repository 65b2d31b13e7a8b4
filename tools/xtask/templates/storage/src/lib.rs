//! A storage: the testkit's plain store, tables in memory over one file that every commit is appended and synced to. It
//! conforms as it is; the engine is yours to replace.
//!
//! Owns: the file its setting names. Must not know: what a sale is; the host brings schema and records.

#![deny(unsafe_code)]

use aurapos_plugin_api::*;
use aurapos_plugin_testkit::FileProvider;

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    storage: provider,
}

/// Where the data is when the owner says nothing; the same word as in `plugin.toml`.
const PATH: &str = concat!(env!("CARGO_PKG_NAME"), ".data");

/// Makes the factory of stores; nothing is opened yet.
///
/// The place for an engine of your own: a struct that implements `StorageProvider` (opens stores, and handles their files
/// even while the data is damaged or missing) and one that implements `RecordStore` (an open store, called from several
/// threads at once). Copy `vendor/aurapos-plugin-testkit/src/reference/file.rs` to begin with both. An order that works:
/// `open` and a second `open` (`Busy`), `migrate` and `info`, `commit` with `outcome`, `scan`, `search`, `aggregate`,
/// `changes` and `wait`, `snapshot` with `open_copy` and `verify`, `restore_to` with `put_back`, `maintain`, `prune`.
fn provider(context: PluginContext) -> PluginResult<FileProvider> {
    Ok(FileProvider::new(context.host, PATH))
}

#[cfg(test)]
mod tests;
