//! Values: contract to PostgreSQL and back, in PostgreSQL's binary form.

use crate::contract::Uuid;
use crate::contract::batch::{BatchError, RowBatch};
use crate::contract::error::{ErrorCode, PluginError};
use crate::contract::schema::Column;
use crate::contract::value::{ColumnType, Timestamp, Value};
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

/// 2000-01-01, from where PostgreSQL counts, in microseconds since 1970-01-01.
const POSTGRES_EPOCH: Timestamp = 946_684_800_000_000;

/// A value on its way into a statement, without a copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound<'a>(pub &'a Value);

/// A time as PostgreSQL counts; what is before its first is before everything.
fn to_postgres(time: Timestamp) -> i64 {
    time.saturating_sub(POSTGRES_EPOCH)
}

fn from_postgres(time: i64) -> Timestamp {
    time.saturating_add(POSTGRES_EPOCH)
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) => out.put_i64(*number),
            Value::Time(time) if *time < crate::contract::value::TIME_MIN => out.put_i64(i64::MIN),
            Value::Time(time) => out.put_i64(to_postgres(*time)),
            Value::Bool(truth) => out.put_u8(u8::from(*truth)),
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Bytes(bytes) => out.put_slice(bytes),
            Value::Uuid(id) => out.put_slice(id.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        // The statement's types were chosen by the value's own.
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A time of the host's clock as a parameter.
pub(crate) fn time(time: Timestamp) -> Value {
    Value::Time(time.max(crate::contract::value::TIME_MIN))
}

/// A cell's bytes as they came.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A cell that holds something of another type: somebody changed the table.
#[derive(Debug)]
pub(crate) struct WrongCell(String);

impl From<WrongCell> for PluginError {
    fn from(wrong: WrongCell) -> Self {
        PluginError::new(ErrorCode::Damaged, format!("the column `{}` holds something of another type", wrong.0))
    }
}

impl From<BatchError> for WrongCell {
    fn from(error: BatchError) -> Self {
        WrongCell(error.to_string())
    }
}

enum Cell<'a> {
    Null,
    Number(i64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
    Uuid(Uuid),
}

fn cell<'a>(row: &'a Row, at: usize, column: &Column) -> Result<Cell<'a>, WrongCell> {
    let wrong = || WrongCell(column.name.clone());
    let raw: Option<Raw<'a>> = row.try_get(at).map_err(|_| wrong())?;
    let Some(Raw(raw)) = raw else {
        return Ok(Cell::Null);
    };
    let number = || raw.try_into().map(i64::from_be_bytes).map_err(|_| wrong());
    Ok(match column.kind {
        ColumnType::Int => Cell::Number(number()?),
        ColumnType::Bool => Cell::Bool(raw == [1]),
        ColumnType::Text => Cell::Text(std::str::from_utf8(raw).map_err(|_| wrong())?),
        ColumnType::Bytes => Cell::Bytes(raw),
        ColumnType::Uuid => Cell::Uuid(Uuid::from_slice(raw).map_err(|_| wrong())?),
        _ => Cell::Number(from_postgres(number()?)),
    })
}

/// One cell as a value.
pub(crate) fn value(row: &Row, at: usize, column: &Column) -> Result<Value, WrongCell> {
    Ok(match cell(row, at, column)? {
        Cell::Null => Value::Null,
        Cell::Number(number) if column.kind == ColumnType::Time => Value::Time(number),
        Cell::Number(number) => Value::Int(number),
        Cell::Bool(truth) => Value::Bool(truth),
        Cell::Text(text) => Value::Text(text.to_owned()),
        Cell::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Cell::Uuid(id) => Value::Uuid(id),
    })
}

/// Cells from a place on as values.
pub(crate) fn values(row: &Row, from: usize, columns: &[&Column]) -> Result<Vec<Value>, WrongCell> {
    columns.iter().enumerate().map(|(at, column)| value(row, from + at, column)).collect()
}

/// Appends a row to an answer; answers its size as [`Value::size`] counts.
pub(crate) fn append(batch: &mut RowBatch, row: &Row, columns: &[&Column]) -> Result<usize, WrongCell> {
    let mut size = 0;
    for (at, column) in columns.iter().enumerate() {
        let Some(cell_out) = batch.column_mut(at) else {
            return Err(WrongCell(column.name.clone()));
        };
        size += 9;
        match cell(row, at, column)? {
            Cell::Null => cell_out.null(),
            Cell::Number(number) => cell_out.int(number),
            Cell::Bool(truth) => cell_out.bool(truth),
            Cell::Text(text) => {
                size += text.len();
                cell_out.text(text);
            }
            Cell::Bytes(bytes) => {
                size += bytes.len();
                cell_out.bytes(bytes);
            }
            Cell::Uuid(id) => cell_out.uuid(id),
        }
    }
    batch.end_row()?;
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        for time in [0, -1, i64::MAX, crate::contract::value::TIME_MIN, POSTGRES_EPOCH] {
            assert_eq!(from_postgres(to_postgres(time)), time);
        }
    }
}
