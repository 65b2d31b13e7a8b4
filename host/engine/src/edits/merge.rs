//! Two states of one row become one. The same whoever does it, in whatever order, however often.

use super::stamp::{RowStamps, Stamp};
use super::{EditedTable, Fields};
use aurapos_contract::Value;
use std::collections::BTreeMap;

/// A row without its key and without what is made of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedRow {
    /// Values of the fields; a row that lacks one says nothing of it.
    pub fields: Fields,
    /// Who edited them when.
    pub stamps: RowStamps,
}

/// A value that lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Field.
    pub field: String,
    /// The value that lost, and its stamp.
    pub lost: (Value, Stamp),
    /// The value that stays, and its stamp.
    pub kept: (Value, Stamp),
}

impl EditedRow {
    /// The fields of a row of this table, by column.
    pub fn of(table: &EditedTable, values: impl IntoIterator<Item = (String, Value)>, stamps: RowStamps) -> Self {
        let fields = values.into_iter().filter(|(column, _)| table.is_field(column)).collect();
        EditedRow { fields, stamps }
    }
}

/// Brings two states of a row together: of each field the later edit. Of two edits with one stamp (they were made by one
/// register, or before there were stamps) the greater value stays. Also tells which values lost against another register's.
pub fn merge(mine: &EditedRow, theirs: &EditedRow) -> (EditedRow, Vec<Loss>) {
    let mut fields = BTreeMap::new();
    let mut stamps = BTreeMap::new();
    let mut losses = Vec::new();
    for field in mine.fields.keys().chain(theirs.fields.keys()) {
        if fields.contains_key(field) {
            continue;
        }
        let side = |row: &EditedRow| row.fields.get(field).map(|value| (row.stamps.of(field), value.clone()));
        let (kept, lost) = match (side(mine), side(theirs)) {
            (Some(a), Some(b)) if a >= b => (a, Some(b)),
            (Some(a), Some(b)) => (b, Some(a)),
            (Some(only), None) | (None, Some(only)) => (only, None),
            (None, None) => continue,
        };
        if let Some((stamp, value)) = lost
            && value != kept.1
            && stamp.register != kept.0.register
        {
            let (lost, kept) = ((value, stamp), (kept.1.clone(), kept.0));
            losses.push(Loss { field: field.clone(), lost, kept });
        }
        stamps.insert(field.clone(), kept.0);
        fields.insert(field.clone(), kept.1);
    }
    (EditedRow { fields, stamps: RowStamps::from_fields(stamps) }, losses)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aurapos_contract::Uuid;
    use proptest::prelude::*;

    fn row(fields: &[(&str, i64, i64, u128)]) -> EditedRow {
        let stamp = |clock, register| Stamp { clock, register: Uuid::from_u128(register) };
        EditedRow {
            fields: fields.iter().map(|(name, value, ..)| ((*name).to_owned(), Value::Int(*value))).collect(),
            stamps: RowStamps::from_fields(
                fields.iter().map(|(name, _, clock, register)| ((*name).to_owned(), stamp(*clock, *register))),
            ),
        }
    }

    #[test]
    fn each_field_has_its_last_writer() {
        let mine = row(&[("name", 1, 10, 1), ("price", 2, 30, 1)]);
        let theirs = row(&[("name", 7, 20, 2), ("price", 8, 20, 2)]);
        let (both, losses) = merge(&mine, &theirs);
        assert_eq!(both, row(&[("name", 7, 20, 2), ("price", 2, 30, 1)]));
        let told: Vec<_> = losses.iter().map(|loss| (loss.field.as_str(), loss.lost.0.clone())).collect();
        assert_eq!(told, [("name", Value::Int(1)), ("price", Value::Int(8))]);
    }

    #[test]
    fn an_edit_of_the_same_register_loses_nothing() {
        let (_, losses) = merge(&row(&[("price", 1, 10, 1)]), &row(&[("price", 2, 20, 1)]));
        assert_eq!(losses, []);
    }

    #[test]
    fn a_field_that_only_one_side_knows_stays() {
        let mine = row(&[("name", 1, 10, 1)]);
        let theirs = row(&[("name", 1, 10, 1), ("newer", 5, 40, 2)]);
        assert_eq!(merge(&mine, &theirs).0, theirs);
        assert_eq!(merge(&theirs, &mine).0, theirs);
    }

    fn any_row() -> impl Strategy<Value = EditedRow> {
        // Few clocks and registers, so that they meet.
        proptest::collection::vec((0_i64..3, 0_i64..4, 0_u128..3), 3).prop_map(|cells| {
            let names = ["a", "b", "c"];
            let cells: Vec<_> =
                names.iter().zip(cells).map(|(name, (value, clock, by))| (*name, value, clock, by)).collect();
            row(&cells)
        })
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(a in any_row(), b in any_row(), c in any_row()) {
            let both = |x: &EditedRow, y: &EditedRow| merge(x, y).0;
            prop_assert_eq!(both(&a, &b), both(&b, &a));
            prop_assert_eq!(both(&both(&a, &b), &c), both(&a, &both(&b, &c)));
            prop_assert_eq!(both(&both(&a, &b), &b), both(&a, &b));
            prop_assert_eq!(both(&a, &a), a);
        }
    }
}
