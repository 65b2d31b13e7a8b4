//! Rows in bulk: typed columns, validated once at the border.
//!
//! Wire form (all integers little endian), the same across the ABI and through a runner's pipe:
//! ```text
//! u8 version = 1 | u16 columns | u32 rows | columns… | tail: a message of the codec (1: where the rows go on)
//! column: u8 type | u8 name length, name | u8 has nulls | nulls: ceil(rows/8) bytes, bit set = null | data
//! data:   Int, Time: rows × i64   Bool: rows × u8 (0, 1)   Uuid: rows × 16 bytes
//!         Text, Bytes: (rows + 1) × u32 offsets, rising from 0 to the buffer's length | buffer
//! ```
//! A null cell has 0, false, a zero UUID or an empty range.

use crate::api::ApiVersion;
use crate::codec::{self, CodecError, Encode, Writer};
use crate::error::{ErrorCode, PluginError};
use crate::value::{ColumnType, Timestamp, Value};
use column::{BatchColumn, Cursor, Data};
use thiserror::Error;
use uuid::Uuid;

mod column;
#[cfg(test)]
mod tests;

pub use column::CellWriter;

const VERSION: u8 = 1;

wire_struct! {
    /// What follows the columns. Later versions may say more there.
    pub struct Tail {
        /// Where the rows go on.
        1 => next: Vec<Value>,
    }
}

/// Why a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The bytes end too early.
    #[error("row batch ends in the middle of {0}")]
    Truncated(String),
    /// Bytes follow.
    #[error("row batch has {0} bytes too many")]
    Trailing(usize),
    /// Not this wire form.
    #[error("row batch has version {0}, this side speaks {VERSION}")]
    Version(u8),
    /// A type number nobody knows.
    #[error("column {column} has the unknown type {kind}")]
    UnknownType {
        /// Column.
        column: String,
        /// The number.
        kind: u8,
    },
    /// Offsets that fall, leave the buffer or cut a character.
    #[error("column {column}: the offset of row {row} is wrong")]
    BadOffset {
        /// Column.
        column: String,
        /// Row.
        row: usize,
    },
    /// Not UTF-8.
    #[error("column {0}: text that is not UTF-8")]
    Utf8(String),
    /// A truth value other than 0 and 1, or stray bits.
    #[error("column {0}: a value out of range")]
    Range(String),
    /// More rows or columns than allowed.
    #[error("row batch of {rows} rows and {columns} columns is larger than allowed")]
    TooLarge {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// The answer does not have the columns, types or row count that were asked for.
    #[error("row batch does not fit the question: {0}")]
    Unexpected(String),
}

impl From<BatchError> for PluginError {
    fn from(error: BatchError) -> Self {
        PluginError::new(ErrorCode::BadMessage, error.to_string())
    }
}

/// Rows as columns. Private fields: every column has the same number of cells, offsets are in range, text is UTF-8.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowBatch {
    columns: Vec<BatchColumn>,
    rows: usize,
    next: Vec<Value>,
    /// Bytes that were never validated: what a hostile plugin would send. Only [`RowBatch::from_raw`] sets it.
    raw: Option<Vec<u8>>,
}

impl RowBatch {
    /// A batch without rows.
    pub fn with_columns<'a>(columns: impl IntoIterator<Item = (&'a str, ColumnType)>) -> Self {
        let columns = columns
            .into_iter()
            .map(|(name, kind)| BatchColumn {
                name: name.to_owned(),
                kind,
                nulls: Vec::new(),
                data: match kind {
                    ColumnType::Int | ColumnType::Time => Data::Int(Vec::new()),
                    ColumnType::Bool => Data::Bool(Vec::new()),
                    ColumnType::Text => Data::Text { offsets: vec![0], buffer: String::new() },
                    ColumnType::Bytes => Data::Bytes { offsets: vec![0], buffer: Vec::new() },
                    ColumnType::Uuid => Data::Uuid(Vec::new()),
                },
            })
            .collect();
        RowBatch { columns, ..Default::default() }
    }

    /// Appends a row; its cells must be as many as the columns and fit their types.
    pub fn push(&mut self, row: &[Value]) -> Result<(), BatchError> {
        if row.len() != self.columns.len() {
            return Err(BatchError::Unexpected(format!("{} cells for {} columns", row.len(), self.columns.len())));
        }
        if let Some((column, value)) = self
            .columns
            .iter()
            .zip(row)
            .find(|(column, value)| value.column_type().is_some_and(|kind| kind != column.kind))
        {
            return Err(BatchError::Unexpected(format!("{value:?} in column {}", column.name)));
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value, self.rows);
        }
        self.rows += 1;
        Ok(())
    }

    /// Starts a cell-by-cell row: for storages that read cells one after another, without a `Vec<Value>` per row. Each
    /// column must get exactly one `push_…` before [`RowBatch::end_row`].
    pub fn column_mut(&mut self, column: usize) -> Option<CellWriter<'_>> {
        let row = self.rows;
        self.columns.get_mut(column).map(|column| CellWriter::new(column, row))
    }

    /// Ends the row begun with [`RowBatch::column_mut`]; an error if a column did not get its cell.
    pub fn end_row(&mut self) -> Result<(), BatchError> {
        self.rows += 1;
        match self.columns.iter().find(|column| column.len() != self.rows) {
            Some(column) => Err(BatchError::Unexpected(format!("column {} has {} cells", column.name, column.len()))),
            None => Ok(()),
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Names and types of the columns.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnType)> {
        self.columns.iter().map(|column| (column.name.as_str(), column.kind))
    }

    /// Position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// What to put into [`crate::query::Query::after`] for the rows after the last one; empty when there are none.
    pub fn next(&self) -> &[Value] {
        &self.next
    }

    /// Says where the rows go on.
    pub fn set_next(&mut self, next: Vec<Value>) {
        self.next = next;
    }

    /// One cell; null when there is no such cell.
    pub fn value(&self, row: usize, column: usize) -> Value {
        let Some(cells) = self.columns.get(column).filter(|_| row < self.rows) else {
            return Value::Null;
        };
        if cells.is_null(row) {
            return Value::Null;
        }
        match &cells.data {
            Data::Int(numbers) if cells.kind == ColumnType::Time => Value::Time(numbers[row]),
            Data::Int(numbers) => Value::Int(numbers[row]),
            Data::Bool(truths) => Value::Bool(truths[row] == 1),
            Data::Text { .. } => Value::Text(self.text(row, column).unwrap_or_default().to_owned()),
            Data::Bytes { .. } => Value::Bytes(self.bytes(row, column).unwrap_or_default().to_vec()),
            Data::Uuid(ids) => Value::Uuid(Uuid::from_bytes(ids[row])),
        }
    }

    /// One row as values.
    pub fn row(&self, row: usize) -> Vec<Value> {
        (0..self.columns.len()).map(|column| self.value(row, column)).collect()
    }

    /// A number or time.
    pub fn int(&self, row: usize, column: usize) -> Option<i64> {
        let cells = self.columns.get(column).filter(|cells| !cells.is_null(row))?;
        match &cells.data {
            Data::Int(numbers) => numbers.get(row).copied(),
            _ => None,
        }
    }

    /// A time.
    pub fn time(&self, row: usize, column: usize) -> Option<Timestamp> {
        self.int(row, column)
    }

    /// A truth value.
    pub fn bool(&self, row: usize, column: usize) -> Option<bool> {
        let cells = self.columns.get(column).filter(|cells| !cells.is_null(row))?;
        match &cells.data {
            Data::Bool(truths) => truths.get(row).map(|&truth| truth == 1),
            _ => None,
        }
    }

    /// Text, borrowed.
    pub fn text(&self, row: usize, column: usize) -> Option<&str> {
        let cells = self.columns.get(column).filter(|cells| !cells.is_null(row))?;
        match &cells.data {
            Data::Text { offsets, buffer } => buffer.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize),
            _ => None,
        }
    }

    /// Bytes, borrowed.
    pub fn bytes(&self, row: usize, column: usize) -> Option<&[u8]> {
        let cells = self.columns.get(column).filter(|cells| !cells.is_null(row))?;
        match &cells.data {
            Data::Bytes { offsets, buffer } => buffer.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize),
            _ => None,
        }
    }

    /// A UUID.
    pub fn uuid(&self, row: usize, column: usize) -> Option<Uuid> {
        let cells = self.columns.get(column).filter(|cells| !cells.is_null(row))?;
        match &cells.data {
            Data::Uuid(ids) => ids.get(row).map(|&id| Uuid::from_bytes(id)),
            _ => None,
        }
    }

    /// Bytes sent as they are, for tests of the border: what a plugin that lies would send.
    #[doc(hidden)]
    pub fn from_raw(bytes: Vec<u8>) -> Self {
        RowBatch { raw: Some(bytes), ..Default::default() }
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let cells: usize = self.columns.iter().map(BatchColumn::wire_size).sum();
        let mut out = Vec::with_capacity(64 + cells);
        out.push(VERSION);
        out.extend_from_slice(&(self.columns.len() as u16).to_le_bytes());
        out.extend_from_slice(&(self.rows as u32).to_le_bytes());
        for column in &self.columns {
            column.write(self.rows, &mut out);
        }
        let tail = Tail { next: self.next.clone() };
        tail.write(&mut Writer::new(&mut out, ApiVersion::OWN));
        out
    }

    /// Reads and checks the wire form: every length, offset, type and text.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BatchError> {
        let mut rest = Cursor { rest: bytes };
        let version = rest.take(1, "the version")?[0];
        if version != VERSION {
            return Err(BatchError::Version(version));
        }
        let columns = usize::from(u16::from_le_bytes(rest.array("the column count")?));
        let rows = u32::from_le_bytes(rest.array("the row count")?) as usize;
        if columns > crate::schema::COLUMNS_MAX + 2 || rows > crate::query::ANSWER_ROWS_MAX as usize {
            return Err(BatchError::TooLarge { rows, columns });
        }
        let mut batch = RowBatch { rows, ..Default::default() };
        for _ in 0..columns {
            batch.columns.push(BatchColumn::read(rows, &mut rest)?);
        }
        batch.next = match codec::decode::<Tail>(rest.rest) {
            Ok(tail) => tail.next,
            Err(CodecError::Trailing(rest)) => return Err(BatchError::Trailing(rest)),
            Err(_) if rest.rest.is_empty() => return Err(BatchError::Truncated("the tail".to_owned())),
            Err(error) => return Err(BatchError::Unexpected(error.to_string())),
        };
        Ok(batch)
    }
}
