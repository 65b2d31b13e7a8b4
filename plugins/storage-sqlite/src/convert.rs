//! Values: contract to SQLite and back. Bool is 0 or 1, a UUID 16 bytes, a time microseconds.

use crate::contract::Uuid;
use crate::contract::batch::{BatchError, RowBatch};
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::schema::Column;
use crate::contract::value::{ColumnType, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};

/// A value on its way into a statement, without a copy.
pub(crate) struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) | Value::Time(number) => ValueRef::Integer(*number),
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Uuid(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

/// Why a row could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Sqlite(rusqlite::Error),
    /// A cell that no program of ours wrote.
    Cell(String),
    Batch(BatchError),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        ReadError::Sqlite(error)
    }
}

impl From<BatchError> for ReadError {
    fn from(error: BatchError) -> Self {
        ReadError::Batch(error)
    }
}

impl From<ReadError> for PluginError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Sqlite(error) => crate::error::from_sqlite(&error, "the read failed"),
            ReadError::Cell(column) => {
                PluginError::new(ErrorCode::Damaged, format!("the column `{column}` holds something of another type"))
            }
            ReadError::Batch(error) => error.into(),
        }
    }
}

/// One cell as a value.
pub(crate) fn value(row: &Row<'_>, at: usize, column: &Column) -> Result<Value, ReadError> {
    let wrong = || ReadError::Cell(column.name.clone());
    Ok(match (column.kind, row.get_ref(at)?) {
        (_, ValueRef::Null) => Value::Null,
        (ColumnType::Int, ValueRef::Integer(number)) => Value::Int(number),
        (ColumnType::Time, ValueRef::Integer(number)) => Value::Time(number),
        (ColumnType::Bool, ValueRef::Integer(number)) => Value::Bool(number != 0),
        (ColumnType::Text, ValueRef::Text(text)) => {
            Value::Text(std::str::from_utf8(text).map_err(|_| wrong())?.to_owned())
        }
        (ColumnType::Bytes, ValueRef::Blob(bytes)) => Value::Bytes(bytes.to_vec()),
        (ColumnType::Uuid, ValueRef::Blob(bytes)) => Value::Uuid(Uuid::from_slice(bytes).map_err(|_| wrong())?),
        _ => return Err(wrong()),
    })
}

/// Appends a row to an answer straight from SQLite; answers its size as [`Value::size`] counts.
pub(crate) fn append(batch: &mut RowBatch, row: &Row<'_>, columns: &[&Column]) -> Result<usize, ReadError> {
    let mut size = 0;
    for (at, column) in columns.iter().enumerate() {
        let wrong = || ReadError::Cell(column.name.clone());
        let Some(cell) = batch.column_mut(at) else {
            return Err(wrong());
        };
        size += 9;
        match (column.kind, row.get_ref(at)?) {
            (_, ValueRef::Null) => cell.null(),
            (ColumnType::Int | ColumnType::Time, ValueRef::Integer(number)) => cell.int(number),
            (ColumnType::Bool, ValueRef::Integer(number)) => cell.bool(number != 0),
            (ColumnType::Text, ValueRef::Text(text)) => {
                size += text.len();
                cell.text(std::str::from_utf8(text).map_err(|_| wrong())?);
            }
            (ColumnType::Bytes, ValueRef::Blob(bytes)) => {
                size += bytes.len();
                cell.bytes(bytes);
            }
            (ColumnType::Uuid, ValueRef::Blob(bytes)) => {
                cell.uuid(Uuid::from_slice(bytes).map_err(|_| wrong())?);
            }
            _ => return Err(wrong()),
        }
    }
    batch.end_row()?;
    Ok(size)
}
