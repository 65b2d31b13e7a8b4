//! The bytes of every message: CBOR (RFC 8949) by `minicbor`, with the growth rules of this contract on top.
//!
//! What crosses the plugin boundary, what a runner's pipe carries, what a transaction's content hash is computed over.
//! Rules, so that both sides can grow apart without a layout to agree on:
//! - A message is one CBOR item. A struct is a map from field numbers to values; a field that holds its default is not
//!   written, a missing field is its default, and a field that the reader does not know is skipped. The writer gives fields
//!   in the order of their declaration, so equal values have equal bytes; a reader takes any order, but no field twice.
//! - An enum is a number. A number that the reader does not know is the enum's declared fallback; a *strict* enum has none:
//!   the whole message is refused with [`CodecError::Newer`] before anything happened.
//! - A *strict* struct (a transaction, a query, a payment intent) may get fields that must not be skipped: they say `since`
//!   which version of the struct they are part of, and a message that uses one carries that version under field 0. A reader
//!   that knows less refuses it with [`CodecError::Newer`].
//! - A value that only newer readers know can be written differently for an older one: the [`Writer`] knows the [`ApiVersion`]
//!   of its peer.
//! - A message decodes as a whole or not at all, and its memory is bounded by its items as well as by its bytes.

#[macro_use]
mod declare;
mod plain;
#[cfg(test)]
mod tests;

use crate::api::ApiVersion;
use minicbor::decode::{Decoder, Error as CborError};
use minicbor::encode::Encoder;
pub use minicbor::encode::Write as Sink;
use thiserror::Error;

/// The largest message either side accepts, in bytes: a transaction's 16 MiB and room for its names.
pub const MESSAGE_BYTES_MAX: usize = 24 * 1024 * 1024;

/// The most memory that the list items of one message may take, in bytes: the largest transaction has a million values of
/// 32 bytes.
pub const ITEMS_MEMORY_MAX: usize = 64 * 1024 * 1024;

/// Items for which memory is taken before they were seen.
const CAPACITY_MAX: usize = 4096;

/// Why bytes were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The message uses something that came after this side was built, and that must not be skipped.
    #[error("the message needs version {version} of {of}, this side knows {known}")]
    Newer {
        /// The struct or enum.
        of: &'static str,
        /// The version that the message needs, or the variant that is not known.
        version: u64,
        /// What this side knows.
        known: u64,
    },
    /// No CBOR, or another type than the field has.
    #[error("the message cannot be read{}{of}: {reason}", if of.is_empty() { "" } else { " at " })]
    Malformed {
        /// The field that was read; may be empty.
        of: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// A field stands twice.
    #[error("{of} has part {field} twice")]
    Twice {
        /// The struct.
        of: &'static str,
        /// The field's number.
        field: u64,
    },
    /// Bytes follow after the value.
    #[error("{0} bytes follow after the message")]
    Trailing(usize),
    /// The message is larger than [`MESSAGE_BYTES_MAX`].
    #[error("message of {0} bytes is larger than the limit of {MESSAGE_BYTES_MAX}")]
    TooLarge(usize),
    /// The items would take more than [`ITEMS_MEMORY_MAX`].
    #[error("the lists of the message would take more than {ITEMS_MEMORY_MAX} bytes of memory")]
    TooMany,
}

impl From<CborError> for CodecError {
    fn from(error: CborError) -> Self {
        CodecError::Malformed { of: "", reason: error.to_string() }
    }
}

impl CodecError {
    /// The same error, naming the innermost field that it is in.
    #[must_use]
    pub fn inside(self, field: &'static str) -> Self {
        match self {
            CodecError::Malformed { of: "", reason } => CodecError::Malformed { of: field, reason },
            other => other,
        }
    }
}

/// The fields of a struct that were read.
#[derive(Debug, Default)]
pub struct Seen(u64);

impl Seen {
    /// Notes a field. Two values of one field would leave open which is meant.
    ///
    /// # Errors
    /// [`CodecError::Twice`].
    pub fn once(&mut self, of: &'static str, field: u64) -> Result<(), CodecError> {
        // Fields that this side does not know are skipped anyway; no struct has more than 63 that it knows.
        let Some(bit) = u32::try_from(field).ok().and_then(|field| 1u64.checked_shl(field)) else { return Ok(()) };
        if self.0 & bit != 0 {
            return Err(CodecError::Twice { of, field });
        }
        self.0 |= bit;
        Ok(())
    }
}

/// Refuses a strict struct that needs more than this side knows.
///
/// # Errors
/// [`CodecError::Newer`].
pub fn check_version(of: &'static str, version: u64, known: u64) -> Result<(), CodecError> {
    if version > known { Err(CodecError::Newer { of, version, known }) } else { Ok(()) }
}

/// Writes one message, for a peer of a known version. `W` is where the bytes go: a `Vec<u8>`, or the other side's buffer.
#[derive(Debug)]
pub struct Writer<W> {
    cbor: Encoder<W>,
    peer: ApiVersion,
}

impl<W: Sink> Writer<W> {
    /// Writes behind what is in `out`.
    pub fn new(out: W, peer: ApiVersion) -> Self {
        Writer { cbor: Encoder::new(out), peer }
    }

    /// Who reads it.
    pub fn peer(&self) -> ApiVersion {
        self.peer
    }

    /// Writes with the CBOR encoder. The buffers of this contract do not fail; one that does loses what follows, which the
    /// reader notices as a message that ends too early.
    fn cbor<T>(&mut self, write: impl FnOnce(&mut Encoder<W>) -> T) {
        let _ = write(&mut self.cbor);
    }

    /// Begins a map of so many fields.
    pub fn map(&mut self, fields: u64) {
        self.cbor(|cbor| cbor.map(fields).is_ok());
    }

    /// Begins a list of so many items.
    pub fn list(&mut self, items: u64) {
        self.cbor(|cbor| cbor.array(items).is_ok());
    }

    /// A number that is not negative.
    pub fn number(&mut self, number: u64) {
        self.cbor(|cbor| cbor.u64(number).is_ok());
    }
}

/// A buffer of this side.
#[derive(Debug)]
pub struct Buffer<'a>(pub &'a mut Vec<u8>);

impl Sink for Buffer<'_> {
    type Error = std::convert::Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        // Most of what a message consists of is one byte long.
        match bytes {
            [byte] => self.0.push(*byte),
            bytes => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }
}

/// Reads one message.
#[derive(Debug)]
pub struct Reader<'a> {
    cbor: Decoder<'a>,
    bytes: usize,
    /// What is left of [`ITEMS_MEMORY_MAX`].
    memory: usize,
}

impl<'a> Reader<'a> {
    /// Over the bytes of one message.
    ///
    /// # Errors
    /// [`CodecError::TooLarge`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(CodecError::TooLarge(bytes.len()));
        }
        Ok(Reader { cbor: Decoder::new(bytes), bytes: bytes.len(), memory: ITEMS_MEMORY_MAX })
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// [`CodecError::Trailing`].
    pub fn end(&self) -> Result<(), CodecError> {
        match self.bytes - self.cbor.position() {
            0 => Ok(()),
            rest => Err(CodecError::Trailing(rest)),
        }
    }

    /// The number of a map's fields; `None`: until [`Reader::at_break`].
    ///
    /// # Errors
    /// It is no map.
    pub fn map(&mut self) -> Result<Option<u64>, CodecError> {
        Ok(self.cbor.map()?)
    }

    /// The number of a list's items; `None`: until [`Reader::at_break`].
    ///
    /// # Errors
    /// It is no list.
    pub fn list(&mut self) -> Result<Option<u64>, CodecError> {
        Ok(self.cbor.array()?)
    }

    /// Takes the end of a map or list of unknown length, if it is here.
    ///
    /// # Errors
    /// The message ends.
    pub fn at_break(&mut self) -> Result<bool, CodecError> {
        let here = self.cbor.datatype()? == minicbor::data::Type::Break;
        if here {
            self.cbor.skip()?;
        }
        Ok(here)
    }

    /// Takes a null, if it is here.
    ///
    /// # Errors
    /// The message ends.
    pub fn at_null(&mut self) -> Result<bool, CodecError> {
        let here = self.cbor.datatype()? == minicbor::data::Type::Null;
        if here {
            self.cbor.null()?;
        }
        Ok(here)
    }

    /// Whether another field or item comes; counts `left` down.
    ///
    /// # Errors
    /// The message ends.
    pub fn another(&mut self, left: &mut Option<u64>) -> Result<bool, CodecError> {
        match left {
            None => Ok(!self.at_break()?),
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
        }
    }

    /// A number that is not negative.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&mut self) -> Result<u64, CodecError> {
        Ok(self.cbor.u64()?)
    }

    /// Passes over one value, whatever it is.
    ///
    /// # Errors
    /// It is no CBOR.
    pub fn skip(&mut self) -> Result<(), CodecError> {
        Ok(self.cbor.skip()?)
    }

    /// Accounts for memory that an item takes.
    fn charge(&mut self, bytes: usize) -> Result<(), CodecError> {
        self.memory = self.memory.checked_sub(bytes).ok_or(CodecError::TooMany)?;
        Ok(())
    }
}

/// A value that can be written.
pub trait Encode {
    /// Appends the value.
    fn write<W: Sink>(&self, out: &mut Writer<W>);
}

/// A value that can be written and read.
pub trait Wire: Encode + Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The bytes are something else.
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError>;
}

/// Encodes one message for a reader of this version, to be kept or hashed. Equal values give equal bytes.
pub fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    encode_for(value, ApiVersion::OWN)
}

/// Encodes one message for a peer of that version.
pub fn encode_for<T: Encode + ?Sized>(value: &T, peer: ApiVersion) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    value.write(&mut Writer::new(Buffer(&mut out), peer));
    out
}

/// Decodes one whole message.
///
/// # Errors
/// See [`CodecError`].
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, CodecError> {
    let mut reader = Reader::new(bytes)?;
    let value = T::read(&mut reader)?;
    reader.end()?;
    Ok(value)
}
