//! The values a record can hold.

use crate::codec::{CodecError, Encode, Reader, Sink, Wire, Writer};
use uuid::Uuid;

/// Microseconds since 1970-01-01T00:00:00Z, UTC, without leap seconds.
pub type Timestamp = i64;

/// The earliest [`Timestamp`] that a record can hold: 24 November 4714 BC, the first day that every engine's calendar has
/// (PostgreSQL's `timestamptz`). Questions may be asked with any.
pub const TIME_MIN: Timestamp = -210_866_803_200_000_000;

/// The longest text in a record, in bytes of UTF-8 (NFC, without U+0000, which not every engine keeps).
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// The longest byte string in a record.
pub const BYTES_MAX: usize = 1024 * 1024;
/// The longest text or byte string in a column of a key or index. Not every engine's index holds more than
/// [`INDEX_ROW_BYTES_MAX`] a row.
pub const INDEXED_BYTES_MAX: usize = 1024;
/// The most bytes that a row of an index may take, its key included, when all its texts are as long as they may be. A
/// third of a page of PostgreSQL's is 2,704 bytes.
pub const INDEX_ROW_BYTES_MAX: usize = 2_600;

wire_enum! {
    /// The type of a column. There are no floats: money, quantities and rates are integers in the schema's unit.
    pub strict enum ColumnType {
        /// `i64`.
        1 => Int,
        /// Truth value.
        2 => Bool,
        /// UTF-8 in NFC without U+0000, at most [`TEXT_BYTES_MAX`] bytes, in a key or index [`INDEXED_BYTES_MAX`].
        3 => Text,
        /// At most [`BYTES_MAX`] bytes, in a key or index [`INDEXED_BYTES_MAX`].
        4 => Bytes,
        /// A UUID.
        5 => Uuid,
        /// [`Timestamp`], at least [`TIME_MIN`].
        6 => Time,
    }
}

/// One value of a record.
///
/// The derived order is the order of every storage: nulls first, integers and times by number, text and bytes by byte,
/// UUIDs by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// See [`ColumnType::Int`].
    Int(i64),
    /// See [`ColumnType::Bool`].
    Bool(bool),
    /// See [`ColumnType::Text`].
    Text(String),
    /// See [`ColumnType::Bytes`].
    Bytes(Vec<u8>),
    /// See [`ColumnType::Uuid`].
    Uuid(Uuid),
    /// See [`ColumnType::Time`].
    Time(Timestamp),
}

impl Value {
    /// The column type this value fits, or `None` for null, which fits every nullable column.
    pub fn column_type(&self) -> Option<ColumnType> {
        Some(match self {
            Value::Null => return None,
            Value::Int(_) => ColumnType::Int,
            Value::Bool(_) => ColumnType::Bool,
            Value::Text(_) => ColumnType::Text,
            Value::Bytes(_) => ColumnType::Bytes,
            Value::Uuid(_) => ColumnType::Uuid,
            Value::Time(_) => ColumnType::Time,
        })
    }

    /// The number in an `Int` or `Time`.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) | Value::Time(number) => Some(*number),
            _ => None,
        }
    }

    /// The text in a `Text`.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The UUID in a `Uuid`.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Value::Uuid(id) => Some(*id),
            _ => None,
        }
    }

    /// Roughly how many bytes the value takes, for the limits of a transaction.
    pub fn size(&self) -> usize {
        match self {
            Value::Text(text) => text.len() + 2,
            Value::Bytes(bytes) => bytes.len() + 4,
            Value::Uuid(_) => 17,
            _ => 9,
        }
    }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::$variant(value)
            }
        })*
    };
}
value_from!(i64 => Int, bool => Bool, String => Text, Vec<u8> => Bytes, Uuid => Uuid);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl Encode for Value {
    /// Null, or a list of the column type's number and the value.
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        let Some(kind) = self.column_type() else { return ().write(out) };
        out.list(2);
        kind.write(out);
        match self {
            Value::Null => {}
            Value::Int(number) | Value::Time(number) => number.write(out),
            Value::Bool(truth) => truth.write(out),
            Value::Text(text) => text.write(out),
            Value::Bytes(bytes) => bytes.write(out),
            Value::Uuid(id) => id.write(out),
        }
    }
}

impl Wire for Value {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        if from.at_null()? {
            return Ok(Value::Null);
        }
        if from.list()? != Some(2) {
            return Err(CodecError::Malformed { of: "a value", reason: "not a type and a value".to_owned() });
        }
        Ok(match ColumnType::read(from)? {
            ColumnType::Int => Value::Int(i64::read(from)?),
            ColumnType::Bool => Value::Bool(bool::read(from)?),
            ColumnType::Text => Value::Text(String::read(from)?),
            ColumnType::Bytes => Value::Bytes(Vec::<u8>::read(from)?),
            ColumnType::Uuid => Value::Uuid(Uuid::read(from)?),
            ColumnType::Time => Value::Time(i64::read(from)?),
        })
    }
}
