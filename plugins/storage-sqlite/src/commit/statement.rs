//! The SQL of an operation, and where its parameters come from.

use crate::catalog::{default_sql, list, quoted};
use crate::contract::schema::Table;
use crate::contract::transaction::{Operation, OperationKind};
use crate::contract::{Value, validate};
use std::collections::HashMap;
use std::sync::Arc;

/// One operation as SQL; the statement is the same for all its rows.
#[derive(Debug)]
pub(crate) struct Statement {
    pub sql: String,
    /// For each parameter, the place in the operation's row.
    pub columns: Vec<usize>,
    /// Where the key columns come from, in the key's order.
    pub key: Vec<KeyPart>,
    /// A required column that the operation does not name: only rows that are there can be changed.
    pub missing: Option<String>,
}

/// A key column's value: in the row, or the column's default.
#[derive(Debug)]
pub(crate) enum KeyPart {
    Given(usize),
    Default(Value),
}

impl KeyPart {
    pub fn value(&self, row: &[Value]) -> Value {
        match self {
            KeyPart::Given(at) => row[*at].clone(),
            KeyPart::Default(value) => value.clone(),
        }
    }
}

/// Statements by what they are made from: a program's commits name the same columns again and again, and making the text
/// took as long as running it. Emptied by whoever changes the schema.
#[derive(Debug, Default)]
pub(crate) struct Statements(HashMap<String, Vec<Kept>>);

#[derive(Debug)]
struct Kept {
    kind: OperationKind,
    named: Vec<String>,
    statement: Arc<Statement>,
}

/// Most statements that are kept of one table; a program has two or three.
const KEPT_MAX: usize = 16;

impl Statements {
    /// The operation as SQL.
    pub fn of(&mut self, table: &Table, operation: &Operation) -> Arc<Statement> {
        if let Some(known) = self.0.get(&table.name).and_then(|kept| find(kept, operation)) {
            return known;
        }
        let statement = Arc::new(Statement::of(table, operation));
        let kept = self.0.entry(table.name.clone()).or_default();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.push(Kept { kind: operation.kind, named: operation.columns.clone(), statement: statement.clone() });
        statement
    }

    /// The tables are no longer what they were.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

fn find(kept: &[Kept], operation: &Operation) -> Option<Arc<Statement>> {
    let same = |kept: &&Kept| kept.kind == operation.kind && kept.named == operation.columns;
    kept.iter().find(same).map(|kept| kept.statement.clone())
}

/// Rows of one statement: as many as there are, in the fewest parts of these sizes. The full-text index writes what it gathered
/// at the end of each statement that could be undone by itself, so that row by row it would never gather anything (measured: a
/// third of an import, and half of what a register takes in when it joins a shop, whose parts have no round size).
const MANY_ROWS: [usize; 3] = [512, 64, 8];
/// Most parameters of one statement; SQLite's own limit is a little higher.
const PARAMETERS_MAX: usize = 32_000;

impl Statement {
    /// How many rows [`Statement::many`] may be given, the most first.
    pub fn many_rows(&self) -> impl Iterator<Item = usize> {
        let most = PARAMETERS_MAX / self.columns.len().max(1);
        MANY_ROWS.into_iter().map(move |rows| rows.min(most)).filter(|rows| *rows > 1)
    }

    /// The same for so many rows at once; `None` where each row has to be its own statement.
    pub fn many(&self, table: &Table, operation: &Operation, rows: usize) -> Option<String> {
        let adds = operation.kind != OperationKind::Delete && self.missing.is_none() && !operation.columns.is_empty();
        let named: Vec<&str> = operation.columns.iter().map(String::as_str).collect();
        adds.then(|| insert(table, &named, operation.kind, rows))
    }

    pub fn of(table: &Table, operation: &Operation) -> Self {
        let at = |name: &str| operation.columns.iter().position(|column| column == name);
        let key = table.key.iter().map(|name| match (at(name), table.column(name)) {
            (Some(at), _) => KeyPart::Given(at),
            (None, column) => KeyPart::Default(column.map_or(Value::Null, |column| column.default.clone())),
        });
        let key = key.collect();
        let named: Vec<&str> = operation.columns.iter().map(String::as_str).collect();
        let missing = match operation.kind {
            OperationKind::Upsert | OperationKind::Add => {
                validate::missing_required(table, &operation.columns).first().map(|&name| name.to_owned())
            }
            _ => None,
        };
        let (sql, order) = match operation.kind {
            OperationKind::Delete => {
                let keys: Vec<&str> = table.key.iter().map(String::as_str).collect();
                (format!("DELETE FROM {} WHERE {}", quoted(&table.name), conditions(table)), keys)
            }
            kind if missing.is_some() => update(table, &named, kind),
            kind => (insert(table, &named, kind, 1), named),
        };
        let columns = order.iter().filter_map(|name| at(name)).collect();
        Statement { sql, columns, key, missing }
    }
}

fn conditions(table: &Table) -> String {
    table.key.iter().map(|name| format!("{} = ?", quoted(name))).collect::<Vec<_>>().join(" AND ")
}

fn insert(table: &Table, named: &[&str], kind: OperationKind, rows: usize) -> String {
    let (mut columns, mut values) = (named.to_vec(), vec!["?".to_owned(); named.len()]);
    for column in table.columns.iter().filter(|column| !named.contains(&column.name.as_str())) {
        if let Some(default) = default_sql(column) {
            columns.push(&column.name);
            values.push(default);
        }
    }
    let values_of_all = vec![format!("({})", values.join(", ")); rows].join(", ");
    let mut sql = format!("INSERT INTO {} ({}) VALUES {values_of_all}", quoted(&table.name), list(columns));
    if values.is_empty() {
        sql = format!("INSERT INTO {} DEFAULT VALUES", quoted(&table.name));
    }
    if kind != OperationKind::Insert {
        let key = list(table.key.iter().map(String::as_str));
        let changed = |name: &&&str| !table.key.iter().any(|key| key == **name);
        let there = |name: &str| format!("{}.{}", quoted(&table.name), quoted(name));
        let after = |name: &str| set(kind, name, &there(name), &format!("excluded.{}", quoted(name)));
        let sets: Vec<String> = named.iter().filter(changed).map(|name| after(name)).collect();
        let action = if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
        sql += &format!(" ON CONFLICT ({key}) DO {action}");
    }
    sql
}

/// How a column of a row that is there changes.
fn set(kind: OperationKind, name: &str, there: &str, given: &str) -> String {
    match kind {
        OperationKind::Add => format!("{} = coalesce({there}, 0) + {given}", quoted(name)),
        _ => format!("{} = {given}", quoted(name)),
    }
}

fn update<'a>(table: &'a Table, named: &[&'a str], kind: OperationKind) -> (String, Vec<&'a str>) {
    let changed = |name: &&&str| !table.key.iter().any(|key| key == **name);
    let mut order: Vec<&str> = named.iter().filter(changed).copied().collect();
    let mut sets: Vec<String> = order.iter().map(|name| set(kind, name, &quoted(name), "?")).collect();
    if sets.is_empty() {
        // Nothing to change: the statement only tells whether the row is there.
        sets.push(format!("{0} = {0}", quoted(&table.key[0])));
    }
    order.extend(table.key.iter().map(String::as_str));
    (format!("UPDATE {} SET {} WHERE {}", quoted(&table.name), sets.join(", "), conditions(table)), order)
}
