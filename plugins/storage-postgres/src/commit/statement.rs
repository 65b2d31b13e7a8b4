//! The SQL of an operation, and where its parameters come from.

use crate::catalog::{Catalog, list, quoted, types, within};
use crate::contract::schema::{Column, Table};
use crate::contract::transaction::{Operation, OperationKind};
use crate::contract::{Value, validate};
use crate::convert::Bound;
use crate::error::raised;
use tokio_postgres::types::{ToSql, Type};

/// Rows of one operation that one statement writes: none of their keys is among them twice.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub table: &'a Table,
    pub operation: &'a Operation,
    /// The operation's number.
    pub index: usize,
    pub rows: std::ops::Range<usize>,
    /// A required column that the operation does not name: only rows that are there can be changed.
    pub missing: Option<&'a str>,
    /// The columns of the statement's parameters: place in the row, or the column's default.
    given: Vec<Given<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    column: &'a Column,
    /// Place in the operation's row; a key column that is not named has its default.
    place: Option<usize>,
}

impl<'a> Given<'a> {
    fn of<'b>(&self, row: &'b [Value]) -> &'b Value
    where
        'a: 'b,
    {
        self.place.map_or(&self.column.default, |at| &row[at])
    }
}

/// A statement with its parameters.
pub(crate) struct Ready<'a> {
    pub sql: String,
    pub types: Vec<Type>,
    pub parameters: Vec<Box<dyn ToSql + Sync + 'a>>,
}

impl std::fmt::Debug for Ready<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("sql", &self.sql).finish_non_exhaustive()
    }
}

/// The key of a row that an operation names.
pub(crate) fn key_of(table: &Table, operation: &Operation, row: &[Value]) -> Vec<Value> {
    let part = |name: &String| match operation.columns.iter().position(|column| column == name) {
        Some(at) => row[at].clone(),
        None => table.column(name).map_or(Value::Null, |column| column.default.clone()),
    };
    table.key.iter().map(part).collect()
}

/// An operation in parts; with `single`, each row is a part of its own.
pub(crate) fn parts<'a>(catalog: &'a Catalog, operation: &'a Operation, index: usize, single: bool) -> Vec<Part<'a>> {
    let Some(table) = catalog.active.table(&operation.table) else {
        return Vec::new();
    };
    let missing = match operation.kind {
        OperationKind::Upsert => validate::missing_required(table, &operation.columns).first().copied(),
        _ => None,
    };
    let given = given(table, operation);
    let part = |rows| Part { table, operation, index, rows, missing, given: given.clone() };
    if single {
        return (0..operation.rows.len()).map(|at| part(at..at + 1)).collect();
    }
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut seen = std::collections::HashSet::new();
    for (at, row) in operation.rows.iter().enumerate() {
        // An insert of a key that is there twice is a conflict, which the server finds.
        if operation.kind != OperationKind::Insert && !seen.insert(key_of(table, operation, row)) {
            parts.push(part(begin..at));
            begin = at;
            seen = std::collections::HashSet::from([key_of(table, operation, row)]);
        }
    }
    if begin < operation.rows.len() {
        parts.push(part(begin..operation.rows.len()));
    }
    parts
}

/// The columns that a statement gives: those that the operation names, and the key.
fn given<'a>(table: &'a Table, operation: &'a Operation) -> Vec<Given<'a>> {
    let place = |name: &str| operation.columns.iter().position(|column| column == name);
    let is_key = |column: &&Column| table.key.contains(&column.name);
    let named = |column: &&Column| place(&column.name).is_some();
    let wanted = table.columns.iter().filter(|column| is_key(column) || named(column));
    wanted.map(|column| Given { column, place: place(&column.name) }).collect()
}

impl<'a> Part<'a> {
    /// The statement.
    pub fn ready(&self, space: &str) -> Ready<'a> {
        let many = self.rows.len() > 1;
        let (sql, types) = (self.sql(space, many), self.types(many));
        let rows = &self.operation.rows[self.rows.clone()];
        let parameter = |given: &Given<'a>| -> Box<dyn ToSql + Sync + 'a> {
            if many {
                Box::new(rows.iter().map(|row| Bound(given.of(row))).collect::<Vec<Bound<'a>>>())
            } else {
                Box::new(Bound(given.of(&rows[0])))
            }
        };
        Ready { sql, types, parameters: self.given.iter().map(parameter).collect() }
    }

    fn types(&self, many: bool) -> Vec<Type> {
        let of = |given: &Given<'_>| {
            let (one, all) = types(given.column.kind);
            if many { all } else { one }
        };
        self.given.iter().map(of).collect()
    }

    /// The rows of the parameters, as a relation `v`.
    fn source(&self, many: bool) -> String {
        let marks: Vec<String> = (1..=self.given.len()).map(|at| format!("${at}")).collect();
        let columns = list(self.given.iter().map(|given| given.column.name.as_str()));
        let from =
            if many { format!("unnest({})", marks.join(", ")) } else { format!("(VALUES ({}))", marks.join(", ")) };
        format!("{from} AS v ({columns})")
    }

    fn sql(&self, space: &str, many: bool) -> String {
        let on = within(space, &self.table.name);
        let names: Vec<&str> = self.given.iter().map(|given| given.column.name.as_str()).collect();
        let is_key = |name: &&&str| self.table.key.iter().any(|key| key == **name);
        let same: Vec<String> = self.table.key.iter().map(|name| format!("t.{0} = v.{0}", quoted(name))).collect();
        let (same, source) = (same.join(" AND "), self.source(many));
        let changed: Vec<&str> = names.iter().filter(|name| !is_key(name)).copied().collect();
        match self.operation.kind {
            OperationKind::Delete => {
                let key: Vec<String> = self.table.key.iter().map(|name| format!("t.{}", quoted(name))).collect();
                format!("DELETE FROM {on} AS t USING {source} WHERE {same} RETURNING {}", key.join(", "))
            }
            OperationKind::Upsert if self.missing.is_some() => self.update_sql(space, &on, &changed, &same, &source),
            kind => {
                let mut sql = format!("INSERT INTO {on} ({0}) SELECT {0} FROM {source}", list(names.iter().copied()));
                if kind == OperationKind::Upsert {
                    let key = list(self.table.key.iter().map(String::as_str));
                    let sets: Vec<String> =
                        changed.iter().map(|name| format!("{0} = excluded.{0}", quoted(name))).collect();
                    let action =
                        if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
                    sql += &format!(" ON CONFLICT ({key}) DO {action}");
                }
                sql
            }
        }
    }

    /// Only rows that are there can be changed: as many as were named must have been.
    fn update_sql(&self, space: &str, on: &str, changed: &[&str], same: &str, source: &str) -> String {
        let sets: Vec<String> = changed.iter().map(|name| format!("{0} = v.{0}", quoted(name))).collect();
        // Nothing to change: the statement only tells whether the rows are there.
        let sets = if sets.is_empty() { format!("{0} = t.{0}", quoted(&self.table.key[0])) } else { sets.join(", ") };
        format!(
            "WITH done AS (UPDATE {on} AS t SET {sets} FROM {source} WHERE {same} RETURNING 1) SELECT {}(count(*) = {}, '{}', {}) \
             FROM done",
            within(space, "_hold"),
            self.rows.len(),
            raised::ROWS,
            self.index
        )
    }
}
