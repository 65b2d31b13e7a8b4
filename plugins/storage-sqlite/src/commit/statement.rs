//! The SQL of an operation, and where its parameters come from.

use crate::catalog::{default_sql, list, quoted};
use crate::contract::schema::Table;
use crate::contract::transaction::{Operation, OperationKind};
use crate::contract::{Value, validate};

/// One operation as SQL; the statement is the same for all its rows.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub sql: String,
    /// For each parameter, the place in the operation's row.
    pub columns: Vec<usize>,
    /// Where the key columns come from, in the key's order.
    pub key: Vec<KeyPart<'a>>,
    /// A required column that the operation does not name: only rows that are there can be changed.
    pub missing: Option<&'a str>,
}

/// A key column's value: in the row, or the column's default.
#[derive(Debug)]
pub(crate) enum KeyPart<'a> {
    Given(usize),
    Default(&'a Value),
}

impl KeyPart<'_> {
    pub fn value(&self, row: &[Value]) -> Value {
        match self {
            KeyPart::Given(at) => row[*at].clone(),
            KeyPart::Default(value) => (*value).clone(),
        }
    }
}

impl<'a> Statement<'a> {
    pub fn of(table: &'a Table, operation: &Operation) -> Self {
        let at = |name: &str| operation.columns.iter().position(|column| column == name);
        let key = table.key.iter().map(|name| match (at(name), table.column(name)) {
            (Some(at), _) => KeyPart::Given(at),
            (None, column) => KeyPart::Default(column.map_or(&Value::Null, |column| &column.default)),
        });
        let key = key.collect();
        let named: Vec<&str> = operation.columns.iter().map(String::as_str).collect();
        let missing = match operation.kind {
            OperationKind::Upsert | OperationKind::Add => validate::missing_required(table, &operation.columns).first().copied(),
            _ => None,
        };
        let (sql, order) = match operation.kind {
            OperationKind::Delete => {
                let keys: Vec<&str> = table.key.iter().map(String::as_str).collect();
                (format!("DELETE FROM {} WHERE {}", quoted(&table.name), conditions(table)), keys)
            }
            kind if missing.is_some() => update(table, &named, kind),
            kind => (insert(table, &named, kind), named),
        };
        let columns = order.iter().filter_map(|name| at(name)).collect();
        Statement { sql, columns, key, missing }
    }
}

fn conditions(table: &Table) -> String {
    table.key.iter().map(|name| format!("{} = ?", quoted(name))).collect::<Vec<_>>().join(" AND ")
}

fn insert(table: &Table, named: &[&str], kind: OperationKind) -> String {
    let (mut columns, mut values) = (named.to_vec(), vec!["?".to_owned(); named.len()]);
    for column in table.columns.iter().filter(|column| !named.contains(&column.name.as_str())) {
        if let Some(default) = default_sql(column) {
            columns.push(&column.name);
            values.push(default);
        }
    }
    let mut sql = format!("INSERT INTO {} ({}) VALUES ({})", quoted(&table.name), list(columns), values.join(", "));
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
