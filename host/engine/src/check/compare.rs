//! Rows that must be there against rows that are: both in key order, walked side by side.

use std::cmp::Ordering;

use aurapos_contract::query::Query;
use aurapos_contract::schema::Schema;
use aurapos_contract::{RecordStore, Value};

use super::CheckReport;
use crate::error::EngineResult;

/// A table as the comparison sees it.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Table.
    pub table: &'static str,
    /// Columns of each row.
    pub columns: &'static [&'static str],
    /// Where the key's columns stand among them.
    key: Vec<usize>,
}

impl Shape {
    /// The shape of a table of the schema; its key's columns are among `columns`.
    pub fn new(schema: &Schema, table: &'static str, columns: &'static [&'static str]) -> Self {
        let key = schema.table(table).map(|table| table.key.clone()).unwrap_or_default();
        let key = key.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
        Shape { table, columns, key }
    }

    fn order(&self, a: &[Value], b: &[Value]) -> Ordering {
        let differs = self.key.iter().map(|&column| a[column].cmp(&b[column])).find(|order| order.is_ne());
        differs.unwrap_or(Ordering::Equal)
    }

    fn key_text(&self, row: &[Value]) -> String {
        let part = |&column: &usize| format!("{} {}", self.columns[column], shown(&row[column]));
        self.key.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}

/// A value for a message.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Uuid(id) => id.to_string(),
    }
}

/// Compares the rows of a query (in key order) with those that must be there. `name` turns a row into words for people,
/// such as its receipt number; without it the key stands in the message. Rows that are `received` are not compared.
pub(super) fn compare(
    store: &dyn RecordStore,
    shape: &Shape,
    mut query: Query,
    mut expected: Vec<Vec<Value>>,
    name: &dyn Fn(&[Value]) -> Option<String>,
    received: &mut dyn FnMut(&[Value]) -> bool,
    report: &mut CheckReport,
) -> EngineResult<()> {
    expected.sort_unstable_by(|a, b| shape.order(a, b));
    let mut expected = expected.into_iter().peekable();
    query = query.select(shape.columns);
    let table = shape.table;
    let words = |row: &[Value]| name(row).unwrap_or_else(|| shape.key_text(row));
    loop {
        let batch = store.scan(&query)?;
        for row in 0..batch.len() {
            let found = batch.row(row);
            if received(&found) {
                continue;
            }
            while let Some(missing) = expected.next_if(|wanted| shape.order(wanted, &found).is_lt()) {
                report.problem(format!("{table}, {}: the journal has it, the table does not", words(&missing)), None);
            }
            match expected.next_if(|wanted| shape.order(wanted, &found).is_eq()) {
                Some(wanted) if wanted == found => {}
                Some(wanted) => differences(shape, &wanted, &found, &words(&wanted), report),
                None => {
                    report.problem(format!("{table}, {}: the table has it, the journal does not", words(&found)), None)
                }
            }
        }
        if batch.next().is_empty() {
            break;
        }
        query.after = batch.next().to_vec();
    }
    for missing in expected {
        report.problem(format!("{table}, {}: the journal has it, the table does not", words(&missing)), None);
    }
    Ok(())
}

fn differences(shape: &Shape, wanted: &[Value], found: &[Value], words: &str, report: &mut CheckReport) {
    for (column, (wanted, found)) in shape.columns.iter().zip(wanted.iter().zip(found)) {
        if wanted != found {
            let (table, wanted, found) = (shape.table, shown(wanted), shown(found));
            report.problem(format!("{table}, {words}: {column} is {found}, the journal says {wanted}"), None);
        }
    }
}
