//! What a newer program at another register writes, for tests of what this one makes of it.

#![allow(clippy::unwrap_used)]

use aurapos_contract::query::{Change, ChangeKind};
use aurapos_contract::{ColumnType, Uuid, Value};

use super::World;
use crate::apply::feed::Applied;
use crate::edits::EditedTable;
use crate::schema::{DELETED, EDITED_BY, OLDER_STAMPS, ROW_VERSION, schema};

/// The register of the newer program.
pub(crate) const NEWER: Uuid = Uuid::from_u128(0x7e3e);

impl World {
    /// Another register edits fields of a row, or makes one, and this register takes it in.
    pub(crate) fn edit_elsewhere(&mut self, table: &str, key: impl Into<Value>, fields: &[(&str, Value)]) -> Applied {
        let key = key.into();
        let edited = EditedTable::find(table).unwrap();
        let shape = schema().table(table).unwrap().clone();
        let stored = self.store.inner_scan(table);
        let at = stored.column(edited.key).unwrap();
        let found = (0..stored.len()).find(|row| stored.value(*row, at) == key).map(|row| stored.row(row));
        self.env.now.0 += 1_000_000;
        let value = |(place, column): (usize, &aurapos_contract::schema::Column)| {
            let given = fields.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value.clone());
            match column.name.as_str() {
                ROW_VERSION => Value::Int(self.env.now.0),
                EDITED_BY => Value::Uuid(NEWER),
                OLDER_STAMPS => Value::Null,
                DELETED => given.unwrap_or(Value::Bool(false)),
                name if name == edited.key => key.clone(),
                _ => {
                    given.or_else(|| found.as_ref().map(|row| row[place].clone())).unwrap_or_else(|| some(column.kind))
                }
            }
        };
        let row = shape.columns.iter().enumerate().map(value).collect();
        self.put_elsewhere(table, row)
    }

    /// Another register commits a fact, and this register takes it in.
    pub(crate) fn fact_elsewhere(&mut self, table: &str, fields: &[(&str, Value)]) -> Applied {
        self.facts_elsewhere(&[(table, fields)])
    }

    /// Another register commits facts in one transaction, and this register takes them in.
    pub(crate) fn facts_elsewhere(&mut self, facts: &[(&str, &[(&str, Value)])]) -> Applied {
        let transaction = crate::env::Env::new_id(&mut self.env);
        let changes = facts.iter().map(|(table, fields)| change(table, fact(table, fields), transaction)).collect();
        self.take_in(changes).unwrap()
    }

    fn put_elsewhere(&mut self, table: &str, row: Vec<Value>) -> Applied {
        let transaction = crate::env::Env::new_id(&mut self.env);
        self.take_in(vec![change(table, row, transaction)]).unwrap()
    }

    /// What a column of the row of a key holds.
    pub(crate) fn stored(&self, table: &str, key: impl Into<Value>, column: &str) -> Value {
        let (key, shape) = (key.into(), schema().table(table).unwrap().clone());
        let batch = self.store.inner_scan(table);
        let (at, of) = (batch.column(&shape.key[0]).unwrap(), batch.column(column).unwrap());
        let row = (0..batch.len()).find(|row| batch.value(*row, at) == key).unwrap();
        batch.value(row, of)
    }
}

fn change(table: &str, row: Vec<Value>, transaction: Uuid) -> Change {
    let columns = schema().table(table).unwrap().columns.iter().map(|column| column.name.clone()).collect();
    Change { kind: ChangeKind::Put, table: table.to_owned(), columns, row, transaction, ..Change::default() }
}

fn fact(table: &str, fields: &[(&str, Value)]) -> Vec<Value> {
    let shape = schema().table(table).unwrap().clone();
    let value = |column: &aurapos_contract::schema::Column| {
        let given = fields.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value.clone());
        given.unwrap_or_else(|| if column.nullable { Value::Null } else { some(column.kind) })
    };
    shape.columns.iter().map(value).collect()
}

/// Something of a kind, where a test does not care.
fn some(kind: ColumnType) -> Value {
    match kind {
        ColumnType::Bool => Value::Bool(true),
        ColumnType::Text => Value::Text("x".to_owned()),
        ColumnType::Bytes => Value::Bytes(Vec::new()),
        ColumnType::Uuid => Value::Uuid(Uuid::from_u128(1)),
        ColumnType::Time => Value::Time(1),
        _ => Value::Int(1),
    }
}
