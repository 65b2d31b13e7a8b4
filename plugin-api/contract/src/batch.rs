//! Rows in bulk: typed columns, validated once at the border.
//!
//! Wire form (all integers little endian), the same across the ABI and through a runner's pipe:
//! ```text
//! u8 version = 1 | u16 columns | u32 rows | columns… | u32 next length, next (codec: list of values)
//! column: u8 type | u8 name length, name | u8 has nulls | nulls: ceil(rows/8) bytes, bit set = null | data
//! data:   Int, Time: rows × i64   Bool: rows × u8 (0, 1)   Uuid: rows × 16 bytes
//!         Text, Bytes: (rows + 1) × u32 offsets, rising from 0 to the buffer's length | buffer
//! ```
//! A null cell has 0, false, a zero UUID or an empty range.

use crate::codec::{self, Wire};
use crate::error::{ErrorCode, PluginError};
use crate::value::{ColumnType, Timestamp, Value};
use thiserror::Error;
use uuid::Uuid;

const VERSION: u8 = 1;

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

/// Cells of one column.
#[derive(Debug, Clone, PartialEq)]
enum Data {
    Int(Vec<i64>),
    Bool(Vec<u8>),
    Text { offsets: Vec<u32>, buffer: String },
    Bytes { offsets: Vec<u32>, buffer: Vec<u8> },
    Uuid(Vec<[u8; 16]>),
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchColumn {
    name: String,
    kind: ColumnType,
    /// Empty when no cell is null.
    nulls: Vec<u8>,
    data: Data,
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
        self.columns.get_mut(column).map(|column| CellWriter { column, row })
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
        let Some(cells) = self.columns.get(column).filter(|_| row < self.rows) else { return Value::Null };
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
        let mut next = Vec::new();
        self.next.write(&mut next);
        out.extend_from_slice(&(next.len() as u32).to_le_bytes());
        out.extend_from_slice(&next);
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
        let next_length = u32::from_le_bytes(rest.array("the continuation")?) as usize;
        let mut next = vec![codec::CODEC_VERSION];
        next.extend_from_slice(rest.take(next_length, "the continuation")?);
        batch.next = codec::decode(&next).map_err(|error| BatchError::Unexpected(error.to_string()))?;
        if rest.rest.is_empty() { Ok(batch) } else { Err(BatchError::Trailing(rest.rest.len())) }
    }
}

/// Writes one cell of the row that is being built.
#[derive(Debug)]
pub struct CellWriter<'a> {
    column: &'a mut BatchColumn,
    row: usize,
}

impl CellWriter<'_> {
    /// The column's type.
    pub fn kind(&self) -> ColumnType {
        self.column.kind
    }

    /// A null.
    pub fn null(self) {
        self.column.push(&Value::Null, self.row);
    }

    /// A number or time; ignored for other types, which [`RowBatch::end_row`] then reports.
    pub fn int(self, number: i64) {
        if let Data::Int(numbers) = &mut self.column.data {
            numbers.push(number);
        }
    }

    /// A truth value.
    pub fn bool(self, truth: bool) {
        if let Data::Bool(truths) = &mut self.column.data {
            truths.push(u8::from(truth));
        }
    }

    /// Text.
    pub fn text(self, text: &str) {
        if let Data::Text { offsets, buffer } = &mut self.column.data {
            buffer.push_str(text);
            offsets.push(buffer.len() as u32);
        }
    }

    /// Bytes.
    pub fn bytes(self, bytes: &[u8]) {
        if let Data::Bytes { offsets, buffer } = &mut self.column.data {
            buffer.extend_from_slice(bytes);
            offsets.push(buffer.len() as u32);
        }
    }

    /// A UUID.
    pub fn uuid(self, id: Uuid) {
        if let Data::Uuid(ids) = &mut self.column.data {
            ids.push(id.into_bytes());
        }
    }
}

impl BatchColumn {
    fn len(&self) -> usize {
        match &self.data {
            Data::Int(numbers) => numbers.len(),
            Data::Bool(truths) => truths.len(),
            Data::Text { offsets, .. } | Data::Bytes { offsets, .. } => offsets.len() - 1,
            Data::Uuid(ids) => ids.len(),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    fn push(&mut self, value: &Value, row: usize) {
        if *value == Value::Null {
            self.nulls.resize(self.nulls.len().max(row / 8 + 1), 0);
            self.nulls[row / 8] |= 1 << (row % 8);
        }
        match &mut self.data {
            Data::Int(numbers) => numbers.push(value.as_int().unwrap_or(0)),
            Data::Bool(truths) => truths.push(u8::from(*value == Value::Bool(true))),
            Data::Text { offsets, buffer } => {
                buffer.push_str(value.as_text().unwrap_or_default());
                offsets.push(buffer.len() as u32);
            }
            Data::Bytes { offsets, buffer } => {
                if let Value::Bytes(bytes) = value {
                    buffer.extend_from_slice(bytes);
                }
                offsets.push(buffer.len() as u32);
            }
            Data::Uuid(ids) => ids.push(value.as_uuid().unwrap_or_default().into_bytes()),
        }
    }

    fn wire_size(&self) -> usize {
        let data = match &self.data {
            Data::Int(numbers) => numbers.len() * 8,
            Data::Bool(truths) => truths.len(),
            Data::Text { offsets, buffer } => offsets.len() * 4 + buffer.len(),
            Data::Bytes { offsets, buffer } => offsets.len() * 4 + buffer.len(),
            Data::Uuid(ids) => ids.len() * 16,
        };
        data + self.nulls.len() + self.name.len() + 16
    }

    fn write(&self, rows: usize, out: &mut Vec<u8>) {
        out.push(self.kind as u8);
        out.push(self.name.len() as u8);
        out.extend_from_slice(self.name.as_bytes());
        out.push(u8::from(!self.nulls.is_empty()));
        if !self.nulls.is_empty() {
            out.extend_from_slice(&self.nulls);
            out.resize(out.len() + rows.div_ceil(8) - self.nulls.len(), 0);
        }
        match &self.data {
            Data::Int(numbers) => numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes())),
            Data::Bool(truths) => out.extend_from_slice(truths),
            Data::Text { offsets, buffer } => {
                offsets.iter().for_each(|offset| out.extend_from_slice(&offset.to_le_bytes()));
                out.extend_from_slice(buffer.as_bytes());
            }
            Data::Bytes { offsets, buffer } => {
                offsets.iter().for_each(|offset| out.extend_from_slice(&offset.to_le_bytes()));
                out.extend_from_slice(buffer);
            }
            Data::Uuid(ids) => ids.iter().for_each(|id| out.extend_from_slice(id)),
        }
    }

    fn read(rows: usize, rest: &mut Cursor<'_>) -> Result<Self, BatchError> {
        let kind_number = rest.take(1, "a column")?[0];
        let name_length = usize::from(rest.take(1, "a column's name")?[0]);
        let name = std::str::from_utf8(rest.take(name_length, "a column's name")?)
            .map_err(|_| BatchError::Utf8("(name)".to_owned()))?
            .to_owned();
        let kind: ColumnType = codec::decode(&[codec::CODEC_VERSION, kind_number])
            .map_err(|_| BatchError::UnknownType { column: name.clone(), kind: kind_number })?;
        let nulls = match rest.take(1, &name)?[0] {
            0 => Vec::new(),
            1 => rest.take(rows.div_ceil(8), &name)?.to_vec(),
            _ => return Err(BatchError::Range(name)),
        };
        if let Some(last) = nulls.last().filter(|_| !rows.is_multiple_of(8))
            && last >> (rows % 8) != 0
        {
            return Err(BatchError::Range(name));
        }
        let data = match kind {
            ColumnType::Int | ColumnType::Time => Data::Int(read_numbers(rest.take(rows * 8, &name)?)),
            ColumnType::Bool => {
                let truths = rest.take(rows, &name)?;
                if truths.iter().any(|&truth| truth > 1) {
                    return Err(BatchError::Range(name));
                }
                Data::Bool(truths.to_vec())
            }
            ColumnType::Uuid => Data::Uuid(rest.take(rows * 16, &name)?.as_chunks::<16>().0.to_vec()),
            ColumnType::Text => {
                let (offsets, bytes) = read_ranges(rows, &name, rest)?;
                let buffer = String::from_utf8(bytes.to_vec()).map_err(|_| BatchError::Utf8(name.clone()))?;
                if let Some(row) = offsets.iter().position(|&offset| !buffer.is_char_boundary(offset as usize)) {
                    return Err(BatchError::BadOffset { column: name, row });
                }
                Data::Text { offsets, buffer }
            }
            ColumnType::Bytes => {
                let (offsets, bytes) = read_ranges(rows, &name, rest)?;
                Data::Bytes { offsets, buffer: bytes.to_vec() }
            }
        };
        Ok(BatchColumn { name, kind, nulls, data })
    }
}

fn read_numbers(bytes: &[u8]) -> Vec<i64> {
    bytes.as_chunks::<8>().0.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect()
}

fn read_ranges<'a>(rows: usize, name: &str, rest: &mut Cursor<'a>) -> Result<(Vec<u32>, &'a [u8]), BatchError> {
    let raw = rest.take((rows + 1) * 4, name)?;
    let offsets: Vec<u32> = raw.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk)).collect();
    if offsets[0] != 0 {
        return Err(BatchError::BadOffset { column: name.to_owned(), row: 0 });
    }
    if let Some(row) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
        return Err(BatchError::BadOffset { column: name.to_owned(), row });
    }
    let length = offsets[rows] as usize;
    if length > rest.rest.len() {
        return Err(BatchError::BadOffset { column: name.to_owned(), row: rows });
    }
    Ok((offsets, rest.take(length, name)?))
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize, what: &str) -> Result<&'a [u8], BatchError> {
        if count > self.rest.len() {
            return Err(BatchError::Truncated(what.to_owned()));
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], BatchError> {
        let bytes = self.take(N, what)?;
        bytes.try_into().map_err(|_| BatchError::Truncated(what.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> RowBatch {
        let mut batch = RowBatch::with_columns([
            ("id", ColumnType::Uuid),
            ("name", ColumnType::Text),
            ("price", ColumnType::Int),
            ("food", ColumnType::Bool),
            ("image", ColumnType::Bytes),
            ("at", ColumnType::Time),
        ]);
        for row in 0..11i64 {
            let name = if row % 3 == 0 { Value::Null } else { Value::from("crème brûlée") };
            batch
                .push(&[
                    Value::Uuid(Uuid::from_u128(row as u128)),
                    name,
                    Value::Int(row * -7),
                    Value::Bool(row % 2 == 0),
                    Value::Bytes(vec![row as u8; row as usize]),
                    Value::Time(row),
                ])
                .unwrap();
        }
        batch.set_next(vec![Value::Int(5), Value::Uuid(Uuid::from_u128(9))]);
        batch
    }

    #[test]
    fn comes_back_whole() {
        let batch = sample();
        let back = RowBatch::from_bytes(&batch.to_bytes()).unwrap();
        assert_eq!(back.len(), 11);
        assert_eq!(back.next(), batch.next());
        for row in 0..11 {
            assert_eq!(back.row(row), batch.row(row));
        }
        assert_eq!(back.text(1, 1), Some("crème brûlée"));
        assert_eq!(back.text(0, 1), None);
        assert_eq!(back.int(10, 2), Some(-70));
    }

    #[test]
    fn refuses_rows_that_do_not_fit() {
        let mut batch = RowBatch::with_columns([("a", ColumnType::Int)]);
        assert!(batch.push(&[]).is_err());
        assert!(batch.push(&[Value::from("x")]).is_err());
        batch.column_mut(0).unwrap().text("x");
        assert!(batch.end_row().is_err());
    }

    #[test]
    fn every_cut_and_every_flip_is_answered() {
        let good = sample().to_bytes();
        for cut in 0..good.len() {
            assert!(RowBatch::from_bytes(&good[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                if let Ok(batch) = RowBatch::from_bytes(&bad) {
                    // Whatever was accepted must be readable cell by cell.
                    for row in 0..batch.len() {
                        let _ = batch.row(row);
                    }
                }
            }
        }
    }

    #[test]
    fn names_each_lie() {
        let mut batch = RowBatch::with_columns([("t", ColumnType::Text)]);
        batch.push(&[Value::from("é")]).unwrap();
        let good = batch.to_bytes();
        // version 1, columns 2, rows 4, type 1, name length 1, name 1, nulls 1, offsets 8, buffer 2
        let check = |at: usize, byte: u8, expected: BatchError| {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(RowBatch::from_bytes(&bad).unwrap_err(), expected, "byte {at}");
        };
        check(0, 2, BatchError::Version(2));
        check(7, 99, BatchError::UnknownType { column: "t".into(), kind: 99 });
        check(10, 7, BatchError::Range("t".into()));
        check(11, 1, BatchError::BadOffset { column: "t".into(), row: 0 });
        check(15, 200, BatchError::BadOffset { column: "t".into(), row: 1 });
        check(19, 0xff, BatchError::Utf8("t".into()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_without_panic(bytes: Vec<u8>) {
            let _ = RowBatch::from_bytes(&bytes);
        }
    }
}
