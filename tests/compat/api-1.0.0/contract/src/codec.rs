//! The one versioned byte codec: what crosses the plugin boundary, what a runner's pipe carries, what a transaction's
//! content hash is computed over.
//!
//! Rules, so that both sides can grow apart without a layout to agree on:
//! - A message is the codec's version (one byte), then a value.
//! - A struct is the number of its written fields, then each as `field number, value`, in ascending order. A field that
//!   holds its default is not written, so equal values have equal bytes and an old reader understands a new writer that
//!   does not use what is new. A missing field is its default; an unknown field number is refused.
//! - Integers are LEB128 (signed ones zigzag first), text and bytes are length-prefixed, lists count their items.
//! - A message decodes as a whole or not at all; bytes left over are an error. Nothing is allocated for more items than
//!   bytes remain.

use thiserror::Error;

/// The version of the encoding itself. It changes only if the rules above change.
pub const CODEC_VERSION: u8 = 1;

/// The largest message either side accepts, in bytes: a transaction's 16 MiB and room for its names.
pub const MESSAGE_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Why bytes were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The message was made by another version of the codec.
    #[error("message has codec version {0}, this side speaks {CODEC_VERSION}")]
    Version(u8),
    /// The bytes end in the middle of a value.
    #[error("message ends in the middle of {0}")]
    Truncated(&'static str),
    /// Bytes follow after the value.
    #[error("{0} bytes follow after the message")]
    Trailing(usize),
    /// A field that this side does not know, or one out of order.
    #[error("{of} has a part number {field} that this side does not know")]
    UnknownField {
        /// The struct.
        of: &'static str,
        /// The field's number.
        field: u64,
    },
    /// A variant that this side does not know.
    #[error("{of} has a variant {variant} that this side does not know")]
    UnknownVariant {
        /// The enum.
        of: &'static str,
        /// The variant's number.
        variant: u64,
    },
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A number outside its type's range.
    #[error("a number is out of range for {0}")]
    Range(&'static str),
    /// The message is larger than [`MESSAGE_BYTES_MAX`].
    #[error("message of {0} bytes is larger than the limit of {MESSAGE_BYTES_MAX}")]
    TooLarge(usize),
}

/// A value that can be written to and read from bytes.
pub trait Wire: Sized {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads the value.
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError>;
}

/// Encodes one message. Equal values give equal bytes.
pub fn encode<T: Wire>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.push(CODEC_VERSION);
    value.write(&mut out);
    out
}

/// Decodes one whole message.
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, CodecError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(CodecError::TooLarge(bytes.len()));
    }
    let mut reader = Reader { rest: bytes };
    let version = reader.byte("a message")?;
    if version != CODEC_VERSION {
        return Err(CodecError::Version(version));
    }
    let value = T::read(&mut reader)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(CodecError::Trailing(reader.rest.len())) }
}

/// Reads values from a slice.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// One byte.
    pub fn byte(&mut self, what: &'static str) -> Result<u8, CodecError> {
        let (first, rest) = self.rest.split_first().ok_or(CodecError::Truncated(what))?;
        self.rest = rest;
        Ok(*first)
    }

    /// `count` bytes.
    pub fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], CodecError> {
        if count > self.rest.len() {
            return Err(CodecError::Truncated(what));
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number.
    pub fn number(&mut self) -> Result<u64, CodecError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte("a number")?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(CodecError::Range("u64"));
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                // One encoding per number: a last group of zero could have been left out.
                return if byte == 0 && shift > 0 { Err(CodecError::Range("shortest form")) } else { Ok(value) };
            }
        }
        Err(CodecError::Range("u64"))
    }

    /// A length or count that cannot exceed what remains.
    pub fn count(&mut self, what: &'static str) -> Result<usize, CodecError> {
        let count = usize::try_from(self.number()?).map_err(|_| CodecError::Range(what))?;
        if count > self.rest.len() { Err(CodecError::Truncated(what)) } else { Ok(count) }
    }
}

/// Appends an unsigned LEB128 number.
pub fn write_number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

impl Wire for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(*self, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        from.number()
    }
}

impl Wire for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(u64::from(*self), out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        u32::try_from(from.number()?).map_err(|_| CodecError::Range("u32"))
    }
}

impl Wire for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(((*self << 1) ^ (*self >> 63)) as u64, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let raw = from.number()?;
        Ok(((raw >> 1) as i64) ^ -((raw & 1) as i64))
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        match from.byte("a truth value")? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CodecError::Range("bool")),
        }
    }
}

impl Wire for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(self.len() as u64, out);
        out.extend_from_slice(self.as_bytes());
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = from.count("text")?;
        let bytes = from.take(count, "text")?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| CodecError::Utf8)
    }
}

impl Wire for Vec<u8> {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(self.len() as u64, out);
        out.extend_from_slice(self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = from.count("bytes")?;
        Ok(from.take(count, "bytes")?.to_vec())
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(self.len() as u64, out);
        for item in self {
            item.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = from.count("a list")?;
        let mut items = Vec::with_capacity(count.min(4096));
        for _ in 0..count {
            items.push(T::read(from)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.write(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        match from.byte("an option")? {
            0 => Ok(None),
            1 => Ok(Some(T::read(from)?)),
            _ => Err(CodecError::Range("option")),
        }
    }
}

impl Wire for () {
    fn write(&self, _: &mut Vec<u8>) {}
    fn read(_: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(())
    }
}

impl Wire for uuid::Uuid {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let bytes: [u8; 16] = from.take(16, "a uuid")?.try_into().map_err(|_| CodecError::Truncated("a uuid"))?;
        Ok(uuid::Uuid::from_bytes(bytes))
    }
}

/// Declares a struct whose fields have numbers, and its encoding. All fields are public and need `Default + PartialEq`.
///
/// ```
/// use aurapos_contract::{codec, wire_struct};
/// wire_struct! {
///     /// A point.
///     pub struct Point {
///         /// Pixels from the left.
///         1 => x: i64,
///         /// Pixels from the top.
///         2 => y: i64,
///     }
/// }
/// let bytes = codec::encode(&Point { x: 3, y: 0 });
/// assert_eq!(bytes, [1, 1, 1, 6]); // version, one field, number 1, zigzag(3); y is at its default
/// assert_eq!(codec::decode::<Point>(&bytes).unwrap(), Point { x: 3, y: 0 });
/// ```
#[macro_export]
macro_rules! wire_struct {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* $number:literal => $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::codec::Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                let mut written = 0u64;
                $(if self.$field != <$type as Default>::default() { written += 1; })*
                $crate::codec::write_number(written, out);
                $(if self.$field != <$type as Default>::default() {
                    $crate::codec::write_number($number, out);
                    $crate::codec::Wire::write(&self.$field, out);
                })*
            }
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                let mut value = Self::default();
                let fields = from.number()?;
                let mut last = 0u64;
                for _ in 0..fields {
                    let field = from.number()?;
                    if field <= last {
                        return Err($crate::codec::CodecError::UnknownField { of: stringify!($name), field });
                    }
                    last = field;
                    match field {
                        $($number => value.$field = $crate::codec::Wire::read(from)?,)*
                        _ => return Err($crate::codec::CodecError::UnknownField { of: stringify!($name), field }),
                    }
                }
                Ok(value)
            }
        }
    };
}

/// Declares an enum without data whose variants have numbers, and its encoding. The first variant is the default; new
/// variants may be appended, and a reader that does not know one refuses the message.
#[macro_export]
macro_rules! wire_enum {
    ($(#[$meta:meta])* pub enum $name:ident {
        $(#[$first_meta:meta])* $first_number:literal => $first:ident,
        $($(#[$variant_meta:meta])* $number:literal => $variant:ident,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[non_exhaustive]
        pub enum $name { $(#[$first_meta])* #[default] $first = $first_number, $($(#[$variant_meta])* $variant = $number,)* }

        impl $crate::codec::Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $crate::codec::write_number(*self as u64, out);
            }
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                match from.number()? {
                    $first_number => Ok(Self::$first),
                    $($number => Ok(Self::$variant),)*
                    variant => Err($crate::codec::CodecError::UnknownVariant { of: stringify!($name), variant }),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    wire_struct! {
        /// What an old side knows.
        pub struct Old {
            /// A.
            1 => a: i64,
            /// B.
            2 => b: Vec<String>,
        }
    }
    wire_struct! {
        /// What a newer side knows.
        pub struct New {
            /// A.
            1 => a: i64,
            /// B.
            2 => b: Vec<String>,
            /// C.
            3 => c: Option<u32>,
        }
    }

    #[test]
    fn sides_grow_apart_without_misunderstanding() {
        let old = Old { a: -5, b: vec!["x".into(), String::new()] };
        let new: New = decode(&encode(&old)).unwrap();
        assert_eq!(new, New { a: -5, b: old.b.clone(), c: None });
        assert_eq!(encode(&new), encode(&old), "what is new and unused leaves no trace");
        let used = New { c: Some(7), ..new };
        assert_eq!(decode::<Old>(&encode(&used)), Err(CodecError::UnknownField { of: "Old", field: 3 }));
    }

    #[test]
    fn refuses_what_it_cannot_mean() {
        let good = encode(&Old { a: 1, b: vec!["ab".into()] });
        for cut in 0..good.len() {
            assert!(decode::<Old>(&good[..cut]).is_err(), "cut at {cut}");
        }
        let mut long = good.clone();
        long.push(0);
        assert_eq!(decode::<Old>(&long), Err(CodecError::Trailing(1)));
        let mut other = good;
        other[0] = 9;
        assert_eq!(decode::<Old>(&other), Err(CodecError::Version(9)));
        assert_eq!(decode::<Old>(&[1, 2, 1, 2, 1, 2]), Err(CodecError::UnknownField { of: "Old", field: 1 }), "twice");
        assert_eq!(decode::<Vec<String>>(&[1, 0xff, 0xff, 0xff, 0x7f]), Err(CodecError::Truncated("a list")));
        assert_eq!(decode::<String>(&[1, 1, 0xff]), Err(CodecError::Utf8));
        assert_eq!(decode::<u64>(&[1, 0x80, 0x00]), Err(CodecError::Range("shortest form")));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(a: i64, b: Vec<String>, c: Option<u32>) {
            let value = New { a, b, c };
            prop_assert_eq!(decode::<New>(&encode(&value)).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_answered_without_panic(bytes: Vec<u8>) {
            let _ = decode::<New>(&bytes);
        }
    }
}
