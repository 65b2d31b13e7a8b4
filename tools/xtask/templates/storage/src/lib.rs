//! A storage, not written yet: it loads, reads its setting and says what it is. Everything else is [`unwritten`].
//!
//! Owns: the file its setting names. Must not know: what a sale is; the host brings schema and records.

#![deny(unsafe_code)]

use aurapos_plugin_api::contract::query::{AggregateQuery, ChangeBatch, Query};
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_api::contract::storage::{RestoreReport, RestoreRequest, SnapshotInfo, StoreInfo, VerifyReport};
use aurapos_plugin_api::contract::transaction::{Committed, Outcome, Transaction};
use aurapos_plugin_api::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

export_plugin! {
    manifest: include_str!("../plugin.toml"),
    storage: provider,
}

/// Where the data is when the owner says nothing; the same word as in `plugin.toml`.
const PATH: &str = concat!(env!("CARGO_PKG_NAME"), ".data");

/// Makes the factory of stores; nothing is opened yet.
fn provider(context: PluginContext) -> PluginResult<Provider> {
    Ok(Provider { host: context.host })
}

/// What every unwritten method answers. A shop refuses such a storage at once; remove this when nothing calls it any more.
fn unwritten<T>(what: &str) -> PluginResult<T> {
    Err(PluginError::new(ErrorCode::Unsupported, format!("`{what}` is not written yet")))
}

/// Opens stores and handles their files. Also works while the data is damaged or missing.
#[derive(Debug)]
struct Provider {
    host: Arc<dyn HostServices>,
}

impl Provider {
    /// The file that the settings name, below the data folder unless it is absolute.
    fn path(&self, settings: &Settings) -> PluginResult<PathBuf> {
        let path = match settings.get("path") {
            None => PATH,
            Some(_) => settings.text("path")?,
        };
        if path.is_empty() {
            return Err(PluginError::new(ErrorCode::Config, "the setting `path` is empty"));
        }
        Ok(Path::new(&self.host.data_dir()).join(path))
    }
}

impl StorageProvider for Provider {
    /// To write: take a lock (a second open is `Busy`), refuse a damaged file (`Damaged`) and leave it as it is. The host
    /// adds `read_only = true` when it only looks, beside a program that sells: then without the lock, and never writing.
    fn open(&self, settings: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        let read_only = settings.get("read_only") == Some(&Value::Bool(true));
        Ok(Box::new(Store { path: self.path(settings)?, read_only }))
    }

    fn open_copy(&self, _file: &str) -> PluginResult<Box<dyn RecordStore>> {
        unwritten("open_copy")
    }

    fn verify(&self, _file: &str, _progress: &dyn Progress) -> PluginResult<VerifyReport> {
        unwritten("verify")
    }

    fn restore(&self, _: &Settings, _: &RestoreRequest, _: &dyn Progress) -> PluginResult<RestoreReport> {
        unwritten("restore")
    }
}

/// An open store. Every method may be called from several threads at once.
#[derive(Debug)]
struct Store {
    path: PathBuf,
    read_only: bool,
}

impl RecordStore for Store {
    fn info(&self) -> PluginResult<StoreInfo> {
        Ok(StoreInfo {
            engine: env!("CARGO_PKG_NAME").into(),
            engine_version: env!("CARGO_PKG_VERSION").into(),
            location: self.path.display().to_string(),
            read_only: self.read_only,
            snapshot_extension: "data".into(),
            ..Default::default()
        })
    }

    fn migrate(&self, _schema: &Schema) -> PluginResult<()> {
        unwritten("migrate")
    }

    /// The heart: all or nothing, on disk when it returns, and a transaction id that comes again changes nothing.
    fn commit(&self, _transaction: &Transaction) -> PluginResult<Committed> {
        unwritten("commit")
    }

    fn outcome(&self, _transaction: Uuid) -> PluginResult<Outcome> {
        unwritten("outcome")
    }

    fn scan(&self, _query: &Query) -> PluginResult<RowBatch> {
        unwritten("scan")
    }

    fn search(&self, _table: &str, _text: &str, _limit: u32) -> PluginResult<RowBatch> {
        unwritten("search")
    }

    fn aggregate(&self, _query: &AggregateQuery) -> PluginResult<RowBatch> {
        unwritten("aggregate")
    }

    fn changes(&self, _after: &[u8], _max: u32) -> PluginResult<ChangeBatch> {
        unwritten("changes")
    }

    fn wait(&self, _after: &[u8], _timeout_ms: u32) -> PluginResult<bool> {
        unwritten("wait")
    }

    fn snapshot(&self, _dest: &str, _progress: &dyn Progress) -> PluginResult<SnapshotInfo> {
        unwritten("snapshot")
    }

    fn maintain(&self, _now: Timestamp) -> PluginResult<()> {
        unwritten("maintain")
    }

    fn close(&self) -> PluginResult<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
