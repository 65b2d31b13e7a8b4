//! What a store answers when a row is not as a transaction expects it, or is in its way: the rules and the words once, for
//! every engine. The store only says which row it has.

use super::row_after;
use crate::error::{ErrorCode, PluginError, PluginResult};
use crate::schema::Table;
use crate::transaction::{Expectation, Operation, OperationKind};
use crate::value::Value;

/// Whether an expectation holds for the row (all columns) that the store found under its key.
///
/// # Errors
/// [`ErrorCode::Conflict`] with that row.
pub fn check_expected(table: &Table, expectation: &Expectation, found: Option<Vec<Value>>) -> PluginResult<()> {
    let holds = match &found {
        None => expectation.absent,
        Some(row) => {
            let same = |(name, value): (&String, &Value)| place(table, name).is_some_and(|at| row[at] == *value);
            !expectation.absent && expectation.columns.iter().zip(&expectation.values).all(same)
        }
    };
    if holds {
        return Ok(());
    }
    let message = match (expectation.absent, &found) {
        (true, _) => format!("a row of `{}` is there that should not be", table.name),
        (false, None) => format!("a row of `{}` is not there", table.name),
        (false, Some(_)) => format!("a row of `{}` is not as expected", table.name),
    };
    Err(conflict(table, message, 0, found))
}

/// The answer to an insert of a key that is there.
pub fn key_taken(table: &Table, row: usize, there: Vec<Value>) -> PluginError {
    conflict(table, format!("a row of `{}` with this key is there already", table.name), row, Some(there))
}

/// The answer to a row whose values another one has in a unique index; `None`: it is gone by now.
pub fn values_taken(table: &Table, row: usize, other: Option<Vec<Value>>) -> PluginError {
    conflict(table, format!("another row of `{}` has these values, which are unique", table.name), row, other)
}

/// Finds what an operation's row `at` met when the engine said that a key or a value is taken, or that a sum does not fit.
/// `row_at` answers the row (all columns) whose columns have these values.
///
/// # Errors
/// Those of `row_at`.
pub fn in_the_way<E>(
    table: &Table,
    operation: &Operation,
    at: usize,
    mut row_at: impl FnMut(&[String], &[Value]) -> Result<Option<Vec<Value>>, E>,
) -> Result<PluginError, E> {
    let mut row: Vec<Value> = table.columns.iter().map(|column| column.default.clone()).collect();
    for (name, value) in operation.columns.iter().zip(&operation.rows[at]) {
        if let Some(place) = place(table, name) {
            row[place] = value.clone();
        }
    }
    let key = pick(table, &table.key, &row);
    if let Some(there) = row_at(&table.key, &key)? {
        if operation.kind == OperationKind::Insert {
            return Ok(key_taken(table, at, there));
        }
        row = match row_after(table, operation, at, &there) {
            Ok(row) => row,
            Err(too_large) => return Ok(too_large),
        };
    }
    for index in table.indexes.iter().filter(|index| index.unique) {
        let values = pick(table, &index.columns, &row);
        if values.contains(&Value::Null) {
            continue;
        }
        if let Some(there) = row_at(&index.columns, &values)?
            && pick(table, &table.key, &there) != key
        {
            return Ok(values_taken(table, at, Some(there)));
        }
    }
    Ok(values_taken(table, at, None))
}

fn place(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name == name)
}

fn pick(table: &Table, columns: &[String], row: &[Value]) -> Vec<Value> {
    columns.iter().filter_map(|name| place(table, name).map(|at| row[at].clone())).collect()
}

fn conflict(table: &Table, message: String, row: usize, found: Option<Vec<Value>>) -> PluginError {
    let mut error = PluginError::new(ErrorCode::Conflict, message).at(&table.name, "", row);
    if let Some(found) = found {
        error.detail.found_columns = table.columns.iter().map(|column| column.name.clone()).collect();
        error.detail.found = found;
    }
    error
}
