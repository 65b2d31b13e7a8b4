//! The tables that the cases use, and short ways to write and read them.

use super::Place;
use crate::conformance::Failure;
use aurapos_contract::error::PluginResult;
use aurapos_contract::query::Query;
use aurapos_contract::schema::{Column, Index, Schema, Table};
use aurapos_contract::transaction::{Committed, OperationKind, Transaction};
use aurapos_contract::value::{ColumnType, Value};
use aurapos_contract::{RecordStore, Uuid};

/// A column.
pub fn column(name: &str, kind: ColumnType, nullable: bool, default: impl Into<Value>) -> Column {
    Column { name: name.into(), kind, nullable, default: default.into(), unit: String::new() }
}

fn index(name: &str, columns: &[&str], unique: bool) -> Index {
    Index { name: name.into(), columns: columns.iter().map(|&name| name.into()).collect(), unique }
}

/// One table of each sort: with everything (`item`), append-only with a key of two columns (`entry`), small and private
/// (`counter`).
pub fn schema() -> Schema {
    let none = || Value::Null;
    let item = Table {
        name: "item".into(),
        columns: vec![
            column("id", ColumnType::Uuid, false, none()),
            column("code", ColumnType::Text, true, none()),
            column("name", ColumnType::Text, true, none()),
            column("price", ColumnType::Int, false, 0i64),
            column("weighed", ColumnType::Bool, false, false),
            column("photo", ColumnType::Bytes, true, none()),
            column("changed_at", ColumnType::Time, true, none()),
            column("folded", ColumnType::Text, true, none()),
            column("group_id", ColumnType::Uuid, true, none()),
            column("stamp", ColumnType::Int, false, 0i64),
        ],
        key: vec!["id".into()],
        indexes: vec![
            index("by_code", &["code"], true),
            index("by_name", &["name"], false),
            index("by_price", &["price", "changed_at"], false),
        ],
        replicated: true,
        search: "folded".into(),
        ..Default::default()
    };
    let entry = Table {
        name: "entry".into(),
        columns: vec![
            column("register", ColumnType::Uuid, false, none()),
            column("sequence", ColumnType::Int, false, none()),
            column("body", ColumnType::Bytes, false, none()),
            column("at", ColumnType::Time, false, none()),
        ],
        key: vec!["register".into(), "sequence".into()],
        indexes: vec![index("by_time", &["at"], false)],
        append_only: true,
        replicated: true,
        ..Default::default()
    };
    let counter = Table {
        name: "counter".into(),
        columns: vec![
            column("name", ColumnType::Text, false, none()),
            column("number", ColumnType::Int, false, none()),
            column("note", ColumnType::Text, true, none()),
            column("slot", ColumnType::Int, true, none()),
        ],
        key: vec!["name".into()],
        indexes: vec![index("by_slot", &["slot", "note"], true)],
        ..Default::default()
    };
    Schema { major: 1, minor: 3, tables: vec![item, entry, counter] }
}

/// Opens the place's data and brings it to [`schema`].
pub fn open(place: &Place) -> PluginResult<Box<dyn RecordStore>> {
    let store = place.provider.open(&place.settings)?;
    store.migrate(&schema())?;
    Ok(store)
}

/// A number as an id.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | number)
}

/// A transaction with this id.
pub fn transaction(number: u128) -> Transaction {
    Transaction { id: id(number | 1 << 48), time: crate::host::START, ..Default::default() }
}

/// Commits rows of `counter`.
pub fn count(
    store: &dyn RecordStore,
    number: u128,
    kind: OperationKind,
    rows: &[(&str, i64)],
) -> PluginResult<Committed> {
    let mut change = transaction(number);
    let rows = rows.iter().map(|&(name, number)| vec![name.into(), Value::Int(number)]).collect();
    change.push(kind, "counter", &["name", "number"], rows);
    store.commit(&change)
}

/// Commits an `item` with these columns besides its id.
pub fn put_item(
    store: &dyn RecordStore,
    number: u128,
    item: u128,
    columns: &[(&str, Value)],
) -> PluginResult<Committed> {
    let mut change = transaction(number);
    let names: Vec<&str> = std::iter::once("id").chain(columns.iter().map(|(name, _)| *name)).collect();
    let row = std::iter::once(id(item).into()).chain(columns.iter().map(|(_, value)| value.clone())).collect();
    change.push(OperationKind::Upsert, "item", &names, vec![row]);
    store.commit(&change)
}

/// All rows of a query, over as many answers as it takes.
pub fn all(store: &dyn RecordStore, query: &Query) -> Result<Vec<Vec<Value>>, Failure> {
    let mut rows = Vec::new();
    let mut query = query.clone();
    loop {
        let batch = store.scan(&query)?;
        rows.extend((0..batch.len()).map(|row| batch.row(row)));
        if batch.next().is_empty() {
            return Ok(rows);
        }
        if batch.is_empty() {
            return Err("an answer without rows says that it goes on".into());
        }
        query.after = batch.next().to_vec();
    }
}

/// All rows of all tables, in key order.
pub fn everything(store: &dyn RecordStore) -> Result<Vec<Vec<Vec<Value>>>, Failure> {
    ["item", "entry", "counter"].into_iter().map(|table| all(store, &Query::over(table))).collect()
}

/// The number of a counter.
pub fn number(store: &dyn RecordStore, name: &str) -> Result<Option<i64>, Failure> {
    let query =
        Query::over("counter").filter("name", aurapos_contract::query::FilterKind::Equal, name).select(&["number"]);
    Ok(store.scan(&query)?.int(0, 0))
}
