//! Stamps what a transaction edits, and makes tombstones of what it deletes. The one place where stamps are set.

use super::stamp::{RowStamps, Stamp};
use super::{EditedTable, Fields};
use crate::error::{Code, EngineResult};
use crate::schema::{DELETED, EDITED_BY, OLDER_STAMPS, ROW_VERSION};
use aurapos_contract::query::{IN_VALUES_MAX, Query};
use aurapos_contract::transaction::{Operation, OperationKind, Transaction};
use aurapos_contract::{RecordStore, RowBatch, Value};
use std::collections::BTreeMap;

/// A row as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Present {
    /// All columns but those of the stamps.
    pub(crate) values: Fields,
    /// Its stamps.
    pub(crate) stamps: RowStamps,
}

/// Whether a transaction edits anything.
pub(crate) fn edits(transaction: &Transaction) -> bool {
    transaction.operations.iter().any(|operation| EditedTable::find(&operation.table).is_some())
}

/// Gives every edited field this stamp, keeps those of fields that stay as they are, and turns deletions into tombstones.
pub(crate) fn stamp(store: &dyn RecordStore, transaction: &mut Transaction, stamp: Stamp) -> EngineResult<()> {
    for operation in &mut transaction.operations {
        let Some(table) = EditedTable::find(&operation.table) else { continue };
        match operation.kind {
            OperationKind::Insert => stamp_new(operation, stamp)?,
            OperationKind::Upsert => stamp_changes(store, table, operation, stamp)?,
            OperationKind::Delete => bury(store, table, operation, stamp)?,
            other => return Err(Code::Bug.error(format!("Nobody said how {other:?} is stamped."))),
        }
    }
    transaction.operations.retain(|operation| !operation.rows.is_empty());
    Ok(())
}

fn name_columns(operation: &mut Operation) {
    operation.columns.extend([ROW_VERSION, EDITED_BY, OLDER_STAMPS, DELETED].map(str::to_owned));
}

fn stamp_new(operation: &mut Operation, stamp: Stamp) -> EngineResult<()> {
    name_columns(operation);
    let stamps = RowStamps::whole(stamp).values()?;
    for row in &mut operation.rows {
        row.extend(stamps.iter().cloned());
        row.push(Value::Bool(false));
    }
    Ok(())
}

fn stamp_changes(
    store: &dyn RecordStore,
    table: &EditedTable,
    operation: &mut Operation,
    stamp: Stamp,
) -> EngineResult<()> {
    let Some(key) = operation.columns.iter().position(|column| column == table.key) else { return Ok(()) };
    let keys = operation.rows.iter().map(|row| row[key].clone()).collect();
    let known = present(store, table, keys)?;
    let columns = operation.columns.clone();
    name_columns(operation);
    for row in &mut operation.rows {
        let stamps = match known.get(&row[key]) {
            None => RowStamps::whole(stamp),
            Some(before) => {
                let written = columns.iter().map(String::as_str).zip(row.iter());
                let written = written.chain([(DELETED, &Value::Bool(false))]);
                stamps_after(table, before, written, stamp)
            }
        };
        row.extend(stamps.values()?);
        row.push(Value::Bool(false));
    }
    Ok(())
}

/// The stamps of a row of which some columns are written.
fn stamps_after<'a>(
    table: &EditedTable,
    before: &Present,
    written: impl Iterator<Item = (&'a str, &'a Value)>,
    stamp: Stamp,
) -> RowStamps {
    let fields = before.values.keys().filter(|column| table.is_field(column));
    let mut stamps: BTreeMap<String, Stamp> = fields.map(|field| (field.clone(), before.stamps.of(field))).collect();
    for (column, value) in written.filter(|(column, _)| table.is_field(column)) {
        if before.values.get(column) != Some(value) {
            stamps.insert(column.to_owned(), stamp);
        }
    }
    RowStamps::from_fields(stamps)
}

/// A deletion names keys; what is not there needs no tombstone.
fn bury(store: &dyn RecordStore, table: &EditedTable, operation: &mut Operation, stamp: Stamp) -> EngineResult<()> {
    let keys: Vec<Value> = operation.rows.iter().filter_map(|row| row.first().cloned()).collect();
    let known = present(store, table, keys.clone())?;
    // The whole row: a store may want every column of one that it might have to add.
    let columns: Vec<String> =
        known.values().next().map(|row| row.values.keys().cloned().collect()).unwrap_or_default();
    let mut rows = Vec::new();
    for before in keys.iter().filter_map(|key| known.get(key)) {
        let stamps = stamps_after(table, before, [(DELETED, &Value::Bool(true))].into_iter(), stamp);
        let value = |column: &String| match column.as_str() {
            DELETED => Value::Bool(true),
            _ => before.values.get(column).cloned().unwrap_or(Value::Null),
        };
        rows.push(columns.iter().map(value).chain(stamps.values()?).collect());
    }
    let stamped = [ROW_VERSION, EDITED_BY, OLDER_STAMPS].map(str::to_owned);
    *operation = Operation {
        kind: OperationKind::Upsert,
        table: table.name.to_owned(),
        columns: columns.into_iter().chain(stamped).collect(),
        rows,
    };
    Ok(())
}

/// The rows of these keys that are there, tombstones too.
pub(crate) fn present(
    store: &dyn RecordStore,
    table: &EditedTable,
    mut keys: Vec<Value>,
) -> EngineResult<BTreeMap<Value, Present>> {
    keys.sort_unstable();
    keys.dedup();
    let mut found = BTreeMap::new();
    for chunk in keys.chunks(IN_VALUES_MAX) {
        let batch = store.scan(&Query::over(table.name).filter_in(table.key, chunk.to_vec()))?;
        for row in 0..batch.len() {
            let (key, present) = read(table, &batch, row)?;
            found.insert(key, present);
        }
    }
    Ok(found)
}

/// Reads one row that was asked for with all its columns.
pub(crate) fn read(table: &EditedTable, batch: &RowBatch, row: usize) -> EngineResult<(Value, Present)> {
    let columns = batch.columns().map(|(name, _)| name.to_owned());
    let mut values: Fields = columns.zip(batch.row(row)).collect();
    let mut take = |column: &str| values.remove(column).unwrap_or(Value::Null);
    let stamps = RowStamps::read(&take(ROW_VERSION), &take(EDITED_BY), &take(OLDER_STAMPS))?;
    let key = values.get(table.key).cloned().unwrap_or(Value::Null);
    Ok((key, Present { values, stamps }))
}
