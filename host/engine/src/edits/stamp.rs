//! Stamps: when and by which register a field was edited.

use crate::error::{Code, EngineResult};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::body::{BodyError, Reader, Writer};
use std::collections::BTreeMap;

/// No edit is of a later clock: 1 January 2100. The same limit for everybody, so that all refuse the same, and far enough
/// from the end of numbers that a clock can always be followed by a later one.
pub const CLOCK_MAX: i64 = 4_102_444_800_000_000;

/// Version of the stored form of [`RowStamps`]'s older stamps.
const VERSION: u8 = 1;

/// When and by whom. Later ones win; of two of one moment that of the greater register, so that everybody decides alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp {
    /// A hybrid clock: microseconds since 1970 UTC, but later than every stamp that the register made or saw before. Below
    /// 10^9: a row of before the stamps.
    pub clock: i64,
    /// The register; nil for rows of before the stamps.
    pub register: Uuid,
}

/// The stamps of one row: that of its last edit, and those of fields that were edited earlier. Most rows were written
/// whole, and have none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowStamps {
    /// The latest of all fields.
    pub last: Stamp,
    /// Fields with an earlier one.
    pub older: BTreeMap<String, Stamp>,
}

impl RowStamps {
    /// A row that was written whole.
    pub const fn whole(stamp: Stamp) -> Self {
        RowStamps { last: stamp, older: BTreeMap::new() }
    }

    /// The stamp of a field.
    pub fn of(&self, field: &str) -> Stamp {
        self.older.get(field).copied().unwrap_or(self.last)
    }

    /// The stamps of these fields.
    pub fn from_fields(fields: impl IntoIterator<Item = (String, Stamp)>) -> Self {
        let mut older: BTreeMap<String, Stamp> = fields.into_iter().collect();
        let last = older.values().copied().max().unwrap_or_default();
        older.retain(|_, stamp| *stamp != last);
        RowStamps { last, older }
    }

    /// The stored form: row version, register, older stamps.
    pub fn values(&self) -> EngineResult<[Value; 3]> {
        let register = if self.last.register.is_nil() { Value::Null } else { Value::Uuid(self.last.register) };
        Ok([Value::Int(self.last.clock), register, self.encode_older()?])
    }

    fn encode_older(&self) -> EngineResult<Value> {
        if self.older.is_empty() {
            return Ok(Value::Null);
        }
        let mut w = Writer::new(VERSION);
        let older: Vec<(&String, &Stamp)> = self.older.iter().collect();
        w.list(&older, |w, (field, stamp)| {
            w.text(field).i64(stamp.clock).uuid(stamp.register);
        });
        Ok(Value::Bytes(w.finish()?))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`Code::RowDamaged`] when it is none.
    pub fn read(version: &Value, register: &Value, older: &Value) -> EngineResult<Self> {
        let damaged = |what: &str| Code::RowDamaged.error(format!("The stamps of a row: {what}."));
        let Value::Int(clock) = *version else { return Err(damaged("its version is no number")) };
        let register = match register {
            Value::Uuid(register) => *register,
            Value::Null => Uuid::nil(),
            _ => return Err(damaged("who edited it last is no register")),
        };
        let older = match older {
            Value::Null => BTreeMap::new(),
            Value::Bytes(bytes) => decode_older(bytes).map_err(|error| damaged(&error.to_string()))?,
            _ => return Err(damaged("the older ones are no bytes")),
        };
        Ok(RowStamps { last: Stamp { clock, register }, older })
    }
}

fn decode_older(bytes: &[u8]) -> Result<BTreeMap<String, Stamp>, BodyError> {
    let mut r = Reader::new(bytes, VERSION)?;
    let list = r.list(|r| {
        let field = r.text()?;
        Ok((field, Stamp { clock: r.i64()?, register: r.uuid()? }))
    })?;
    r.finish()?;
    Ok(list.into_iter().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_later_one_is_greater_and_of_one_moment_that_of_the_greater_register() {
        let stamp = |clock, register| Stamp { clock, register: Uuid::from_u128(register) };
        assert!(stamp(2, 1) > stamp(1, 9));
        assert!(stamp(2, 9) > stamp(2, 1));
    }

    #[test]
    fn are_stored_and_read_back() {
        let stamp = |clock, register| Stamp { clock, register: Uuid::from_u128(register) };
        let mixed = RowStamps::from_fields([
            ("name".to_owned(), stamp(5, 1)),
            ("price".to_owned(), stamp(9, 2)),
            ("unit".to_owned(), stamp(9, 2)),
        ]);
        assert_eq!((mixed.last, mixed.of("name"), mixed.of("price")), (stamp(9, 2), stamp(5, 1), stamp(9, 2)));
        for stamps in [RowStamps::whole(stamp(7, 3)), RowStamps::whole(stamp(2, 0)), mixed] {
            let [version, register, older] = stamps.values().unwrap();
            assert_eq!(RowStamps::read(&version, &register, &older).unwrap(), stamps);
        }
        assert!(RowStamps::read(&Value::Null, &Value::Null, &Value::Null).is_err());
        assert!(RowStamps::read(&Value::Int(1), &Value::Null, &Value::Bytes(vec![1, 2, 3])).is_err());
    }

    /// What was stored once is read for ever.
    #[test]
    fn older_stamps_have_the_pinned_bytes() {
        let stamps = RowStamps {
            last: Stamp { clock: 3, register: Uuid::from_u128(2) },
            older: BTreeMap::from([("name".to_owned(), Stamp { clock: 258, register: Uuid::from_u128(1) })]),
        };
        let Value::Bytes(bytes) = &stamps.values().unwrap()[2] else { panic!("bytes") };
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, include_str!("stamps_v1.txt").trim());
    }
}
