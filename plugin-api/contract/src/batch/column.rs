//! One column of a batch: its cells, and how they become bytes and are checked when they come back.

use super::BatchError;
use crate::codec;
use crate::value::{ColumnType, Value};
use uuid::Uuid;

/// Cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Int(Vec<i64>),
    Bool(Vec<u8>),
    Text { offsets: Vec<u32>, buffer: String },
    Bytes { offsets: Vec<u32>, buffer: Vec<u8> },
    Uuid(Vec<[u8; 16]>),
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchColumn {
    pub(super) name: String,
    pub(super) kind: ColumnType,
    /// Empty when no cell is null.
    pub(super) nulls: Vec<u8>,
    pub(super) data: Data,
}

/// Writes one cell of the row that is being built.
#[derive(Debug)]
pub struct CellWriter<'a> {
    column: &'a mut BatchColumn,
    row: usize,
}

impl<'a> CellWriter<'a> {
    pub(super) fn new(column: &'a mut BatchColumn, row: usize) -> Self {
        CellWriter { column, row }
    }

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
    pub(super) fn len(&self) -> usize {
        match &self.data {
            Data::Int(numbers) => numbers.len(),
            Data::Bool(truths) => truths.len(),
            Data::Text { offsets, .. } | Data::Bytes { offsets, .. } => offsets.len() - 1,
            Data::Uuid(ids) => ids.len(),
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    pub(super) fn push(&mut self, value: &Value, row: usize) {
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

    pub(super) fn wire_size(&self) -> usize {
        let data = match &self.data {
            Data::Int(numbers) => numbers.len() * 8,
            Data::Bool(truths) => truths.len(),
            Data::Text { offsets, buffer } => offsets.len() * 4 + buffer.len(),
            Data::Bytes { offsets, buffer } => offsets.len() * 4 + buffer.len(),
            Data::Uuid(ids) => ids.len() * 16,
        };
        data + self.nulls.len() + self.name.len() + 16
    }

    pub(super) fn write(&self, rows: usize, out: &mut Vec<u8>) {
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

    pub(super) fn read(rows: usize, rest: &mut Cursor<'_>) -> Result<Self, BatchError> {
        let kind_number = rest.take(1, "a column")?[0];
        let name_length = usize::from(rest.take(1, "a column's name")?[0]);
        let name = std::str::from_utf8(rest.take(name_length, "a column's name")?)
            .map_err(|_| BatchError::Utf8("(name)".to_owned()))?
            .to_owned();
        let kind: ColumnType = codec::decode(&[kind_number])
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

pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, count: usize, what: &str) -> Result<&'a [u8], BatchError> {
        if count > self.rest.len() {
            return Err(BatchError::Truncated(what.to_owned()));
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], BatchError> {
        let bytes = self.take(N, what)?;
        bytes.try_into().map_err(|_| BatchError::Truncated(what.to_owned()))
    }
}
