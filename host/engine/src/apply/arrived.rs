//! Sorts the changes of a feed by table, and brings each into the shape that this program's schema has: columns that it
//! does not know are left out, those that it misses get their default.

use super::{FindingKind, STAMP_AHEAD_US_MAX, Taking};
use crate::edits::{CLOCK_MAX, EditedRow, EditedTable, Fields, RowStamps, Stamp};
use crate::schema::{EDITED_BY, OLDER_STAMPS, ROW_VERSION};
use aurapos_contract::query::{Change, ChangeKind};
use aurapos_contract::schema::{Schema, Table};
use aurapos_contract::{Uuid, Value};
use aurapos_domain::calendar::Timestamp;
use std::collections::BTreeMap;

/// An edited row that came, by its key.
pub(super) type EditedRows = BTreeMap<Value, EditedRow>;

/// A fact that came.
#[derive(Debug)]
pub(super) struct Fact {
    /// Columns in the schema's order.
    pub(super) row: Vec<Value>,
    /// The transaction it came with.
    pub(super) transaction: Uuid,
}

/// What came, by table.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) edited: Vec<(&'static EditedTable, EditedRows)>,
    pub(super) facts: Vec<(Table, Vec<Fact>)>,
}

impl Arrived {
    pub(super) fn sort(changes: Vec<Change>, taking: &mut Taking<'_>) -> Arrived {
        let schema = crate::schema::known();
        let mut edited: BTreeMap<&'static str, EditedRows> = BTreeMap::new();
        let mut facts: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
        for change in changes {
            let Some((table, values)) = understood(schema, &change, taking) else {
                taking.applied.left_out += 1;
                continue;
            };
            if let Some(kind) = EditedTable::find(&table.name) {
                let Some((key, row)) = edited_row(kind, values, taking) else {
                    taking.applied.left_out += 1;
                    continue;
                };
                let rows = edited.entry(kind.name).or_default();
                let row = rows.get(&key).map_or_else(|| row.clone(), |known| crate::edits::merge(known, &row).0);
                rows.insert(key, row);
            } else {
                let row = table.columns.iter().map(|column| values.get(&column.name).cloned().unwrap_or_default());
                let fact = Fact { row: row.collect(), transaction: change.transaction };
                facts.entry(table.name.clone()).or_default().push(fact);
            }
        }
        // In the order of the list: barcodes are known before the products that are found by them.
        let edited = crate::edits::TABLES.iter().filter_map(|table| Some((table, edited.remove(table.name)?)));
        let facts = schema.tables.iter().filter_map(|table| Some((table.clone(), facts.remove(&table.name)?)));
        Arrived { edited: edited.collect(), facts: facts.collect() }
    }
}

/// The row of a change by column, when it is of a table that registers share.
fn understood<'a>(schema: &'a Schema, change: &Change, taking: &mut Taking<'_>) -> Option<(&'a Table, Fields)> {
    // Nothing is ever deleted from what registers share; a store that prunes its old facts tells so, and we keep ours.
    if change.kind != ChangeKind::Put {
        return None;
    }
    let table = schema.table(&change.table).filter(|table| table.replicated)?;
    let given: Fields = change.columns.iter().cloned().zip(change.row.iter().cloned()).collect();
    let mut values = Fields::new();
    for column in &table.columns {
        let value = given.get(&column.name).cloned().unwrap_or_else(|| column.default.clone());
        let fits = match value.column_type() {
            None => column.nullable,
            Some(kind) => kind == column.kind,
        };
        if !fits {
            let told =
                format!("A row of the table {} that came from another register has no {}.", table.name, column.name);
            leave_out(table, &given, change, told, taking);
            return None;
        }
        values.insert(column.name.clone(), value);
    }
    if let Err(error) = super::readable::check(table, &values, taking.core.currency()) {
        let told = format!("A row that came from another register can't be read here. {}", error.message);
        leave_out(table, &given, change, told, taking);
        return None;
    }
    Some((table, values))
}

/// A row that can't be taken: a fact takes its whole transaction with it, since they only fit together.
fn leave_out(table: &Table, given: &Fields, change: &Change, told: String, taking: &mut Taking<'_>) {
    let key = table.key.iter().map(|key| given.get(key).map(shown).unwrap_or_default());
    let key = key.collect::<Vec<_>>().join(" ");
    taking.find(FindingKind::Unreadable, key, table.name.as_str(), told);
    if table.append_only {
        taking.bad.insert(change.transaction);
    }
}

fn edited_row(table: &EditedTable, mut values: Fields, taking: &mut Taking<'_>) -> Option<(Value, EditedRow)> {
    let mut take = |column: &str| values.remove(column).unwrap_or_default();
    let stamps = RowStamps::read(&take(ROW_VERSION), &take(EDITED_BY), &take(OLDER_STAMPS));
    let key = values.get(table.key).cloned().unwrap_or_default();
    let stamps = match stamps {
        Ok(stamps) => stamps,
        Err(error) => {
            taking.find(FindingKind::Unreadable, shown(&key), table.name, error.message);
            return None;
        }
    };
    if stamps.last.clock > CLOCK_MAX {
        let told = format!("A row of the table {} is of an edit after the year 2100; it was left out.", table.name);
        taking.find(FindingKind::Unreadable, shown(&key), table.name, told);
        return None;
    }
    if stamps.last.clock > taking.now.0.saturating_add(STAMP_AHEAD_US_MAX) {
        ahead(stamps.last, taking);
    }
    taking.clock = taking.clock.max(stamps.last.clock);
    Some((key, EditedRow::of(table, values, stamps)))
}

/// Told once for each register and day: a list of prices that it changed is one wrong clock.
fn ahead(stamp: Stamp, taking: &mut Taking<'_>) {
    let day = Timestamp(stamp.clock).local(0).date;
    let told = format!(
        "A register dates its edits {day}, more than a day ahead of the clock here. They were taken in, and they win over \
         edits of other registers that had not seen them. Check the clocks of both."
    );
    taking.find(FindingKind::Ahead, stamp.register.to_string(), day.to_string(), told);
}

/// A value for a key in a finding.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) => text.chars().take(200).collect(),
        Value::Bytes(bytes) => bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect(),
        Value::Uuid(id) => id.to_string(),
    }
}
