//! A storage that does nothing, quickly: what remains of a call to it is the border's own cost.
//! Compiled into the program, and into the library of the example `nothing`, which alone exports it: a program has room for
//! one exported plugin, and that may come with a crate.

use aurapos_plugin_api::contract::query::{AggregateQuery, ChangeBatch, Query};
use aurapos_plugin_api::contract::schema::Schema;
use aurapos_plugin_api::contract::storage::{RestoreReport, SnapshotInfo, StoreInfo, VerifyReport};
use aurapos_plugin_api::contract::transaction::{Committed, Outcome, Prune, Pruned, Transaction};
use aurapos_plugin_api::contract::value::ColumnType;
use aurapos_plugin_api::{
    ErrorCode, PluginError, PluginResult, Progress, RecordStore, RowBatch, Settings, StorageProvider, Timestamp, Uuid,
    Value,
};

/// Makes stores that do nothing.
#[derive(Debug)]
pub struct Nothing;

fn no<T>() -> PluginResult<T> {
    Err(PluginError::new(ErrorCode::Unsupported, "this storage does nothing"))
}

impl StorageProvider for Nothing {
    fn open(&self, _: &Settings) -> PluginResult<Box<dyn RecordStore>> {
        Ok(Box::new(Store { rows: rows()? }))
    }
    fn open_copy(&self, _: &str) -> PluginResult<Box<dyn RecordStore>> {
        no()
    }
    fn put_back(&self, _: &Settings, _: &str, _: &dyn Progress) -> PluginResult<RestoreReport> {
        no()
    }
}

/// 10,000 rows of five columns, as a product list has them.
fn rows() -> PluginResult<RowBatch> {
    let mut batch = RowBatch::with_columns([
        ("id", ColumnType::Uuid),
        ("sku", ColumnType::Text),
        ("name", ColumnType::Text),
        ("price", ColumnType::Int),
        ("food", ColumnType::Bool),
    ]);
    for number in 0..10_000i64 {
        batch.push(&[
            Value::Uuid(Uuid::from_u128(number as u128)),
            Value::Text(format!("G{number:06}")),
            Value::Text(format!("Confiture fine Rucher des Saules {number} g")),
            Value::Int(number),
            Value::Bool(number % 2 == 0),
        ])?;
    }
    Ok(batch)
}

#[derive(Debug)]
struct Store {
    rows: RowBatch,
}

impl RecordStore for Store {
    fn info(&self) -> PluginResult<StoreInfo> {
        Ok(StoreInfo { engine: "Nothing".to_owned(), ..StoreInfo::default() })
    }
    fn migrate(&self, _: &Schema) -> PluginResult<()> {
        Ok(())
    }
    fn commit(&self, _: &Transaction) -> PluginResult<Committed> {
        no()
    }
    fn outcome(&self, _: Uuid) -> PluginResult<Outcome> {
        no()
    }
    fn scan(&self, _: &Query) -> PluginResult<RowBatch> {
        Ok(self.rows.clone())
    }
    fn search(&self, _: &str, _: &str, _: u32) -> PluginResult<RowBatch> {
        no()
    }
    fn aggregate(&self, _: &AggregateQuery) -> PluginResult<RowBatch> {
        no()
    }
    fn changes(&self, _: &[u8], _: u32) -> PluginResult<ChangeBatch> {
        no()
    }
    fn wait(&self, after: &[u8], _: u32) -> PluginResult<bool> {
        Ok(after.is_empty())
    }
    fn snapshot(&self, _: &str, _: &dyn Progress) -> PluginResult<SnapshotInfo> {
        no()
    }
    fn maintain(&self, _: Timestamp) -> PluginResult<()> {
        Ok(())
    }
    fn prune(&self, _: &Prune) -> PluginResult<Pruned> {
        no()
    }
    fn verify(&self, _: &dyn Progress) -> PluginResult<VerifyReport> {
        no()
    }
    fn restore_to(&self, _: &Settings, _: &dyn Progress) -> PluginResult<RestoreReport> {
        no()
    }
    fn close(&self) -> PluginResult<()> {
        Ok(())
    }
}
