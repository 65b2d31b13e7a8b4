//! The byte form of what is written into the journal: a version byte, big-endian integers, length-prefixed UTF-8.
//!
//! One value has exactly one form, so that a hash over it means something. The engine writes its own kinds of entries
//! with the same `Writer` and `Reader`. A form never changes once a sale was stored with it: a change is a new version,
//! and readers know all versions.

use uuid::Uuid;

/// The largest body in bytes; the store's limit for bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The longest text in bytes; the store's limit for text.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What can be wrong with the bytes of a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Written by a newer program.
    #[error("the entry has version {found}, this program reads up to {known}")]
    UnknownVersion {
        /// The version that was found.
        found: u8,
        /// The newest version that is known.
        known: u8,
    },
    /// The bytes end in the middle of a value.
    #[error("the entry is cut off at byte {at}")]
    CutOff {
        /// Where reading failed.
        at: usize,
    },
    /// Bytes are left after the last value.
    #[error("the entry has {count} bytes too many")]
    TrailingBytes {
        /// How many are left.
        count: usize,
    },
    /// A text is not UTF-8.
    #[error("the text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where it starts.
        at: usize,
    },
    /// A value that is not possible.
    #[error("{what} in the entry is not possible")]
    BadValue {
        /// Which value.
        what: &'static str,
    },
    /// A text or a body above its limit.
    #[error("{what} has {bytes} bytes, more than {limit}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How many bytes it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
}

/// Builds a body. Errors are kept and reported by `finish`, so that writing reads as a plain list.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    error: Option<BodyError>,
}

impl BodyError {
    /// What a newer program may have written: another version, or a value that this one does not know.
    pub const fn may_be_newer(&self) -> bool {
        matches!(self, BodyError::UnknownVersion { .. } | BodyError::BadValue { .. })
    }
}

impl Writer {
    /// Starts a body of a version.
    pub fn new(version: u8) -> Writer {
        Writer { bytes: vec![version], error: None }
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    /// `1` or `0`.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }

    /// Two bytes, big endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Four bytes, big endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Four bytes, big endian, two's complement.
    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Eight bytes, big endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Eight bytes, big endian, two's complement.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// The 16 bytes of a UUID.
    pub fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.bytes.extend_from_slice(value.as_bytes());
        self
    }

    /// A length (u32) and so many bytes of UTF-8; at most `TEXT_BYTES_MAX`.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.prefixed("a text", value.as_bytes(), TEXT_BYTES_MAX)
    }

    /// A length (u32) and so many bytes; at most `BODY_BYTES_MAX`.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.prefixed("a value", value, BODY_BYTES_MAX)
    }

    /// `0`, or `1` and what `write` writes.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
        self
    }

    /// A count (u32) and each item.
    pub fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) -> &mut Self {
        match u32::try_from(items.len()) {
            Ok(count) => self.u32(count),
            Err(_) => self.fail("a list", items.len(), u32::MAX as usize),
        };
        for item in items {
            write(self, item);
        }
        self
    }

    /// The body; fails when a text, a value or the whole is too long.
    pub fn finish(self) -> Result<Vec<u8>, BodyError> {
        match self.error {
            Some(error) => Err(error),
            None if self.bytes.len() > BODY_BYTES_MAX => {
                Err(BodyError::TooLong { what: "the body", bytes: self.bytes.len(), limit: BODY_BYTES_MAX })
            }
            None => Ok(self.bytes),
        }
    }

    fn prefixed(&mut self, what: &'static str, value: &[u8], limit: usize) -> &mut Self {
        match u32::try_from(value.len()) {
            Ok(length) if value.len() <= limit => {
                self.u32(length);
                self.bytes.extend_from_slice(value);
                self
            }
            _ => self.fail(what, value.len(), limit),
        }
    }

    fn fail(&mut self, what: &'static str, bytes: usize, limit: usize) -> &mut Self {
        self.error.get_or_insert(BodyError::TooLong { what, bytes, limit });
        self
    }
}

/// Reads a body.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    version: u8,
}

impl<'a> Reader<'a> {
    /// Starts reading; fails when the version is newer than `known` (versions start at 1).
    pub fn new(bytes: &'a [u8], known: u8) -> Result<Reader<'a>, BodyError> {
        let version = *bytes.first().ok_or(BodyError::CutOff { at: 0 })?;
        if version == 0 || version > known {
            return Err(BodyError::UnknownVersion { found: version, known });
        }
        Ok(Reader { bytes, at: 1, version })
    }

    /// The body's version.
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, BodyError> {
        Ok(self.array::<1>()?[0])
    }

    /// `1` or `0`; anything else is refused.
    pub fn bool(&mut self) -> Result<bool, BodyError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(BodyError::BadValue { what: "a yes or no" }),
        }
    }

    /// Two bytes, big endian.
    pub fn u16(&mut self) -> Result<u16, BodyError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, big endian.
    pub fn u32(&mut self) -> Result<u32, BodyError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Four bytes, big endian, two's complement.
    pub fn i32(&mut self) -> Result<i32, BodyError> {
        self.array().map(i32::from_be_bytes)
    }

    /// Eight bytes, big endian.
    pub fn u64(&mut self) -> Result<u64, BodyError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Eight bytes, big endian, two's complement.
    pub fn i64(&mut self) -> Result<i64, BodyError> {
        self.array().map(i64::from_be_bytes)
    }

    /// The 16 bytes of a UUID.
    pub fn uuid(&mut self) -> Result<Uuid, BodyError> {
        self.array().map(Uuid::from_bytes)
    }

    /// A length and so many bytes of UTF-8.
    pub fn text(&mut self) -> Result<String, BodyError> {
        let at = self.at;
        let bytes = self.prefixed("a text", TEXT_BYTES_MAX)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| BodyError::NotUtf8 { at })
    }

    /// A length and so many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], BodyError> {
        self.prefixed("a value", BODY_BYTES_MAX)
    }

    /// What `Writer::option` wrote.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, BodyError>) -> Result<Option<T>, BodyError> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    /// What `Writer::list` wrote.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, BodyError>) -> Result<Vec<T>, BodyError> {
        let count = self.u32()?;
        // The count is not believed before the items are read: a damaged one must not ask for gigabytes.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Ends reading; fails when bytes are left.
    pub fn finish(self) -> Result<(), BodyError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            count => Err(BodyError::TrailingBytes { count }),
        }
    }

    fn prefixed(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], BodyError> {
        let length = self.u32()? as usize;
        if length > limit {
            return Err(BodyError::TooLong { what, bytes: length, limit });
        }
        self.take(length)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BodyError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(BodyError::CutOff { at: self.at })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BodyError> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("take returned exactly N bytes"))
    }
}

#[cfg(test)]
mod tests;
