//! The feed of changes: `_commit.changes` lists, for each transaction, the keys of the replicated rows it touched; the
//! values are read when they are asked for.

use crate::catalog::Catalog;
use crate::commit::row_at;
use crate::connect;
use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::query::{ANSWER_ROWS_MAX, Change, ChangeBatch, ChangeKind};
use crate::contract::validate::ANSWER_BYTES_MAX;
use crate::contract::{Uuid, Value, codec, wire_struct};
use crate::error::from_sqlite;
use rusqlite::Connection;

wire_struct! {
    /// Keys that one operation touched.
    pub struct Touched {
        /// The table's place in the schema on disk, which only grows.
        1 => table: u32,
        /// Keys.
        2 => keys: Vec<Vec<Value>>,
    }
}

fn failed(error: rusqlite::Error) -> PluginError {
    from_sqlite(&error, "the feed could not be read")
}

/// A cursor is the epoch and the position up to which everything was given.
fn read_cursor(connection: &Connection, after: &[u8]) -> PluginResult<(Uuid, u64)> {
    let epoch = connect::epoch(connection).map_err(failed)?;
    if after.is_empty() {
        return Ok((epoch, 0));
    }
    let (theirs, position) = after
        .split_first_chunk::<16>()
        .and_then(|(theirs, rest)| Some((Uuid::from_bytes(*theirs), u64::from_be_bytes(rest.try_into().ok()?))))
        .ok_or_else(|| PluginError::new(ErrorCode::BadQuery, "these bytes are no cursor of this feed"))?;
    if theirs != epoch || position > connect::position(connection).map_err(failed)? {
        return Err(PluginError::new(ErrorCode::CursorTooOld, "the cursor belongs to another life of this data"));
    }
    Ok((epoch, position))
}

fn cursor(epoch: Uuid, position: u64) -> Vec<u8> {
    [epoch.as_bytes().as_slice(), &position.to_be_bytes()].concat()
}

pub(crate) fn has_changes(connection: &Connection, after: &[u8]) -> PluginResult<bool> {
    let (_, after) = read_cursor(connection, after)?;
    connection
        .prepare_cached(r#"SELECT EXISTS (SELECT 1 FROM "_commit" WHERE "position" > ?1 AND "changes" IS NOT NULL)"#)
        .and_then(|mut found| found.query_row([after as i64], |row| row.get(0)))
        .map_err(failed)
}

pub(crate) fn changes(connection: &Connection, catalog: &Catalog, after: &[u8], max: u32) -> PluginResult<ChangeBatch> {
    // Cursor, list and rows must be of the same moment.
    let whole = connection.unchecked_transaction().map_err(failed)?;
    let (epoch, after) = read_cursor(connection, after)?;
    let max = if max == 0 { ANSWER_ROWS_MAX } else { max.min(ANSWER_ROWS_MAX) } as usize;
    let mut batch =
        ChangeBatch { next: cursor(epoch, connect::position(connection).map_err(failed)?), ..Default::default() };
    let mut statement = connection
        .prepare_cached(
            r#"SELECT "position", "id", "changes" FROM "_commit" WHERE "position" > ?1 AND "changes" IS NOT NULL
               ORDER BY "position""#,
        )
        .map_err(failed)?;
    let mut rows = statement.query([after as i64]).map_err(failed)?;
    let mut bytes = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        let position = row.get::<_, i64>(0).map_err(failed)?.unsigned_abs();
        let id: Vec<u8> = row.get(1).map_err(failed)?;
        let touched: Vec<Touched> = codec::decode(&row.get::<_, Vec<u8>>(2).map_err(failed)?)?;
        let count: usize = touched.iter().map(|touched| touched.keys.len()).sum();
        if !batch.changes.is_empty() && (batch.changes.len() + count > max || bytes >= ANSWER_BYTES_MAX) {
            batch.next = cursor(epoch, position - 1);
            batch.more = true;
            break;
        }
        let transaction = Uuid::from_slice(&id).unwrap_or_default();
        bytes += add(connection, catalog, touched, (position, transaction), &mut batch)?;
    }
    drop(rows);
    drop(statement);
    drop(whole);
    Ok(batch)
}

/// Adds the rows of one transaction, each once, as they are now; answers their size.
fn add(
    connection: &Connection,
    catalog: &Catalog,
    touched: Vec<Touched>,
    (position, transaction): (u64, Uuid),
    batch: &mut ChangeBatch,
) -> PluginResult<usize> {
    let mut seen: std::collections::HashSet<(u32, Vec<Value>)> = std::collections::HashSet::new();
    let mut bytes = 0;
    for Touched { table: number, keys } in touched {
        let Some(stored) = catalog.disk.tables.get(number as usize) else {
            return Err(PluginError::new(ErrorCode::Damaged, "the feed names a table that is not there"));
        };
        let table = catalog.active.table(&stored.name).unwrap_or(stored);
        for key in keys {
            if !seen.insert((number, key.clone())) {
                continue;
            }
            let (kind, columns, row) = match row_at(connection, table, &table.key, &key)? {
                // A fact that is gone was pruned here, and nobody else is told.
                None if table.append_only => continue,
                Some(row) => (ChangeKind::Put, table.columns.iter().map(|column| column.name.clone()).collect(), row),
                None => (ChangeKind::Deleted, table.key.clone(), key),
            };
            bytes += row.iter().map(Value::size).sum::<usize>();
            batch.changes.push(Change { kind, table: table.name.clone(), columns, row, position, transaction });
        }
    }
    Ok(bytes)
}
